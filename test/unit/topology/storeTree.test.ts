import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readEtcd2 } from '../../../src/core/facts/storeAnswers';
import type { HostStores, StoreRecord } from '../../../src/core/model/store';
import { storeTree, type StoreEntry } from '../../../src/core/topology/storeTree';

const demonet = '5900091e1458edd5e11bbda8da81956aca36189d5b320c8f3e0eea1467f35b88';
const records = readEtcd2(JSON.parse(readFileSync(new URL('../../fixtures/debian-12-etcd-3.4/v2-keys.json', import.meta.url), 'utf8')))?.records ?? [];
const of = (found: readonly StoreRecord[], more: Partial<HostStores['stores'][number]> = {}): HostStores => ({ stores: [{ address: 'etcd://a', from: 'docker info', faults: [], readings: [{ api: 'etcd v2', records: found }], ...more }], faults: [] });
const drawn = (entries: readonly StoreEntry[], depth = 0): string[] => entries.flatMap((entry) => [`${'  '.repeat(depth)}${entry.name.replace(/^([0-9a-f]{12})[0-9a-f]{52}$/, '$1')}${entry.is === '' ? '' : ` — ${entry.is}`}`, ...drawn(entry.children, depth + 1)]);

describe('what a store holds', () => {
  it('is a tree of the parts of its keys, of which each is told for what it is', () => {
    expect(drawn(storeTree('h', of(records)).entries)).toEqual([
      'etcd://a — etcd v2',
      '  docker',
      '    network',
      '      v1.0',
      '        endpoint',
      '          5900091e1458 — demonet',
      '            262edaf9f37a — endpoint c2 of demonet · 10.13.17.2/24 · 02:42:0a:0d:11:02 · on 192.168.58.12',
      '            d56f07534e5e — endpoint c1 of demonet · 10.13.17.11/24 · 02:42:0a:0d:11:0b · on 192.168.58.11',
      '        endpoint_count',
      '          5900091e1458 — 2 endpoints of demonet',
      '        idm',
      '          vxlan-id — VXLAN ids · 1 of 16776960 taken',
      '        ipam',
      '          default',
      '            config',
      '              GlobalDefault — address pools · 10.13.17.0/24',
      '            data',
      '              GlobalDefault',
      '                10.13.17.0',
      '                  24 — addresses of 10.13.17.0/24 · 5 of 256 taken',
      '        network',
      '          5900091e1458 — network demonet · overlay · 10.13.17.0/24',
      '        overlay',
      '          network',
      '            5900091e1458 — overlay demonet · 10.13.17.0/24 · VNI 256',
      '    nodes',
      expect.stringMatching(/^ {6}192\.168\.58\.11:2375 — engine that advertises itself · forgotten in \d+ s/),
      expect.stringMatching(/^ {6}192\.168\.58\.12:2375 — engine that advertises itself/),
    ]);
  });

  it('is found by its network, whose own record says most, and by its id, all of them different', () => {
    const { byNetwork, byId, entries } = storeTree('h', of(records));
    expect([...byNetwork.keys()]).toEqual([demonet]);
    expect(byNetwork.get(demonet)).toMatchObject({ is: 'network demonet · overlay · 10.13.17.0/24', record: { key: `/docker/network/v1.0/network/${demonet}`, json: true }, parent: { name: 'network', parent: { name: 'v1.0' } } });
    const all = (some: readonly StoreEntry[]): StoreEntry[] => some.flatMap((entry) => [entry, ...all(entry.children)]);
    expect(byId.size).toBe(all(entries).length);
    expect(entries[0]?.records).toBe(records.length);
  });

  it('may have a key that is a folder too, and keys that differ by slashes alone: none is lost', () => {
    const keys = ['a', 'a/b', '/a/b', '', '/', 'constructor', '__proto__/x'];
    const { entries, byId } = storeTree('h', of(keys.map((key) => ({ key, value: '1' }))));
    const found = [...byId.values()].flatMap(({ record }) => record?.key ?? []);
    expect(found.toSorted()).toEqual(keys.toSorted());
    expect(entries[0]?.children.find(({ name }) => name === 'a')).toMatchObject({ record: { key: 'a' }, records: 2, children: [{ name: 'b' }] });
  });

  it('holds no value, and so many keys that a list would not end are counted', () => {
    const tree = storeTree('h', of(Array.from({ length: 1500 }, (_, index) => ({ key: `/big/${String(index)}`, value: 'x'.repeat(500) }))));
    const [big] = tree.entries[0]?.children ?? [];
    expect([big?.children.length, big?.more, big?.records]).toEqual([1000, 500, 1500]);
    expect(JSON.stringify(big?.children.map(({ is }) => is))).not.toContain('x'.repeat(61));
  });

  it('that could not be read is a row with its faults; two interfaces of one server are two', () => {
    const faults = [{ code: 'time-limit' as const, message: 'Slow.' }];
    expect(storeTree('h', of([], { readings: [], faults })).entries).toMatchObject([{ name: 'etcd://a', is: '', children: [], faults }]);
    const two = storeTree('h', of([], { readings: [{ api: 'etcd v2', records: [] }, { api: 'etcd v3', records: [] }], faults }));
    expect(two.entries.map(({ is, faults: own }) => [is, own.length])).toEqual([['etcd v2', 1], ['etcd v3', 0]]);
  });
});
