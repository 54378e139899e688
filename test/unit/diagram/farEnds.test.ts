import ELK from 'elkjs/lib/elk.bundled.js';
import { describe, expect, it } from 'vitest';
import { crowdSnapshot } from '../../bench/vscode/crowd';
import type { DiagramGraph } from '../../../src/core/diagram/graph';
import { hostGraph, surroundingsGraph } from '../../../src/core/diagram/hostGraph';
import { layoutGraph } from '../../../src/core/diagram/layout';
import { text } from '../../../src/core/diagram/text';
import type { FdbEntry, Link } from '../../../src/core/model/link';
import type { Topology } from '../../../src/core/model/topology';
import { buildTopology } from '../../../src/core/topology/buildTopology';
import { crossings, edgesThroughBoxes, overlappingSiblings } from './geometry';
import { aContainer, aLink, aNamespace, aNetwork, anEngine, anId, aSnapshot, aVeth } from '../topology/builders';

const address = (local: string, prefixLength = 24): Link['addresses'] => [{ family: local.includes(':') ? 'inet6' : 'inet', address: local, prefixLength, scope: 'global' }];
const gre = (name: string, local: string, remote: string, more: Partial<Link> = {}): Link => aLink(Number(name.replace(/\D/g, '')) + 20, { name, kind: 'gretap', master: 'br0', tunnel: { local, remote, ttl: 0 }, ...more });
const row = (mac: string, device: string, more: Partial<FdbEntry> = {}): FdbEntry => ({ mac, device, flags: [], state: '', ...more });

/** A host with these tunnels on the bridge br0 of its root namespace, and one container on that bridge. */
function host(name: string, own: string, tunnels: readonly Link[], fdb: readonly FdbEntry[] = []): Parameters<typeof buildTopology>[0][number] {
  const last = Number(own.split('.').at(-1) ?? 0);
  const mac = `02:42:0a:00:00:0${String(last)}`;
  const container = aContainer(`c${String(last)}`, { name: `box${String(last)}`, sandboxKey: '/run/docker/netns/box' });
  const network = aNetwork(anId('n'), { name: 'net', endpoints: [{ containerId: container.id, name: container.name, mac, ipv4: `10.1.0.${String(last)}/24` } as never] });
  const snapshot = aSnapshot(
    [
      aNamespace(1, { links: [aLink(2, { name: 'eth0', addresses: address(own) }), aLink(3, { name: 'br0', kind: 'bridge' }), aVeth(4, 5, 1, { name: 'port', master: 'br0' }), ...tunnels], fdb }),
      aNamespace(2, { links: [aVeth(5, 4, 0, { name: 'eth0', mac, addresses: address(`10.1.0.${String(last)}`) })], paths: ['/run/docker/netns/box'] }),
    ],
    anEngine([network], [container]),
  );
  return { id: `ssh://${name}`, label: name, snapshot };
}

const need = (graph: DiagramGraph | undefined): DiagramGraph => {
  if (!graph) throw new Error('no graph');
  return graph;
};
const farBoxes = (graph: DiagramGraph): readonly (readonly string[])[] => graph.boxes.filter(({ kind, parent }) => kind === 'underlay' && parent === undefined).map(({ lines }) => lines);
const around = (topology: Topology, name: string, open?: ReadonlySet<string>): DiagramGraph => need(surroundingsGraph(topology, [...topology.container.values()].find((each) => each.name === name)?.id ?? '', open));

