import { readFileSync } from 'node:fs';
import ELK from 'elkjs/lib/elk.bundled.js';
import { describe, expect, it } from 'vitest';
import type { DiagramGraph } from '../../../src/core/diagram/graph';
import { hostGraph, surroundingsGraph } from '../../../src/core/diagram/hostGraph';
import { layoutGraph } from '../../../src/core/diagram/layout';
import { withOvsDrawn } from '../../../src/core/diagram/ovsView';
import { text } from '../../../src/core/diagram/text';
import { parseSnapshot } from '../../../src/core/model/snapshotSchema';
import type { Topology } from '../../../src/core/model/topology';
import { scanTable } from '../../../src/core/report/scanTable';
import { makerOf } from '../../../src/core/topology/makers';
import { buildTopology } from '../../../src/core/topology/buildTopology';
import { TreeModel } from '../../../src/ui/tree/treeModel';
import { present } from '../../../src/ui/tree/presentation';
import { aLink, aNamespace, aSnapshot, aVeth } from '../topology/builders';
import { crossings, edgesThroughBoxes, escapedBoxes, looseEdges, overlappingSiblings } from './geometry';

/** Both hosts of an experiment as they were read in the lab, less what has nothing to do with it. */
function experiment(number: 1 | 3): Topology {
  const json = JSON.parse(readFileSync(new URL(`../../fixtures/debian-12-openvswitch-3.1/experiment${String(number)}.json`, import.meta.url), 'utf8')) as unknown[];
  return buildTopology(json.map((each) => parseSnapshot(each)).map((snapshot) => ({ id: snapshot.hostId, label: snapshot.hostId.slice('ssh://'.length), snapshot })));
}
const [one, three] = [experiment(1), experiment(3)];

const need = (graph: DiagramGraph | undefined): DiagramGraph => {
  if (!graph) throw new Error('no graph');
  return graph;
};
const joined = (graph: DiagramGraph): readonly string[] => {
  const name = (id: string): string => graph.boxes.find((box) => box.id === id)?.lines[0]?.replace(/\d{3,}/, 'N') ?? '?';
  return graph.edges.map(({ kind, from, to }) => `${kind} ${name(from)} > ${name(to)}`).toSorted();
};

