import { readFileSync } from 'node:fs';
import ELK from 'elkjs/lib/elk.bundled.js';
import { describe, expect, it } from 'vitest';
import { crowdSnapshot } from '../../bench/vscode/crowd';
import type { DiagramGraph } from '../../../src/core/diagram/graph';
import { hostGraph, surroundingsGraph } from '../../../src/core/diagram/hostGraph';
import { layoutGraph } from '../../../src/core/diagram/layout';
import { subjectHosts, subjectName } from '../../../src/core/diagram/subject';
import { subjectGraph } from '../../../src/core/diagram/subjectGraph';
import type { Link } from '../../../src/core/model/link';
import type { Snapshot } from '../../../src/core/model/snapshot';
import type { Topology } from '../../../src/core/model/topology';
import { buildTopology } from '../../../src/core/topology/buildTopology';
import { aLink, aNamespace, aSnapshot, aVeth } from '../topology/builders';
import { crossings, edgesThroughBoxes, escapedBoxes, looseEdges, overlappingSiblings } from './geometry';
import { syntheticTopology } from './syntheticTopology';

const engine = new ELK();
const recorded = JSON.parse(readFileSync(new URL('../../../media/sample/node1.json', import.meta.url), 'utf8')) as Snapshot;
const recordedTopology = buildTopology([{ id: recorded.hostId, label: 'node1', snapshot: recorded }]);
const crowded = ['ssh://big0', 'ssh://big1'].map((id, host) => ({ id, label: `big${String(host)}`, snapshot: crowdSnapshot(host, [{ name: 'crowd', vni: 4100, containers: 600 }, { name: 'small', vni: 4101, containers: 8 }]) }));
const crowd = buildTopology(crowded);
const global = (address: string): Link['addresses'] => [{ family: 'inet', address, prefixLength: 24, scope: 'global' }];

/** A root namespace with bridge, bond, VLAN, GRE and VXLAN; a router that is joined to it and to another namespace; empty ones. */
const wired = buildTopology([
  {
    id: 'local',
    label: 'wired',
    snapshot: aSnapshot([
      aNamespace(1, {
        links: [
          aLink(1, { name: 'lo', linkType: 'loopback' }),
          aLink(2, { name: 'eth0', addresses: global('192.168.1.1') }),
          aLink(3, { name: 'bond0', kind: 'bond', bond: { mode: 'active-backup' } }),
          aLink(4, { name: 'eth0.5', kind: 'vlan', peerIfindex: 2, peerName: 'eth0', vlan: { id: 5, protocol: '802.1Q' } }),
          aLink(5, { name: 'br0', kind: 'bridge' }),
          aLink(6, { name: 'gre1', kind: 'gretap', master: 'br0', tunnel: { local: '192.168.1.1', remote: '192.168.1.2', ttl: 0 } }),
          aLink(7, { name: 'vx5', kind: 'vxlan', vxlan: { vni: 5, port: 4789, local: '192.168.1.1', remote: '239.1.1.1', learning: true, proxy: false, l2miss: false, l3miss: false } }),
          aVeth(8, 10, 1, { name: 'to-router', master: 'br0' }),
        ],
        routes: [{ family: 'inet', destination: 'default', type: 'unicast', table: 'main', gateway: '192.168.1.254', device: 'eth0' }],
      }),
      aNamespace(2, { paths: ['/run/netns/router'], links: [aVeth(10, 8, 0, { name: 'up', addresses: global('10.0.0.2') }), aVeth(11, 12, 1, { name: 'down', addresses: global('10.1.0.1') })] }),
      aNamespace(3, { paths: ['/run/netns/leaf'], links: [aVeth(12, 11, 0, { name: 'eth0', addresses: global('10.1.0.2') })] }),
      aNamespace(4, { paths: ['/run/netns/empty'], links: [aLink(1, { name: 'lo', linkType: 'loopback' })] }),
      aNamespace(5, { paths: ['/run/netns/vpn'], links: [aLink(2, { name: 'wg0', kind: 'wireguard' })] }),
    ]),
  },
]);

