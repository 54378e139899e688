import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { formatHostAddress } from '../../core/model/address';
import { printable } from '../command/words';
import { chooseAlgorithms } from './algorithms';
import { isHardwareKeyFile } from './keyFormat';
import type { SshAddress, SshSettings } from './parseSettings';
import { readSshSettings, type SettingsSource } from './settings';

/** `auto`: the built-in client, and the system's where only that can do what the configuration asks for. */
export type SshClientChoice = 'auto' | 'builtin' | 'openssh';

/**
 * Why only the system's client can reach this host, as the end of a sentence that begins with "The system's ssh is used:"; undefined where the
 * built-in one can. @throws TransportError where the configuration cannot be read.
 */
export async function needsOpenssh(address: SshAddress, source: SettingsSource): Promise<string | undefined> {
  return ofHost(address, source, new Set());
}

/** `seen`: hosts by address that need not be looked at again; jumps may lead back to themselves. */
async function ofHost(address: SshAddress, source: SettingsSource, seen: Set<string>): Promise<string | undefined> {
  seen.add(formatHostAddress(address));
  const settings = await readSshSettings(address, source);
  const own = settingsReason(settings) ?? (await filesReason(settings));
  if (own !== undefined) return own;
  for (const hop of settings.proxyJump) {
    if (seen.has(formatHostAddress(hop))) continue;
    const reason = await ofHost(hop, { ...source, identityFile: undefined }, seen);
    if (reason !== undefined) return `on the way over ${printable(hop.host)}, ${reason}`;
  }
  return undefined;
}

/** What the settings themselves tell. */
export function settingsReason(settings: SshSettings): string | undefined {
  if (settings.proxyCommand !== undefined && settings.proxyJump.length === 0) return 'the SSH configuration has a ProxyCommand for this host';
  const [special] = settings.onlyOpenssh;
  if (special !== undefined) return `the SSH configuration sets ${special}, which the built-in client does not know`;
  const algorithms = chooseAlgorithms(settings, []);
  if ('setting' in algorithms) return `the built-in client knows none of the ${algorithms.setting} that the SSH configuration allows`;
  return undefined;
}

/** What lies beside the keys, and whether there is a Kerberos ticket: GSSAPI is on by default on many systems that never use it. */
async function filesReason(settings: SshSettings): Promise<string | undefined> {
  if (settings.authentications.includes('publickey')) {
    for (const path of settings.certificateFiles) {
      if (await exists(path)) return `CertificateFile names ${printable(path)}, and the built-in client cannot use certificates`;
    }
    for (const path of settings.identityFiles) {
      if (await exists(`${path}-cert.pub`)) return `${printable(path)}-cert.pub is a certificate, which the built-in client cannot use`;
      if (await isHardwareKeyFile(path)) return `${printable(path)} is a FIDO key, which the built-in client cannot use`;
    }
  }
  if (settings.gssapi && (process.env['KRB5CCNAME'] !== undefined || (await exists(join(tmpdir(), `krb5cc_${String(process.getuid?.() ?? '')}`))))) return 'there is a Kerberos ticket, and the SSH configuration allows to log in with it';
  return undefined;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
