import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Route } from '../../../src/core/model/link';
import { bridgeDeletePlan, bridgePlan, portPlan, portRemovePlan, vlanPlan } from '../../../src/core/plan/bridgePlans';
import { docker0Plan } from '../../../src/core/plan/docker0Plan';
import { exposePlan, forwardingPlan, subnetOutPlan } from '../../../src/core/plan/hostPlans';
import { plansMade, removalPlan, unwirePlan } from '../../../src/core/plan/madePlans';
import { wirePlan, type WireRequest } from '../../../src/core/plan/wirePlan';
import { planText } from '../../../src/core/report/planText';
import { buildTopology } from '../../../src/core/topology/buildTopology';
import { nftAloneScript } from '../../../src/discovery/plans/ruleTool';
import { refusalOf } from './refusal';
import { aLink, aNamespace, aSnapshot, processIn } from '../topology/builders';

const route = (destination: string, device: string, gateway?: string): Route => ({ family: 'inet', destination, type: 'unicast', table: 'main', device, ...(gateway !== undefined && { gateway }) });
const inet = (address: string, prefixLength: number) => ({ family: 'inet' as const, address, prefixLength, scope: 'global' as const });

const root = aNamespace(1, {
  links: [
    aLink(2, { name: 'eth0', addresses: [inet('192.0.2.11', 24)] }),
    aLink(3, { name: 'br0', kind: 'bridge', bridge: { stp: false, vlanFiltering: true }, addresses: [inet('10.8.0.1', 24)] }),
    aLink(4, { name: 'plain0', kind: 'bridge', bridge: { stp: true, vlanFiltering: false } }),
    aLink(5, { name: 'p1', master: 'br0' }),
    aLink(6, { name: 'marked', rest: { ifalias: 'netns-explorer 0123abcd' } }),
  ],
  processCount: 1,
  processes: [processIn('/', 1)],
  routes: [route('default', 'eth0', '192.0.2.1'), route('192.0.2.0/24', 'eth0'), route('10.8.0.0/24', 'br0')],
});
const inner = aNamespace(77, { links: [aLink(1, { name: 'lo', linkType: 'loopback' }), aLink(9, { name: 'eth1', addresses: [inet('10.99.0.2', 24)] })], processCount: 1, processes: [processIn('/', 4242)], routes: [route('10.99.0.0/24', 'eth1')] });
const topology = buildTopology([{ id: 'ssh://a', label: 'a', snapshot: aSnapshot([root, inner]) }]);
const sandboxId = [...topology.sandbox.values()].find(({ inode }) => inode === 77)?.id ?? '';
const hostId = 'ssh://a';
const wire = (more: Partial<WireRequest> = {}): WireRequest => ({ hostId, sandboxId, to: { kind: 'bridge', name: 'br0' }, address: '10.8.0.5/24', ...more });

describe('a plan that deletes a bridge', () => {
  it('is refused for one with an engine\'s name while no engine answers', () => {
    for (const name of ['docker0', 'br-0123456789ab', 'podman1']) {
      const read = buildTopology([{ id: hostId, label: 'a', snapshot: aSnapshot([{ ...root, links: [...root.links, aLink(30, { name, kind: 'bridge' })] }]) }]);
      expect(() => bridgeDeletePlan({ hostId, name }, read)).toThrow(`${name} has the name of an engine's bridge, and no engine of a answered that could tell.`);
      expect(() => bridgeDeletePlan({ hostId, name, undoing: true }, read)).not.toThrow();
    }
  });
});

