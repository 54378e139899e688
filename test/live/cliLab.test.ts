import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Snapshot } from '../../src/core/model/snapshot';
import { currentLab } from '../lab/client.mjs';
import { cli, cliArgv } from './cliSupport';
import { askOn, atEnd, describeInLab, eventually, Pty, runOn, theLab } from './commandSupport';

describeInLab('netns-explorer on the lab, over SSH', () => {
  const folder = mkdtempSync(join(tmpdir(), 'netns-explorer-'));
  atEnd(() => rmSync(folder, { recursive: true }));
  const config = theLab().sshConfig;
  /** As the lab's, but an unknown host key is asked about. */
  const asking = join(folder, 'ssh_config');
  writeFileSync(asking, `Host *\n  StrictHostKeyChecking ask\nInclude ${config}\n`, { mode: 0o600 });
  const overlay = `1-${(theLab().networks['mynet01'] ?? '').slice(0, 10)}`;
  const inodeOn = (host: string, path: string): number => Number(askOn(host, 'stat', '-L', '-c', '%i', path));
  const both = ['--host', 'node1', '--host', 'node2', '--ssh-config', config];

  test('scan prints the overlay, its endpoints and its sandbox for both hosts', async () => {
    const output = await cli(['scan', ...both]);
    expect(output).toMatchObject({ code: 0, stderr: '' });
    for (const host of ['node1', 'node2']) {
      const text = output.stdout.slice(output.stdout.indexOf(`${host}  (ssh://${host}, `));
      const inode = String(inodeOn(host, `/run/docker/netns/${overlay}`));
      expect(text).toMatch(new RegExp(`^ {4}mynet01 +overlay +10\\.13\\.17\\.0/24 +\\d+ +${inode} `, 'm'));
      expect(text).toMatch(new RegExp(`^ {4}${inode} +overlay +mynet01 +\\d+ +\\d+ +/run/docker/netns/${overlay}$`, 'm'));
    }
    const { id } = theLab().containers['docker2n'] ?? { id: '' };
    const mac = askOn('node2', 'docker', 'inspect', '-f', '{{.NetworkSettings.Networks.mynet01.MacAddress}}', id);
    expect(output.stdout).toMatch(new RegExp(`docker2n +10\\.13\\.17\\.8 +${mac}`));
  });

  test('hosts of an inventory are read by its addresses, users and keys, all or those that are named, under their names', async () => {
    const lab = await currentLab();
    const inventory = join(folder, 'inventory.yml');
    const noKeys = join(folder, 'no_keys');
    writeFileSync(noKeys, `Host *\n  UserKnownHostsFile ${lab.knownHosts}\n  IdentityFile ${folder}/none\n  IdentityAgent none\n`, { mode: 0o600 });
    const host = (name: 'node1' | 'node2') => `{ ansible_host: ${lab.hosts[name].address}, ansible_port: ${String(lab.hosts[name].port)}, ansible_user: root, ansible_ssh_private_key_file: ${lab.clientKey} }`;
    writeFileSync(inventory, `all:\n  hosts:\n    first: ${host('node1')}\n    second: ${host('node2')}\n`);
    const all = await cli(['scan', '--from', inventory, '--ssh-config', noKeys]);
    expect(all).toMatchObject({ code: 0, stderr: '' });
    expect(all.stdout).toMatch(/^first {2}\(ssh:\/\/root@[^]*^second {2}\(ssh:\/\/root@/m);
    const one = await cli(['enter', 'docker2n', '--from', inventory, '--host', 'second', '--ssh-config', noKeys, '--', 'ip', '-br', '-4', 'addr', 'show', 'eth0']);
    expect(one).toMatchObject({ code: 0, stdout: expect.stringContaining('10.13.17.8') as string });
  });

  test('scan --json of several hosts is an array of snapshots', async () => {
    const output = await cli(['scan', '--json', ...both]);
    const snapshots = JSON.parse(output.stdout) as Snapshot[];
    expect(snapshots.map((snapshot) => snapshot.host.hostname)).toEqual(['node1', 'node2']);
    expect(snapshots[0]?.engine?.networks.map((network) => network.name)).toContain('mynet01');
  });

  test('a connection by chacha20-poly1305 alone, whose authenticator is not ssh2\'s own in the bundle, reads as much', async () => {
    const file = join(folder, 'ssh_config_chacha');
    writeFileSync(file, `Host *\n  Ciphers chacha20-poly1305@openssh.com\nInclude ${config}\n`, { mode: 0o600 });
    const output = await cli(['scan', '--json', '--host', 'node1', '--ssh-config', file, '--ssh-client', 'builtin']);
    expect(output).toMatchObject({ code: 0, stderr: '' });
    expect((JSON.parse(output.stdout) as Snapshot).namespaces.length).toBeGreaterThan(3);
  });

  test('a host that cannot be reached is one line and status 1, and the others are printed', async () => {
    const output = await cli(['scan', '--host', 'ssh://127.0.0.1:1', ...both]);
    expect(output.code).toBe(1);
    expect(output.stderr).toMatch(/^127\.0\.0\.1: .+\n$/);
    expect(output.stdout).toMatch(/^node1 {2}\(/);
  });

  test('where no host can be read, nothing is printed and the status is 2', async () => {
    const output = await cli(['scan', '--host', 'ssh://127.0.0.1:1', '--ssh-config', config]);
    expect(output).toMatchObject({ code: 2, stdout: '' });
    expect(output.stderr).toMatch(/^127\.0\.0\.1: .+\n$/);
  });

  test('a host that has only busybox\'s ip and no engine is shown as far as it goes, with what is missing', async () => {
    const output = await cli(['scan', '--host', 'bare', '--ssh-config', config]);
    expect(output.stdout).toMatch(/^bare {2}\(ssh:\/\/bare, .*no engine/);
    expect(output.stdout).toMatch(/^ {4}\d+ +root +root +\d+ +2 /m);
    expect(output.stderr).toMatch(/busybox/);
    expect(output.code).toBe(1);
  });

  test('an unknown host key is refused where there is no terminal to ask on', async () => {
    const known = join(folder, 'known_hosts_none');
    writeFileSync(known, '');
    const output = await cli(['scan', '--host', 'node1', '--ssh-config', asking, '--known-hosts', known]);
    expect(output).toMatchObject({ code: 2, stdout: '' });
    expect(output.stderr).toMatch(/^The ssh-\S+ host key of root@node1 is not known: SHA256:\S+\. There is no terminal to ask on, so the connection is refused: .*\nnode1: .*not known.*\n$/);
    expect(readFileSync(known, 'utf8')).toBe('');
  });

  test('an unknown host key is asked about on the terminal, and remembered', async () => {
    const known = join(folder, 'known_hosts_asked');
    writeFileSync(known, '');
    const pty = new Pty({ argv: cliArgv('scan', '--host', 'node1', '--ssh-config', asking, '--known-hosts', known) });
    const [, fingerprint] = await pty.until(/host key of root@node1 is not known: (SHA256:\S+)\.\r\n[^]*\(yes\/no\) $/);
    pty.type('yes\r');
    await pty.until(/mynet01/);
    expect(await pty.exit).toBe(0);
    expect(readFileSync(known, 'utf8')).not.toBe('');
    expect(fingerprint).toMatch(/^SHA256:/);
  });

  test('a password is asked on the terminal and not shown', async () => {
    const password = theLab().passwords['pwonly'] ?? '';
    const pty = new Pty({ argv: cliArgv('scan', '--host', 'node1-pwonly', '--ssh-config', config) });
    await pty.until(/assword.*: ?$/);
    pty.type(`${password}\r`);
    // Declined with Ctrl-D: the scan goes on without root, and says what it could not see.
    await pty.until(/Password for sudo on node1-pwonly: $/);
    pty.type('\x04');
    await pty.until(/node1-pwonly {2}\(ssh:\/\/node1-pwonly, .*read as an ordinary user/, 0, 30_000);
    await pty.exit;
    expect(password).not.toBe('');
    expect(pty.text).not.toContain(password);
  });

  test.each([
    ['text', /^mynet01 \(overlay\)\n[^]*docker1n[^]*docker2n[^]*self permanent\n/],
    ['mermaid', /^[^]*flowchart [^]*docker1n[^]*docker2n/],
    ['dot', /^graph [^]*docker1n[^]*docker2n[^]*\}\n$/],
    ['svg', /^<svg [^]*docker1n[^]*docker2n[^]*<\/svg>\n$/],
  ])('diagram --format %s draws the overlay across both hosts', async (format, expected) => {
    const file = join(folder, `diagram.${format}`);
    const output = await cli(['diagram', '--network', 'mynet01', '--format', format, '--output', file, ...both]);
    expect(output).toMatchObject({ code: 0, stdout: '', stderr: '' });
    expect(readFileSync(file, 'utf8')).toMatch(expected);
  });

  test('diagram of a network that is not there names those that are', async () => {
    const output = await cli(['diagram', '--network', 'nope', ...both]);
    expect(output).toMatchObject({ code: 2, stdout: '' });
    expect(output.stderr).toMatch(/^There is no network "nope"\. There are: .*mynet01/);
  });

  test('enter CONTAINER -- COMMAND runs there, with the container\'s names', async () => {
    const output = await cli(['enter', 'docker1n', ...both, '--', 'sh', '-c', 'getent hosts docker2n; echo "to $1" >&2; exit 5', 'sh', "it's $(id)"]);
    expect(output).toMatchObject({ code: 5, stdout: '10.13.17.8      docker2n\n', stderr: "to it's $(id)\n" });
  });

  test('enter -- COMMAND without a terminal passes bytes both ways, unchanged', async () => {
    const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, index) => index % 256));
    const output = await cli(['enter', 'docker1n', ...both, '--', 'sh', '-c', 'cat; printf "done\n" >&2'], { input: bytes });
    expect(output.bytes.equals(bytes)).toBe(true);
    expect(output).toMatchObject({ code: 0, stderr: 'done\n' });
  });

  test('enter -- COMMAND without a terminal hands output over while the command runs, and Ctrl-C ends it on the host', async () => {
    let pid = 0;
    const running = cli(['enter', 'docker1n', ...both, '--', 'sh', '-c', 'echo $$; exec sleep 987'], { onStart: (id) => (pid = id), onOutput: () => process.kill(pid, 'SIGINT') });
    const output = await running;
    expect(output.code).toBe(130);
    const remote = output.stdout.trim();
    expect(remote).toMatch(/^\d+$/);
    await eventually('the end of the command on the host', () => runOn('node1', ['grep', '-qs', 'sleep', `/proc/${remote}/comm`]).code !== 0);
  });

  test('a network that is on both hosts is listed, and nothing is entered', async () => {
    const output = await cli(['enter', 'mynet01', ...both, '--', 'echo', 'entered']);
    expect(output).toMatchObject({ code: 2, stdout: '' });
    expect(output.stderr.trimEnd().split('\n').slice(1)).toEqual(['node1', 'node2'].map((host) => `  --host ssh://${host} network:mynet01  network mynet01 on ${host}, inode ${String(inodeOn(host, `/run/docker/netns/${overlay}`))}`));
  });

  test('enter on a terminal over SSH: prompt, size, Ctrl-C and exit status', async () => {
    const inode = inodeOn('node1', `/run/docker/netns/${overlay}`);
    const pty = new Pty({ argv: cliArgv('enter', 'mynet01', '--host', 'node1', '--ssh-config', config) });
    await pty.until(/\[netns mynet01@node1\] /, 0, 20_000);
    pty.type('readlink /proc/self/ns/net; brctl show\r');
    await pty.until(new RegExp(`net:\\[${String(inode)}\\]\\r+\\n[^]*\\nbr0\\t`));
    pty.type(`sh -c 'echo be""fore; exec cat'\r`);
    await pty.until(/before\r+\n/);
    pty.type('\x03');
    await pty.until(/\^C[^]*\[netns mynet01@node1\] /);
    pty.type('exit 7\r');
    expect(await pty.exit).toBe(7);
    expect(pty.text).not.toMatch(/docker0/);
  });

  test('enter as a user whose sudo needs no password', async () => {
    const output = await cli(['enter', 'docker1n', '--host', 'node1-vagrant', '--ssh-config', config, '--', 'id', '-u']);
    expect(output).toMatchObject({ code: 0, stdout: '0\n', stderr: '' });
  });

  test('enter as a user who may not become root is one sentence', async () => {
    const output = await cli(['enter', 'root', '--host', 'node1-nosudo', '--ssh-config', config, '--', 'id', '-u']);
    expect(output).toMatchObject({ code: 2, stdout: '' });
    expect(output.stderr).toMatch(/\nEntering a network namespace takes root on that host: log in as root, or allow sudo for the user\.\n$/);
  });
});
