import { networkOf, parseIpv4, parsePrefix } from '../model/ipv4';
import type { Network, Topology } from '../model/topology';
import { sharedNetworks } from './sharedNetworks';

/** How full one of a network's IPv4 subnets is. */
export interface AddressUse {
  readonly subnet: string;
  /** The part that the engine gives addresses of; absent: all of the subnet. */
  readonly range?: string;
  /** Addresses of hosts in the range, or in the subnet. */
  readonly usable: number;
  /** Of those: gateway, auxiliary addresses, endpoints. */
  readonly used: number;
}

/**
 * Counted from what the engines say: the gateway, auxiliary addresses, endpoints on every host that was read, and the tasks that a swarm tells of. Endpoints of a host that was
 * not read, and containers that are stopped, which keep no address, are not among them. IPv6 subnets are too large to count.
 */
export function addressUse(topology: Topology, network: Network): readonly AddressUse[] {
  const all = sharedNetworks(topology, network.id).flatMap((id) => topology.network.get(id)?.engine ?? []);
  const taken = new Set(
    all.flatMap(({ subnets, endpoints, tasks }) => [
      ...subnets.flatMap(({ gateway, auxiliary }) => [gateway, ...Object.values(auxiliary ?? {})]),
      ...endpoints.map(({ ipv4 }) => ipv4),
      ...tasks.map(({ ip }) => ip),
    ]).flatMap((address) => parseIpv4(address?.split('/')[0] ?? '') ?? []),
  );
  return network.engine.subnets.flatMap(({ subnet, range }): AddressUse[] => {
    const whole = boundsOf(subnet);
    const part = range === undefined ? whole : boundsOf(range);
    if (whole === undefined || part === undefined) return [];
    // The subnet's own and broadcast addresses are nobody's (RFC 919); a /31 has neither (RFC 3021).
    const [first, last] = whole.last - whole.first < 2 ? [whole.first, whole.last] : [whole.first + 1, whole.last - 1];
    const [from, to] = [Math.max(first, part.first), Math.min(last, part.last)];
    if (to < from) return [];
    const used = [...taken].filter((address) => address >= from && address <= to).length;
    return [{ subnet, ...(range !== undefined && { range }), usable: to - from + 1, used }];
  });
}

function boundsOf(text: string): { readonly first: number; readonly last: number } | undefined {
  const prefix = parsePrefix(text);
  if (prefix === undefined) return undefined;
  const first = networkOf(prefix).address;
  return { first, last: first + 2 ** (32 - prefix.length) - 1 };
}