describe("a tunnel's far end, where its host was read too", () => {
  const pair = buildTopology([
    host('node1', '192.0.2.1', [gre('gre1', '192.0.2.1', '192.0.2.2')], [row('02:42:0a:00:00:02', 'gre1'), row('02:42:0a:00:00:77', 'gre1', { state: 'permanent' })]),
    host('node2', '192.0.2.2', [gre('gre7', '192.0.2.2', '192.0.2.1')]),
  ]);

  it('is named with its other half and what the bridge learned to be behind it, of the whole host and around a container, as text too', () => {
    for (const graph of [need(hostGraph(pair, 'ssh://node1')), around(pair, 'box1')]) {
      expect(farBoxes(graph)).toEqual([['192.0.2.2', 'node2', '⇄ gre7', '→ box2']]);
      const words = text(graph);
      expect(words).toContain('(node1) ⇄ 192.0.2.2 (node2)\n');
      expect(words).toContain('    Other half: gre7 on node2\n');
      expect(words).toContain('    FDB row (box2): 02:42:0a:00:00:02 dev gre1\n');
      expect(graph.boxes.find(({ lines }) => lines[0] === '192.0.2.2')).toMatchObject({ modelId: expect.stringContaining('node2') as string, actions: ['reveal'] });
    }
  });

  it('is only an address where its host was not read', () => {
    const alone = buildTopology([host('node1', '192.0.2.1', [gre('gre1', '192.0.2.1', '192.0.2.2')])]);
    expect(farBoxes(need(hostGraph(alone, 'ssh://node1')))).toEqual([['192.0.2.2', 'not an added host']]);
  });

  it('says what is wrong: no such device there, or one that does not fit', () => {
    const missing = buildTopology([host('node1', '192.0.2.1', [gre('gre1', '192.0.2.1', '192.0.2.2')]), host('node2', '192.0.2.2', [])]);
    expect(farBoxes(need(hostGraph(missing, 'ssh://node1')))).toEqual([['192.0.2.2', 'node2', '⇄ no such device there']]);
    const keyed = { tunnel: { local: '192.0.2.2', remote: '192.0.2.1', ttl: 0, inputKey: '0.0.0.5', outputKey: '0.0.0.5' } };
    const graph = need(hostGraph(buildTopology([host('node1', '192.0.2.1', [gre('gre1', '192.0.2.1', '192.0.2.2')]), host('node2', '192.0.2.2', [gre('gre7', '192.0.2.2', '192.0.2.1', keyed)])]), 'ssh://node1'));
    expect(farBoxes(graph)).toEqual([['192.0.2.2', 'node2', '⇄ gre7, which does not fit']]);
    expect(graph.edges.find(({ kind }) => kind === 'vtep')).toMatchObject({ state: 'down' });
    expect(text(graph)).toContain('does not fit: key sent none here, 0.0.0.5 there');
  });

  it('is one box for the tunnels that lead there, which says whose half is whose', () => {
    const both = buildTopology([
      host('node1', '192.0.2.1', [gre('gre1', '192.0.2.1', '192.0.2.2'), gre('ipip2', '192.0.2.1', '192.0.2.2', { kind: 'ipip' })]),
      host('node2', '192.0.2.2', [gre('gre7', '192.0.2.2', '192.0.2.1'), gre('ipip8', '192.0.2.2', '192.0.2.1', { kind: 'ipip' })]),
    ]);
    expect(farBoxes(need(hostGraph(both, 'ssh://node1')))).toEqual([['192.0.2.2', 'node2', 'gre1 ⇄ gre7', 'ipip2 ⇄ ipip8']]);
  });

  it('of eight tunnels over one address names two and the number of the rest', () => {
    const names = [1, 2, 3, 4, 5, 6, 7, 8].map((at) => `vni${String(at)}`);
    const vxlan = (name: string, remote: string): Link => aLink(Number(name.slice(3)) + 20, { name, kind: 'vxlan', vxlan: { vni: Number(name.slice(3)), port: 4789, remote, learning: true, proxy: false, l2miss: false, l3miss: false } });
    const many = buildTopology([host('node1', '192.0.2.1', names.map((name) => vxlan(name, '192.0.2.2'))), host('node2', '192.0.2.2', names.map((name) => vxlan(name, '192.0.2.1')))]);
    expect(farBoxes(need(hostGraph(many, 'ssh://node1')))).toEqual([['192.0.2.2', 'node2', 'vni1 ⇄ vni1', 'vni2 ⇄ vni2', 'and 6 more']]);
  });
});