describe('a plan that wires a namespace', () => {
  it('makes a pair, puts its ends where they belong, and names the namespace by a path that is compared with its inode', () => {
    const plan = wirePlan(wire({ vlan: 20 }), topology);
    const text = planText(plan);
    expect(text).toMatch(/ip link add name nxw\w{8} mtu 1500 type veth peer name eth2 mtu 1500 netns \/proc\/4242\/ns\/net\n/);
    expect(text).toMatch(/nsenter --net=\/proc\/4242\/ns\/net -- ip addr add 10\.8\.0\.5\/24 dev eth2\n/);
    expect(text).toMatch(/bridge vlan add dev nxw\w{8} vid 20 pvid untagged\n/);
    expect(plan.preconditions.map(({ argv }) => argv.join(' '))).toContain('sh -c [ "$(stat -Lc %i -- "$1")" = "$2" ] sh /proc/4242/ns/net 77');
  });

  it('is the same for a container that was started again, and for one whose pair lacks its mark yet', () => {
    const wired = (inode: number, made: boolean) => {
      const id = wirePlan(wire(), topology).id;
      const pair = made ? [aLink(40, { name: `nxw${id}`, kind: 'veth' })] : [];
      const read = buildTopology([{ id: 'ssh://a', label: 'a', snapshot: aSnapshot([{ ...root, links: [...root.links, ...pair] }, { ...inner, key: `4:${String(inode)}`, inode, links: [...inner.links, ...(made ? [aLink(41, { name: 'eth2', kind: 'veth' })] : [])] }]) }]);
      return wirePlan(wire({ sandboxId: [...read.sandbox.values()].find((each) => each.inode === inode)?.id ?? '' }), read);
    };
    expect(wired(77, true).id).toBe(wirePlan(wire(), topology).id);
    // A namespace that no container names is told by itself alone.
    expect(wired(78, false).id).not.toBe(wirePlan(wire(), topology).id);
  });

  it('pings the bridge from the namespace', () => {
    expect(wirePlan(wire(), topology).checks).toMatchObject([{ from: '10.8.0.5', to: '10.8.0.1', inside: ['nsenter', '--net=/proc/4242/ns/net', '--'] }]);
  });

  it.each<[string, Partial<WireRequest>, RegExp]>([
    ['a bridge that is not there', { to: { kind: 'bridge', name: 'br9' } }, /There is no Linux bridge "br9" on a/],
    ['a parent that is not there', { to: { kind: 'parent', name: 'eth9' } }, /There is no device "eth9" on a/],
    ['an address that is none', { address: '10.8.0.500/24' }, /The address is "10\.8\.0\.500\/24"/],
    ['an address without a prefix', { address: '10.8.0.5/' }, /no IPv4 address with a prefix/],
    ['a network\'s own address', { address: '10.8.0.0/24' }, /its network's own or broadcast/],
    ['an address that overlaps', { address: '10.99.0.7/16' }, /overlaps 10\.99\.0\.0\/24/],
    ['an address that somebody has', { address: '10.8.0.1/24' }, /10\.8\.0\.1 is .* already/],
    ['a gateway elsewhere', { gateway: '10.9.0.1' }, /not in the network of the address/],
    ['a MAC of a group', { mac: '01:00:5e:00:00:01' }, /no MAC address of one device/],
    ['a name that is taken', { name: 'eth1' }, /has a device eth1 already/],
    ['a name that is too long', { name: 'a-name-of-sixteen' }, /no name for a device/],
    ['a tag on a bridge that does not filter', { to: { kind: 'bridge', name: 'plain0' }, vlan: 5 }, /does not filter VLANs/],
    ['a tag that is none', { vlan: 5000 }, /from 1 to 4094/],
    ['a host that was not read', { hostId: 'ssh://z' }, /has not been read/],
    ['a namespace that is gone', { sandboxId: 'gone' }, /is not on a any more/],
    ['the host\'s own namespace', { sandboxId: topology.host.get(hostId)?.rootSandbox ?? '' }, /there is nothing to wire/],
  ])('refuses %s', (_what, more, sentence) => {
    expect(refusalOf(() => wirePlan(wire(more), topology))).toMatch(sentence);
  });
});

describe('a plan of one host', () => {
  it.each<[string, () => unknown, RegExp]>([
    ['a bridge whose name is taken', () => bridgePlan({ hostId, name: 'br0' }, topology), /has a device br0 already/],
    ['a bridge in a network that is there', () => bridgePlan({ hostId, name: 'new0', address: '192.0.2.200/25' }, topology), /overlaps 192\.0\.2\.0\/24/],
    ['deleting a bridge with ports', () => bridgeDeletePlan({ hostId, name: 'br0' }, topology), /has ports: p1\. Remove them first/],
    ['the port that carries the default route', () => portPlan({ hostId, bridge: 'br0', device: 'eth0' }, topology), /sends its default route by eth0/],
    ['a port of another bridge', () => portPlan({ hostId, bridge: 'plain0', device: 'p1' }, topology), /is a port of br0 already/],
    ['taking what is no port', () => portRemovePlan({ hostId, device: 'eth0' }, topology), /is no port of a bridge/],
    ['a tag for what is no port', () => vlanPlan({ hostId, device: 'eth0', vlan: 5 }, topology), /is no port of a bridge/],
    ['the tag that it has', () => vlanPlan({ hostId, device: 'p1', vlan: 1, from: 1 }, topology), /that is the same/],
    ['a subnet that is none', () => subnetOutPlan({ hostId, subnet: '10.8.0/24', tool: 'iptables' }, topology), /The subnet is "10\.8\.0\/24"/],
    ['a subnet with bits beyond its prefix', () => subnetOutPlan({ hostId, subnet: '10.8.0.1/24', tool: 'iptables' }, topology), /the network is 10\.8\.0\.0\/24/],
    ['a subnet without a route', () => subnetOutPlan({ hostId, subnet: '10.77.0.0/24', tool: 'iptables' }, topology), /has no route to 10\.77\.0\.0\/24/],
    ['a name that is a path', () => exposePlan({ hostId, sandboxId, name: '../x' }, topology), /is no name for a namespace/],
    ['unwiring what no plan wired', () => unwirePlan(topology, sandboxId), /^No plan has wired /],
    ['unwiring another device', () => unwirePlan(topology, sandboxId, 'eth1'), /has no device eth1 that a plan made/],
    ['an id that is none', () => removalPlan(topology, 'x; reboot', [hostId]), /is no plan's id/],
    ['an id that nothing has', () => removalPlan(topology, 'ffffffff'), /has anything with the mark of plan ffffffff/],
    ['a subnet for docker0 that is taken', () => docker0Plan({ hostId, bip: '192.0.2.1/24', file: { path: '/f' } }, topology), /overlaps 192\.0\.2\.0\/24/],
    ['a fixed range outside', () => docker0Plan({ hostId, bip: '172.20.0.1/16', fixedCidr: '172.21.0.0/24', file: { path: '/f' } }, topology), /does not lie within 172\.20\.0\.0\/16/],
    ['a daemon.json that is none', () => docker0Plan({ hostId, bip: '172.20.0.1/16', file: { path: '/f', text: '{,}' } }, topology), /^\/f is no JSON/],
    ['a daemon.json with a password', () => docker0Plan({ hostId, bip: '172.20.0.1/16', file: { path: '/f', text: '{"proxies":{"http-proxy":"http://u:secret@p"}}' } }, topology), /^\/f holds a proxy's password(?!.*secret)/],
  ])('refuses %s', (_what, make, sentence) => {
    expect(refusalOf(make)).toMatch(sentence);
  });

  it('keeps what daemon.json holds, and shows what changes', () => {
    const plan = docker0Plan({ hostId, bip: '172.20.0.1/16', fixedCidr: '172.20.128.0/17', file: { path: '/etc/docker/daemon.json', text: '{\n    "debug": true,\n    "bip": "10.0.0.1/8"\n}\n' } }, topology);
    expect(planText(plan)).toContain('/etc/docker/daemon.json on a:\n   {\n       "debug": true,\n  -    "bip": "10.0.0.1/8"\n  +    "bip": "172.20.0.1/16",\n  +    "fixed-cidr": "172.20.128.0/17"\n   }\n');
  });

  it('names the containers that a restart of the engine stops, and restarts again with an undo', () => {
    const plan = docker0Plan({ hostId, bip: '172.20.0.1/16', restart: true, file: { path: '/f', text: '{}' } }, topology);
    expect(plan.steps.map(({ what }) => what)).toEqual([expect.stringMatching(/^keep \/f as \/f\.netns-explorer-\w{8}$/), 'write /f', 'restart the engine: no container runs there now']);
    expect(plan.steps[1]?.undo.join(' ')).toContain('systemctl restart docker.service');
    expect(plan.preconditions.map(({ what }) => what)).toContain('systemd runs the engine (docker.service)');
    expect(docker0Plan({ hostId, bip: '172.20.0.1/16', file: { path: '/f', text: '{}' } }, topology).steps.flatMap(({ argv, undo }) => [...argv, ...undo]).join(' ')).not.toContain('systemctl');
  });

  it('undoes docker0\'s subnet with what was kept, and refuses where the file is neither', () => {
    const request = { hostId, bip: '172.20.0.1/16' };
    const first = docker0Plan({ ...request, file: { path: '/f', text: '{"debug":true}' } }, topology);
    const after = first.files?.[0]?.after ?? '';
    expect(docker0Plan({ ...request, file: { path: '/f', text: after, kept: { [first.id]: '{"debug":true}' } } }, topology)).toEqual(first);
    expect(refusalOf(() => docker0Plan({ ...request, file: { path: '/f', text: '{}', kept: { [first.id]: '{"debug":true}' } } }, topology))).toMatch(/was changed since this plan wrote it/);
  });

  it('can be made to be undone when what it deleted is gone', () => {
    expect(refusalOf(() => bridgeDeletePlan({ hostId, name: 'gone0' }, topology))).toMatch(/There is no Linux bridge "gone0"/);
    expect(bridgeDeletePlan({ hostId, name: 'gone0', undoing: true }, topology).steps).toHaveLength(2);
    expect(portRemovePlan({ hostId, device: 'eth0', undoing: true }, topology).steps).toHaveLength(2);
  });

  it.each<readonly [string, readonly string[], boolean, boolean]>([
    ['neither', [], false, false],
    ['nft alone', ['nft'], true, false],
    ['both', ['nft', 'iptables'], false, true],
  ])('tells which program keeps a host\'s rules: %s (files of these names)', (_what, names, alone, precondition) => {
    const folder = mkdtempSync(join(tmpdir(), 'rule-tool-'));
    try {
      for (const name of names) writeFileSync(join(folder, name), '#!/bin/sh\n', { mode: 0o755 });
      const holds = (argv: readonly string[]): boolean => spawnSync('/bin/sh', argv.slice(1), { env: { PATH: folder } }).status === 0;
      expect(holds(['sh', '-c', nftAloneScript])).toBe(alone);
      const [first] = subnetOutPlan({ hostId, subnet: '10.8.0.0/24', tool: 'iptables' }, topology).preconditions;
      expect(holds(first?.argv ?? [])).toBe(precondition);
      expect(first?.mend).toBe('iptables is not installed on a. Take nft, or install it.');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('uses iptables\' own order of words, with the comment before the target', () => {
    expect(subnetOutPlan({ hostId, subnet: '10.8.0.0/24', tool: 'iptables' }, topology).steps[0]?.argv.join(' ')).toMatch(/^iptables -w -t nat -I POSTROUTING -s 10\.8\.0\.0\/24 ! -d 10\.8\.0\.0\/24 -m comment --comment netns-explorer \w{8} -j MASQUERADE$/);
  });

  it('gives every plan its own id, the same each time', () => {
    expect(forwardingPlan({ hostId }, topology)).toEqual(forwardingPlan({ hostId }, topology));
  });

  it('finds what carries a mark, and removes it alone', () => {
    expect([...plansMade(topology).keys()]).toEqual(['0123abcd']);
    const undo = removalPlan(topology, '0123abcd').steps.map((step) => step.undo.slice(0, 3).join(' '));
    expect(undo[0]).toBe('ip link del');
    expect(removalPlan(topology, '0123abcd').steps.map(({ undo: argv }) => argv.join(' '))).toContain('nft delete table ip netns_explorer_0123abcd');
    expect(unwirePlan(topology, topology.host.get(hostId)?.rootSandbox ?? '').id).toBe('0123abcd');
  });
});
