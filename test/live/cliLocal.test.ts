import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Snapshot } from '../../src/core/model/snapshot';
import { parseSnapshot } from '../../src/core/model/snapshotSchema';
import { cli, cliArgv, cliPath } from './cliSupport';
import { ask, describeAsRoot, inodeOf, makeNamespace, Pty } from './commandSupport';

describe('netns-explorer', () => {
  test.each([[['--help']], [['scan', '--help']], [['diagram', '-h']], [['enter', '--help']]])('%j tells the usage', async (argv) => {
    const output = await cli(argv);
    expect(output).toMatchObject({ code: 0, stderr: '' });
    expect(output.stdout).toMatch(/^Usage: netns-explorer /);
  });

  test.each([
    [['nope'], '"nope" is no verb; there are scan, diagram, enter, ports, names, settings, plan, store, hosts. See: netns-explorer --help\n'],
    [['scan', '--host', 'http://x'], '"http://x" has an unknown scheme. Use local, ssh://[user@]host[:port], docker://CONTEXT or file:PATH. See: netns-explorer scan --help\n'],
    [['scan', 'node1'], '"node1" is no option. A host is named with --host. See: netns-explorer scan --help\n'],
    [['diagram'], 'Say what to draw with one of --network NAME, --on HOST and --container NAME. See: netns-explorer diagram --help\n'],
    [['diagram', '--network', 'x', '--format', 'png'], '--format takes text, svg, mermaid, dot; not "png". See: netns-explorer diagram --help\n'],
    [['enter', '-n', 'web1'], '"-n" is no option of enter; a command follows --. See: netns-explorer enter --help\n'],
    [['scan', '--bogus'], '"--bogus" is no option of scan. See: netns-explorer scan --help\n'],
    [['enter'], 'Say what to enter. See: netns-explorer enter --help\n'],
    [['enter', 'x', '--'], 'A command has to follow --. See: netns-explorer enter --help\n'],
    [['enter', 'x'], 'A shell needs a terminal on standard input and output. Without one, give a command after --.\n'],
    [['scan', '--host', 'file:/never/there.json'], '/never/there.json: There is no file /never/there.json.\n'],
  ])('%j is one sentence on standard error, and status 2', async (argv, stderr) => {
    expect(await cli(argv)).toMatchObject({ code: 2, stdout: '', stderr });
  });

  test('hosts lists what a source names and tells what it leaves out; other verbs take it, by name', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'netns-explorer-'));
    const inventory = join(folder, 'hosts.ini');
    writeFileSync(inventory, '[web]\nweb[1:2] ansible_user=me ansible_ssh_private_key_file=keys/web\n$(id)\n');
    const listed = await cli(['hosts', '--from', inventory]);
    expect(listed.code).toBe(1);
    expect(listed.stdout).toBe(`NAME  ADDRESS        KEY${' '.repeat(folder.length + 8)}GROUPS\nweb1  ssh://me@web1  ${folder}/keys/web  web\nweb2  ssh://me@web2  ${folder}/keys/web  web\n`);
    expect(listed.stderr).toMatch(/^hosts\.ini:3: \$\(id\) is left out: [^\n]+\n$/);
    expect(JSON.parse((await cli(['hosts', '--json', '--from', `ansible:${inventory}`])).stdout)).toContainEqual({ name: 'web2', address: 'ssh://me@web2', keyFile: join(folder, 'keys/web'), groups: ['web'], source: `ansible:${inventory}` });
    writeFileSync(join(folder, 'saved'), 'Host box\n  HostName 127.0.0.1\n  Port 1\n');
    expect(await cli(['scan', '--from', join(folder, 'saved')])).toMatchObject({ code: 2, stderr: expect.stringMatching(/^box: .*127\.0\.0\.1/) as string });
    expect(await cli(['hosts', '--from', join(folder, 'none')])).toMatchObject({ code: 2, stderr: `There is no "${folder}/none" to read hosts from. --from takes a file, the folder of a Vagrantfile, or docker-contexts.\n` });
    expect(await cli(['hosts', '--from', folder])).toMatchObject({ code: 2, stdout: '', stderr: `${folder} has no .vagrant/machines: no machine was made there yet.\n` });
    rmSync(folder, { recursive: true });
  });

  test('--version is that of the package', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string };
    expect(await cli(['--version'])).toMatchObject({ code: 0, stdout: `netns-explorer ${version}\n`, stderr: '' });
  });

  test.each(['builtin', 'openssh'])('--timeout ends the wait for a host that never answers (%s)', async (client) => {
    const silent = createServer();
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    const started = Date.now();
    const output = await cli(['scan', '--timeout', '2', '--ssh-client', client, '--host', `ssh://nobody@127.0.0.1:${String(port)}`]);
    expect(output).toMatchObject({ code: 2, stdout: '', stderr: '127.0.0.1: No connection within 2 s (--timeout). Check that the host runs and that the network leads there.\n' });
    expect(Date.now() - started).toBeLessThan(4000);
    silent.close();
  });

  test('Ctrl-C ends it at once with status 130, while a host keeps it waiting', async () => {
    const silent = createServer();
    const connected = new Promise((resolve) => silent.once('connection', resolve));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    let pid = 0;
    const running = cli(['scan', '--host', `ssh://nobody@127.0.0.1:${String(port)}`], { onStart: (id) => (pid = id) });
    await connected;
    process.kill(pid, 'SIGINT');
    const started = Date.now();
    expect((await running).code).toBe(130);
    expect(Date.now() - started).toBeLessThan(3000);
    silent.close();
  });
});