function need(graph: DiagramGraph | undefined): DiagramGraph {
  if (!graph) throw new Error('no graph');
  return graph;
}
const ofKind = (graph: DiagramGraph, kind: string): readonly string[] => graph.boxes.filter((box) => box.kind === kind).map((box) => box.lines[0] ?? '');
const joined = (graph: DiagramGraph, kind: string): readonly string[] => {
  const name = (id: string): string => graph.boxes.find((box) => box.id === id)?.lines[0] ?? '?';
  return graph.edges.filter((edge) => edge.kind === kind).map((edge) => `${name(edge.from)} > ${name(edge.to)}`);
};
const idOf = (topology: Topology, title: string): string => [...topology.sandbox.values()].find((sandbox) => sandbox.title === title)?.id ?? '';
const everything: ReadonlySet<string> = Object.assign(new Set<string>(), { has: () => true });

describe('the diagram of a whole host', () => {
  it('shows every namespace, every bridge and every veth pair across namespaces of a recorded host', () => {
    const graph = need(hostGraph(recordedTopology, recorded.hostId, everything));
    const host = recordedTopology.hosts[0]!;
    const shown = new Set(graph.boxes.flatMap((box) => [box.modelId ?? '', ...(box.aliases ?? [])]));
    expect(host.sandboxes.filter(({ id }) => !shown.has(id)).map(({ title }) => title)).toEqual([]);
    const bridges = host.sandboxes.flatMap(({ links }) => links.filter(({ link }) => link.kind === 'bridge'));
    expect(bridges.length).toBeGreaterThan(3);
    expect(bridges.filter(({ id }) => !shown.has(id))).toEqual([]);
    const pairs = new Set(
      host.sandboxes.flatMap(({ links }) =>
        links.flatMap(({ id, sandboxId, link, peer }) => (link.kind === 'veth' && peer?.state === 'resolved' && recordedTopology.link.get(peer.linkId)?.sandboxId !== sandboxId ? [[id, peer.linkId].sort().join()] : [])),
      ),
    );
    expect(graph.edges.filter(({ kind }) => kind === 'veth')).toHaveLength(pairs.size);
  });

  it('shows bond, VLAN, tunnels with their far ends, a router between namespaces, and what is attached to nothing', () => {
    const graph = need(hostGraph(wired, 'local'));
    expect(ofKind(graph, 'host')).toEqual(['wired', 'wired · router']);
    expect(joined(graph, 'veth')).toEqual(['up > to-router', 'eth0 > down']);
    expect(ofKind(graph, 'underlay').toSorted()).toEqual(['192.168.1.2', '239.1.1.1', 'eth0']);
    expect(joined(graph, 'vtep').toSorted()).toEqual(['eth0 > 192.168.1.2', 'eth0 > 239.1.1.1']);
    expect(joined(graph, 'underlay').toSorted()).toEqual(['gre1 > eth0', 'vx5 > eth0']);
    expect(joined(graph, 'bridgePort')).toContain('gre1 > br0');
    expect(graph.boxes.find((box) => box.lines[0] === 'eth0.5')?.lines[1]).toContain('VLAN 5 · on eth0');
    expect(ofKind(graph, 'container')).toEqual(['router', 'leaf', 'vpn']);
    expect(graph.boxes.filter((box) => box.kind === 'network').map((box) => box.lines)).toEqual([['1 namespace with loopback only', 'empty']]);
  });

  it('folds 300 containers on one bridge, and shows them in groups when that was asked for', () => {
    const folded = need(hostGraph(crowd, 'ssh://big0'));
    const fold = folded.boxes.find((box) => box.kind === 'container' && box.fold);
    expect(fold?.lines).toEqual(['300 containers']);
    expect(folded.boxes.length).toBeLessThan(40);
    const opened = need(hostGraph(crowd, 'ssh://big0', new Set([fold?.fold?.key ?? ''])));
    expect(ofKind(opened, 'container')).toHaveLength(304);
    expect(opened.boxes.filter((box) => box.kind === 'group').map((box) => [box.lines[1], box.fold?.open])).toEqual(Array<unknown>(6).fill(['50', true]));
  });

  it('draws 300 containers within a second', async () => {
    const start = performance.now();
    await layoutGraph(need(hostGraph(crowd, 'ssh://big0', everything)), engine);
    expect(performance.now() - start).toBeLessThan(1000);
  });

  it('is not there for a host that is not', () => {
    expect(hostGraph(crowd, 'ssh://nobody')).toBeUndefined();
  });
});

