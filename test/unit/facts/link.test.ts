import { describe, expect, it } from 'vitest';
import { readJsonRecords } from '../../../src/core/facts/json';
import { readLink, withPeerIndexes } from '../../../src/core/facts/link';
import { readLinksText } from '../../../src/core/facts/linkText';
import { deviceFacts, deviceSummary } from '../../../src/core/report/deviceFacts';
import type { Link } from '../../../src/core/model/link';
import { fixture } from './fixtures';

const system = 'debian-12-iproute2-6.1';
const linksOf = (name: string): readonly Link[] => withPeerIndexes(readJsonRecords(fixture(system, name)).records.flatMap((record) => readLink(record) ?? []));
const named = (links: readonly Link[], name: string): Link => links.find((link) => link.name === name)!;

describe("an overlay sandbox's links, as JSON", () => {
  const links = linksOf('overlay.addr.json');

  it('are all there', () => {
    expect(links.map(({ name, kind }) => [name, kind])).toEqual([
      ['lo', undefined],
      ['br0', 'bridge'],
      ['vxlan0', 'vxlan'],
      ['veth0', 'veth'],
      ['veth1', 'veth'],
      ['veth2', 'veth'],
    ]);
  });

  it('tell the VXLAN device', () => {
    expect(named(links, 'vxlan0')).toMatchObject({
      ifindex: 16,
      master: 'br0',
      mtuBytes: 1450,
      linkNetnsId: 0,
      vxlan: { vni: 4097, port: 4789, learning: true, proxy: true, l2miss: true, l3miss: true, ageingS: 300 },
      bridgePort: { state: 'forwarding', hairpin: false, learning: true, flood: true },
    });
  });

  it('tell the bridge and its address', () => {
    expect(named(links, 'br0')).toMatchObject({
      bridge: { stp: false, vlanFiltering: false, ageingTimeS: 300 },
      addresses: [{ family: 'inet', address: '10.13.17.1', prefixLength: 24, scope: 'global' }],
    });
  });

  it('tell a veth and where its other end is', () => {
    expect(named(links, 'veth0')).toMatchObject({ ifindex: 20, peerIfindex: 19, linkNetnsId: 1, linkType: 'ether', operState: 'UP', flags: ['BROADCAST', 'MULTICAST', 'UP', 'LOWER_UP'] });
  });

  it('keep what has no field', () => {
    expect(named(links, 'vxlan0').rest).toMatchObject({ qdisc: 'noqueue', linkinfo: { info_data: { udp_csum: true }, info_slave_data: { cost: 100 } } });
  });
});

it("a macvlan device's mode and lower device", () => {
  expect(named(linksOf('macvlan.addr.json'), 'eth0')).toMatchObject({ kind: 'macvlan', macvlan: { mode: 'bridge' }, peerIfindex: 2, linkNetnsId: 0 });
});

it('TUN and TAP devices, and a macvtap', () => {
  const links = linksOf('tun.addr.json');
  expect(named(links, 'tap0')).toMatchObject({ kind: 'tun', master: 'b0', tun: { layer: 'tap', persistent: true }, bridgePort: { state: 'disabled' } });
  expect(named(links, 'tun0')).toMatchObject({ kind: 'tun', linkType: 'none', tun: { layer: 'tun', persistent: true, user: 'nobody' }, rest: { linkinfo: { info_data: { multi_queue: true } } } });
  expect(named(links, 'tun0')).not.toHaveProperty('info');
  expect(named(links, 'm0')).toMatchObject({ kind: 'macvtap', macvlan: { mode: 'bridge' }, peerName: 'b0', peerIfindex: 4 });
  expect(named(links, 'ifb0')).toMatchObject({ kind: 'ifb' });
});

