import { describe, expect, it } from 'vitest';
import { readFdbEntry } from '../../../src/core/facts/fdb';
import { readFdbText } from '../../../src/core/facts/fdbText';
import { readJsonRecords } from '../../../src/core/facts/json';
import { readNeighbour } from '../../../src/core/facts/neighbour';
import { readNeighboursText } from '../../../src/core/facts/neighbourText';
import type { ToolRecord } from '../../../src/core/facts/record';
import { readRoute } from '../../../src/core/facts/route';
import { readRoutesText } from '../../../src/core/facts/routeText';
import { fixture } from './fixtures';

const system = 'debian-12-iproute2-6.1';
const records = <T>(name: string, read: (record: ToolRecord) => T | undefined): T[] => readJsonRecords(fixture(system, name)).records.flatMap((record) => read(record) ?? []);
const withoutRest = (list: readonly { readonly rest?: unknown }[]): unknown[] => list.map(({ rest: _, ...record }) => record);

describe('routes', () => {
  const routes = records('root.route.json', readRoute);

  it('of a host: default, linked, and the local table', () => {
    expect(withoutRest(routes)[0]).toEqual({ family: 'inet', destination: 'default', type: 'unicast', table: 'main', gateway: '192.168.56.254', device: 'eth0', protocol: 'boot', scope: 'global' });
    expect(routes).toContainEqual(expect.objectContaining({ type: 'local', table: 'local', family: 'inet', device: 'lo', destination: '127.0.0.0/8' }));
    expect(routes.filter(({ family }) => family === 'inet6').every(({ destination }) => destination.includes(':'))).toBe(true);
  });

  it('as text say the same', () => {
    const text = readRoutesText(fixture(system, 'root.route.txt'));
    expect(text.whole).toBe(true);
    // Text leaves out what is usual: protocol boot, scopes global and host.
    const usual = (list: readonly object[]): unknown[] => list.map((route) => ({ ...route, protocol: undefined, scope: undefined, rest: undefined, metric: undefined }));
    expect(usual(text.records)).toEqual(usual(routes));
  });

  it("of busybox's ip are read", () => {
    const { records: found, whole } = readRoutesText(fixture('busybox-1.35', 'root.route.txt'));
    expect(whole).toBe(true);
    expect(found[0]).toMatchObject({ destination: 'default', gateway: '192.168.56.254', device: 'eth0', table: 'main' });
    expect(found).toHaveLength(routes.length);
  });

  it('with several next hops keep them', () => {
    const json = readRoute({ dst: '10.9.0.0/16', nexthops: [{ gateway: '10.1.1.1', dev: 'a', weight: 1, flags: [] }, { via: { family: 'inet6', host: 'fe80::1' }, dev: 'b', weight: 2, flags: [] }] });
    const text = readRoutesText('10.9.0.0/16 \n\tnexthop via 10.1.1.1 dev a weight 1 \n\tnexthop via inet6 fe80::1 dev b weight 2 \n').records[0];
    expect(json?.nexthops).toEqual([{ gateway: '10.1.1.1', device: 'a', weight: 1 }, { gateway: 'fe80::1', device: 'b', weight: 2 }]);
    expect(text?.nexthops).toEqual(json?.nexthops);
  });

  it('without a destination are none', () => {
    expect(readRoute({ dev: 'x' })).toBeUndefined();
    expect(readRoutesText('Dump terminated\n')).toEqual({ records: [], whole: false });
  });
});

describe('neighbours', () => {
  const neighbours = records('overlay.neigh.json', readNeighbour);

  it("of an overlay's VXLAN device", () => {
    expect(neighbours).toEqual([
      { address: '10.13.17.8', device: 'vxlan0', mac: '02:42:0a:0d:11:08', states: ['PERMANENT'] },
      { address: '10.13.17.2', device: 'vxlan0', mac: '02:42:0a:0d:11:02', states: ['PERMANENT'] },
    ]);
  });

  it('as text say the same', () => {
    for (const name of ['overlay', 'root']) {
      expect(withoutRest(readNeighboursText(fixture(system, `${name}.neigh.txt`)).records)).toEqual(withoutRest(records(`${name}.neigh.json`, readNeighbour)));
    }
  });

  it("of busybox's ip are read", () => {
    expect(readNeighboursText(fixture('busybox-1.35', 'overlay.neigh.txt'))).toEqual({ records: neighbours, whole: true });
  });
});

describe('forwarding databases', () => {
  const rows = records('overlay.fdb.json', readFdbEntry);

  it('of an overlay: the tunnel rows have a VTEP, the others a master', () => {
    expect(withoutRest(rows)).toContainEqual({ mac: '02:42:0a:0d:11:08', device: 'vxlan0', destination: '192.168.56.12', flags: ['self'], state: 'permanent' });
    expect(withoutRest(rows)).toContainEqual({ mac: 'da:f1:17:3f:c9:4f', device: 'veth0', master: 'br0', flags: [], state: 'permanent' });
    expect(rows.find(({ destination }) => destination !== undefined)?.rest).toEqual({ linkNetNsId: 0 });
  });

  it('as text say the same', () => {
    for (const name of ['overlay', 'root']) {
      const text = readFdbText(fixture(system, `${name}.fdb.txt`));
      expect(text.whole).toBe(true);
      expect(text.records).toEqual(withoutRest(records(`${name}.fdb.json`, readFdbEntry)));
    }
  });

  it('name devices as they are called', () => {
    expect(readFdbText('02:00:00:00:00:01 dev dst vlan 7 master master permanent\n').records).toEqual([
      { mac: '02:00:00:00:00:01', device: 'dst', vlan: 7, master: 'master', flags: [], state: 'permanent' },
    ]);
  });
});
