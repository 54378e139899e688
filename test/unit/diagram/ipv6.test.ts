import ELK from 'elkjs/lib/elk.bundled.js';
import { expect, it } from 'vitest';
import type { DiagramGraph } from '../../../src/core/diagram/graph';
import { hostGraph, surroundingsGraph } from '../../../src/core/diagram/hostGraph';
import { layoutGraph } from '../../../src/core/diagram/layout';
import { networkGraph } from '../../../src/core/diagram/networkGraph';
import { boxText } from '../../../src/core/diagram/shape';
import { inSameSubnet } from '../../../src/core/diagram/shownAddresses';
import { text } from '../../../src/core/diagram/text';
import type { Link } from '../../../src/core/model/link';
import { buildTopology } from '../../../src/core/topology/buildTopology';
import { aContainer, aLink, aNamespace, aNetwork, anEngine, anId, aSnapshot, aVeth } from '../topology/builders';
import { crossings, edgesThroughBoxes, escapedBoxes, looseEdges, overlappingSiblings } from './geometry';

const four = (address: string, prefixLength = 24): Link['addresses'][number] => ({ family: 'inet', address, prefixLength, scope: 'global' });
const six = (address: string, scope = 'global', prefixLength = 64): Link['addresses'][number] => ({ family: 'inet6', address, prefixLength, scope });
// As long as an address can be.
const longest = '2001:db8:aaaa:bbbb:cccc:dddd:eeee:ff02';

/** Two hosts with an overlay over IPv6, on which the members have both families, IPv6 alone, or nothing but a link-local address. */
function dual(at: number): Parameters<typeof buildTopology>[0][number] {
  const [own, far] = [`2001:db8:1::${String(at)}`, `2001:db8:1::${String(3 - at)}`];
  const names = ['both', 'six', 'bare'];
  const containers = names.map((name, index) => aContainer(`c${String(at)}${String(index)}`, { name: `${name}${String(at)}`, sandboxKey: `/run/docker/netns/${name}` }));
  const mac = (index: number): string => `02:42:00:00:0${String(at)}:0${String(index)}`;
  const network = aNetwork(anId('dual'), {
    name: 'dual', driver: 'overlay', scope: 'swarm', subnets: [{ subnet: '10.5.0.0/24', gateway: '10.5.0.1' }, { subnet: '2001:db8:aaaa::/48', gateway: '2001:db8:aaaa::1' }] as never, vnis: [77],
    endpoints: containers.map(({ id, name }, index) => ({ containerId: id, name, mac: mac(index), ...(index === 0 && { ipv4: '10.5.0.2/24', ipv6: `${longest}/48` }), ...(index === 1 && { ipv6: '2001:db8:aaaa::6/48' }) }) as never),
  });
  const members = [[four('10.5.0.2'), six(longest), six('fe80::1', 'link')], [six('fe80::2', 'link'), six('2001:db8:aaaa::6')], [six('fe80::42:aff:fe0d:1107', 'link')]];
  const snapshot = aSnapshot(
    [
      aNamespace(1, {
        links: [aLink(2, { name: 'eth0', addresses: [four('192.0.2.1'), six(own), six('fe80::9', 'link')] })],
        routes: [{ family: 'inet6', destination: 'default', type: 'unicast', table: 'main', gateway: 'fe80::fe', device: 'eth0' }],
      }),
      aNamespace(2, {
        paths: [`/run/docker/netns/1-${anId('dual').slice(0, 10)}`],
        links: [
          aLink(3, { name: 'br0', kind: 'bridge', addresses: [four('10.5.0.1'), six('2001:db8:aaaa::1')] }),
          aLink(4, { name: 'vxlan0', kind: 'vxlan', master: 'br0', vxlan: { vni: 77, port: 4789, learning: true, proxy: false, l2miss: false, l3miss: false } }),
          ...names.map((_, index) => aVeth(20 + index, 30 + index, index + 1, { name: `veth${String(index)}`, master: 'br0' })),
        ],
        fdb: [{ mac: `02:42:00:00:0${String(3 - at)}:00`, device: 'vxlan0', destination: far.replace('::', ':0:0:0:0:'), flags: ['self'], state: 'permanent' }],
      }),
      ...names.map((name, index) =>
        aNamespace(10 + index, {
          paths: [`/run/docker/netns/${name}`],
          links: [aVeth(30 + index, 20 + index, 0, { name: 'eth0', mac: mac(index), addresses: members[index] ?? [] })],
          routes: [{ family: 'inet6', destination: 'default', type: 'unicast', table: 'main', gateway: '2001:db8:aaaa::1', device: 'eth0' }],
        }),
      ),
    ],
    anEngine([network], containers),
  );
  return { id: `ssh://v6host${String(at)}`, label: `v6host${String(at)}`, snapshot };
}