describe('kinds that are read by the names of iproute2\'s print functions (records made by hand, not captured)', () => {
  const device = (kind: string, data: Record<string, unknown>): Link => readLink({ ifindex: 5, ifname: 'k', linkinfo: { info_kind: kind, info_data: data } })!;
  it.each([
    ['vlan', { protocol: '802.1ad', id: 5, flags: ['REORDER_HDR'] }, { vlan: { id: 5, protocol: '802.1ad' } }, 'VLAN 5'],
    ['bond', { mode: '802.3ad', miimon: 100, xmit_hash_policy: 'layer3+4', ad_lacp_rate: 'fast' }, { bond: { mode: '802.3ad', miiMonitorMs: 100, hashPolicy: 'layer3+4', lacpRate: 'fast' } }, '802.3ad'],
    ['bond', { mode: 'active-backup', active_slave: 'eth0', primary: 'eth1' }, { bond: { mode: 'active-backup', activePort: 'eth0', primary: 'eth1' } }, 'active-backup, eth0'],
    ['gretap', { remote: '10.0.0.2', local: 'any', ttl: 0, ikey: '0.0.0.5', okey: '0.0.0.5' }, { tunnel: { remote: '10.0.0.2', ttl: 0, inputKey: '0.0.0.5', outputKey: '0.0.0.5' } }, '* → 10.0.0.2'],
    ['erspan', { remote: '10.0.0.2', local: '10.0.0.1', ttl: 64, erspan_ver: 1 }, { tunnel: { remote: '10.0.0.2', local: '10.0.0.1', ttl: 64, erspanVersion: 1 } }, '10.0.0.1 → 10.0.0.2'],
    ['geneve', { id: 7, remote6: 'fd00::2', ttl: 0, port: 6081 }, { tunnel: { id: 7, remote: 'fd00::2', ttl: 0, port: 6081 } }, '* → fd00::2'],
    ['gre', { external: true }, { tunnel: { ttl: 0, external: true } }, undefined],
    ['ipvlan', { mode: 'l3s', private: true }, { ipvlan: { mode: 'l3s', flag: 'private' } }, 'l3s'],
    ['vrf', { table: 10 }, { vrf: { table: '10' } }, 'table 10'],
    ['xfrm', { link: 'eth0', if_id: '0x5' }, { xfrm: { interfaceId: '0x5', device: 'eth0' } }, 'if_id 0x5'],
  ])('%s %j', (kind, data, facts, summary) => {
    const link = device(kind, data);
    expect(link).toMatchObject(facts);
    expect(link).not.toHaveProperty('info');
    expect(deviceSummary(link)).toBe(summary);
    expect(deviceFacts(link).length).toBeGreaterThan(0);
  });

  it('of another kind keep and tell what was printed', () => {
    const link = device('constructor', { secret: { a: 1 }, mode: 'x\u001b', count: 3 });
    expect(link.info).toEqual({ secret: { a: 1 }, mode: 'x\u001b', count: 3 });
    expect(deviceFacts(link)).toEqual([{ name: 'mode', value: 'x\u001b' }, { name: 'count', value: '3' }]);
  });

  it('keep what their shape does not hold', () => {
    expect(device('vlan', { protocol: '802.1Q', id: 5, flags: ['REORDER_HDR'] }).rest).toEqual({ linkinfo: { info_data: { flags: ['REORDER_HDR'] } } });
  });
});

it('names that no one should use are read as they are', () => {
  const names = linksOf('odd.addr.json').map(({ name }) => name);
  expect(names).toEqual(['lo', 'a;id', '$(id)', '<b>x', "it's", 'say"hi"', 'esc\u001b[31m', '\ufffd\ufffd', '-dash', 'back\\slash', '`id`', 'inner"x']);
});

it('a device whose other end is here has its number looked up', () => {
  const [first] = withPeerIndexes(
    [
      { ifindex: 3, ifname: 'a', link: 'b' },
      { ifindex: 4, ifname: 'b', link: 'a' },
    ].flatMap((record) => readLink(record) ?? []),
  );
  expect(first).toMatchObject({ peerName: 'b', peerIfindex: 4 });
});

describe('the same devices as text', () => {
  for (const name of ['overlay', 'root', 'macvlan', 'odd', 'tun']) {
    it(`say the same as JSON: ${name}`, () => {
      const { records, whole } = readLinksText(fixture(system, `${name}.addr.txt`));
      expect(whole).toBe(true);
      // What the text leaves out, or does not tell apart from other words, is not compared.
      const plain = (links: readonly Link[]): unknown[] => withPeerIndexes(links).map(({ rest: _, info: __, ...link }) => link);
      expect(plain(records)).toEqual(plain(linksOf(`${name}.addr.json`)).map(withoutNamedPeer));
    });
  }

  it("of busybox's ip lack kinds, and name masters and peers", () => {
    const { records, whole } = readLinksText(fixture('busybox-1.35', 'overlay.addr.txt'));
    expect(whole).toBe(true);
    expect(records.map(({ name }) => name)).toEqual(['lo', 'br0', 'vxlan0', 'veth0', 'veth1', 'veth2']);
    expect(named(records, 'veth0')).toMatchObject({ ifindex: 20, peerIfindex: 19, mtuBytes: 1450, master: 'br0', mac: 'da:f1:17:3f:c9:4f', operState: 'UNKNOWN' });
    expect(named(records, 'veth0').kind).toBeUndefined();
    expect(named(records, 'br0').addresses).toEqual([{ family: 'inet', address: '10.13.17.1', prefixLength: 24, scope: 'global' }]);
  });

  it('are not whole where a line is no device', () => {
    expect(readLinksText('sh: ip: Input/output error\n')).toEqual({ records: [], whole: false });
  });
});

/** Where the other namespace has a name under /run/netns, the text gives that instead of the number. */
function withoutNamedPeer(link: unknown): unknown {
  const { linkNetnsId, ...rest } = link as Link;
  return linkNetnsId !== undefined && rest.name === 'v;$(id)' ? rest : link;
}
