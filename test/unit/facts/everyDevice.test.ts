import { describe, expect, it } from 'vitest';
import { readBridgeVlans, readBridgeVlansText } from '../../../src/core/facts/bridgeVlan';
import { readFdbEntry } from '../../../src/core/facts/fdb';
import { readFdbText } from '../../../src/core/facts/fdbText';
import { readJsonRecords } from '../../../src/core/facts/json';
import { readLink, withPeerIndexes } from '../../../src/core/facts/link';
import { readLinksText } from '../../../src/core/facts/linkText';
import type { ToolRecord } from '../../../src/core/facts/record';
import { readRoute } from '../../../src/core/facts/route';
import { readRoutesText } from '../../../src/core/facts/routeText';
import type { Link } from '../../../src/core/model/link';
import { fixture } from './fixtures';

/** Recorded on a virtual machine with Debian's own kernel, which knows all kinds: test/lab/machines/recordDevices.mjs. */
const system = 'debian-12-every-device';
const records = readJsonRecords(fixture(system, 'addr.json')).records;
const read = (from: readonly ToolRecord[]): readonly Link[] => withPeerIndexes(from.flatMap((record) => readLink(record) ?? []));
const without = (record: object, names: ReadonlySet<string>): Record<string, unknown> => Object.fromEntries(Object.entries(record).filter(([name]) => !names.has(name)));
const withoutRest = (list: readonly object[]): unknown[] => list.map((record) => without(record, new Set(['rest', 'info'])));

describe('every kind of device, as a kernel with all of them has it', () => {
  it('has its facts, or keeps what was printed', () => {
    const everyKindHas = new Set(['ifindex', 'name', 'kind', 'linkType', 'mac', 'mtuBytes', 'flags', 'operState', 'addresses', 'bridgePort', 'rest']);
    const facts = read(records).map((link) => [link.name, link.kind, link.linkType, without(link, everyKindHas)]);
    expect(facts).toMatchSnapshot();
  });

  it('says the same in the text of ip', () => {
    const { records: links, whole } = readLinksText(fixture(system, 'addr.txt'));
    expect(whole).toBe(true);
    expect(withoutRest(withPeerIndexes(links))).toEqual(withoutRest(read(records)));
  });

  it('has its routes and its forwarding database the same in both', () => {
    const routes = readRoutesText(fixture(system, 'route.txt'));
    expect(routes.whole).toBe(true);
    expect(withoutRest(routes.records)).toEqual(withoutRest(readJsonRecords(fixture(system, 'route.json')).records.flatMap((record) => readRoute(record) ?? [])));
    const fdb = readFdbText(fixture(system, 'fdb.txt'));
    expect(fdb.whole).toBe(true);
    expect(withoutRest(fdb.records)).toEqual(withoutRest(readJsonRecords(fixture(system, 'fdb.json')).records.flatMap((record) => readFdbEntry(record) ?? [])));
  });

  it('has the VLANs of its bridge ports the same in both, neighbours of a kind as a range', () => {
    const vlans = readJsonRecords(fixture(system, 'vlan.json')).records.map(readBridgeVlans);
    expect(vlans).toEqual([[{ device: 'v0', vlans: [{ id: 1, untagged: true }, { id: 10, pvid: true, untagged: true }, { id: 20, lastId: 22 }] }]]);
    expect(readBridgeVlansText(fixture(system, 'vlan.txt'))).toEqual({ records: vlans.flat(), whole: true });
  });

  it.each([
    ['a range of the tool', { ifname: 'p', vlans: [{ vlan: 2, vlanEnd: 9 }, { vlan: 10 }, { vlan: 12, flags: ['PVID'] }] }, [{ device: 'p', vlans: [{ id: 2, lastId: 10 }, { id: 12, pvid: true }] }]],
    ['devices as members, as before iproute2 4.17', { p: [{ vlan: 1, flags: ['PVID', 'Egress Untagged'] }], q: [{ vlan: 3 }] }, [{ device: 'p', vlans: [{ id: 1, pvid: true, untagged: true }] }, { device: 'q', vlans: [{ id: 3 }] }]],
    ['no record of it', { x: 1 }, undefined],
  ])('reads VLANs: %s (records made by hand)', (_, record, expected) => {
    expect(readBridgeVlans(record)).toEqual(expected);
  });

  it('reads VLANs in the text of older ones (made by hand from print_vlan in bridge/vlan.c), and says what is none', () => {
    expect(readBridgeVlansText('port\tvlan ids\nv0\t 1 PVID Egress Untagged\n\t 10-12\n\nbr0\tNone\n')).toEqual({ records: [{ device: 'v0', vlans: [{ id: 1, pvid: true, untagged: true }, { id: 10, lastId: 12 }] }, { device: 'br0', vlans: [] }], whole: true });
    expect(readBridgeVlansText('sh: bridge: Input/output error\n').whole).toBe(false);
  });

  it('is read from an iproute2 whose JSON lacks fields (a stand-in: these records without what later versions added)', () => {
    const later = new Set(['altnames', 'permaddr', 'allmulti', 'min_mtu', 'max_mtu', 'parentbus', 'parentdev', 'gro_max_size', 'tso_max_size', 'tso_max_segs', 'inet6_addr_gen_mode', 'deprecated', 'dynamic']);
    // Whose data older ones do not print: ip/iplink_xfrm.c came with 5.1.
    const laterKinds = new Set(['xfrm', 'tun']);
    const older = records.map((record): ToolRecord => {
      const info = record['linkinfo'] as { readonly info_kind?: string; readonly info_data?: unknown } | undefined;
      const kept = without(record, later);
      return info?.info_kind === undefined || !laterKinds.has(info.info_kind) ? kept : { ...kept, linkinfo: without(info, new Set(['info_data'])) };
    });
    const expected = read(records).map((link) => without(link, laterKinds));
    expect(withoutRest(read(older))).toEqual(withoutRest(expected));
    expect(read(older).map(({ kind }) => kind)).toEqual(read(records).map(({ kind }) => kind));
  });
});
