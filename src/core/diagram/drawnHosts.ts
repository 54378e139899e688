import type { HostNode, NetworkId, Topology } from '../model/topology';
import { sharedNetworks } from '../topology/sharedNetworks';

/** The hosts that a network's diagram shows, in the hosts' order; none where no such network is in the topology. */
export function drawnHosts(topology: Topology, networkId: NetworkId): readonly HostNode[] {
  const ids = new Set(sharedNetworks(topology, networkId).map((id) => topology.network.get(id)?.hostId));
  return topology.hosts.filter((host) => ids.has(host.id));
}

/** When the last of these hosts was read, as its snapshot has it (ISO 8601); undefined for no host. */
export function lastRead(hosts: readonly HostNode[]): string | undefined {
  return hosts.map(({ snapshot }) => snapshot.takenAt).reduce<string | undefined>((last, next) => (last === undefined || Date.parse(next) > Date.parse(last) ? next : last), undefined);
}
