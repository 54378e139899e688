import { describe, expect, it } from 'vitest';
import { readJsonRecords } from '../../../src/core/facts/json';
import { readLink, withPeerIndexes } from '../../../src/core/facts/link';
import { readLinksText } from '../../../src/core/facts/linkText';
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
  for (const name of ['overlay', 'root', 'macvlan', 'odd']) {
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
