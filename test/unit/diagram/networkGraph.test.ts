import { describe, expect, it } from 'vitest';
import type { DiagramGraph, GraphBox } from '../../../src/core/diagram/graph';
import { networkGraph } from '../../../src/core/diagram/networkGraph';
import { networkId } from '../../../src/core/model/ids';
import type { FdbEntry } from '../../../src/core/model/link';
import { macOf, syntheticNetworkId, syntheticTopology, vtepOf, type SyntheticOptions } from './syntheticTopology';

function graph(options: SyntheticOptions): DiagramGraph {
  const made = networkGraph(syntheticTopology(options), syntheticNetworkId);
  if (!made) throw new Error('no graph');
  return made;
}

const ofKind = (made: DiagramGraph, kind: GraphBox['kind']): readonly GraphBox[] => made.boxes.filter((box) => box.kind === kind);
const box = (made: DiagramGraph, id: string): GraphBox | undefined => made.boxes.find((candidate) => candidate.id === id);

describe('the graph of a synthetic overlay', () => {
  it('has a box per host, and in it the sandbox with bridge, VXLAN device and ports, and every container with interface, IP and MAC', () => {
    const made = graph({ containers: [2, 1] });
    expect(ofKind(made, 'host').map((host) => host.lines[0])).toEqual(['docker1', 'docker2']);
    expect(ofKind(made, 'sandbox').map((sandbox) => sandbox.lines[0])).toEqual(['mynet01', 'mynet01']);
    expect(ofKind(made, 'vxlan').map((vxlan) => vxlan.lines)).toEqual([
      ['vxlan0', 'VNI 4097', 'UDP 4789 · MTU 1450'],
      ['vxlan0', 'VNI 4097', 'UDP 4789 · MTU 1450'],
    ]);
    expect(ofKind(made, 'bridge')).toHaveLength(2);
    expect(ofKind(made, 'container').map((container) => container.lines[0])).toEqual(['web1-001', 'web1-002', 'web2-001']);
    expect(ofKind(made, 'interface').map((link) => link.lines)).toEqual([
      ['eth0', '10.13.0.2', macOf(0, 0)],
      ['eth0', '10.13.0.3', macOf(0, 1)],
      ['eth0', '10.14.0.2', macOf(1, 0)],
    ]);
  });

  it('joins each interface to the port that is its peer, and each port to its bridge', () => {
    const made = graph({ containers: [2, 1] });
    const pairs = made.edges.filter((edge) => edge.kind === 'veth').map((edge) => [box(made, edge.from)?.lines[1], box(made, edge.to)?.lines[0]]);
    expect(pairs).toEqual([['10.13.0.2', 'veth00a00b'], ['10.13.0.3', 'veth01a00b'], ['10.14.0.2', 'veth00a01b']]);
    const bridged = made.edges.filter((edge) => edge.kind === 'bridgePort').map((edge) => [box(made, edge.from)?.lines[0], box(made, edge.to)?.lines[0]]);
    expect(bridged).toEqual([['vxlan0', 'br0'], ['veth00a00b', 'br0'], ['veth01a00b', 'br0'], ['vxlan0', 'br0'], ['veth00a01b', 'br0']]);
  });

  it('has one edge per VTEP pair, with the exact FDB rows of both directions and whom they lead to', () => {
    const made = graph({ containers: [2, 1] });
    const tunnels = made.edges.filter((edge) => edge.kind === 'vtep');
    expect(tunnels).toHaveLength(1);
    expect(tunnels[0]?.label).toBe('FDB rows: 1 →  ← 2');
    expect(tunnels[0]?.state).toBe('normal');
    expect(tunnels[0]?.facts).toEqual([
      { name: 'VTEPs', value: '192.168.56.101 ⇄ 192.168.56.102' },
      { name: 'docker1 → docker2 (web2-001)', value: '02:42:0a:01:00:00 dev vxlan0 dst 192.168.56.102 self permanent' },
      { name: 'docker2 → docker1 (web1-001)', value: '02:42:0a:00:00:00 dev vxlan0 dst 192.168.56.101 self permanent' },
      { name: 'docker2 → docker1 (web1-002)', value: '02:42:0a:00:00:01 dev vxlan0 dst 192.168.56.101 self permanent' },
    ]);
    expect(graph({ containers: [1, 1, 1, 1] }).edges.filter((edge) => edge.kind === 'vtep')).toHaveLength(6);
  });

  it('says at an interface which rows on other hosts lead to it', () => {
    const made = graph({ containers: [1, 1] });
    expect(ofKind(made, 'interface')[0]?.facts).toContainEqual({ name: 'FDB row on docker2', value: `${macOf(0, 0)} dev vxlan0 dst ${vtepOf(0)} self permanent` });
  });

  it('says which row is missing: at the member that it should lead to, at the interface, and at the tunnel', () => {
    const topology = syntheticTopology({ containers: [2, 1] });
    const rows = topology.hosts[1]?.sandboxes.find((sandbox) => sandbox.role === 'overlay')?.record.fdb as FdbEntry[];
    rows.splice(rows.findIndex((row) => row.mac === macOf(0, 1) && row.destination !== undefined), 1);
    const made = networkGraph(topology, syntheticNetworkId) as DiagramGraph;
    const missing = { name: 'FDB row on docker2', value: 'none: what is sent from there does not arrive' };
    expect(ofKind(made, 'container').filter(({ facts }) => facts.some(({ value }) => value === missing.value)).map(({ lines }) => lines[0])).toEqual(['web1-002']);
    expect(ofKind(made, 'interface')[1]?.facts).toContainEqual(missing);
    const [tunnel] = made.edges.filter((edge) => edge.kind === 'vtep');
    expect(tunnel?.label).toBe('FDB rows: 1 →  ← 1 of 2');
    expect(tunnel?.state).toBe('down');
    expect(tunnel?.facts).toContainEqual({ name: 'docker2 → docker1 (web1-002)', value: `no FDB row for ${macOf(0, 1)}` });
  });

  it('misses no row where all is flooded to a VTEP, or where the FDB was not read', () => {
    for (const rest of [[], [{ mac: '00:00:00:00:00:00', device: 'vxlan0', flags: ['self'], state: 'permanent', destination: vtepOf(0) }]]) {
      const topology = syntheticTopology({ containers: [1, 1] });
      const rows = topology.hosts[1]?.sandboxes.find((sandbox) => sandbox.role === 'overlay')?.record.fdb as FdbEntry[];
      rows.splice(0, rows.length, ...rest);
      const made = networkGraph(topology, syntheticNetworkId);
      expect(made?.edges.find((edge) => edge.kind === 'vtep')?.label).toBe(`FDB rows: 1 →  ← ${String(rest.length)}`);
    }
  });

  it('keeps the edge between two hosts where one has no rows, and says so', () => {
    const made = graph({ containers: [1, 1], withoutRows: 1 });
    const [tunnel] = made.edges.filter((edge) => edge.kind === 'vtep');
    expect(tunnel?.label).toBe('FDB rows: 1 →  ← 0');
    expect(tunnel?.state).toBe('unknown');
    expect(tunnel?.facts).toContainEqual({ name: 'docker2 → docker1', value: 'no FDB rows' });
  });

  it('draws a VTEP that belongs to no added host, and says that its side was not read', () => {
    const made = graph({ containers: [1, 1], strangerVtep: '192.168.56.200' });
    const stranger = ofKind(made, 'underlay').find((vtep) => vtep.parent === undefined);
    expect(stranger?.lines).toEqual(['192.168.56.200', 'host not added']);
    expect(made.edges.filter((edge) => edge.kind === 'vtep' && edge.to === stranger?.id).map((edge) => edge.label)).toEqual(['FDB rows: 1 →  ← not read', 'FDB rows: 1 →  ← not read']);
  });

  it('draws a host once that is there live and recorded: as the one whose network is asked for', () => {
    const topology = syntheticTopology({ containers: [2, 1, 2] });
    for (const [index, host] of topology.hosts.entries()) Object.assign(host.snapshot.engine!, { swarm: { nodeId: index === 1 ? 'b' : 'a' } });
    const hosts = (id: string): unknown => networkGraph(topology, networkId(id, 'n'.repeat(64)))?.boxes.filter(({ kind }) => kind === 'host').map(({ lines }) => lines[0]);
    expect(hosts('ssh://docker1')).toEqual(['docker1', 'docker2']);
    expect(hosts('ssh://docker2')).toEqual(['docker1', 'docker2']);
    expect(hosts('ssh://docker3')).toEqual(['docker2', 'docker3']);
  });

  it('is the same whichever host\'s network it is asked for', () => {
    const topology = syntheticTopology({ containers: [2, 1] });
    expect(networkGraph(topology, networkId('ssh://docker2', 'n'.repeat(64)))).toEqual(networkGraph(topology, syntheticNetworkId));
  });

  it('shows a host without a sandbox of the network as just that', () => {
    const made = graph({ containers: [1, 0] });
    expect(ofKind(made, 'network').map((note) => note.lines)).toEqual([['mynet01', 'no container here, so no sandbox']]);
  });

  it('shows a port whose peer was not read without inventing one', () => {
    const made = graph({ containers: [1], orphanPort: true });
    const orphan = ofKind(made, 'port').find((port) => port.lines[0] === 'vethlost');
    expect(orphan?.state).toBe('unknown');
    expect(orphan?.facts).toContainEqual({ name: 'Peer', value: 'lies in a namespace that was not read' });
    expect(made.edges.filter((edge) => edge.kind === 'veth' && edge.to === orphan?.id)).toEqual([]);
  });

  it('marks a pair that is down at both ends', () => {
    const made = graph({ containers: [2], linkDown: 'web1-002' });
    expect(made.edges.filter((edge) => edge.kind === 'veth').map((edge) => edge.state)).toEqual(['normal', 'down']);
  });

  it('titles a recorded host as one, with its moment; offers no Enter on it', () => {
    const topology = syntheticTopology({ containers: [1] });
    const rename = <Value>(value: Value): Value => (value instanceof Map ? (new Map([...value].map(([key, inner]) => [rename(key), rename(inner)])) as Value) : Array.isArray(value) ? (value.map(rename) as Value) : typeof value === 'string' ? (value.replaceAll('ssh://docker1', 'file:/tmp/a.json') as Value) : value !== null && typeof value === 'object' ? (Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, rename(inner)])) as Value) : value);
    const made = networkGraph(rename(topology), rename(syntheticNetworkId));
    const [host] = made?.boxes.filter(({ kind }) => kind === 'host') ?? [];
    expect(host?.lines).toEqual(['docker1 (recorded)']);
    expect(host?.facts).toContainEqual({ name: 'Recorded', value: '2026-01-01T00:00:00Z' });
    expect(made?.boxes.filter((candidate) => candidate.actions.includes('enter'))).toEqual([]);
    expect(box(graph({ containers: [1] }), 'ssh://docker1')?.facts.filter(({ name }) => name === 'Recorded')).toEqual([]);
    expect(graph({ containers: [1] }).boxes.filter((candidate) => candidate.actions.includes('enter')).map((candidate) => candidate.kind)).toEqual(['host', 'container', 'sandbox']);
  });

  it('answers undefined for a network that is not there', () => {
    expect(networkGraph(syntheticTopology({ containers: [1] }), 'gone')).toBeUndefined();
  });
});