describe('many far ends', () => {
  const remotes = Array.from({ length: 14 }, (_, at) => `192.0.2.${String(at + 20)}`);
  const hub = buildTopology([host('hub', '192.0.2.1', remotes.map((remote, at) => gre(`gre${String(at)}`, '192.0.2.1', remote))), host('spoke', '192.0.2.20', [gre('gre99', '192.0.2.20', '192.0.2.1')])]);

  it('of as many tunnels are one box that names some, and tells all in its facts', async () => {
    const graph = need(hostGraph(hub, 'ssh://hub'));
    expect(farBoxes(graph)).toEqual([['14 far ends', 'of 14 tunnels', 'spoke, 192.0.2.21, 192.0.2.22 …']]);
    const box = graph.boxes.find(({ lines }) => lines[0] === '14 far ends');
    expect(box?.facts[0]?.value).toBe('192.0.2.20 · spoke · gre0 ⇄ gre99');
    expect(graph.edges.filter(({ kind }) => kind === 'vtep').map(({ label }) => label)).toEqual(['14 far ends']);
    const opened = need(hostGraph(hub, 'ssh://hub', new Set([box?.fold?.key ?? ''])));
    expect(farBoxes(opened)).toHaveLength(14);
    expect(crossings(await layoutGraph(opened, new ELK()), 'vtep')).toEqual([]);
  });
});

it('200 containers on 20 bridges are a box for each bridge, fewer stand by themselves', () => {
  const crowdOn = (each: number): DiagramGraph => {
    const at = Array.from({ length: 20 * each }, (_, index) => index);
    const root = aNamespace(1, { links: [...Array.from({ length: 20 }, (_, index) => aLink(1000 + index, { name: `br${String(index)}`, kind: 'bridge' })), ...at.map((index) => aVeth(2000 + index, 5000 + index, index, { name: `v${String(index)}`, master: `br${String(index % 20)}` }))] });
    return need(hostGraph(buildTopology([{ id: 'local', label: 'here', snapshot: aSnapshot([root, ...at.map((index) => aNamespace(10 + index, { paths: [`/run/netns/c${String(index)}`], links: [aVeth(5000 + index, 2000 + index, 0, { name: 'eth0' })] }))]) }]), 'local'));
  };
  expect(crowdOn(10).boxes.filter(({ kind }) => kind === 'container').map(({ lines }) => lines[0])).toEqual(Array(20).fill('10 namespaces'));
  expect(crowdOn(2).boxes.filter(({ kind }) => kind === 'container')).toHaveLength(40);
});

describe('the far end of a synthetic overlay with 300 members on each host', () => {
  const crowd = buildTopology(['ssh://big0', 'ssh://big1'].map((id, at) => ({ id, label: `big${String(at)}`, snapshot: crowdSnapshot(at, [{ name: 'crowd', vni: 4100, containers: 600 }]) })));

  it('lists a few FDB rows with their owners, and all of them once it is opened', () => {
    const rows = (graph: DiagramGraph): readonly string[] => text(graph).split('\n').filter((line) => line.includes('FDB row'));
    const folded = around(crowd, 'crowd-2');
    expect(rows(folded)).toHaveLength(11);
    expect(rows(folded)[0]).toMatch(/FDB row \(crowd-\d+\): 02:42:.* dst 192\.0\.2\.12/);
    expect(rows(folded).at(-1)).toBe('    FDB row: and 290 more rows');
    const key = folded.boxes.find(({ lines }) => lines[0] === '192.0.2.12')?.fold?.key ?? '';
    expect(rows(around(crowd, 'crowd-2', new Set([key])))).toHaveLength(300);
  });
});