describe('Open vSwitch in a diagram', () => {
  it('is a bar beside the docker0 that its own device is a port of, with its tunnel to the other host', () => {
    const graph = need(hostGraph(one, 'ssh://node1'));
    expect(joined(graph)).toEqual(expect.arrayContaining(['bridgePort tapN > docker0', 'bridgePort br0 > docker0', 'bridgePort docker0 > br0', 'bridgePort gre0 > br0', 'underlay gre0 > 10.0.0.3', 'veth eth0 > tapN', 'vtep 10.0.0.3 > 10.0.0.4']));
    expect(graph.boxes.find(({ lines }) => lines[0] === '10.0.0.4')?.lines).toEqual(['10.0.0.4', 'node2', '⇄ gre0']);
    expect(graph.boxes.filter(({ lines }) => lines[0] === 'br-phy')[0]?.lines[1]).toBe('Open vSwitch (netdev) · MTU 1500 · 10.0.0.3/24');
  });

  it('has the containers on its ports, with their VLANs', () => {
    const graph = need(hostGraph(three, 'ssh://node1'));
    expect(joined(graph).filter((edge) => /tap/.test(edge))).toEqual(['bridgePort tapN · tag 10 > br0', 'bridgePort tapN · tag 20 > br0', 'veth eth0 > tapN · tag 10', 'veth eth0 > tapN · tag 20']);
  });

  it('is around a container on it, or on a bridge that it is a port of', () => {
    const around = (topology: Topology, name: string): string => text(need(surroundingsGraph(topology, [...topology.container.values()].find((each) => each.name === name)?.id ?? '')));
    expect(around(one, 'ovs-a')).toMatch(/bridge docker0 [^]*br0 ⇄ the Open vSwitch bridge br0[^]*bridge br0 {2}Open vSwitch \(netdev\)[^]*gre0[^]*10\.0\.0\.3 \(node1\) ⇄ 10\.0\.0\.4/);
    expect(around(three, 'ovs-a10')).toMatch(/bridge br0 [^]*tag 10 ⇄ eth0 of ovs-a10[^]*gre0[^]*10\.0\.0\.3 \(node1\) ⇄ 10\.0\.0\.4/);
  });

  it('is laid out without crossings, overlaps and loose ends, every edge drawn', async () => {
    for (const topology of [one, three]) {
      const graph = need(hostGraph(topology, 'ssh://node1'));
      const scene = await layoutGraph(graph, new ELK());
      expect([crossings(scene, 'veth'), crossings(scene, 'bridgePort'), edgesThroughBoxes(scene), escapedBoxes(scene), looseEdges(scene), overlappingSiblings(scene)].map((found) => JSON.stringify(found))).toEqual(Array(6).fill('[]'));
      expect(scene.edges.map(({ id }) => id).toSorted()).toEqual(graph.edges.map(({ id }) => id).toSorted());
    }
  });

  it("in the kernel's datapath, made up here, has its ports on the bridge and not on ovs-system, and no device that all its bridges share is drawn", () => {
    const uuid = (number: number): string => `00000000-0000-0000-0000-${String(number).padStart(12, '0')}`;
    const port = (number: number, name: string, type: string, options: Readonly<Record<string, string>> = {}) => ({ uuid: uuid(number), name, trunks: [], interfaces: [{ name, type, options, externalIds: {} }] });
    const links = [
      aLink(2, { name: 'ovs-system', kind: 'openvswitch' }),
      aLink(3, { name: 'br0', kind: 'openvswitch' }),
      aVeth(4, 5, 0, { name: 'tap9', master: 'ovs-system' }),
      aLink(6, { name: 'vxlan_sys_4789', kind: 'vxlan', master: 'ovs-system', vxlan: { vni: 0, port: 4789, learning: false, proxy: false, l2miss: false, l3miss: false } }),
    ];
    const snapshot = {
      ...aSnapshot([aNamespace(1, { links }), aNamespace(2, { paths: ['/run/netns/leaf'], links: [aVeth(5, 4, 0, { name: 'eth0' })] })]),
      ovs: { daemon: 'running' as const, bridges: [{ uuid: uuid(1), name: 'br0', datapathType: 'system', stp: false, externalIds: {}, ports: [port(2, 'br0', 'internal'), { ...port(3, 'tap9', ''), tag: 5 }, port(4, 'vx', 'vxlan', { remote_ip: '192.0.2.9' })] }] },
    };
    const graph = need(hostGraph(buildTopology([{ id: 'local', label: 'n', snapshot }]), 'local'));
    expect(joined(graph)).toEqual(expect.arrayContaining(['bridgePort tap9 · tag 5 > br0', 'bridgePort vx > br0', 'veth eth0 > tap9 · tag 5']));
    expect(graph.boxes.filter(({ lines }) => /ovs-system|vxlan_sys/.test(lines[0] ?? ''))).toEqual([]);
  });

  it("that no daemon has, as Weave's datapath (made up here, as the kernel tells it), is a bar that its veth pair joins to the bridge weave, with a tunnel whose VNI comes with each packet", () => {
    const links = [
      aLink(2, { name: 'datapath', kind: 'openvswitch', operState: 'UNKNOWN' }),
      aLink(3, { name: 'weave', kind: 'bridge' }),
      aVeth(4, 5, undefined, { name: 'vethwe-datapath', peerName: 'vethwe-bridge', master: 'datapath' }),
      aVeth(5, 4, undefined, { name: 'vethwe-bridge', peerName: 'vethwe-datapath', master: 'weave' }),
      aLink(6, { name: 'vxlan-6784', kind: 'vxlan', master: 'datapath', vxlan: { vni: 0, external: true, port: 6784, learning: false, proxy: false, l2miss: false, l3miss: false } }),
      aVeth(7, 8, 0, { name: 'vethwepl9', master: 'weave' }),
      // Nothing is on it: a device as any other.
      aLink(9, { name: 'lone', kind: 'openvswitch' }),
    ];
    const topology = buildTopology([{ id: 'local', label: 'n', snapshot: aSnapshot([aNamespace(1, { links }), aNamespace(2, { paths: ['/run/netns/pod'], links: [aVeth(8, 7, 0, { name: 'ethwe' })] })]) }]);
    const graph = need(hostGraph(topology, 'local'));
    expect(joined(graph)).toEqual(expect.arrayContaining(['bridgePort datapath > weave', 'bridgePort vethwe-datapath > datapath', 'bridgePort vethwe-bridge > weave', 'bridgePort vxlan-N > datapath', 'veth ethwe > vethwepl9']));
    expect(graph.boxes.filter(({ kind }) => kind === 'bridge').map(({ lines }) => lines)).toEqual([['datapath', 'Open vSwitch datapath · MTU 1500'], ['weave', 'MTU 1500']]);
    expect(graph.boxes.find(({ lines }) => lines[0] === 'vxlan-6784')?.lines[1]).toBe('VNI by packet');
    expect([...topology.link.values()].map((node) => [node.link.name, makerOf(topology, node)?.name]).filter(([, maker]) => maker === 'Weave').map(([name]) => name)).toEqual(['datapath', 'weave', 'vethwe-datapath', 'vethwe-bridge', 'vxlan-6784', 'vethwepl9', 'ethwe']);
  });

  it('is in the picture alone: the model has no device that the host has not', () => {
    const devices = (topology: Topology): number => [...topology.link.values()].filter(({ link }) => link.ifindex === 0).length;
    expect(devices(one)).toBe(0);
    expect(devices(withOvsDrawn(one))).toBeGreaterThan(0);
    const without = buildTopology([{ id: 'local', label: 'n', snapshot: { ...one.hosts[0]!.snapshot, ovs: { daemon: 'running', bridges: [] } } }]);
    expect(withOvsDrawn(without)).toBe(without);
  });
});

