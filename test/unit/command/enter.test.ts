import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { containerShell } from '../../../src/core/command/containerShell';
import { enterCommand, enterWithIpNetns } from '../../../src/core/command/enter';
import { enterTarget, promptLabel, type EnterTarget } from '../../../src/core/command/enterTarget';
import { monitorCommand } from '../../../src/core/command/monitor';
import type { Container, Sandbox } from '../../../src/core/model/topology';
import { sampleTopology } from '../cli/sample';

const target: EnterTarget = { inode: 4026532369, paths: ['/run/netns/$(id)', "/run/it's"], pids: [12, 34], rootPids: [12], label: 'a@b' };

/** The scripts of a command: those arguments that are not the same for every target. */
const scripts = (argv: readonly string[]): string[] => argv.filter((argument) => argument.includes('\n'));

describe('enterCommand', () => {
  test('hands every value over as a parameter: the scripts are the same for every target', () => {
    const other: EnterTarget = { inode: 1, paths: ['/x'], pids: [], rootPids: [], label: 'y' };
    for (const make of [enterCommand, enterWithIpNetns, (each: EnterTarget) => monitorCommand(each, 'neigh', { solicit: true })]) {
      expect(scripts(make(target).argv)).toEqual(scripts(make(other).argv));
    }
  });

  test('asks for root and puts names before processes', () => {
    const command = enterCommand(target, { run: ['ip', 'link'] });
    expect(command.privilege).toBe('root');
    expect(command.argv.slice(5)).toEqual(['4026532369', 'a@b', '12', 'run', '', '4', '/run/netns/$(id)', "/run/it's", '/proc/12/ns/net', '/proc/34/ns/net', 'ip', 'link']);
  });

  test.each([NaN, -1, 1.5, 2 ** 60])('refuses %d as a pid or inode', (number) => {
    expect(() => enterCommand({ ...target, inode: number })).toThrow(RangeError);
    expect(() => enterCommand({ ...target, pids: [number] })).toThrow(RangeError);
    expect(() => enterCommand({ ...target, rootPids: [number] })).toThrow(RangeError);
  });

  const readers = { dash: ['dash'], bash: ['bash', '--posix'], busybox: ['busybox', 'sh'] } as const;
  for (const [name, [program, ...first]] of Object.entries(readers)) {
    const missing = spawnSync(program, [...first, '-c', ':']).error !== undefined;
    test.skipIf(missing)(`its scripts are ones that ${name} can read${missing ? ' (skipped: it is not installed here)' : ''}`, () => {
      for (const command of [enterCommand(target), enterWithIpNetns(target), monitorCommand(target, 'neigh', { solicit: true })]) {
        for (const script of scripts(command.argv)) {
          const result = spawnSync(program, [...first, '-n', '-c', script], { encoding: 'utf8' });
          expect([result.status, result.stderr]).toEqual([0, '']);
        }
      }
    });
  }
});

describe('promptLabel', () => {
  test('keeps names, and nothing that a shell or terminal obeys', () => {
    expect(promptLabel('docker1n@node1')).toBe('docker1n@node1');
    expect(promptLabel('größe_2.x:y/z')).toBe('größe_2.x:y/z');
    expect(promptLabel('a$(id)`id`\\u!%n"\'\x1b[31m\n\u202eb')).toBe('a??id??id?\\u??n????31m??b');
  });

  test('is at most 60 characters long', () => {
    expect(Array.from(promptLabel('ä'.repeat(100)))).toHaveLength(60);
  });
});

describe('containerShell', () => {
  test('prefers bash, by the engine that runs the container', () => {
    const command = containerShell({ id: 'abc' }, 'podman', 'user');
    expect(command.argv.slice(0, 5)).toEqual(['podman', 'exec', '-it', 'abc', 'sh']);
    expect(command.privilege).toBe('user');
  });
});

describe('enterTarget', () => {
  const topology = sampleTopology();
  const sandboxOf = (role: string): Sandbox => topology.hosts[0]!.sandboxes.find((sandbox) => sandbox.role === role)!;

  test('a container\'s namespace has its names, processes, the root directory to take resolv.conf from, and a label', () => {
    expect(enterTarget(topology, sandboxOf('container'))).toEqual({ inode: 4026532102, paths: ['/run/docker/netns/web1'], pids: [100], rootPids: [100], label: 'web1@node1' });
  });

  test('the container that was chosen names the label, and its own process comes first', () => {
    const sandbox = sandboxOf('container');
    const sidecar: Container = { ...topology.container.get(sandbox.containers[0]!)!, id: 'other', name: 'side$(car)', engine: { ...topology.container.get(sandbox.containers[0]!)!.engine, pid: 7 } };
    expect(enterTarget(topology, sandbox, sidecar)).toMatchObject({ pids: [7, 100], rootPids: [7, 100], label: 'side??car?@node1' });
  });

  test('any other namespace keeps the host\'s names', () => {
    expect(enterTarget(topology, sandboxOf('overlay'))).toMatchObject({ pids: [], rootPids: [], label: 'mynet01@node1' });
    const mounted = { ...sandboxOf('overlay'), paths: ['/run/netns/x'] };
    const mounts = [{ path: '/run/netns/y', mountNamespace: 5, pid: 70 }];
    expect(enterTarget(topology, { ...mounted, record: { ...mounted.record, mounts, threads: [{ pid: 71, id: 72 }], descriptors: [{ pid: 71, id: 5 }] } })).toMatchObject({
      paths: ['/run/netns/x', '/proc/70/root/run/netns/y', '/proc/71/task/72/ns/net', '/proc/71/fd/5'],
    });
    expect(enterTarget(topology, sandboxOf('root'))).toMatchObject({ pids: [1], rootPids: [] });
  });
});