describe('words of the text form', () => {
  it('call an uplink an uplink and published ports by their name', () => {
    const container = aContainer('p', { name: 'shop', sandboxKey: '/run/docker/netns/box', ports: [{ ip: '::', publicPort: 8080, privatePort: 80, type: 'tcp' }, { ip: '0.0.0.0', publicPort: 8080, privatePort: 80, type: 'tcp' }] });
    const snapshot = aSnapshot(
      [
        aNamespace(1, { links: [aLink(2, { name: 'eth0', addresses: address('192.0.2.1') }), aLink(3, { name: 'br0', kind: 'bridge' }), aVeth(4, 5, 1, { name: 'port', master: 'br0' })], routes: [{ family: 'inet', destination: 'default', type: 'unicast', table: 'main', gateway: '192.0.2.254', device: 'eth0' }] }),
        aNamespace(2, { links: [aVeth(5, 4, 0, { name: 'eth0' })], paths: ['/run/docker/netns/box'] }),
      ],
      anEngine([], [container]),
    );
    const words = text(around(buildTopology([{ id: 'local', label: 'here', snapshot }]), 'shop'));
    expect(words).toContain('\n  Uplink eth0  192.0.2.1/24 · MTU 1500  default via 192.0.2.254\n');
    expect(words).toContain('\nPublished ports\n  [::]:8080 → 80/tcp  of shop, reached by eth0\n  0.0.0.0:8080 → 80/tcp  of shop, reached by eth0\n');
    expect(words).not.toMatch(/VTEP|Tunnels/);
  });

  it('fold a container’s neighbours from four on, and say what they are and where', () => {
    const neighbours = (count: number): DiagramGraph => {
      const pairs = Array.from({ length: count + 1 }, (_, at) => aNamespace(10 + at, { paths: [`/run/netns/n${String(at)}`], links: [aVeth(50 + at, 100 + at, 0, { name: 'eth0' })] }));
      const root = aNamespace(1, { links: [aLink(3, { name: 'br0', kind: 'bridge' }), ...pairs.map((_, at) => aVeth(100 + at, 50 + at, at, { name: `port${String(at)}`, master: 'br0' }))] });
      const topology = buildTopology([{ id: 'local', label: 'here', snapshot: aSnapshot([root, ...pairs]) }]);
      return need(surroundingsGraph(topology, [...topology.sandbox.values()].find(({ title }) => title === 'n0')?.id ?? ''));
    };
    const cells = (graph: DiagramGraph): readonly string[] => graph.boxes.filter(({ kind }) => kind === 'container').map(({ lines }) => lines.join());
    expect(cells(neighbours(3)).toSorted()).toEqual(['n0', 'n1', 'n2', 'n3']);
    const folded = neighbours(4);
    expect(cells(folded).toSorted()).toEqual(['4 neighbours', 'n0']);
    expect(text(folded)).toContain('  4 neighbours  on br0  n1 …  … n4\n');
  });
});

describe('a device whose other end is not on its host', () => {
  const root = (inode: number, at: number): ReturnType<typeof aNamespace> => aNamespace(inode, { links: [aVeth(2, 10 + at, 3, { name: 'eth0', mac: `02:00:00:00:00:0${String(at)}`, addresses: address(`192.0.2.${String(at)}`) })] });
  const node = (at: number): Parameters<typeof buildTopology>[0][number] => ({ id: `ssh://n${String(at)}`, label: `n${String(at)}`, snapshot: aSnapshot([root(100 + at, at)], undefined, { host: { ...aSnapshot([]).host, initNamespace: `4:${String(100 + at)}`, ownNamespace: `4:${String(100 + at)}` } }) });
  const machine = (mac: string): Parameters<typeof buildTopology>[0][number] => ({
    id: 'local', label: 'machine',
    snapshot: aSnapshot([aNamespace(1, { links: [aLink(5, { name: 'lab0', kind: 'bridge' }), aVeth(11, 2, 1, { name: 'to-n1', master: 'lab0' }), aVeth(12, 2, 2, { name: 'to-n2', master: 'lab0' })] }), { ...root(101, 1), paths: ['/run/netns/n1'], links: [{ ...root(101, 1).links[0]!, mac, linkNetnsId: 0 }] }, { ...root(102, 2), paths: ['/run/netns/n2'], links: [{ ...root(102, 2).links[0]!, linkNetnsId: 0 }] }]),
  });
  const uplink = (topology: Topology): string => text(need(hostGraph(topology, 'ssh://n1'))).split('\n').find((line) => line.includes('eth0')) ?? '';

  it('names it where the machine that it runs on was read too', () => {
    expect(uplink(buildTopology([node(1), machine('02:00:00:00:00:01')]))).toContain('⇄ to-n1 on machine');
  });

  it('names none where that machine’s namespace of the same number is another one', () => {
    expect(uplink(buildTopology([node(1), machine('02:00:00:00:00:99')]))).not.toContain('⇄');
    expect(uplink(buildTopology([node(1), node(2)]))).not.toContain('⇄');
  });
});

