import { describe, expect, test } from 'vitest';
import { containerShell } from '../../src/core/command/containerShell';
import { dumpCommand } from '../../src/core/command/dump';
import { enterCommand, enterWithIpNetns } from '../../src/core/command/enter';
import type { EnterTarget } from '../../src/core/command/enterTarget';
import { askOn, describeInLab, Pty, runOn, sshArgv, theLab } from './commandSupport';

const idOf = (name: string): string => theLab().containers[name]?.id ?? '';

function containerTarget(host: string, name: string): EnterTarget {
  const pid = Number(askOn(host, 'docker', 'inspect', '-f', '{{.State.Pid}}', idOf(name)));
  const inode = Number(askOn(host, 'stat', '-L', '-c', '%i', `/proc/${String(pid)}/ns/net`));
  return { inode, paths: [], pids: [pid], rootPids: [pid], label: `${name}@${host}` };
}

describeInLab('commands on the lab, over SSH', () => {
  test('in a container\'s namespace names resolve as in the container, by the engine\'s own DNS', () => {
    const target = containerTarget('node1', 'docker1n');
    const output = runOn('node1', enterCommand(target, { run: ['sh', '-c', 'cat /etc/resolv.conf /etc/hosts; getent hosts docker2n'] }).argv);
    expect(output.stderr).toBe('');
    expect(output.stdout).toBe(
      `${askOn('node1', 'docker', 'exec', idOf('docker1n'), 'cat', '/etc/resolv.conf', '/etc/hosts')}\n${theLab().containers['docker2n']?.ip ?? ''}      docker2n\n`,
    );
    expect(runOn('node1', ['getent', 'hosts', 'docker2n']).stdout).toBe('');
    expect(runOn('node1', enterCommand(target, { run: ['dig', '+short', 'docker2n'] }).argv)).toEqual({ code: 0, stderr: '', stdout: `${theLab().containers['docker2n']?.ip ?? ''}\n` });
  });

  test('in an overlay\'s sandbox, which has no process, brctl shows the overlay\'s bridge', () => {
    const path = `/run/docker/netns/1-${(theLab().networks['mynet01'] ?? '').slice(0, 10)}`;
    const inode = Number(askOn('node1', 'stat', '-L', '-c', '%i', path));
    const output = runOn('node1', enterCommand({ inode, paths: [path], pids: [], rootPids: [], label: 'mynet01@node1' }, { run: ['brctl', 'show'] }).argv);
    expect(output.stdout).toMatch(/^br0\t/m);
    expect(output.stdout).not.toContain('docker0');
    expect(askOn('node1', 'brctl', 'show')).toContain('docker0');
  });

  test('a terminal over SSH has a prompt that says where it is, and its size follows', async () => {
    const target = containerTarget('node2', 'docker2n');
    const pty = new Pty({ argv: sshArgv('node2', enterCommand(target).argv, '-tt') });
    await pty.until(/\[netns docker2n@node2\]/);
    pty.type('readlink /proc/self/ns/net; stty size; exit 6\r');
    await pty.until(new RegExp(`net:\\[${String(target.inode)}\\]\\r\\n\\d+ \\d+`));
    expect(await pty.exit).toBe(6);
  });

  test('a container\'s own shell, by docker exec', async () => {
    const container = { id: idOf('docker1n') };
    const pty = new Pty({ argv: sshArgv('node1', containerShell(container, 'docker').argv, '-tt') });
    await pty.until(/# /);
    pty.type('hostname; readlink /proc/self/ns/net; exit 3\r');
    await pty.until(new RegExp(`docker1h\\r\\nnet:\\[${String(containerTarget('node1', 'docker1n').inode)}\\]`));
    expect(await pty.exit).toBe(3);
  });

  describe('on a host that has only busybox', () => {
    const target = (): EnterTarget => ({ inode: Number(askOn('bare', 'sh', '-c', 'set -- $(ls -diL /proc/1/ns/net); echo "$1"')), paths: [], pids: [1], rootPids: [], label: 'root@bare' });

    test('entering works, /sys and all', () => {
      const output = runOn('bare', enterCommand(target(), { run: ['sh', '-c', 'readlink /proc/self/ns/net; grep -c " /sys sysfs" /proc/self/mounts'] }).argv);
      expect(output).toEqual({ code: 0, stderr: '', stdout: `net:[${String(target().inode)}]\n2\n` });
    });

    test('ip netns says what is missing, and leaves nothing', () => {
      const output = runOn('bare', enterWithIpNetns(target()).argv);
      expect(output).toEqual({ code: 1, stdout: '', stderr: 'The ip of this host is missing or knows no network namespaces (busybox has none): install iproute2 there, or enter without ip netns.\n' });
    });

    test('dumps say what is missing by its package, and show what busybox has', () => {
      const command = dumpCommand(target(), ['links', 'bridges']);
      const output = command.parse(runOn('bare', command.argv));
      expect(output.failure).toBeUndefined();
      expect(output.parts.map((part) => [part.argv.join(' '), part.code])).toEqual([
        ['ip -d link show', 1],
        ['ip link show', 0],
        ['bridge -d link show', undefined],
        ['brctl show', undefined],
        ['bridge vlan show', undefined],
      ]);
      expect(output.parts[1]?.text).toMatch(/eth0@if\d+: </);
      expect(output.parts[3]?.text).toBe('brctl is not installed on this host (Debian and Ubuntu have it in the package bridge-utils).\n');
    });
  });
});
