import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { homedir, hostname, userInfo } from 'node:os';
import { printable, lastLine } from '../command/words';
import { TransportError } from '../transport';
import { parseSshSettings, type SshAddress, type SshSettings } from './parseSettings';

export interface SettingsSource {
  readonly sshConfigFile?: string;
  readonly knownHostsFiles?: readonly string[];
  readonly sshClient?: string;
  /** As -i of ssh, with IdentitiesOnly. */
  readonly identityFile?: string | undefined;
}

/** `Match exec` in a configuration may run anything. */
const limitMs = 15_000;

/**
 * What OpenSSH would do for this address: `ssh -G` (ssh(1)) evaluates the user's configuration with all its Match, Include and
 * canonicalisation rules. Without an OpenSSH client: the address itself and OpenSSH's defaults. @throws TransportError
 */
export async function readSshSettings(address: SshAddress, source: SettingsSource): Promise<SshSettings> {
  const local = { home: homeFolder(), user: userInfo().username, hostname: hostname(), environment: process.env, windows: process.platform === 'win32' };
  const text = await askClient(address, source);
  const settings = parseSshSettings(text ?? withoutClient(address, source.identityFile), address, local);
  return source.knownHostsFiles === undefined ? settings : { ...settings, userKnownHostsFiles: source.knownHostsFiles };
}

/** OpenSSH takes the account's home, whatever HOME says. */
function homeFolder(): string {
  return userInfo().homedir || homedir();
}

/** Options that make ssh log in with one key alone. */
export function identityArgv(identityFile: string | undefined): string[] {
  return identityFile === undefined ? [] : ['-i', escapeTokens(identityFile), '-o', 'IdentitiesOnly=yes'];
}

/** A path that ssh does not replace tokens in. */
function escapeTokens(path: string): string {
  return path.replaceAll('%', '%%');
}

/** Undefined where there is no client. */
function askClient(address: SshAddress, source: SettingsSource): Promise<string | undefined> {
  const argv = [
    '-G',
    ...(source.sshConfigFile === undefined ? [] : ['-F', source.sshConfigFile]),
    ...(address.user === undefined ? [] : ['-l', address.user]),
    ...(address.port === undefined ? [] : ['-p', String(address.port)]),
    ...identityArgv(source.identityFile),
    '--',
    address.host,
  ];
  return new Promise((resolve, reject) => {
    const child = execFile(source.sshClient ?? 'ssh', argv, { timeout: limitMs, maxBuffer: 1024 * 1024, windowsHide: true }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else if (error.code === 'ENOENT') resolve(undefined);
      else {
        const said = lastLine(stderr) || printable(error.message);
        reject(new TransportError('failed', `The SSH settings for ${address.host} cannot be read: ${said}.`, { cause: error }));
      }
    });
    child.stdin?.end();
  });
}

function withoutClient(address: SshAddress, identityFile: string | undefined): string {
  const identity = identityFile === undefined ? [] : [`identityfile ${escapeTokens(identityFile)}`, 'identitiesonly yes'];
  return [...identity, `user ${address.user ?? userInfo().username}`, `hostname ${address.host}`, `port ${String(address.port ?? 22)}`].join('\n');
}

/** The known-hosts text of each file that is there. A file that cannot be read is told to `warn`: its keys then count as unknown. */
export async function readKnownHostsFiles(paths: readonly string[], warn: (message: string) => void): Promise<{ path: string; text: string }[]> {
  const files: { path: string; text: string }[] = [];
  for (const path of paths) {
    try {
      files.push({ path, text: await readFile(path, 'utf8') });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') warn(`${path} cannot be read, so the host keys in it count as unknown: ${printable(String(error))}`);
    }
  }
  return files;
}
