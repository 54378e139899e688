import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** A folder of its own for keys and configuration, removed by `remove`. */
export async function temporaryFolder(): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'netns-explorer-ssh-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

export async function makeKey(path: string, type = 'ed25519', passphrase = '', more: readonly string[] = []): Promise<string> {
  await execute('ssh-keygen', ['-q', '-t', type, '-N', passphrase, '-C', 'test', '-f', path, ...more]);
  return (await readFile(`${path}.pub`, 'utf8')).trim();
}

export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

export interface Sshd {
  readonly port: number;
  readonly hostKey: string;
  stop(): Promise<void>;
}

/** A real sshd of its own on loopback, which lets this machine's root in with the keys given. */
export async function startSshd(folder: string, authorizedKeys: readonly string[], settings: readonly string[] = []): Promise<Sshd> {
  const port = await freePort();
  const path = join(folder, `sshd-${String(port)}`);
  await mkdir(path, { mode: 0o700 });
  const hostKey = await makeKey(join(path, 'host_key'));
  await writeFile(join(path, 'authorized_keys'), authorizedKeys.map((key) => `${key}\n`).join(''), { mode: 0o600 });
  await writeFile(
    join(path, 'config'),
    [
      'ListenAddress 127.0.0.1',
      `Port ${String(port)}`,
      `HostKey ${path}/host_key`,
      `AuthorizedKeysFile ${path}/authorized_keys`,
      'PidFile none',
      'UsePAM no',
      'StrictModes no',
      'PermitRootLogin prohibit-password',
      'PasswordAuthentication no',
      ...settings,
      '',
    ].join('\n'),
  );
  // sshd refuses to start without its privilege separation folder.
  await mkdir('/run/sshd', { recursive: true, mode: 0o755 });
  const child = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', join(path, 'config')], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const ended = once(child, 'exit');
  for (let attempt = 0; !(await answers(port)); attempt++) {
    if (child.exitCode !== null || attempt > 200) throw new Error(`sshd did not start: ${said}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return {
    port,
    hostKey,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
