import { spawn, type ChildProcess } from 'node:child_process';
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { enterCommand, enterWithIpNetns } from '../../src/core/command/enter';
import type { EnterTarget } from '../../src/core/command/enterTarget';
import { ask, atEnd, describeAsRoot, eventually, inodeOf, makeNamespace, Pty, runHere, targetOf } from './commandSupport';

/** Runs a line of sh in the namespace, silently. */
const inside = (target: EnterTarget, line: string): ReturnType<typeof runHere> => runHere(enterCommand(target, { run: ['sh', '-c', line] }).argv);

/** A process that stays, told by the line that its command prints. */
async function start(...argv: [string, ...string[]]): Promise<ChildProcess> {
  const child = spawn(argv[0], argv.slice(1), { stdio: ['pipe', 'pipe', 'inherit'] });
  atEnd(() => {
    child.kill('SIGKILL');
  });
  await new Promise<void>((resolve, reject) => {
    child.stdout.once('data', () => resolve());
    child.once('exit', () => reject(new Error(`${argv.join(' ')} ended at once`)));
  });
  return child;
}

const pidOf = (child: ChildProcess): number => child.pid ?? 0;

describeAsRoot('enterCommand', () => {
  const path = makeNamespace();
  ask('ip', '-n', path.slice('/run/netns/'.length), 'link', 'add', 'br-inside', 'type', 'bridge');

  test('is in the namespace, and brctl shows the bridges of that namespace, not those of the host', () => {
    // The "host" is a namespace with a bridge: brctl asks /sys first, and the kernel only where /sys shows no bridge at all.
    const host = makeNamespace();
    const hostName = host.slice('/run/netns/'.length);
    ask('ip', '-n', hostName, 'link', 'add', 'br-host', 'type', 'bridge');
    const onHost = (argv: readonly string[]): ReturnType<typeof runHere> => runHere(['ip', 'netns', 'exec', hostName, ...argv]);
    expect(onHost(['nsenter', `--net=${path}`, 'brctl', 'show']).stdout).toContain('br-host');
    const output = onHost(enterCommand(targetOf(path), { run: ['sh', '-c', 'readlink /proc/self/ns/net; brctl show'] }).argv);
    expect(output).toMatchObject({ code: 0, stderr: '' });
    const [link, , ...bridges] = output.stdout.trimEnd().split('\n');
    expect(link).toBe(`net:[${String(inodeOf(path))}]`);
    expect(bridges.map((line) => line.split('\t')[0])).toEqual(['br-inside']);
  });

  test('/sys shows that namespace and keeps the control groups', () => {
    const output = inside(targetOf(path), 'ls /sys/class/net; echo --; ls /sys/fs/cgroup');
    const [devices, groups] = output.stdout.split('--\n');
    expect(devices?.trim().split('\n')).toEqual(['br-inside', 'lo']);
    expect(groups?.trim().split('\n')).toEqual(readdirSync('/sys/fs/cgroup').sort());
  });

  test('no mount is seen outside', () => {
    const mounts = (): string => readFileSync('/proc/self/mountinfo', 'utf8').split('\n').filter((line) => / \/sys| \/etc/.test(line)).join('\n');
    const before = mounts();
    const during = inside(targetOf(path), 'grep -c " /sys sysfs" /proc/self/mounts; grep -c " /sys sysfs" /proc/1/mounts');
    expect(during.stdout).toBe('2\n1\n');
    expect(mounts()).toBe(before);
  });

  test('what the host unmounts is unmounted inside too, so that an open shell keeps nothing busy', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'netns-explorer-'));
    ask('mount', '-t', 'tmpfs', 'tmpfs', folder);
    // Propagation needs a shared mount, which the root of a systemd host is.
    ask('mount', '--make-shared', folder);
    mkdirSync(join(folder, 'below'));
    ask('mount', '-t', 'tmpfs', 'told-to-slaves', join(folder, 'below'));
    const [name, ...rest] = enterCommand(targetOf(path), { run: ['sh', '-c', 'echo ready; read -r _; grep -c told-to-slaves /proc/self/mounts'] }).argv;
    const child = spawn(name, rest, { stdio: ['pipe', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (data: string) => (text += data));
    await eventually('the shell', () => text.includes('ready'));
    ask('umount', join(folder, 'below'));
    child.stdin.end('go\n');
    await new Promise((resolve) => child.on('close', resolve));
    ask('umount', folder);
    rmSync(folder, { recursive: true });
    expect(text.trim().split('\n')).toEqual(['ready', '0']);
  });

  test('passes the exit status on', () => {
    expect(inside(targetOf(path), 'exit 7').code).toBe(7);
  });

  test('hands arguments over as they are', () => {
    const hostile = ['two words', "it's", '$(touch /tmp/netns-explorer-pwned)', 'new\nline', '`id`', '', '-x', '\x1b[31m'];
    const output = runHere(enterCommand(targetOf(path), { run: ['printf', '%s\\0', ...hostile] }).argv);
    expect(output.stdout.split('\0').slice(0, -1)).toEqual(hostile);
  });

  test.each(['$(touch netns-explorer-pwned)', "it's; id", 'new\nline', '-n', ' two  words ', '\x1b[31mred'])('enters by a path called %j', (suffix) => {
    const named = makeNamespace(suffix);
    expect(inside(targetOf(named), 'readlink /proc/self/ns/net').stdout).toBe(`net:[${String(inodeOf(named))}]\n`);
    expect(readdirSync('.')).not.toContain('netns-explorer-pwned');
  });

  test('enters by a process where there is no path', async () => {
    const child = await start('unshare', '--net', 'sh', '-c', 'echo up; exec cat');
    const inode = inodeOf(`/proc/${String(pidOf(child))}/ns/net`);
    const output = inside({ inode, paths: [], pids: [pidOf(child)], rootPids: [], label: 'x' }, 'readlink /proc/self/ns/net');
    expect(output.stdout).toBe(`net:[${String(inode)}]\n`);
  });

  test('takes the candidate that fits, after a pid that is another process now and a path that is gone', () => {
    const target = targetOf(path, { paths: ['/run/netns/never-there', '/etc/passwd', path], pids: [process.pid] });
    expect(inside(target, 'readlink /proc/self/ns/net').stdout).toBe(`net:[${String(target.inode)}]\n`);
  });

  test('finds a process that came in after the host was read', async () => {
    const child = await start('unshare', '--net', 'sh', '-c', 'echo up; exec cat');
    const inode = inodeOf(`/proc/${String(pidOf(child))}/ns/net`);
    const output = inside({ inode, paths: [], pids: [], rootPids: [], label: 'x' }, 'readlink /proc/self/ns/net');
    expect(output.stdout).toBe(`net:[${String(inode)}]\n`);
  });

  test('a namespace that is gone is one sentence and status 1, even where a pid was reused', () => {
    const output = inside({ inode: 4026530000, paths: ['/run/netns/never-there'], pids: [process.pid, 1], rootPids: [1], label: 'web@node1' }, 'echo entered');
    expect(output.code).toBe(1);
    expect(output.stdout).toBe('');
    expect(output.stderr).toBe(
      'The network namespace net:[4026530000] (web@node1) is gone: none of its names and no process leads to it any more. Read the host again, and try anew.\n',
    );
  });

  test('an ordinary user is told that it takes root', () => {
    const output = runHere(['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', ...enterCommand(targetOf(path), { run: ['true'] }).argv]);
    expect(output.code).toBe(1);
    expect(output.stderr).toMatch(/^The network namespace net:\[\d+\] \(test@local\) cannot be entered as nobody: .*takes root: log in as root or allow sudo there, and try again\.\n$/s);
  });

  test('where no mount namespace may be made, says so and enters all the same', () => {
    const folder = mkdtempSync(join(tmpdir(), 'netns-explorer-'));
    writeFileSync(join(folder, 'unshare'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    const env = { ...process.env, PATH: `${folder}:${process.env['PATH'] ?? ''}` };
    const output = runHere(enterCommand(targetOf(path), { run: ['readlink', '/proc/self/ns/net'] }).argv, env);
    rmSync(folder, { recursive: true });
    expect(output.stdout).toBe(`net:[${String(inodeOf(path))}]\n`);
    expect(output.stderr).toMatch(/^No mount namespace can be made here, so \/sys .* names resolve as on the host\.\n$/);
  });

  test('works with what busybox has (its own sh, ls, nsenter, unshare and mount)', () => {
    const folder = mkdtempSync(join(tmpdir(), 'netns-explorer-'));
    ask('busybox', '--install', '-s', folder);
    const env = { ...process.env, PATH: `${folder}:${process.env['PATH'] ?? ''}` };
    const output = runHere(enterCommand(targetOf(path), { run: ['sh', '-c', 'readlink /proc/self/ns/net; ls /sys/class/net'] }).argv, env);
    rmSync(folder, { recursive: true });
    expect(output).toEqual({ code: 0, stderr: '', stdout: `net:[${String(inodeOf(path))}]\nbr-inside\nlo\n` });
  });
});

/** A process with a network and a mount namespace and a root directory of its own, as a container has them. */
async function containerLike(etc: Readonly<Record<string, string | { readonly to: string }>>): Promise<{ target: EnterTarget }> {
  const root = mkdtempSync(join(tmpdir(), 'netns-explorer-root-'));
  mkdirSync(join(root, 'etc'));
  mkdirSync(join(root, 'bin'));
  ask('cp', '/bin/busybox', join(root, 'bin/busybox'));
  for (const [name, value] of Object.entries(etc)) {
    if (typeof value === 'string') writeFileSync(join(root, 'etc', name), value);
    else symlinkSync(value.to, join(root, 'etc', name));
  }
  const line = 'mount --bind "$0" "$0" && cd "$0" && mkdir old && pivot_root . old && umount -l /old && echo up && exec /bin/busybox cat';
  const child = await start('unshare', '--net', '--mount', '/bin/busybox', 'sh', '-c', line, root);
  atEnd(() => rmSync(root, { recursive: true, force: true }));
  const inode = inodeOf(`/proc/${String(pidOf(child))}/ns/net`);
  return { target: { inode, paths: [], pids: [pidOf(child)], rootPids: [pidOf(child)], label: 'box@local' } };
}

describeAsRoot('enterCommand on a container (a stand-in: a process with its own root, mount and network namespace)', () => {
  test('resolv.conf and hosts are the container\'s, for getent too; nsswitch.conf and all else are the host\'s', async () => {
    const { target } = await containerLike({ 'resolv.conf': 'nameserver 127.0.0.11\n', hosts: '10.99.1.2 only-in-the-box\n' });
    const output = inside(target, 'cat /etc/resolv.conf; getent hosts only-in-the-box; cat /etc/nsswitch.conf');
    expect(output.stderr).toBe('');
    expect(output.stdout).toBe('nameserver 127.0.0.11\n10.99.1.2       only-in-the-box\n' + readFileSync('/etc/nsswitch.conf', 'utf8'));
    expect(readFileSync('/etc/hosts', 'utf8')).not.toContain('only-in-the-box');
  });

  test.each([
    ['an absolute link', '/etc/shadow'],
    ['a relative link with too many steps up', '../../../../../../../../etc/shadow'],
  ])('%s out of a hostile root is not followed', async (_, link) => {
    const { target } = await containerLike({ 'resolv.conf': 'nameserver 127.0.0.11\n', hosts: { to: link } });
    const output = inside(target, 'cat /etc/hosts; grep -c "^root:" /etc/hosts');
    expect(output.stderr).toContain("The container's /etc/hosts is missing or leads out of the container, so the host's stays in use here.");
    expect(output.stdout).toBe(`${readFileSync('/etc/hosts', 'utf8')}0\n`);
  });

  test('a link that stays within the root is followed', async () => {
    const { target } = await containerLike({ 'resolv.conf': 'nameserver 127.0.0.11\n', real: '10.99.1.3 linked\n', hosts: { to: 'real' } });
    expect(inside(target, 'getent hosts linked').stdout).toBe('10.99.1.3       linked\n');
  });

  test('a named pipe in place of a file does not hang', async () => {
    const { target } = await containerLike({ 'resolv.conf': 'nameserver 127.0.0.11\n' });
    ask('mkfifo', `/proc/${String(target.pids[0])}/root/etc/hosts`);
    expect(inside(target, 'echo through').stdout).toBe('through\n');
  });

  test('a host whose resolv.conf is systemd-resolved\'s link gets the container\'s, and its resolver is not asked', async () => {
    const { target } = await containerLike({ 'resolv.conf': 'nameserver 127.0.0.11\n', hosts: '' });
    // Made in a mount namespace of its own, so that this machine's /etc and /run stay as they are.
    const stage = mkdtempSync(join(tmpdir(), 'netns-explorer-'));
    const line = [
      'mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/resolve',
      'echo "nameserver 127.0.0.53" >/run/systemd/resolve/stub-resolv.conf && : >/run/systemd/resolve/io.systemd.Resolve',
      'cp -a /etc/. "$0" && ln -sf ../run/systemd/resolve/stub-resolv.conf "$0/resolv.conf" && mount --bind "$0" /etc && exec "$@"',
    ].join(' && ');
    const probe = 'cat /etc/resolv.conf; readlink /etc/resolv.conf; ls /run/systemd/resolve';
    const output = runHere(['unshare', '--mount', 'sh', '-c', line, stage, ...enterCommand(target, { run: ['sh', '-c', probe] }).argv]);
    rmSync(stage, { recursive: true });
    expect(output.stderr).toBe('');
    expect(output.stdout).toBe('nameserver 127.0.0.11\n../run/systemd/resolve/stub-resolv.conf\nresolv.conf\nstub-resolv.conf\n');
  });
});

describeAsRoot('enterCommand on a terminal', () => {
  const path = makeNamespace();

  test('bash says where it is, keeps the user\'s own start file, and passes the status on', async () => {
    const home = mkdtempSync(join(tmpdir(), 'netns-explorer-'));
    writeFileSync(join(home, '.bashrc'), 'PS1="mine> "\nPROMPT_COMMAND=\'PS1="mine> "\'\nalias where="readlink /proc/self/ns/net"\n');
    const pty = new Pty(enterCommand(targetOf(path, { label: 'x\\x1b\\w@node1' })), { HOME: home, SHELL: '/bin/bash' });
    // What a backslash begins is no escape of the prompt's.
    await pty.until(/\[netns x\\x1b\\w@node1\] mine> $/);
    pty.type('where\r');
    await pty.until(new RegExp(`net:\\[${String(inodeOf(path))}\\]\\r\\n.*\\[netns x\\\\x1b\\\\w@node1\\] mine> $`));
    pty.type('exit 5\r');
    expect(await pty.exit).toBe(5);
    rmSync(home, { recursive: true });
    expect(pty.text).toContain(`In network namespace net:[${String(inodeOf(path))}] (x\\x1b\\w@node1)`);
  });

  test.each(['/bin/dash', '/bin/busybox-sh'])('%s says where it is', async (shell) => {
    const folder = mkdtempSync(join(tmpdir(), 'netns-explorer-'));
    symlinkSync('/bin/busybox', join(folder, 'ash'));
    const pty = new Pty(enterCommand(targetOf(path, { label: 'x\\x07\\w@y' })), { SHELL: shell === '/bin/busybox-sh' ? join(folder, 'ash') : shell });
    await pty.until(/\[netns x\?x07\?w@y\] # /);
    pty.type('exit\r');
    await pty.exit;
    rmSync(folder, { recursive: true });
  });

  for (const [name, prompt] of [['zsh', /\[netns x@y\]/], ['fish', /\[netns x@y\] /]] as const) {
    const [shell = ''] = runHere(['sh', '-c', 'command -v "$1"', 'sh', name]).stdout.split('\n');
    test.skipIf(shell === '')(`${name} says where it is${shell === '' ? ' (skipped: it is not installed here)' : ''}`, async () => {
      const pty = new Pty(enterCommand(targetOf(path, { label: 'x@y' })), { SHELL: shell });
      await pty.until(prompt);
      pty.type('readlink /proc/self/ns/net\r');
      await pty.until(new RegExp(`net:\\[${String(inodeOf(path))}\\]`), pty.text.indexOf('Leave it with exit'));
      pty.type('exit\r');
      await pty.exit;
    });
  }

  test('Ctrl-C reaches what runs, and the shell stays', async () => {
    const pty = new Pty(enterCommand(targetOf(path)));
    await pty.until(/\[netns test@local\] .*$/);
    pty.type(`sh -c 'echo be""fore; exec cat'\r`);
    await pty.until(/before\r\n/);
    pty.type('\x03');
    await pty.until(/\^C[^]*\[netns test@local\]/);
    pty.type('echo st"atus" $?; exit\r');
    await pty.until(/status 130/);
    await pty.exit;
  });
});

describeAsRoot('enterWithIpNetns', () => {
  const path = makeNamespace();
  const ours = (): string[] => readdirSync('/run/netns').filter((name) => name.startsWith(`netns-explorer-${String(inodeOf(path))}-`));

  test('shows its steps, is in the namespace, and takes the name away afterwards', async () => {
    const pty = new Pty(enterWithIpNetns(targetOf(path)));
    const [, name = ''] = await pty.until(/\+ ip netns exec (netns-explorer-\S+) \/bin\/bash\r\n[^]*\[netns test@local\]/);
    expect(lstatSync(`/run/netns/${name}`).isSymbolicLink()).toBe(true);
    expect(readlinkSync(`/run/netns/${name}`)).toBe(path);
    expect(pty.text).toContain(`+ ln -s ${path} /var/run/netns/${name}`);
    pty.type('readlink /proc/self/ns/net; exit 4\r');
    await pty.until(new RegExp(`net:\\[${String(inodeOf(path))}\\]`));
    expect(await pty.exit).toBe(4);
    expect(pty.text).toContain(`+ rm /var/run/netns/${name}`);
    expect(ours()).toEqual([]);
  });

  test('takes the name away after a hang-up', async () => {
    const pty = new Pty(enterWithIpNetns(targetOf(path)));
    await pty.until(/\[netns test@local\]/);
    expect(ours()).toHaveLength(1);
    await pty.hangUp();
    await eventually('the name going away', () => ours().length === 0);
  });

  test('sweeps the name of a shell that was killed, and leaves that of a living one', async () => {
    const dead = spawn('true');
    await new Promise((resolve) => dead.on('exit', resolve));
    const stale = `/run/netns/netns-explorer-1-${String(pidOf(dead))}`;
    const living = `/run/netns/netns-explorer-1-${String(process.pid)}`;
    symlinkSync(path, stale);
    symlinkSync(path, living);
    const pty = new Pty(enterWithIpNetns(targetOf(path)));
    await pty.until(/\[netns test@local\]/);
    pty.type('exit\r');
    await pty.exit;
    const left = readdirSync('/run/netns');
    rmSync(living);
    expect(left).not.toContain(stale.slice('/run/netns/'.length));
    expect(left).toContain(living.slice('/run/netns/'.length));
  });

  test('makes the folder where there is none, and removes it again', () => {
    // In a mount namespace of its own, so that this machine's /run/netns stays.
    const line = 'mount -t tmpfs tmpfs /run && "$@"; ls -d /run/netns 2>&1';
    const child = makeNamespace();
    const holder = spawn('nsenter', [`--net=${child}`, 'sleep', '60']);
    atEnd(() => {
      holder.kill('SIGKILL');
    });
    const target = { inode: inodeOf(child), paths: [], pids: [pidOf(holder)], rootPids: [], label: 'x' };
    const output = runHere(['unshare', '--mount', 'sh', '-c', line, 'sh', ...enterWithIpNetns(target).argv], { ...process.env, SHELL: '/bin/true' });
    expect(output.stderr).toContain('+ mkdir -p /var/run/netns');
    expect(output.stdout).toMatch(/ls: cannot access '\/run\/netns'/);
  });
});
