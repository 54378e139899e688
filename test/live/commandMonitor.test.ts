import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { monitorCommand } from '../../src/core/command/monitor';
import { ask, describeAsRoot, eventually, makeNamespace, Pty, targetOf } from './commandSupport';

describeAsRoot('monitorCommand', () => {
  const path = makeNamespace();
  const name = path.slice('/run/netns/'.length);
  ask('ip', '-n', name, 'link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v1');
  const solicit = (device: string): string => ask('nsenter', `--net=${path}`, 'cat', `/proc/sys/net/ipv4/neigh/${device}/app_solicit`).trim();

  test('shows what happens to links until Ctrl-C', async () => {
    const pty = new Pty(monitorCommand(targetOf(path), 'link'));
    await pty.until(/\$ ip monitor link\r\n/);
    // The monitor's socket is open a moment after it started: change until it tells.
    let mtu = 1400;
    const told = pty.until(/v0@v1: .* mtu 14\d\d/);
    await Promise.race([told, eventually('an event', () => {
      ask('ip', '-n', name, 'link', 'set', 'v0', 'mtu', String(mtu++));
      return /v0@v1: .* mtu 14\d\d/.test(pty.text);
    })]);
    await told;
    pty.type('\x03');
    expect(await pty.exit).toBe(130);
  });

  test.each([
    ['Ctrl-C', (pty: Pty) => {
      pty.type('\x03');
      return Promise.resolve();
    }],
    ['a hang-up', (pty: Pty) => pty.hangUp()],
    ['TERM to the process alone', (pty: Pty) => {
      const [pid = ''] = ask('pgrep', '-P', String(pty.pid)).split('\n');
      process.kill(Number(pid), 'SIGTERM');
      return Promise.resolve();
    }],
  ])('neighbour solicitation is on while it runs, and put back after %s', async (_, end) => {
    expect([solicit('v0'), solicit('v1'), solicit('lo')]).toEqual(['0', '0', '0']);
    const pty = new Pty(monitorCommand(targetOf(path), 'neigh', { solicit: true }));
    await pty.until(/\+ echo 1 > \/proc\/sys\/net\/ipv4\/neigh\/v0\/app_solicit {3}\(was 0, and will be again\)[^]*\$ ip monitor neigh\r\n/);
    expect([solicit('v0'), solicit('v1'), solicit('lo')]).toEqual(['1', '1', '0']);
    await end(pty);
    await eventually('the sysctl being put back', () => solicit('v0') === '0' && solicit('v1') === '0');
    await pty.exit;
  });

  test('a value that somebody else set is left alone', async () => {
    ask('nsenter', `--net=${path}`, 'sh', '-c', 'echo 3 >/proc/sys/net/ipv4/neigh/v0/app_solicit');
    const pty = new Pty(monitorCommand(targetOf(path), 'neigh', { solicit: true }));
    await pty.until(/\$ ip monitor neigh\r\n/);
    expect([solicit('v0'), solicit('v1')]).toEqual(['3', '1']);
    pty.type('\x03');
    await pty.exit;
    expect([solicit('v0'), solicit('v1')]).toEqual(['3', '0']);
    ask('nsenter', `--net=${path}`, 'sh', '-c', 'echo 0 >/proc/sys/net/ipv4/neigh/v0/app_solicit');
  });

  test('this machine\'s own sysctl is never touched', () => {
    expect(readFileSync('/proc/sys/net/ipv4/neigh/default/app_solicit', 'utf8')).toBe('0\n');
  });
});
