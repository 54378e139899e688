import { describe, expect, it } from 'vitest';
import { underlayPairs } from '../../../src/core/plan/underlayPairs';
import { buildTopology } from '../../../src/core/topology/buildTopology';
import { aLink, aNamespace, aSnapshot, processIn } from '../topology/builders';

type Row = readonly [device: string, address: string, length: number];
const network = (address: string, length: number): string => `${address.split('.').slice(0, length / 8).concat(['0', '0', '0']).slice(0, 4).join('.')}/${String(length)}`;

function host(name: string, rows: readonly Row[], gateway?: string): Parameters<typeof buildTopology>[0][number] {
  const links = rows.map(([device, address, prefixLength], at) => aLink(at + 2, { name: device, addresses: [{ family: 'inet', address, prefixLength, scope: 'global' }] }));
  const routes = [
    ...rows.map(([device, address, length]) => ({ family: 'inet' as const, destination: network(address, length), type: 'unicast', table: 'main', device })),
    ...(gateway === undefined ? [] : [{ family: 'inet' as const, destination: 'default', type: 'unicast', table: 'main', device: rows[0]?.[0] ?? '', gateway }]),
  ];
  return { id: `ssh://${name}`, label: name, snapshot: aSnapshot([aNamespace(1, { links, processCount: 1, processes: [processIn('/', 1)], routes })]) };
}

const pairs = (...hosts: Parameters<typeof buildTopology>[0]): string[] =>
  underlayPairs(buildTopology(hosts), 'ssh://a', 'ssh://b').map(({ a, b, direct }) => `${a.address} ${a.device} - ${b.address} ${b.device}${direct ? '' : ' by a gateway'}`);

describe('underlay addresses of a tunnel', () => {
  it('are those with which hosts reach each other, in one network first', () => {
    expect(pairs(host('a', [['eth0', '10.1.0.5', 24], ['eth1', '192.0.2.1', 24]], '10.1.0.1'), host('b', [['eth0', '10.2.0.5', 24], ['eth1', '192.0.2.2', 24]], '10.2.0.1'))).toEqual([
      '192.0.2.1 eth1 - 192.0.2.2 eth1',
      '10.1.0.5 eth0 - 10.2.0.5 eth0 by a gateway',
    ]);
  });

  it('are none without a route', () => {
    expect(pairs(host('a', [['eth0', '10.1.0.5', 24]]), host('b', [['eth0', '10.2.0.5', 24]]))).toEqual([]);
  });

  it('are not one address on both hosts', () => {
    expect(pairs(host('a', [['docker0', '172.17.0.1', 16]]), host('b', [['docker0', '172.17.0.1', 16]]))).toEqual([]);
  });
});
