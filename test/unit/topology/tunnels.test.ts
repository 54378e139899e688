import { describe, expect, it } from 'vitest';
import type { Link } from '../../../src/core/model/link';
import type { OtherHalf, Topology } from '../../../src/core/model/topology';
import type { OvsFacts, OvsInterface } from '../../../src/core/model/ovs';
import { otherHalfText } from '../../../src/core/report/tunnelText';
import { scanTable } from '../../../src/core/report/scanTable';
import { buildTopology } from '../../../src/core/topology/buildTopology';
import { aLink, aNamespace, aSnapshot, processIn } from './builders';

const address = (text: string): Pick<Link, 'addresses'> => ({ addresses: [{ family: text.includes(':') ? 'inet6' : 'inet', address: text, prefixLength: 24, scope: 'global' }] });

/** A host with one uplink of the given address and these devices, all in its root namespace. */
function host(name: string, underlay: string, devices: readonly (Partial<Link> & { readonly name: string })[]): Parameters<typeof buildTopology>[0][number] {
  const links = [aLink(2, { name: 'eth0', ...address(underlay) }), ...devices.map((device, at) => aLink(10 + at, device))];
  return { id: `ssh://${name}`, label: name, snapshot: aSnapshot([aNamespace(1, { links, processCount: 1, processes: [processIn('/', 1)] })]) };
}

const gre = (name: string, local: string | undefined, remote: string | undefined, more: Partial<NonNullable<Link['tunnel']>> = {}): Partial<Link> & { readonly name: string } => ({
  name,
  kind: 'gre',
  tunnel: { ttl: 64, ...(local !== undefined && { local }), ...(remote !== undefined && { remote }), ...more },
});

const [one, two] = ['192.0.2.11', '192.0.2.12'];

function others(topology: Topology): Readonly<Record<string, OtherHalf>> {
  const nameOf = (id: string) => `${topology.sandbox.get(topology.link.get(id)?.sandboxId ?? '')?.hostId.slice('ssh://'.length) ?? '?'}/${topology.link.get(id)?.link.name ?? '?'}`;
  const named = (other: OtherHalf): OtherHalf =>
    'linkId' in other ? { ...other, linkId: nameOf(other.linkId) } : other.state === 'ambiguous' ? { ...other, candidates: other.candidates.map(nameOf) } : other;
  return Object.fromEntries([...topology.tunnel.values()].map((tunnel) => [nameOf(tunnel.linkId), named(tunnel.other)]));
}

describe('a tunnel', () => {
  it('has its other half where the addresses mirror its own, and the keys do', () => {
    const key = (input: string, output: string) => ({ inputKey: input, outputKey: output });
    const topology = buildTopology([host('a', one, [gre('gre1', one, two, key('5', '7')), gre('gre0', undefined, undefined)]), host('b', two, [gre('tun9', two, one, key('7', '5'))])]);
    expect(others(topology)).toEqual({ 'a/gre1': { state: 'matched', linkId: 'b/tun9' }, 'b/tun9': { state: 'matched', linkId: 'a/gre1' } });
  });

  it('that takes any address of its own is found by those of its namespace', () => {
    const topology = buildTopology([host('a', one, [gre('gre1', undefined, two)]), host('b', two, [gre('gre1', undefined, one)])]);
    expect(others(topology)['a/gre1']).toEqual({ state: 'matched', linkId: 'b/gre1' });
  });

  it('whose other half has another key says what differs', () => {
    const topology = buildTopology([host('a', one, [gre('gre1', one, two, { inputKey: '5', outputKey: '5' })]), host('b', two, [gre('gre1', two, one, { inputKey: '7', outputKey: '7' })])]);
    expect(others(topology)['a/gre1']).toEqual({ state: 'mismatched', linkId: 'b/gre1', differs: ['key sent 5 here, 7 there', 'key received 5 here, 7 there'] });
  });

  it('of another kind is none, and the host that lacks the other half is named', () => {
    const topology = buildTopology([host('a', one, [gre('gre1', one, two)]), host('b', two, [{ ...gre('t', two, one), kind: 'gretap' }])]);
    expect(others(topology)).toEqual({ 'a/gre1': { state: 'missing', hostId: 'ssh://b' }, 'b/t': { state: 'missing', hostId: 'ssh://a' } });
  });

  it('to an address that no added host has is open', () => {
    expect(others(buildTopology([host('a', one, [gre('gre1', one, '203.0.113.5')])]))).toEqual({ 'a/gre1': { state: 'unknown' } });
  });

  it('that several devices fit is ambiguous', () => {
    const topology = buildTopology([host('a', one, [gre('gre1', one, two)]), host('b', two, [gre('x', two, one), gre('y', two, one)])]);
    expect(others(topology)['a/gre1']).toEqual({ state: 'ambiguous', candidates: ['b/x', 'b/y'] });
  });

  it('of VXLAN is one by its one far address, told apart by VNI; a multicast group and an overlay\'s device are none', () => {
    const vxlan = (name: string, vni: number, local: string, remote: string | undefined): Partial<Link> & { readonly name: string } => ({
      name,
      kind: 'vxlan',
      vxlan: { vni, port: 4789, local, ...(remote !== undefined && { remote }), learning: true, proxy: false, l2miss: false, l3miss: false },
    });
    const topology = buildTopology([
      host('a', one, [vxlan('v5', 5, one, two), vxlan('v6', 6, one, two), vxlan('group', 7, one, '239.1.1.1'), vxlan('overlay', 8, one, undefined)]),
      host('b', two, [vxlan('w5', 5, two, one)]),
    ]);
    expect(others(topology)).toEqual({
      'a/v5': { state: 'matched', linkId: 'b/w5' },
      'a/v6': { state: 'mismatched', linkId: 'b/w5', differs: ['VNI 6 here, 5 there'] },
      'b/w5': { state: 'matched', linkId: 'a/v5' },
    });
  });

  it('over IPv6 is matched however its addresses are written', () => {
    const six = { tunnel: { ttl: 64, local: '2001:DB8:0::1', remote: '2001:db8::2' }, kind: 'ip6gre' };
    const back = { tunnel: { ttl: 64, local: '2001:db8:0:0::2', remote: '2001:db8::1' }, kind: 'ip6gre' };
    expect(others(buildTopology([host('a', '2001:db8::1', [{ name: 'x', ...six }]), host('b', '2001:db8::2', [{ name: 'y', ...back }])]))['a/x']).toEqual({ state: 'matched', linkId: 'b/y' });
  });

  it('stands in the table of a scan with its other half, or what is wrong with it', () => {
    const table = scanTable(buildTopology([host('a', one, [gre('gre1', one, two), gre('gre2', one, '192.0.2.12', { inputKey: '9' })]), host('b', two, [gre('g', two, one)])]));
    expect(table).toMatch(/^ {4}gre1 +gre +192\.0\.2\.11 → 192\.0\.2\.12 +g on b$/m);
    expect(table).toMatch(/^ {4}gre2 .*g on b does not fit: key received 9 here, none there$/m);
  });
});

