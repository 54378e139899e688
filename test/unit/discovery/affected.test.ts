import { expect, it } from 'vitest';
import { buildTopology } from '../../../src/core/topology/buildTopology';
import { unaffected } from '../../../src/discovery/affected';
import { aContainer, aNamespace, anEngine, anId, aSnapshot, processIn } from '../topology/builders';

it("a container's namespace that the engine does not list yet is read again, and those of others and named ones are not", () => {
  const namespaces = [
    aNamespace(1),
    aNamespace(2, { processCount: 1, processes: [processIn(`0::/docker/${anId('a')}`, 5)] }),
    aNamespace(3, { processCount: 1, processes: [processIn(`0::/docker/${anId('b')}`, 6)] }),
    aNamespace(4, { paths: ['/run/netns/blue'] }),
  ];
  const topology = buildTopology([{ id: 'h', label: 'h', snapshot: aSnapshot(namespaces, anEngine([], [aContainer('a')])) }]);
  const [host] = topology.hosts;
  expect(host!.sandboxes.find(({ inode }) => inode === 3)).toMatchObject({ role: 'container', containers: [] });
  const event = { type: 'container', action: 'start', id: anId('b'), attributes: {} } as const;
  expect(unaffected([event], topology, host!)).toEqual(['4:2', '4:4']);
});
