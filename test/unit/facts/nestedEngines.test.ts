import { describe, expect, it } from 'vitest';
import { cgroupPath } from '../../../src/core/facts/cgroup';
import { readNestedEngines } from '../../../src/core/facts/nestedEngines';
import type { ProcessFacts } from '../../../src/core/model/snapshot';

const process = (pid: number): ProcessFacts => ({ pid, comm: 'dockerd', startTicks: 1, cgroup: '' });
const processes = new Map([[7, process(7)], [8, process(8)]]);

describe('the frame of nested engines', () => {
  it('holds each engine with its namespaces, its host name and its sockets', () => {
    const body = 'engine 7 dockerd 11 12 4:13\nname 7 in side\nsocket 7 /run/docker.sock\nsocket 7 /run/a b.sock\nengine 8 crio 21 22 4:23';
    expect(readNestedEngines(body, processes)).toEqual([
      { engine: 'docker', process: process(7), mountNamespace: 11, pidNamespace: 12, namespace: '4:13', hostname: 'in side', sockets: ['/run/docker.sock', '/run/a b.sock'] },
      { engine: 'cri-o', process: process(8), mountNamespace: 21, pidNamespace: 22, namespace: '4:23', sockets: [] },
    ]);
  });

  it.each(['engine 9 dockerd 11 12 4:13', 'engine 7 constructor 11 12 4:13', 'engine 7 dockerd 11 12', 'name 7 x', 'engine 7 dockerd 1 2 4:3 more'])('leaves out what no engine is: %s', (body) => {
    expect(readNestedEngines(body, processes)).toEqual([]);
  });
});

describe('the control group by which a process is found again', () => {
  it.each([
    ['0::/system.slice/docker.service', '/system.slice/docker.service'],
    ['9:name=systemd:/lab/node1\n8:pids:/other\n0::/', '/lab/node1'],
    ['8:pids:/only:here', '/only:here'],
    ['9:name=systemd:/\n0::/', undefined],
    ['', undefined],
  ])('of %j is %s', (cgroup, path) => {
    expect(cgroupPath(cgroup)).toBe(path);
  });
});
