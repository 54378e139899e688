import { describe, expect, it } from 'vitest';
import type { NestedEngine } from '../../../src/core/model/snapshot';
import { buildTopology } from '../../../src/core/topology/buildTopology';
import { aContainer, aNamespace, anEngine, anId, aSnapshot } from './builders';

const engine = (pid: number, cgroup: string, namespace = '4:2'): NestedEngine => ({ engine: 'docker', process: { pid, comm: 'dockerd', startTicks: 5, cgroup }, namespace, mountNamespace: 1, pidNamespace: 2, hostname: `h${String(pid)}`, sockets: [] });

function nestedOf(nested: readonly NestedEngine[], id = 'local') {
  const container = aContainer('a', { name: 'dind', pid: 3 });
  const namespaces = [aNamespace(1), aNamespace(2, { processCount: 1, processes: [{ pid: 3, comm: 'sh', startTicks: 1, cgroup: `0::/docker/${anId('a')}` }] })];
  const snapshot = aSnapshot(namespaces, anEngine([], [container]), { nested });
  return buildTopology([{ id, label: id, snapshot }]).hosts[0]?.nested ?? [];
}

describe('the address of a nested engine', () => {
  it.each([
    ['a container of the host by its name', engine(7, `0::/docker/${anId('a')}/init`), 'nested:container=dind@local', 'dind'],
    ['a container of an engine that was not read by its id', engine(7, `0::/docker/${anId('b')}`), `nested:container=${anId('b')}@local`, 'h7'],
    ['an engine in other namespaces than its container by its control group', engine(7, `0::/docker/${anId('a')}/x`, '4:9'), `nested:cgroup=/docker/${anId('a')}/x@local`, 'dind'],
    ['what is no container by its control group', engine(7, '0::/machine.slice/systemd-nspawn@web.service/payload'), 'nested:cgroup=/machine.slice/systemd-nspawn%40web.service/payload@local', 'web'],
    ['what has no control group by its process', engine(7, '0::/'), 'nested:7.5@local', 'h7'],
  ])('names %s', (_what, nested, address, title) => {
    expect(nestedOf([nested])).toMatchObject([{ address, title }]);
  });

  it('names two engines of one control group by their processes', () => {
    expect(nestedOf([engine(7, '0::/user.slice'), engine(8, '0::/user.slice')]).map(({ address }) => address)).toEqual(['nested:7.5@local', 'nested:8.5@local']);
  });

  it('is none where the host is a recording', () => {
    expect(nestedOf([engine(7, '0::/x')], 'file:/tmp/a.json')[0]?.address).toBeUndefined();
  });
});
