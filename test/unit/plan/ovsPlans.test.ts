import { describe, expect, it } from 'vitest';
import type { Route } from '../../../src/core/model/link';
import { ovsBridgeDeletePlan, ovsBridgePlan, ovsPortPlan, ovsPortRemovePlan, ovsVlanPlan } from '../../../src/core/plan/ovsBridgePlans';
import { ovsTunnelPlan, type OvsTunnelRequest } from '../../../src/core/plan/ovsTunnelPlan';
import { planText } from '../../../src/core/report/planText';
import { buildTopology } from '../../../src/core/topology/buildTopology';
import { refusalOf } from './refusal';
import { aLink, aNamespace, aSnapshot, processIn } from '../topology/builders';

const route = (destination: string, device: string): Route => ({ family: 'inet', destination, type: 'unicast', table: 'main', device });
function host(name: string, address: string, mtuBytes: number, bridges: readonly string[] = []): Parameters<typeof buildTopology>[0][number] {
  const links = [aLink(2, { name: 'eth0', mtuBytes, addresses: [{ family: 'inet', address, prefixLength: 24, scope: 'global' }] }), aLink(3, { name: 'docker0', kind: 'bridge' }), aLink(4, { name: 'p1', master: 'docker0' }), ...bridges.map((bridge, at) => aLink(10 + at, { name: bridge, kind: 'bridge' }))];
  const root = aNamespace(1, { links, processCount: 1, processes: [processIn('/', 1)], routes: [route('default', 'eth0'), route('192.0.2.0/24', 'eth0'), route('10.5.0.0/16', 'docker0')] });
  const inner = aNamespace(77, { links: [aLink(1, { name: 'lo', linkType: 'loopback' })], processCount: 1, processes: [processIn('/', 4242)] });
  return { id: `ssh://${name}`, label: name, snapshot: aSnapshot([root, inner]) };
}
const topology = buildTopology([host('a', '192.0.2.11', 1500), host('b', '192.0.2.12', 1400)]);
const inside = (hostId: string): string => [...topology.sandbox.values()].find((sandbox) => sandbox.hostId === hostId && sandbox.inode === 77)?.id ?? '';
const asked = (more: Partial<OvsTunnelRequest> = {}, a: object = {}, b: object = {}): OvsTunnelRequest => ({ kind: 'gre', bridge: 'br0', sides: [{ hostId: 'ssh://a', ...a }, { hostId: 'ssh://b', ...b }], ...more });
describe('a plan for Open vSwitch', () => {
  it('makes the bridge, its tunnel port and the containers\' wires, with the MTU that key and tag leave', () => {
    const member = (hostId: string, last: number) => ({ sandboxId: inside(hostId), called: `c${String(last)}`, address: `10.9.0.${String(last)}/24`, vlan: 10 });
    const plan = ovsTunnelPlan(asked({ make: 'netdev', key: 5 }, { members: [member('ssh://a', 5)] }, { members: [member('ssh://b', 6)] }), topology);
    const text = planText(plan);
    expect(text).toContain('MTU of what is on the switch: 1400 - 20 IPv4 - 4 GRE - 4 key - 14 Ethernet - 4 VLAN tag = 1354 bytes.');
    expect(text).toMatch(/ovs-vsctl --timeout=10 add-port br0 nxgre\w{4} -- set Interface nxgre\w{4} type=gre options:local_ip=192\.0\.2\.11 options:remote_ip=192\.0\.2\.12 options:key=5 external_ids:netns-explorer=\w{8}\n/);
    expect(text).toMatch(/add-port br0 nxw\w{8} tag=10 -- set Interface nxw\w{8} external_ids:netns-explorer=/);
    expect(plan.checks.map(({ direction, mtuBytes }) => [direction, mtuBytes])).toEqual([['c5 → c6', 1354], ['c6 → c5', 1354]]);
    // Everything that it makes carries the one mark.
    expect(new Set([...text.matchAll(/netns-explorer[= ](\w{8})/g)].map(([, id]) => id))).toEqual(new Set([plan.id]));
  });

  it('notes what a bridge that was there was like, and does not for one that it makes', () => {
    const noted = (make?: 'netdev') => ovsTunnelPlan(asked({ ...(make && { make }) }, { address: '10.9.0.1/24' }, { address: '10.9.0.2/24' }), topology).steps.filter(({ argv }) => argv.some((word) => word.startsWith('netns-explorer-'))).map(({ what }) => what);
    const each = ['give br0 an MTU of 1362, the former one noted', 'give br0 10.9.0.1/24, noted whether it had it', 'set br0 up, noted whether it was'];
    expect(noted()).toEqual([...each, ...each.map((what) => what.replace('10.9.0.1', '10.9.0.2'))]);
    expect(noted('netdev')).toEqual([]);
  });

  it('is the same for the same request', () => {
    expect(ovsTunnelPlan(asked(), topology)).toEqual(ovsTunnelPlan(asked(), topology));
  });

  it.each<[string, () => unknown, RegExp]>([
    ['both ends on one host', () => ovsTunnelPlan(asked({}, {}, { hostId: 'ssh://a' }), topology), /both ends are on a\.$/],
    ['an underlay address that the host has not', () => ovsTunnelPlan(asked({}, { underlay: '192.0.2.99' }), topology), /a has no interface with the address 192\.0\.2\.99/],
    ['an underlay address that is none', () => ovsTunnelPlan(asked({}, { underlay: '192.0.2.300' }), topology), /is no IPv4 address/],
    ['a remote equal to the local', () => ovsTunnelPlan(asked(), buildTopology([host('a', '192.0.2.11', 1500), host('b', '192.0.2.11', 1500)])), /^Both ends have the underlay address 192\.0\.2\.11\./],
    ['a switch below another bridge', () => ovsTunnelPlan(asked({ bridge: 'p1', under: 'br7' }), buildTopology([host('a', '192.0.2.11', 1500, ['br7']), host('b', '192.0.2.12', 1500, ['br7'])])), /^p1 on a is a port of docker0 already\./],
    ['a name that is too long', () => ovsTunnelPlan(asked({ name: 'a-name-of-sixteen' }), topology), /no name for a device/],
    ['a bridge that is an option', () => ovsTunnelPlan(asked({ bridge: '--db=x' }), topology), /no name for a device/],
    ['one address twice', () => ovsTunnelPlan(asked({}, { address: '10.9.0.1/24' }, { address: '10.9.0.1/24' }), topology), /a and b would both have 10\.9\.0\.1/],
    ['addresses of two networks', () => ovsTunnelPlan(asked({}, { address: '10.9.0.1/24' }, { address: '10.8.0.1/24' }), topology), /are not in one network/],
    ['a network that holds the tunnel\'s end', () => ovsTunnelPlan(asked({}, { address: '192.0.2.77/24' }, { address: '192.0.2.78/24' }), topology), /would go round in it/],
    ['a network that is routed elsewhere', () => ovsTunnelPlan(asked({}, { address: '10.5.1.1/24' }, { address: '10.5.1.2/24' }), topology), /overlaps 10\.5\.0\.0\/16/],
    ['a Linux bridge that is not there', () => ovsTunnelPlan(asked({ under: 'docker9' }), topology), /There is no Linux bridge "docker9" on a/],
    ['a VNI that is too large', () => ovsTunnelPlan(asked({ kind: 'vxlan', key: 2 ** 24 }), topology), /from 0 to 16777215/],
    ['a bridge in a network that is there', () => ovsBridgePlan({ hostId: 'ssh://a', name: 'br1', datapath: 'system', address: '10.5.0.9/24' }, topology), /overlaps 10\.5\.0\.0\/16/],
    ['the port with the default route', () => ovsPortPlan({ hostId: 'ssh://a', bridge: 'br0', device: 'eth0' }, topology), /lose the host its connection/],
    ['the port of another bridge', () => ovsPortPlan({ hostId: 'ssh://a', bridge: 'br0', device: 'p1' }, topology), /is a port of docker0 already/],
    ['a way out without an address', () => ovsTunnelPlan(asked({}, { out: 'iptables' }), topology), /^br0 on a has no address, so nothing on it has a way out/],
    ['a bridge that is not there', () => ovsBridgeDeletePlan({ hostId: 'ssh://a', name: 'br9' }, topology), /^Open vSwitch on a has no bridge "br9"\.$/],
    ['to remove what is no port', () => ovsPortRemovePlan({ hostId: 'ssh://a', device: 'eth0' }, topology), /^eth0 on a is no port of an Open vSwitch bridge\.$/],
    ['the tag that it has', () => ovsVlanPlan({ hostId: 'ssh://a', device: 'p1', vlan: 5, from: 5 }, topology), /that is the same/],
    ['a tag that is none', () => ovsVlanPlan({ hostId: 'ssh://a', device: 'p1', vlan: 4095 }, topology), /from 1 to 4094/],
  ])('refuses %s', (_what, make, sentence) => {
    expect(refusalOf(make)).toMatch(sentence);
  });
});
