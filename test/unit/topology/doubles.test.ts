import { expect, it } from 'vitest';
import { buildTopology } from '../../../src/core/topology/buildTopology';
import { withoutDoubles } from '../../../src/core/topology/doubles';
import { present } from '../../../src/ui/tree/presentation';
import type { TreeNode } from '../../../src/ui/tree/node';
import { TreeModel } from '../../../src/ui/tree/treeModel';
import { aContainer, aLink, aNamespace, aNetwork, anEngine, anId, aSnapshot } from './builders';

const endpoint = { containerId: anId('c1'), name: 'web', endpointId: 'e' };
const twice = aSnapshot(
  [aNamespace(1), aNamespace(1), aNamespace(2, { links: [aLink(2), aLink(2, { name: 'second' }), aLink(3, { kind: 'constructor' }), aLink(4, { kind: '__proto__' })] })],
  anEngine([aNetwork('n1', { endpoints: [endpoint, endpoint] }), aNetwork('n1', { name: 'second' }), aNetwork('n2', { driver: 'constructor' }), aNetwork('n3', { driver: '__proto__' })], [aContainer('c1'), aContainer('c1', { name: 'second' })]),
);
const t = (message: string, ...args: (string | number)[]) => message.replace(/\{(\d)\}/g, (_, index: string) => String(args[Number(index)]));

function rows(model: TreeModel, node?: TreeNode): TreeNode[] {
  return model.children(node).flatMap((child) => [child, ...rows(model, child)]);
}

it('what has the id of another thing is left out and told of, so that every row of the tree has an id of its own', () => {
  const topology = buildTopology([{ id: 'local', label: 'x', snapshot: twice }]);
  const ids = rows(new TreeModel({ topology, hosts: [{ id: 'local', address: { kind: 'local' }, label: 'x', state: 'ready' }] })).map(({ id }) => id);
  expect(ids.length).toBeGreaterThan(10);
  expect(ids).toHaveLength(new Set(ids).size);
  expect(topology.hosts[0]?.errors).toMatchObject([{ code: 'garbled', message: '5 entries have the id of another entry of this host; of these the first is shown.' }]);
  expect(topology.container.size).toBe(1);
  expect([...topology.container.values()][0]?.name).toBe('c-c1');
});

it('a snapshot without doubles is the same object', () => {
  const snapshot = aSnapshot([aNamespace(1)], anEngine([aNetwork('n1')], [aContainer('c1')]));
  expect(withoutDoubles(snapshot)).toBe(snapshot);
});

it('every row has an icon, whatever a driver or a kind of device is called', () => {
  const topology = buildTopology([{ id: 'local', label: 'x', snapshot: twice }]);
  const model = new TreeModel({ topology, hosts: [{ id: 'local', address: { kind: 'local' }, label: 'x', state: 'ready' }] });
  for (const row of rows(model)) expect(present(row, model, t).icon, row.id).toMatch(/^[a-z~-]+$/);
});