describe('the diagram of what is around a container', () => {
  it('shows its interface, its bridge with the neighbours folded, the tunnel and its far end', () => {
    const container = crowd.hosts[0]!.containers.find(({ name }) => name === 'crowd-2')!;
    const graph = need(surroundingsGraph(crowd, container.id));
    expect(graph.title).toBe('Around crowd-2 on big0');
    expect(ofKind(graph, 'container').toSorted()).toEqual(['299 neighbours', 'crowd-2']);
    expect(ofKind(graph, 'bridge')).toEqual(['br0']);
    expect(graph.boxes.filter((box) => box.parent === undefined && box.kind === 'underlay').map((box) => box.lines)).toEqual([['192.0.2.12', 'big1', '⇄ vxlan0 in crowd', '→ crowd-3', '→ crowd-5', 'and 298 more']]);
  });

  it('shows what it is published by, and its gateway, on a recorded host', () => {
    const container = recordedTopology.hosts[0]!.containers.find(({ engine: { ports } }) => ports.some(({ publicPort }) => publicPort !== undefined))!;
    const graph = need(surroundingsGraph(recordedTopology, container.id));
    const published = container.engine.ports.find(({ publicPort }) => publicPort !== undefined)!;
    expect(graph.boxes.flatMap((box) => box.lines).join('\n')).toContain(`:${String(published.publicPort)} → ${String(published.privatePort)}/tcp`);
    expect(graph.boxes.flatMap((box) => box.lines).join('\n')).toMatch(/default via \d+\.\d+\.\d+\.\d+/);
    expect(graph.boxes.filter((box) => box.kind === 'bridge')).toHaveLength(1);
  });

  it('of a namespace without an engine, and of one with nothing', () => {
    const router = need(surroundingsGraph(wired, idOf(wired, 'router')));
    expect(joined(router, 'veth')).toEqual(['up > to-router', 'eth0 > down']);
    expect(ofKind(need(surroundingsGraph(wired, idOf(wired, 'empty'))), 'network')).toEqual(['loopback only, nothing is attached']);
  });

  it('does not deny what could not be told: of two pairs with the same indexes nobody knows which is whose', () => {
    const pairs = [5, 6, 7, 8].map((inode, at) => aNamespace(inode, { paths: [`/run/netns/d${String(at)}`], links: [aVeth(2, 2, 0, { name: 'eth0' })] }));
    const twins = buildTopology([{ id: 'local', label: 'twins', snapshot: aSnapshot([aNamespace(1), ...pairs]) }]);
    expect(ofKind(need(surroundingsGraph(twins, idOf(twins, 'd0'))), 'network')).toEqual(['where it is attached could not be told']);
    const alone = buildTopology([{ id: 'local', label: 'alone', snapshot: aSnapshot([aNamespace(1), aNamespace(5, { paths: ['/run/netns/d0'], links: [aLink(2, { name: 'wg0', kind: 'wireguard' })] })]) }]);
    expect(ofKind(need(surroundingsGraph(alone, idOf(alone, 'd0'))), 'network')).toEqual(['attached to no other namespace']);
  });

  it('of a container of the network "host"', () => {
    const topology = syntheticTopology({ driver: 'host', containers: [2] });
    const graph = need(surroundingsGraph(topology, topology.hosts[0]!.containers[0]!.id));
    expect(joined(graph, 'attachment')).toHaveLength(1);
  });
});