const topology = buildTopology([dual(1), dual(2)]);
const need = (graph: DiagramGraph | undefined): DiagramGraph => {
  if (!graph) throw new Error('no graph');
  return graph;
};
const graphs = {
  'a network': () => need(networkGraph(topology, topology.hosts[0]?.networks[0]?.id ?? '')),
  'a whole host': () => need(hostGraph(topology, 'ssh://v6host1')),
  "a container's surroundings": () => need(surroundingsGraph(topology, [...topology.container.values()].find(({ name }) => name === 'both1')?.id ?? '')),
};

it('a network shows the IPv6 subnet with its gateway, every global address, and a link-local one only where there is no other', () => {
  const words = text(graphs['a network']());
  expect(words).toContain(`  both1  eth0  10.5.0.2  ${longest}  02:42:00:00:01:00\n`);
  expect(words).toContain('  six1  eth0  2001:db8:aaaa::6  02:42:00:00:01:01\n');
  expect(words).toContain('  bare1  eth0  fe80::42:aff:fe0d:1107  02:42:00:00:01:02\n');
  expect(words).toContain('2001:db8:aaaa::/48  gateway 2001:db8:aaaa::1');
  expect(words).toContain('bridge br0  MTU 1500 · 10.5.0.1/24  2001:db8:aaaa::1/64\n');
});

it('a tunnel over IPv6 joins the two hosts, however the row spells the address', () => {
  const words = text(graphs['a network']());
  expect(words).toContain('VTEP 2001:db8:1::1  eth0 · MTU 1500\n');
  expect(words).toContain('  2001:db8:1::1 (v6host1) ⇄ 2001:db8:1::2 (v6host2)\n');
  expect(words).toContain('    v6host1 → v6host2 (both2): 02:42:00:00:02:00');
  const host = text(graphs['a whole host']());
  expect(host).toContain('  2001:db8:1::1 (v6host1 · dual) ⇄ 2001:db8:1::2 (v6host2)\n');
  expect(host).toContain('Other half: vxlan0 in dual on v6host2');
});

it('a host whose only default route is an IPv6 one has its uplink, and a container its gateway', () => {
  expect(text(graphs['a whole host']())).toContain('  Uplink eth0  192.0.2.1/24 · MTU 1500  2001:db8:1::1/64  default via fe80::fe\n');
  expect(text(graphs["a container's surroundings"]())).toContain(`  both1  eth0  10.5.0.2  ${longest}  default via 2001:db8:aaaa::1\n`);
});

for (const [name, graphOf] of Object.entries(graphs)) {
  it(`no address is cut off in the picture of ${name}, and nothing lies over anything`, async () => {
    const scene = await layoutGraph(graphOf(), new ELK());
    const cut = scene.boxes.filter(({ kind }) => kind !== 'group').flatMap((box) => box.kind === 'host' || box.kind === 'container' ? [] : boxText(box).map(({ text: shown }, index) => [shown, box.lines[index]]).filter(([shown, line]) => shown !== line));
    expect(cut).toEqual([]);
    expect([overlappingSiblings(scene), escapedBoxes(scene), looseEdges(scene), crossings(scene, 'veth'), crossings(scene, 'vtep'), edgesThroughBoxes(scene)]).toEqual([[], [], [], [], [], []]);
  });
}

it('knows which addresses are in one subnet', () => {
  expect([inSameSubnet('10.0.1.2', '10.0.1.254', 24), inSameSubnet('10.0.1.2', '10.0.2.2', 24), inSameSubnet('10.0.1.2', '10.0.2.2', 22)]).toEqual([true, false, true]);
  expect([inSameSubnet('2001:db8::1', '2001:db8:0:0:ffff::', 64), inSameSubnet('2001:db8::1', '2001:db8:0:1::1', 64), inSameSubnet('2001:db8::1', '10.0.0.1', 64)]).toEqual([true, false, false]);
});