it('macvlan neighbours on other hosts are named, those of other subnets are not', () => {
  const lan = (name: string, at: number, subnet: number): Parameters<typeof buildTopology>[0][number] => ({
    id: `ssh://${name}`, label: name,
    snapshot: aSnapshot([
      aNamespace(1, { links: [aLink(2, { name: 'eth1', addresses: address(`192.0.2.${String(at)}`) })] }),
      aNamespace(2, { paths: [`/run/netns/lan${String(at)}`], links: [aLink(3, { name: 'eth0', kind: 'macvlan', peerIfindex: 2, linkNetnsId: 0, macvlan: { mode: 'bridge' }, addresses: address(`10.${String(subnet)}.0.${String(at)}`) })] }),
    ]),
  });
  const topology = buildTopology([lan('node1', 1, 8), lan('node2', 2, 8), lan('node3', 3, 9)]);
  const lan1 = [...topology.sandbox.values()].find(({ title }) => title === 'lan1')?.id ?? '';
  for (const graph of [need(hostGraph(topology, 'ssh://node1')), need(surroundingsGraph(topology, lan1))]) {
    expect(graph.boxes.filter(({ kind }) => kind === 'network').map(({ lines }) => lines)).toEqual([['eth1: in the same subnet on other hosts', 'lan2 on node2 (10.8.0.2)']]);
  }
});

it('ways to the far ends of several uplinks and to the published ports do not cross, and loose devices stand clear of lone ports', async () => {
  const container = aContainer('p', { name: 'shop', sandboxKey: '/run/docker/netns/box', ports: [{ ip: '0.0.0.0', publicPort: 8080, privatePort: 80, type: 'tcp' }] });
  const tunnel = (at: number, local: string, remote: string): Link => aLink(at, { name: `vx${String(at)}`, kind: 'vxlan', vxlan: { vni: at, port: 4789, local, remote, learning: true, proxy: false, l2miss: false, l3miss: false } });
  const root = aNamespace(1, {
    links: [
      aLink(2, { name: 'eth0', addresses: address('192.0.2.1') }), aLink(3, { name: 'dummy0', kind: 'dummy', addresses: [...address('198.51.100.1'), ...address('2001:db8::1', 64)] }),
      tunnel(5, '198.51.100.1', '198.51.100.2'), tunnel(6, '2001:db8::1', '2001:db8::2'), tunnel(7, '192.0.2.1', '192.0.2.2'), aVeth(8, 9, 1, { name: 'port' }),
    ],
    routes: [{ family: 'inet', destination: 'default', type: 'unicast', table: 'main', gateway: '192.0.2.254', device: 'eth0' }],
  });
  const topology = buildTopology([{ id: 'local', label: 'here', snapshot: aSnapshot([root, aNamespace(2, { links: [aVeth(9, 8, 0, { name: 'eth0' })], paths: ['/run/docker/netns/box'] })], anEngine([], [container])) }]);
  for (const graph of [need(hostGraph(topology, 'local')), around(topology, 'shop'), need(surroundingsGraph(topology, topology.hosts[0]?.rootSandbox ?? ''))]) {
    const scene = await layoutGraph(graph, new ELK());
    expect(scene.edges).toHaveLength(graph.edges.length);
    const outer = scene.edges.map((edge) => (edge.kind === 'published' ? { ...edge, kind: 'vtep' as const } : edge));
    expect([crossings({ ...scene, edges: outer }, 'vtep'), edgesThroughBoxes(scene), overlappingSiblings(scene)]).toEqual([[], [], []]);
    const [port, loose] = [scene.boxes.find(({ kind }) => kind === 'port'), scene.boxes.filter(({ kind, lines }) => kind === 'vxlan' && lines[0] !== '')];
    for (const { y } of loose) expect(y).toBeGreaterThanOrEqual((port?.y ?? 0) + (port?.height ?? 0) + 8);
  }
});
