import { describe, expect, test } from 'vitest';
import { containerId } from '../../../src/core/model/ids';
import type { Container, HostNode } from '../../../src/core/model/topology';
import { annotateProcesses, containersOfCgroups, knownPids } from '../../../src/core/report/annotateProcesses';

const id = 'a'.repeat(64);
const other = 'b'.repeat(64);
const topology = {
  container: new Map([[containerId('h', id), { hostId: 'h', name: 'web', running: true, engine: { id, pid: 7 } } as unknown as Container]]),
  host: new Map([['h', { sandboxes: [{ record: { processes: [{ pid: 9, cgroup: `0::/docker/${id}` }, { pid: 10, cgroup: '0::/init.scope' }] } }] } as unknown as HostNode]]),
};

describe('the containers of processes', () => {
  test('by the control groups that the dump printed, an unknown one by its id', () => {
    const groups = `7\t/docker/${id} \n8\t/system.slice/docker.service \n11\t/kubepods/x/${other} \n12\t\ngarbage\n`;
    const found = containersOfCgroups(groups, topology, 'h');
    expect([...found]).toEqual([
      [7, 'web'],
      [11, 'container bbbbbbbbbbbb'],
    ]);
  });

  test('by the scan: first processes and those of their namespaces', () => {
    expect([...knownPids(topology, 'h')].sort()).toEqual([[7, 'web'], [9, 'web']]);
    expect([...knownPids(topology, 'elsewhere')]).toEqual([]);
  });
});

describe('annotateProcesses', () => {
  const names = new Map([[7, 'web'], [8, 'bad\x1b[31m\nname']]);

  test('names the container after the lines of ss and of netstat, in one column', () => {
    expect(annotateProcesses('tcp LISTEN 0.0.0.0:80 users:(("httpd",pid=7,fd=3))   \nudp 0.0.0.0:53\ntcp6 :::443 LISTEN 7/httpd', names)).toBe(
      'tcp LISTEN 0.0.0.0:80 users:(("httpd",pid=7,fd=3))  # web\nudp 0.0.0.0:53\ntcp6 :::443 LISTEN 7/httpd                          # web',
    );
  });

  test("a process's name that looks like another process hides nothing, and a container's name is made printable", () => {
    const line = annotateProcesses('users:(("x",pid=8,fd=3",pid=7,fd=3))', names);
    expect(line).toContain('web');
    expect(line).not.toContain('\x1b');
    expect(line.split('\n')).toHaveLength(1);
  });
});