describe('Open vSwitch elsewhere', () => {
  it('is in the table of a scan', () => {
    const table = scanTable(three);
    expect(table).toMatch(/BRIDGE +DATAPATH +PORT +TYPE +VLAN +OPTIONS +STATE +LEADS TO\n/);
    expect(table).toMatch(/br0 +- +tap\d+ +device +tag 10 +- +up +eth0 in ovs-a10\n/);
    expect(table).toMatch(/gre0 +gre +\* → 10\.0\.0\.4 +gre0 on node2\n/);
  });

  it('is a category of the tree with bridges and their ports, and its tunnels are among the tunnels', () => {
    const model = new TreeModel({ topology: three, hosts: three.hosts.map(({ id, label }) => ({ id, label, address: { kind: 'ssh', host: label }, state: 'ready' })) as never });
    const t = (text_: string, ...values: readonly unknown[]): string => text_.replace(/\{(\d+)\}/g, (_, at: string) => String(values[Number(at)]));
    const rows = (path: readonly string[]): readonly string[] => {
      let nodes = model.children(undefined);
      for (const label of path) nodes = model.children(nodes.find((node) => present(node, model, t).label === label));
      return nodes.map((node) => present(node, model, t)).map(({ label, description }) => `${label} | ${description ?? ''}`.replace(/tap\d+/, 'tapN'));
    };
    expect(rows(['node1'])).toContain('Open vSwitch | 2');
    expect(rows(['node1', 'Open vSwitch'])).toEqual(['br-phy | netdev · 2 ports', 'br0 | netdev · 4 ports']);
    expect(rows(['node1', 'Open vSwitch', 'br0'])).toEqual([
      'br0 | internal · up',
      'gre0 ⇄ gre0 on node2 | gre · * → 10.0.0.4 · up',
      'tapN ⇄ eth0 in ovs-a10 | tag 10 · device · up',
      'tapN ⇄ eth0 in ovs-a20 | tag 20 · device · up',
    ]);
    expect(rows(['node1', 'Tunnels'])).toEqual(['gre0 ⇄ gre0 on node2 | * → 10.0.0.4 · gre · port of br0']);
    const port = [...three.ovsPort.values()].find(({ port: { name } }) => name === 'gre0');
    expect(model.find(port?.id ?? '')?.parent?.modelId).toBe(port?.bridgeId);
  });
});
