import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readOvs, switchState } from '../../../src/core/facts/ovs';

/** What `ovs-vsctl --format=json` of Open vSwitch 3.1 printed on the lab's hosts. */
const fixture = (name: string): string => readFileSync(new URL(`../../fixtures/debian-12-openvswitch-3.1/${name}`, import.meta.url), 'utf8');

describe('the tables of an Open vSwitch database', () => {
  it('give the bridges of the experiment with VLANs, with tags and the GRE port', () => {
    const { bridges, whole, other } = readOvs(fixture('vlans-node1.json'));
    expect({ whole, other }).toEqual({ whole: true, other: [] });
    expect(bridges.map(({ name, datapathType, stp, ports }) => [name, datapathType, stp, ports.map((port) => [port.name, port.tag, port.interfaces.map(({ type }) => type)])])).toEqual([
      ['br-phy', 'netdev', false, [['br-phy', undefined, ['internal']], ['ovs-wire', undefined, ['']]]],
      ['br0', 'netdev', false, [['br0', undefined, ['internal']], ['gre0', undefined, ['gre']], [expect.stringMatching(/^tap/), expect.any(Number), ['']], [expect.stringMatching(/^tap/), expect.any(Number), ['']]]],
    ]);
    const gre = bridges[1]?.ports[1]?.interfaces[0];
    expect(gre).toMatchObject({ options: { remote_ip: '10.0.0.4' }, ofport: 1, adminState: 'up', linkState: 'up' });
    expect(gre).not.toHaveProperty('mtuBytes');
    expect(bridges[1]?.ports.flatMap(({ tag }) => tag ?? []).toSorted()).toEqual([10, 20]);
  });

  it('give the same without a choice of columns, as old ones are asked', () => {
    const all = readOvs(fixture('all-columns.json'));
    expect(all).toEqual(readOvs(fixture('vlans-node1.json')));
  });

  it('give trunks, native VLANs, bonds, patch ports, tunnels by flow, external ids, errors, and no secret', () => {
    const odd = readOvs(fixture('odd.json')).bridges.find(({ name }) => name === 'br-odd');
    expect(odd).toMatchObject({ failMode: 'secure', externalIds: { owner: 'it"s; $(id)' } });
    const port = (name: string) => odd?.ports.find((each) => each.name === name);
    expect(port('trunk1')).toMatchObject({ trunks: [10, 20] });
    expect(port('native1')).toMatchObject({ tag: 5, trunks: [7], vlanMode: 'native-untagged', interfaces: [{ externalIds: { container_id: 'abc', container_iface: 'eth1' } }] });
    expect(port('bond1')).toMatchObject({ bondMode: 'balance-slb', interfaces: expect.arrayContaining([expect.objectContaining({ name: 'b1a' }), expect.objectContaining({ name: 'b1b' })]) as unknown });
    expect(port('pt1')?.interfaces[0]).toMatchObject({ type: 'patch', options: { peer: 'pt2' } });
    expect(port('gnv1')?.interfaces[0]).toMatchObject({ type: 'geneve', options: { remote_ip: 'flow', key: 'flow' } });
    expect(port('vx1')?.interfaces[0]?.options).toEqual({ remote_ip: '10.0.0.3', local_ip: '10.0.0.4', key: '77' });
    expect(port('missing0')?.interfaces[0]).toMatchObject({ ofport: -1, error: 'could not open network device missing0 (No such device)' });
  });

  it('keep what is whole of spoilt and hostile ones', () => {
    const [bridges = '', ports = '', interfaces = ''] = fixture('vlans-node1.json').trim().split('\n');
    expect(readOvs(`${bridges}\n${ports}\n${interfaces.slice(0, 90)}`)).toMatchObject({ whole: false, other: [interfaces.slice(0, 90)] });
    expect(readOvs(`${bridges}\n${ports}\n${interfaces.slice(0, 90)}`).bridges.map(({ name }) => name)).toEqual(['br-phy', 'br0']);
    const uuid = ['uuid', '00000000-0000-0000-0000-000000000001'];
    const table = (headings: readonly string[], ...data: readonly unknown[]): string => JSON.stringify({ headings, data });
    const odd = [
      table(['_uuid', 'name', 'ports', 'external_ids'], [uuid, 'b', ['set', 'x'], ['map', [['__proto__', 'p'], ['a', 1], 5]]], 'row', [['uuid', 'no'], 'c']),
      table(['_uuid', 'name', 'tag'], [uuid, 'p', 70_000]),
      table(['_uuid']),
    ].join('\n');
    expect(readOvs(odd)).toEqual({ whole: false, other: [], bridges: [{ uuid: uuid[1], name: 'b', datapathType: 'system', stp: false, externalIds: { a: '1' }, ports: [] }] });
  });

  it('are read beside the state of the daemon', () => {
    expect(['S', 'R', 'T', 't', 'Z', 'none', undefined].map(switchState)).toEqual(['running', 'running', 'stopped', 'stopped', 'none', 'none', 'none']);
  });
});