describe('grouping of many containers on one synthetic host', () => {
  it('leaves up to 24 ungrouped', () => {
    expect(ofKind(graph({ containers: [24] }), 'group')).toEqual([]);
  });

  it('groups by swarm service and Compose service, and the rest in runs by name', () => {
    const made = graph({
      containers: [90],
      labels: (_host, index): Readonly<Record<string, string>> =>
        index < 10 ? { 'com.docker.swarm.service.name': 'front' } : index < 15 ? { 'com.docker.compose.project': 'shop', 'com.docker.compose.service': 'db' } : index === 15 ? { 'com.docker.swarm.service.name': 'alone' } : {},
    });
    expect(ofKind(made, 'group').map((group) => group.lines)).toEqual([
      ['front', '10 containers'],
      ['shop / db', '5 containers'],
      ['web1-016 – web1-065', '50 containers'],
      ['web1-066 – web1-090', '25 containers'],
    ]);
  });

  it('sorts names as people do', () => {
    const made = graph({ containers: [12], name: (_host, index) => `c${String(index + 1)}` });
    expect(ofKind(made, 'container').map((container) => container.lines[0])).toEqual(['c1', 'c2', 'c3', 'c4', 'c5', 'c6', 'c7', 'c8', 'c9', 'c10', 'c11', 'c12']);
  });
});

