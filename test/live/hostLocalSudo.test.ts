import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { uniqueSeconds } from './transportContract';

const execute = promisify(execFile);
const uid = 64_321;
const user = 'netns-explorer-test';
const password = 'pass wörd $(id)';
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'netns-explorer-sudo-'));
  await chmod(folder, 0o755);
  await build({ entryPoints: [join(import.meta.dirname, 'hostLocalSudo.ts')], outfile: join(folder, 'run.cjs'), bundle: true, platform: 'node', format: 'cjs', target: 'node20', logLevel: 'warning' });
  // The user may not be able to read where Node lies.
  await copyFile(process.execPath, join(folder, 'node'));
  await chmod(join(folder, 'node'), 0o755);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The local transport as an ordinary user of this machine, who exists only in a mount namespace made for it. */
async function asUser(sudoers: string, passwords: readonly string[]): Promise<Record<string, unknown>> {
  const etc = await mkdtemp(join(folder, 'etc-'));
  const hash = (await execute('openssl', ['passwd', '-6', password])).stdout.trim();
  await writeFile(join(etc, 'passwd'), `${await readFile('/etc/passwd', 'utf8')}${user}:x:${String(uid)}:${String(uid)}::${folder}:/bin/sh\n`, { mode: 0o644 });
  await writeFile(join(etc, 'shadow'), `${await readFile('/etc/shadow', 'utf8')}${user}:${hash}:19000:0:99999:7:::\n`, { mode: 0o640 });
  await writeFile(join(etc, 'sudoers'), `Defaults env_reset\n${sudoers}\n`, { mode: 0o440 });
  await mkdir(join(etc, 'pam.d'));
  await writeFile(join(etc, 'pam.d', 'sudo'), 'auth required pam_unix.so nodelay\naccount required pam_unix.so\nsession required pam_unix.so quiet\n');
  const script = [
    'for name in passwd shadow sudoers; do mount --bind "$1/$name" "/etc/$name"; done',
    'mount --bind "$1/pam.d/sudo" /etc/pam.d/sudo',
    'mount -t tmpfs tmpfs /run',
    'exec setpriv --reuid "$2" --regid "$2" --clear-groups "$3/node" "$3/run.cjs" "$4" "$5"',
  ].join(' && ');
  const { stdout } = await execute('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', script, 'sh', etc, String(uid), folder, JSON.stringify(passwords), uniqueSeconds()], {
    env: { PATH: '/usr/bin:/bin', LANG: 'C.UTF-8' },
    timeout: 50_000,
  });
  return JSON.parse(stdout) as Record<string, unknown>;
}

const worked = {
  privilege: 'sudo',
  user: { stdout: `${user}\n`, stderr: '', code: 0 },
  root: { stdout: 'root\n', stderr: '', code: 0 },
  inputIsWhole: true,
  limit: { code: 'time-limit', message: expect.stringMatching(/did not finish within 0\.5 s and was ended\.$/) as unknown },
  terminal: { kind: 'spawn', argv: ['sudo', '--', 'ip', 'link'] },
  left: 0,
};

describe('the local transport of an ordinary user', () => {
  it.each(['', 'Defaults use_pty'])('becomes root by sudo without a password, and ends what root runs (%s)', async (defaults) => {
    expect(await asUser(`${defaults}\n${user} ALL=(ALL) NOPASSWD: ALL`, [])).toEqual({ ...worked, asked: 0 });
  });

  it.each(['', 'Defaults use_pty', 'Defaults timestamp_timeout=0'])('becomes root by a password that is asked for once (%s)', async (defaults) => {
    expect(await asUser(`${defaults}\n${user} ALL=(ALL) ALL`, [password])).toEqual({ ...worked, asked: 1 });
  });

  it('keeps the password from commands that sudo wants none for', async () => {
    expect(await asUser(`${user} ALL=(ALL) ALL, NOPASSWD: /usr/bin/sh\n`, [password])).toEqual({ ...worked, asked: 1 });
  });

  it.each([
    ['who gives a wrong password', `${user} ALL=(ALL) ALL`, ['wrong', 'wrong', 'wrong'], 3],
    ['who declines', `${user} ALL=(ALL) ALL`, [], 1],
    ['whom sudo does not know', '', [password, password], 1],
  ])('stays a user where it is one %s', async (_who, sudoers, passwords, asked) => {
    const result = await asUser(sudoers, passwords);
    expect(result).toMatchObject({
      privilege: 'user',
      asked,
      user: { stdout: `${user}\n`, code: 0 },
      root: { code: 'no-permission', message: expect.stringMatching(/needs root\. Allow sudo for your user/) as unknown },
      left: 0,
    });
  });
});
