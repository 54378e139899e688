import type { NetworkId, Topology } from '../model/topology';

/**
 * A network on every host that has it, in the hosts' order. A host that is there more than once, live and recorded, counts once:
 * as the one whose network is asked for, else as the first.
 */
export function sharedNetworks(topology: Pick<Topology, 'host' | 'network' | 'shared'>, networkId: NetworkId): readonly NetworkId[] {
  const all = [...topology.shared.values()].find((ids) => ids.includes(networkId)) ?? [networkId];
  const chosen = new Map<string, NetworkId>();
  for (const id of [networkId, ...all]) {
    const machine = machineOf(topology, id);
    if (!chosen.has(machine)) chosen.set(machine, id);
  }
  const ids = new Set(chosen.values());
  return all.filter((id) => ids.has(id));
}

/** The swarm's node id, which a recording has too; outside a swarm no network spans hosts. */
function machineOf(topology: Pick<Topology, 'host' | 'network'>, networkId: NetworkId): string {
  const hostId = topology.network.get(networkId)?.hostId ?? networkId;
  const nodeId = topology.host.get(hostId)?.snapshot.engine?.swarm?.nodeId ?? '';
  return nodeId === '' ? hostId : nodeId;
}
