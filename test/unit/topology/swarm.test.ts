import { expect, it } from 'vitest';
import type { EngineSnapshot } from '../../../src/core/model/engine';
import type { SwarmFacts } from '../../../src/core/model/swarm';
import { scanTable } from '../../../src/core/report/scanTable';
import { buildTopology } from '../../../src/core/topology/buildTopology';
import { present } from '../../../src/ui/tree/presentation';
import { TreeModel } from '../../../src/ui/tree/treeModel';
import type { TreeSource } from '../../../src/ui/tree/treeSource';
import type { TreeNode } from '../../../src/ui/tree/node';
import { aContainer, aNamespace, aNetwork, anEngine, anId, aSnapshot } from './builders';

const t = (message: string, ...args: (string | number)[]) => message.replace(/\{(\d)\}/g, (_, index: string) => String(args[Number(index)]));

const swarm: SwarmFacts = {
  nodeId: 'n1',
  nodeAddress: '192.168.56.11',
  manager: true,
  nodes: [
    { id: 'n2', hostname: 'node2', address: '192.168.56.12', state: 'down', role: 'worker', availability: 'drain' },
    { id: 'n1', hostname: 'node1', address: '192.168.56.11', state: 'ready', role: 'manager', leader: true, reachability: 'reachable' },
  ],
  services: [
    { id: 's1', name: 'web', mode: 'replicated', replicas: 2, endpointMode: 'vip', image: 'i', labels: {}, virtualAddresses: [{ networkId: 'ov', address: '10.1.0.5/24' }], ports: [{ protocol: 'tcp', targetPort: 80, publishedPort: 8081, publishMode: 'ingress' }] },
  ],
  tasks: [
    { id: 't2', serviceId: 's1', slot: 2, nodeId: '', state: 'pending', desired: 'running', message: 'no suitable node', addresses: [], ports: [] },
    { id: 't1', serviceId: 's1', slot: 1, nodeId: 'n2', state: 'running', desired: 'running', containerId: anId('b'), addresses: [{ networkId: 'ov', address: '10.1.0.6/24' }], ports: [] },
  ],
};
const overlay = aNetwork('ov', {
  name: 'ov',
  driver: 'overlay',
  scope: 'swarm',
  peers: [{ name: 'x', address: '192.168.56.11' }, { name: 'y', address: '192.168.56.12' }],
  tasks: [
    { service: 'web', name: 'web.1.t1', endpointId: 'e1', ip: '10.1.0.6', hostAddress: '192.168.56.12' },
    { service: '', name: 'here', endpointId: 'e2', ip: '10.1.0.7', hostAddress: '192.168.56.11' },
  ],
});

function source(second?: EngineSnapshot): TreeSource {
  const snapshots = [
    { id: 'ssh://root@manager', label: 'node1', snapshot: aSnapshot([aNamespace(1)], anEngine([overlay], [], { swarm })) },
    ...(second === undefined ? [] : [{ id: 'ssh://other', label: 'two', snapshot: aSnapshot([aNamespace(1)], second) }]),
  ];
  return { topology: buildTopology(snapshots), hosts: snapshots.map(({ id, label }) => ({ id, label, address: { kind: 'ssh', host: id.replace(/^ssh:\/\/(root@)?/, ''), ...(id.includes('@') && { user: 'root' }) }, state: 'ready' })) };
}

function drawn(from: TreeSource, category: string): string[] {
  const model = new TreeModel(from);
  const lines: string[] = [];
  const visit = (node: TreeNode, depth: number): void => {
    const { label, description, contextValue } = present(node, model, t);
    lines.push(`${'  '.repeat(depth)}${label} — ${description ?? ''}${contextValue.includes('addable') ? ' [+]' : ''}`);
    expect([node.id, model.expandable(node)]).toEqual([node.id, model.children(node).length > 0]);
    if (node.kind !== 'network' && node.kind !== 'category') expect(model.find(node.modelId)).toBe(node);
    for (const child of model.children(node)) visit(child, depth + 1);
  };
  const [host] = model.children(undefined);
  const row = model.children(host).find(({ modelId }) => modelId === category);
  if (row) visit(row, 0);
  return lines;
}

it("a manager's nodes, services and tasks are rows; a node that is no host yet can be added", () => {
  expect(drawn(source(), 'swarm')).toEqual([
    'Swarm — nodes: 2 · services: 1',
    '  node1 — 192.168.56.11 · manager, leader · this host',
    '  node2 — 192.168.56.12 · worker · down · drain [+]',
    '  web — service · 1 of 2 running · replicated · *:8081 → 80/tcp',
    '    web.1 — 10.1.0.6 · on node2',
    '    web.2 — on no node · pending: no suitable node',
  ]);
});

it('a node that was read under another address is among the hosts, and its task is its container', () => {
  const second = anEngine([], [aContainer('b', { name: 'web.1.t1' })], { swarm: { nodeId: 'n2', nodeAddress: '192.168.56.12', manager: false, nodes: [] } });
  const from = source(second);
  expect(drawn(from, 'swarm')[2]).toBe('  node2 — 192.168.56.12 · worker · down · drain · among the hosts');
  expect([...from.topology.swarmPart.values()].find(({ kind, id }) => kind === 'task' && id.endsWith('t1'))).toMatchObject({ container: `ssh://other|ctr|${anId('b')}` });
  expect(from.topology.host.get('ssh://other')?.swarm).toBeUndefined();
});

it('other nodes on an overlay are rows under it, with what they have there; the own one is none', () => {
  expect(drawn(source(), 'networks').slice(1)).toEqual(['  ov — overlay', '    node2 — 192.168.56.12 · peer · 1 there', '      web.1.t1 — 10.1.0.6 · service web']);
});

it('the table has nodes and services', () => {
  const table = scanTable(source().topology);
  expect(table).toMatch(/^ {4}node2 +192\.168\.56\.12 +worker · down · drain +-$/m);
  expect(table).toMatch(/^ {4}web +replicated +1 of 2 +10\.1\.0\.5 \(ov\) +\*:8081 → 80\/tcp +web\.1 +node2 +10\.1\.0\.6 \(ov\) +running$/m);
});

it('of doubles the first is shown', () => {
  const doubled: SwarmFacts = { ...swarm, nodes: [...swarm.nodes, ...swarm.nodes], tasks: [...(swarm.tasks ?? []), ...(swarm.tasks ?? [])] };
  const topology = buildTopology([{ id: 'h', label: 'h', snapshot: aSnapshot([aNamespace(1)], anEngine([{ ...overlay, tasks: [...overlay.tasks, ...overlay.tasks] }], [], { swarm: doubled })) }]);
  expect(topology.hosts[0]?.swarm?.nodes).toHaveLength(2);
  expect(topology.hosts[0]?.swarm?.services[0]?.tasks).toHaveLength(2);
  expect(topology.hosts[0]?.networks[0]?.peers?.[0]?.tasks).toHaveLength(1);
  expect(topology.hosts[0]?.errors.map(({ message }) => message)).toEqual([expect.stringMatching(/^6 entries have the id/)]);
});