describe('the graph of synthetic networks of other drivers', () => {
  it('bridge: the root namespace with the bridge, its ports, and the way out by the default route', () => {
    const made = graph({ driver: 'bridge', containers: [2] });
    expect(ofKind(made, 'sandbox').map((sandbox) => sandbox.lines[0])).toEqual(['root namespace']);
    expect(ofKind(made, 'bridge').map((bridge) => bridge.lines[0])).toEqual(['docker0']);
    expect(made.edges.filter((edge) => edge.kind === 'veth')).toHaveLength(2);
    const [out] = made.edges.filter((edge) => edge.kind === 'attachment');
    expect(out?.facts).toEqual([{ name: 'Default route', value: 'via 192.168.56.1 dev eth0' }]);
  });

  it('macvlan: interfaces sit on the lower device', () => {
    const made = graph({ driver: 'macvlan', containers: [2] });
    const lower = ofKind(made, 'interface').find((candidate) => box(made, candidate.parent ?? '')?.kind === 'sandbox');
    expect(lower?.lines[0]).toBe('eth0');
    expect(made.edges.map((edge) => [edge.kind, edge.to])).toEqual([['parent', lower?.id], ['parent', lower?.id]]);
  });

  it('host: containers use the root namespace', () => {
    const made = graph({ driver: 'host', containers: [2] });
    const [root] = ofKind(made, 'sandbox');
    expect(made.edges.map((edge) => [edge.kind, edge.to])).toEqual([['attachment', root?.id], ['attachment', root?.id]]);
  });

  it('none: containers alone', () => {
    const made = graph({ driver: 'null', containers: [2] });
    expect(made.edges).toEqual([]);
    expect(ofKind(made, 'network').map((note) => note.lines[1])).toEqual(['loopback only, nothing is attached']);
  });
});