describeAsRoot('netns-explorer on this machine', () => {
  const path = makeNamespace(' $(id)');
  const name = path.slice('/run/netns/'.length);
  ask('ip', '-n', name, 'link', 'add', 'br-cli', 'type', 'bridge');
  const inode = inodeOf(path);

  test('scan --json prints a snapshot that has the namespace, its path and its links', async () => {
    const output = await cli(['scan', '--json']);
    const snapshot = parseSnapshot(JSON.parse(output.stdout));
    // Other namespaces may come and go while this runs.
    expect(output.code).toBe(snapshot.errors.some((error) => error.code !== 'no-engine') ? 1 : 0);
    const record = snapshot.namespaces.find((each) => each.inode === inode);
    expect(record).toMatchObject({ paths: [path], read: 'full' });
    expect(record?.links.map((link) => link.name)).toEqual(['lo', 'br-cli']);
    expect((JSON.parse(output.stdout) as { makers: unknown }).makers).toBeInstanceOf(Array);
  });

  test('what scan --json saved is a host that --host file: reads back', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'netns-explorer-'));
    const file = join(folder, 'here.json');
    expect((await cli(['scan', '--json', '--output', file])).stdout).toBe('');
    const saved = JSON.parse(readFileSync(file, 'utf8')) as Snapshot;
    const output = await cli(['scan', '--host', `file:${file}`, '--json']);
    expect(JSON.parse(output.stdout)).toEqual({ ...saved, hostId: `file:${file}` });
    const refused = await cli(['enter', '--host', `file:${file}`, String(inode), '--', 'true']);
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toMatch(/^.* is a recorded host: nothing can be run there\.\n$/);
    rmSync(folder, { recursive: true });
  });

  test('scan prints a row for the namespace', async () => {
    const output = await cli(['scan']);
    expect(output.stdout.split('\n').find((line) => line.includes(String(inode)))).toMatch(/^ {4}\d+ {2}named +netns-explorer-test-\S+ \$\(id\) +0 +2 +\/run\/netns\//);
  });

  test('a reader that stops early is no fault', () => {
    const result = spawnSync('sh', ['-c', '"$0" "$1" scan --json | head -c 10 && exit 0', process.execPath, cliPath], { encoding: 'utf8' });
    expect(result).toMatchObject({ status: 0, stdout: '{\n  "versi' });
    expect(result.stderr).not.toMatch(/EPIPE|fault of its own/);
  });

  test.each([[path], [name], [String(inode)], [`net:[${String(inode)}]`]])('enter %j -- COMMAND runs it there and passes output and status on', async (target) => {
    expect(await cli(['enter', target, '--', 'sh', '-c', 'readlink /proc/self/ns/net; ls /sys/class/net; echo problem >&2; exit 9'])).toMatchObject({
      code: 9,
      stdout: `net:[${String(inode)}]\nbr-cli\nlo\n`,
      stderr: 'problem\n',
    });
  });

  test('an option of the command is not one of ours', async () => {
    expect((await cli(['enter', path, '--', 'ls', '--help'])).stdout).toMatch(/^Usage: ls /);
  });

  test('enter on a terminal is a shell with a prompt, and Ctrl-C is the shell\'s', async () => {
    const pty = new Pty({ argv: cliArgv('enter', path) });
    await pty.until(/\[netns netns-explorer-test-\S+ \?\?id\?@\S+\] /);
    pty.type(`sh -c 'echo be""fore; exec cat'\r`);
    await pty.until(/before\r\n/);
    pty.type('\x03');
    await pty.until(/\^C[^]*\[netns /);
    pty.type('readlink /proc/self/ns/net; exit 4\r');
    await pty.until(new RegExp(`net:\\[${String(inode)}\\]`));
    expect(await pty.exit).toBe(4);
  });

  test('enter --ip-netns shows its steps', async () => {
    const pty = new Pty({ argv: cliArgv('enter', '--ip-netns', path) });
    await pty.until(/\+ ip netns exec netns-explorer-\d+-\d+ \S+\r\n[^]*\[netns /);
    pty.type('exit\r');
    await pty.until(/\+ rm \/var\/run\/netns\/netns-explorer-/);
    expect(await pty.exit).toBe(0);
  });
});
