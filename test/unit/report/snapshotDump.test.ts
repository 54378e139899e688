import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { DumpId } from '../../../src/core/command/dumps';
import { readFdbText } from '../../../src/core/facts/fdbText';
import { readLinksText } from '../../../src/core/facts/linkText';
import { readNeighboursText } from '../../../src/core/facts/neighbourText';
import { readRoutesText } from '../../../src/core/facts/routeText';
import type { Link } from '../../../src/core/model/link';
import type { NamespaceRecord } from '../../../src/core/model/snapshot';
import { readBridgeVlansText } from '../../../src/core/facts/bridgeVlan';
import { snapshotDump } from '../../../src/core/report/snapshotDump';

const captured = (file: string): string => readFileSync(new URL(`../../fixtures/debian-12-iproute2-6.1/${file}`, import.meta.url), 'utf8');

function recordOf(place: string): NamespaceRecord {
  return {
    key: '4:1', inode: 1, device: 4, paths: [], processCount: 0, processes: [], read: 'full',
    links: readLinksText(captured(`${place}.addr.txt`)).records,
    routes: readRoutesText(captured(`${place}.route.txt`)).records,
    neighbours: readNeighboursText(captured(`${place}.neigh.txt`)).records,
    fdb: readFdbText(captured(`${place}.fdb.txt`)).records,
  };
}

const dumped = (record: NamespaceRecord, id: DumpId): string => snapshotDump(record, id) ?? '';

/** Without what a snapshot does not hold. */
const rows = (text: string): string[] => text.split('\n').filter((line) => line !== '').map((line) => line.replace(/ link-netnsid \d+/, '').trim());

describe.each(['overlay', 'root'])('snapshotDump of the captured namespace "%s"', (place) => {
  const record = recordOf(place);

  test.each([['fdb', 'fdb'], ['neighbours', 'neigh']] as const)('%s rows are what the tool printed', (id, file) => {
    expect(rows(dumped(record, id))).toEqual(rows(captured(`${place}.${file}.txt`)));
  });

  test('routes read back as the same routes', () => {
    expect(record.routes.length).toBeGreaterThan(3);
    expect(readRoutesText(dumped(record, 'routes')).records).toEqual(record.routes);
  });

  test('links read back as the same links, but for addresses and what has no field of its own', () => {
    const known = readLinksText(dumped(record, 'links')).records;
    const fields = ['ifindex', 'name', 'kind', 'linkType', 'mac', 'mtuBytes', 'flags', 'operState', 'master', 'peerIfindex', 'peerName', 'linkNetnsId', 'bridge', 'vxlan', 'bridgePort'] as const;
    const plain = (link: (typeof known)[number]): unknown[] => fields.map((field) => link[field]);
    expect(record.links.length).toBeGreaterThan(2);
    expect(known.map(plain)).toEqual(record.links.map(plain));
  });

  test('addresses read back as the same addresses', () => {
    const known = readLinksText(dumped(record, 'addresses')).records;
    expect(known.map((link) => link.addresses)).toEqual(record.links.map((link) => link.addresses));
  });
});

describe('snapshotDump', () => {
  const record = recordOf('overlay');

  test('VLANs of bridge ports read back as the same', () => {
    const vlans = [{ id: 1, untagged: true }, { id: 10, pvid: true, untagged: true }, { id: 20, lastId: 22 }] as const;
    const text = dumped({ ...record, links: record.links.map((link) => (link.name === 'veth0' ? { ...link, vlans } : link)) }, 'bridges');
    expect(readBridgeVlansText(text.slice(text.indexOf('port ')))).toEqual({ records: [{ device: 'veth0', vlans }], whole: true });
    expect(dumped(record, 'bridges')).not.toContain('vlan-id');
  });

  test('bridge ports have their state', () => {
    expect(dumped(record, 'bridges')).toContain('20: veth0@if19: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1450 master br0 state forwarding\n');
  });

  test.each(['firewall', 'sockets', 'conntrack', 'sysctls'] satisfies DumpId[])('%s is not in a snapshot', (id) => {
    expect(snapshotDump(record, id)).toBeUndefined();
  });

  test('an empty table is empty text, not an absent one', () => {
    expect(snapshotDump({ ...record, fdb: [] }, 'fdb')).toBe('');
  });

  test('hostile names become printable', () => {
    const link = { ...record.links[0]!, name: 'a\n\x1b[31m', addresses: [] };
    expect(snapshotDump({ ...record, links: [link] }, 'links')).toContain('1: a\\n\\x1b[31m: <');
  });
});

test('links of other kinds read back as the same links', () => {
  const base = { linkType: 'ether', mtuBytes: 1500, flags: ['UP'], operState: 'UP', addresses: [] };
  const devices: readonly Partial<Link>[] = [
    { kind: 'vlan', vlan: { id: 5, protocol: '802.1Q' } },
    { kind: 'bond', bond: { mode: '802.3ad', activePort: 'eth0', primary: 'eth1', miiMonitorMs: 100, hashPolicy: 'layer2', lacpRate: 'slow' } },
    { kind: 'gretap', tunnel: { remote: '10.0.0.2', ttl: 0, inputKey: '0.0.0.5', outputKey: '0.0.0.6' } },
    { kind: 'geneve', tunnel: { id: 7, port: 6081, local: '10.0.0.1', remote: '10.0.0.2', ttl: 64 } },
    { kind: 'gre', tunnel: { ttl: 0, external: true } },
    { kind: 'ipvlan', ipvlan: { mode: 'l2', flag: 'private' } },
    { kind: 'macvtap', macvlan: { mode: 'bridge' } },
    { kind: 'vrf', vrf: { table: '10' } },
    { kind: 'xfrm', xfrm: { interfaceId: '0x5', device: 'eth0' } },
    { kind: 'dummy' },
  ];
  const links = devices.map((device, at): Link => ({ ifindex: at + 1, name: `k${String(at)}`, ...base, ...device }));
  expect(readLinksText(dumped({ ...recordOf('overlay'), links }, 'links')).records).toEqual(links);
  const captures = readLinksText(captured('tun.addr.txt')).records;
  expect(captures.map(({ tun }) => tun?.layer)).toContain('tap');
  const facts = ({ ifindex, name, kind, tun, macvlan }: Link): unknown => ({ ifindex, name, kind, tun, macvlan });
  expect(readLinksText(dumped({ ...recordOf('overlay'), links: captures }, 'links')).records.map(facts)).toEqual(captures.map(facts));
});
