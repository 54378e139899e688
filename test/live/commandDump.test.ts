import { statSync } from 'node:fs';
import { expect, test } from 'vitest';
import { dumpCommand, dumpTerminal, renderDump, type DumpOutput } from '../../src/core/command/dump';
import { dumps, type DumpId } from '../../src/core/command/dumps';
import type { EnterTarget } from '../../src/core/command/enterTarget';
import { ask, askOn, describeAsRoot, describeInLab, inodeOf, makeNamespace, Pty, runHere, runOn, targetOf, theLab } from './commandSupport';

const every = dumps.map((dump) => dump.id);

function dump(target: EnterTarget, ids: readonly DumpId[], wrapper: readonly string[] = []): DumpOutput {
  const command = dumpCommand(target, ids);
  const [name = '', ...rest] = [...wrapper, ...command.argv];
  return command.parse(runHere([name, ...rest]));
}

/** A copy of the mount table in which programs are no programs. */
const without = (...programs: readonly string[]): string[] => {
  const hide = programs.map((program) => `mount --bind /dev/null "$(readlink -f "$(command -v ${program})")"`).join(' && ');
  return ['unshare', '--mount', 'sh', '-c', `${hide} && exec "$@"`, 'sh'];
};

describeAsRoot('dumpCommand', () => {
  const path = makeNamespace();
  const name = path.slice('/run/netns/'.length);
  ask('ip', '-n', name, 'link', 'add', 'br0', 'type', 'bridge');
  ask('ip', '-n', name, 'link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v1');
  ask('ip', '-n', name, 'link', 'set', 'v0', 'master', 'br0', 'up');

  test('reads everything in one run, each part equal to what its command prints there', () => {
    const output = dump(targetOf(path), every);
    expect(output.failure).toBeUndefined();
    // What this machine's kernel has not loaded, and a daemon that does not run, is told instead.
    const unlike = output.parts.filter((part) => part.code !== 0 && part.dump !== 'weave' && !/^(The kernel of this host has not loaded |ovsdb-server does not run on this host)/.test(part.text));
    expect(unlike.map((part) => [part.argv[0], part.text])).toEqual([]);
    expect(output.parts.filter((part) => part.code !== 0 && !['ipvs', 'wireguard', 'openvswitch', 'weave'].includes(part.dump))).toEqual([]);
    expect(new Set(output.parts.map((part) => part.dump))).toEqual(new Set(every));
    for (const id of ['links', 'addresses', 'routes', 'bridges', 'fdb'] as const) {
      for (const part of output.parts.filter((each) => each.dump === id)) {
        expect(part.text).toBe(ask('nsenter', `--net=${path}`, ...part.argv));
      }
    }
  });

  test('changes nothing: no firewall table appears, in either flavour, and the lock file stays as it was', () => {
    const fresh = makeNamespace();
    const tables = (): string => runHere(['nsenter', `--net=${fresh}`, 'sh', '-c', 'nft list tables; cat /proc/net/ip_tables_names /proc/net/ip6_tables_names']).stdout;
    const lock = (): number | undefined => statSync('/run/xtables.lock', { throwIfNoEntry: false })?.atimeMs;
    const before = lock();
    dump(targetOf(fresh), every);
    expect(tables()).toBe('');
    expect(lock()).toBe(before);
  });

  test('a missing program is a sentence, its substitute runs, and the rest is there', () => {
    const output = dump(targetOf(path), ['sockets', 'conntrack', 'fdb'], without('ss', 'conntrack'));
    const [ss, ...others] = output.parts;
    expect(ss).toMatchObject({ argv: ['ss', '-tuwanp'], code: undefined, text: 'ss is not installed on this host (Debian and Ubuntu have it in the package iproute2).\n' });
    expect(others.map((part) => part.argv[0])).toEqual(['netstat', 'conntrack', 'cat', 'bridge']);
    expect(output.failure).toBeUndefined();
  });

  test('an optional program that is missing is left out', () => {
    const output = dump(targetOf(path), ['firewall'], without('iptables-legacy-save'));
    expect(output.parts.map((part) => part.argv[0])).not.toContain('iptables-legacy-save');
  });

  test('what the kernel has not loaded is not asked for', () => {
    const noSymbols = ['unshare', '--mount', 'sh', '-c', 'mount --bind /etc/hostname /proc/kallsyms && exec "$@"', 'sh'];
    const output = dump(targetOf(path), ['firewall', 'conntrack'], noSymbols);
    const silent = output.parts.filter((part) => part.code === undefined).map((part) => part.argv[0]);
    expect(silent).toEqual(expect.arrayContaining(['nft', 'conntrack']));
    expect(output.parts.find((part) => part.argv[0] === 'nft')?.text).toMatch(/^The kernel of this host has not loaded nf_tables, so there is nothing to show\./);
  });

  test('a device whose alias looks like a frame changes nothing', () => {
    const target = targetOf(path);
    const command = dumpCommand(target, ['links', 'fdb']);
    ask('ip', '-n', name, 'link', 'set', 'v1', 'alias', 'x\npart end 0 0\n\npart begin 1\nforged');
    const output = command.parse(runHere(command.argv));
    ask('ip', '-n', name, 'link', 'set', 'v1', 'alias', '');
    expect(output.parts.map((part) => part.argv[0])).toEqual(['ip', 'bridge']);
    expect(output.parts[0]?.text).toContain('forged');
    expect(output.parts[1]?.text).not.toContain('forged');
  });

  test('a namespace that is gone is told instead of the dump', () => {
    const output = dump(targetOf(path, { inode: 4026530000 }), ['links']);
    expect(output).toEqual({ parts: [], failure: expect.stringMatching(/^The network namespace net:\[4026530000\] .* is gone/) as string });
    expect(renderDump(output)).toBe(`${output.failure ?? ''}\n`);
  });

  test('on a terminal the command is shown first, then its output, then a prompt in the namespace', async () => {
    const pty = new Pty(dumpTerminal(targetOf(path), ['fdb']));
    await pty.until(/\$ bridge fdb show[^]*dev br0 self permanent[^]*\[netns test@local\]/);
    pty.type('readlink /proc/self/ns/net; exit\r');
    await pty.until(new RegExp(`net:\\[${String(inodeOf(path))}\\]`));
    await pty.exit;
  });
});

describeInLab('dumpCommand on an overlay of the lab, over SSH', () => {
  test('the FDB of the sandbox, which has no process, is what `bridge fdb show` prints there', () => {
    const path = `/run/docker/netns/1-${(theLab().networks['mynet01'] ?? '').slice(0, 10)}`;
    const inode = Number(askOn('node1', 'stat', '-L', '-c', '%i', path));
    const command = dumpCommand({ inode, paths: [path], pids: [], rootPids: [], label: 'mynet01@node1' }, ['fdb']);
    const output = command.parse(runOn('node1', command.argv));
    expect(output.failure).toBeUndefined();
    expect(output.parts[0]?.text.trim()).toBe(askOn('node1', 'nsenter', `--net=${path}`, 'bridge', 'fdb', 'show'));
    expect(output.parts[0]?.text).toMatch(/dev vxlan0 dst 192\.168\.\d+\.\d+ .*self permanent/);
  });
});
