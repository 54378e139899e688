import type { HostId } from '../../core/model/address';
import { networkId } from '../../core/model/ids';
import type { Network, Topology } from '../../core/model/topology';

/** The network that an engine knows by an id: on the host itself, else on any, since a store is shared. */
export function networkOf(topology: Topology, hostId: HostId, engineId: string): Network | undefined {
  const own = topology.network.get(networkId(hostId, engineId));
  if (own !== undefined) return own;
  for (const { id } of topology.hosts) {
    const other = topology.network.get(networkId(id, engineId));
    if (other !== undefined) return other;
  }
  return undefined;
}
