import { describe, expect, it } from 'vitest';
import { addressUse } from '../../../src/core/topology/addressUse';
import { buildTopology } from '../../../src/core/topology/buildTopology';
import { aNamespace, aNetwork, anEngine, aSnapshot, processIn } from './builders';
import type { EngineNetwork } from '../../../src/core/model/engine';

const endpoint = (ipv4: string, at: number) => ({ containerId: `c${String(at)}`, name: `c${String(at)}`, endpointId: `e${String(at)}`, ipv4 });
const host = (name: string, network: EngineNetwork) => ({ id: `ssh://${name}`, label: name, snapshot: { ...aSnapshot([aNamespace(1, { processCount: 1, processes: [processIn('/', 1)] })]), engine: anEngine([network], []) } });
const of = (...networks: EngineNetwork[]) => {
  const topology = buildTopology(networks.map((network, at) => host(`h${String(at)}`, network)));
  const [first] = topology.network.values();
  return first === undefined ? [] : addressUse(topology, first);
};

describe('the addresses of a network', () => {
  it('are those of the subnet without its own and broadcast ones; gateway, auxiliary and endpoints are used', () => {
    expect(of(aNetwork('n1', { subnets: [{ subnet: '10.1.0.0/24', gateway: '10.1.0.1', auxiliary: { router: '10.1.0.9' } }], endpoints: [endpoint('10.1.0.2/24', 1), endpoint('10.1.0.3/24', 2)] }))).toEqual([{ subnet: '10.1.0.0/24', usable: 254, used: 4 }]);
  });

  it('are those of the range, where the engine has one', () => {
    expect(of(aNetwork('n1', { subnets: [{ subnet: '10.1.0.0/24', gateway: '10.1.0.1', range: '10.1.0.128/25' }], endpoints: [endpoint('10.1.0.129/24', 1), endpoint('10.1.0.7/24', 2)] }))).toEqual([{ subnet: '10.1.0.0/24', range: '10.1.0.128/25', usable: 127, used: 1 }]);
  });

  it('of a swarm are counted on all hosts, each once, with the tasks elsewhere', () => {
    const shared = (...addresses: string[]): EngineNetwork => aNetwork('n1', { scope: 'swarm', driver: 'overlay', subnets: [{ subnet: '10.1.0.0/24', gateway: '10.1.0.1' }], endpoints: addresses.map(endpoint), tasks: [{ service: 's', name: 's.1', endpointId: 'x', ip: '10.1.0.2', hostAddress: '192.0.2.1' }, { service: 's', name: 's.2', endpointId: 'y', ip: '10.1.0.50', hostAddress: '192.0.2.9' }] });
    expect(of(shared('10.1.0.2/24'), shared('10.1.0.3/24'))).toEqual([{ subnet: '10.1.0.0/24', usable: 254, used: 4 }]);
  });

  it('of IPv6, and of what is no subnet, are not counted', () => {
    expect(of(aNetwork('n1', { subnets: [{ subnet: 'fd00::/64' }, { subnet: '10.1.0.0/99' }, { subnet: 'x' }] }))).toEqual([]);
  });
});
