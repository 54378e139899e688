import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { printable } from '../command/words';
import type { HostLog } from '../hostLog';
import { TransportError, type Questions } from '../transport';
import { checkHostKey, fingerprint, formatKnownHost, keyTypeOf, knownHostName, knownKeyTypes, parseKnownHosts, type KnownHost } from './knownHosts';
import type { SshSettings } from './parseSettings';
import { readKnownHostsFiles } from './settings';

/** What is known about one host's keys, and what to do about a key that it shows. */
export interface HostKeyCheck {
  /** Types to ask the host for first. */
  readonly knownTypes: readonly string[];
  /** Resolves where the key may be trusted. @throws TransportError host-key */
  verify(key: Buffer): Promise<void>;
}

/** `label` names the host in questions and messages. */
export async function openHostKeyCheck(settings: SshSettings, label: string, questions: Questions, log: HostLog): Promise<HostKeyCheck> {
  const name = knownHostName(settings.hostName, settings.port, settings.hostKeyAlias);
  const plainName = settings.hostKeyAlias === undefined && settings.port !== 22 ? settings.hostName.toLowerCase() : undefined;
  const paths = [...settings.userKnownHostsFiles, ...settings.globalKnownHostsFiles];
  const files = await readKnownHostsFiles(paths, (message) => log.warn(message));
  const entries = files.flatMap(({ path, text }) => parseKnownHosts(text, path));

  const verify = async (key: Buffer): Promise<void> => {
    const verdict = checkHostKey(key, name, plainName, entries);
    if (verdict.kind === 'known') return;
    if (verdict.kind === 'unknown') return learn(key, verdict.authority);
    const where = `${verdict.entry.file}:${String(verdict.entry.line)}`;
    if (verdict.kind === 'revoked') {
      throw new TransportError('host-key', `${label} shows a host key that ${where} marks as revoked; the connection was refused. Speak to whoever runs the host.`);
    }
    throw new TransportError(
      'host-key',
      `The host key of ${label} has changed: it shows ${fingerprint(key)} (${shownType(key)}), and ${where} says ${fingerprint(verdict.entry.key)} (${verdict.entry.keyType}). ` +
        `The connection was refused, for someone may be in between. If the host was set up anew, remove that line (ssh-keygen -R '${name}' -f '${verdict.entry.file}') and connect again.`,
    );
  };

  const learn = async (key: Buffer, authority: KnownHost | undefined): Promise<void> => {
    const note =
      authority === undefined
        ? undefined
        : `${authority.file}:${String(authority.line)} trusts certificates for this host, which the built-in SSH client cannot check: compare the fingerprint of the host's plain key.`;
    if (settings.strictHostKeyChecking === 'yes' || settings.batchMode) {
      const add = `Add its key to ${settings.userKnownHostsFiles[0] ?? 'a known_hosts file'} first`;
      throw new TransportError(
        'host-key',
        `The host key of ${label}, ${fingerprint(key)} (${shownType(key)}), is not known, and the SSH configuration asks for known keys only. ${note === undefined ? `${add}.` : `${note} ${add}.`}`,
      );
    }
    if (settings.strictHostKeyChecking === 'ask') {
      const accepted = await questions.unknownHostKey({ host: label, keyType: shownType(key), fingerprint: fingerprint(key), ...(note !== undefined && { note }) });
      if (!accepted) throw new TransportError('host-key', `The host key of ${label}, ${fingerprint(key)} (${shownType(key)}), is not known and was not accepted.`);
    }
    await keep(key);
  };

  const keep = async (key: Buffer): Promise<void> => {
    const path = settings.userKnownHostsFiles[0];
    if (path === undefined) return;
    try {
      await appendKnownHost(path, formatKnownHost(name, key, settings.hashKnownHosts));
      log.info(`The host key of ${label}, ${fingerprint(key)}, was added to ${path}.`);
    } catch (error) {
      log.warn(`The host key of ${label} was accepted but could not be added to ${path}, so it will be asked about again: ${printable(String(error))}`);
    }
  };

  return { knownTypes: knownKeyTypes(name, plainName, entries), verify };
}

/** Begins a new line where the file does not end with one; makes file and folder readable for their owner alone. */
async function appendKnownHost(path: string, line: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const before = await readFile(path, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  });
  const gap = before === '' || before.endsWith('\n') ? '' : '\n';
  await appendFile(path, `${gap}${line}\n`, { mode: 0o600 });
}

function shownType(key: Buffer): string {
  return printable(keyTypeOf(key) ?? 'unknown type');
}