describe('the layout of a host and of surroundings', () => {
  const graphs: Readonly<Record<string, () => DiagramGraph | undefined>> = {
    'a recorded host': () => hostGraph(recordedTopology, recorded.hostId),
    'a recorded host, all opened': () => hostGraph(recordedTopology, recorded.hostId, everything),
    'every kind of device': () => hostGraph(wired, 'local'),
    'a crowd': () => hostGraph(crowd, 'ssh://big0'),
    'a crowd, all opened': () => hostGraph(crowd, 'ssh://big0', everything),
    macvlan: () => hostGraph(syntheticTopology({ driver: 'macvlan', containers: [6] }), 'ssh://docker1'),
    'many on a macvlan': () => hostGraph(syntheticTopology({ driver: 'macvlan', containers: [60] }), 'ssh://docker1'),
    'a bridge with an orphan port': () => hostGraph(syntheticTopology({ driver: 'bridge', containers: [7], orphanPort: true }), 'ssh://docker1'),
    'names that are too long': () => hostGraph(syntheticTopology({ driver: 'bridge', containers: [4], name: (_host, index) => `${'a-very-long-name-'.repeat(6)}${String(index)}` }), 'ssh://docker1'),
    'around a router': () => surroundingsGraph(wired, idOf(wired, 'router')),
    'around an empty namespace': () => surroundingsGraph(wired, idOf(wired, 'empty')),
    ...Object.fromEntries(recordedTopology.hosts[0]!.containers.filter(({ sandboxId }) => sandboxId !== undefined).map(({ id, name }) => [`around ${name}`, () => surroundingsGraph(recordedTopology, id)])),
  };
  for (const [name, graphOf] of Object.entries(graphs)) {
    it(`gives all a place, apart and inside their parents, without crossings: ${name}`, async () => {
      const graph = need(graphOf());
      const made = await layoutGraph(graph, engine);
      expect(new Set(made.boxes.map((box) => box.id))).toEqual(new Set(graph.boxes.map((box) => box.id)));
      expect(graph.edges.filter(({ id }) => !made.edges.some((edge) => edge.id === id)).map(({ id }) => id)).toEqual([]);
      expect(overlappingSiblings(made)).toEqual([]);
      expect(escapedBoxes(made)).toEqual([]);
      expect(looseEdges(made)).toEqual([]);
      expect(crossings(made, 'veth')).toEqual([]);
      expect(crossings(made, 'vtep')).toEqual([]);
      expect(edgesThroughBoxes(made)).toEqual([]);
    });
  }

  it('stands in rows where one would be too wide to read', async () => {
    const made = await layoutGraph(need(hostGraph(recordedTopology, recorded.hostId)), engine);
    expect(new Set(made.boxes.filter(({ kind }) => kind === 'host').map(({ y }) => y)).size).toBeGreaterThan(1);
    expect(made.width).toBeLessThan(made.height * 2.5);
  });
});

describe('the subject of a diagram', () => {
  it('is a network, a host, a container or a namespace', () => {
    const [host] = recordedTopology.hosts;
    for (const id of [host!.id, host!.networks[0]!.id, host!.containers.find(({ sandboxId }) => sandboxId !== undefined)!.id, host!.sandboxes[0]!.id]) {
      expect(subjectGraph(recordedTopology, id)?.boxes.length).toBeGreaterThan(0);
      expect(subjectHosts(recordedTopology, id).map(({ id: each }) => each)).toEqual([host!.id]);
      expect(subjectName(recordedTopology, id)).toBeDefined();
    }
    expect(subjectGraph(recordedTopology, 'gone')).toBeUndefined();
    expect(subjectHosts(recordedTopology, 'gone')).toEqual([]);
  });
});
