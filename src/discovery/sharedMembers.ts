import type { Snapshot } from '../core/model/snapshot';
import { taskMembers } from './swarmTasks';

/**
 * Who of this host is in each network that other hosts may have too, by the engine's network id. Where that changes, the engines of the
 * other hosts write or remove FDB rows and neighbours, of which they tell no event. Tasks of a swarm are such members, too, of its managers.
 */
export function sharedMembers(snapshot: Snapshot | undefined): ReadonlyMap<string, string> {
  const shared = (snapshot?.engine?.networks ?? []).filter(({ scope }) => scope === 'swarm' || scope === 'global');
  return new Map([...shared.map(({ id, endpoints }) => [id, endpoints.map(({ mac, ipv4 }) => `${mac ?? ''} ${ipv4 ?? ''}`).sort().join('\n')] as const), ...taskMembers(snapshot)]);
}

/** Ids of the networks in which somebody came or went; a network that is known to one side alone had or has nobody. */
export function changedNetworks(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): ReadonlySet<string> {
  return new Set([...before.keys(), ...after.keys()].filter((id) => (before.get(id) ?? '') !== (after.get(id) ?? '')));
}