describe('a tunnel port of Open vSwitch', () => {
  type Port = Pick<OvsInterface, 'name' | 'type' | 'options'>;
  const uuid = (number: number): string => `00000000-0000-0000-0000-${String(number).padStart(12, '0')}`;
  const ovs = (interfaces: readonly Port[]): OvsFacts => ({
    daemon: 'running',
    bridges: [{ uuid: uuid(1), name: 'br0', datapathType: 'system', stp: false, externalIds: {}, ports: interfaces.map((each, at) => ({ uuid: uuid(10 + at), name: each.name, trunks: [], interfaces: [{ ...each, externalIds: {} }] })) }],
  });
  type HostSnapshot = Parameters<typeof buildTopology>[0][number];
  const withOvs = (given: HostSnapshot, ...interfaces: readonly Port[]): HostSnapshot => ({ ...given, snapshot: { ...given.snapshot, ovs: ovs(interfaces) } });
  const port = (name: string, type: string, options: Readonly<Record<string, string>>): Port => ({ name, type, options });
  const told = (...given: readonly HostSnapshot[]): readonly string[] => {
    const topology = buildTopology(given);
    return [...topology.tunnel.values()].map((tunnel) => otherHalfText(tunnel, topology));
  };

  it('has its other half in one that mirrors its address and key, whatever is given by flow', () => {
    const [a, b] = [host('a', one, []), host('b', two, [])];
    expect(told(withOvs(a, port('gre0', 'gre', { remote_ip: two })), withOvs(b, port('g', 'gre', { remote_ip: one, key: '0' })))).toEqual(['g on b', 'gre0 on a']);
    expect(told(withOvs(a, port('gre0', 'gre', { remote_ip: two, key: '5' })), withOvs(b, port('g', 'gre', { remote_ip: one, key: 'flow' })))).toEqual(['g on b', 'gre0 on a']);
    expect(told(withOvs(a, port('gre0', 'gre', { remote_ip: two, out_key: '0x105', in_key: '7' })), withOvs(b, port('g', 'gre', { remote_ip: one, key: '7' })))).toEqual([
      'g on b does not fit: key sent 0.0.1.5 here, 0.0.0.7 there', 'gre0 on a does not fit: key received 0.0.0.7 here, 0.0.1.5 there',
    ]);
    expect(told(withOvs(a, port('v', 'vxlan', { remote_ip: two, key: '77' })), withOvs(b, port('v', 'vxlan', { remote_ip: one, key: '78', dst_port: '8472' })))[0]).toBe('v on b does not fit: VNI 77 here, 78 there; UDP port 4789 here, 8472 there');
    expect(told(withOvs(a, port('v', 'vxlan', { remote_ip: 'flow' })), b)).toEqual([]);
    expect(told(withOvs(a, port('v', 'geneve', { remote_ip: two })), b)).toEqual([`missing: b has ${two} and no such device`]);
  });

  it("has it in the kernel's device of the kind that carries the same: gretap, not gre", () => {
    const a = withOvs(host('a', one, []), port('gre0', 'gre', { remote_ip: two, key: '5' }), port('v', 'vxlan', { remote_ip: two, key: '9' }));
    const tap = { ...gre('tap1', two, one, { inputKey: '0.0.0.5', outputKey: '0.0.0.5' }), kind: 'gretap' };
    const vxlan = { name: 'vx', kind: 'vxlan', vxlan: { vni: 9, port: 4789, local: two, remote: one, learning: true, proxy: false, l2miss: false, l3miss: false } };
    expect(told(a, host('b', two, [tap, vxlan]))).toEqual(['tap1 on b', 'vx on b', 'gre0 on a', 'v on a']);
    expect(told(a, host('b', two, [{ ...tap, kind: 'gre' }, vxlan]))[0]).toBe(`missing: b has ${two} and no such device`);
  });
});
