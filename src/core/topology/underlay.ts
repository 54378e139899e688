import type { NamespaceRecord, Snapshot } from '../model/snapshot';
import { canonicalAddress } from './canonicalAddress';

/**
 * The addresses by which other hosts reach this one, most likely tunnel endpoint first: what the swarm advertises, then what VXLAN devices
 * are bound to, then the global addresses of the root namespace, those of the default routes' devices first.
 * Bridges that the engine made for its networks reach no other host, and are left out.
 */
export function findUnderlay(snapshot: Snapshot, root: NamespaceRecord | undefined): readonly string[] {
  const addresses: string[] = [];
  const swarm = snapshot.engine?.swarm?.nodeAddress;
  if (swarm !== undefined && swarm !== '') addresses.push(swarm);
  const own = new Set(root?.links.flatMap((link) => link.addresses.map(({ address }) => canonicalAddress(address))) ?? []);
  for (const { links } of snapshot.namespaces) {
    for (const { vxlan } of links) if (vxlan?.local !== undefined && own.has(canonicalAddress(vxlan.local))) addresses.push(vxlan.local);
  }
  if (root) {
    const gateways = new Set((snapshot.engine?.networks ?? []).flatMap(({ subnets }) => subnets.flatMap(({ gateway }) => (gateway === undefined ? [] : [canonicalAddress(gateway)]))));
    const defaults = new Set(root.routes.filter(({ destination, type }) => destination === 'default' && type === 'unicast').map(({ device }) => device));
    const links = [...root.links].sort((a, b) => Number(defaults.has(b.name)) - Number(defaults.has(a.name)) || a.ifindex - b.ifindex);
    for (const { addresses: given } of links) {
      for (const { address, scope } of given) if (scope === 'global' && !gateways.has(canonicalAddress(address))) addresses.push(address);
    }
  }
  return [...new Set(addresses.map(canonicalAddress))];
}
