import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { DumpId } from '../../../src/core/command/dumps';
import { readFdbText } from '../../../src/core/facts/fdbText';
import { readLinksText } from '../../../src/core/facts/linkText';
import { readNeighboursText } from '../../../src/core/facts/neighbourText';
import { readRoutesText } from '../../../src/core/facts/routeText';
import type { NamespaceRecord } from '../../../src/core/model/snapshot';
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
