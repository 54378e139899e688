import { formatPrefix, networkOf, overlaps, parsePrefix, type Prefix } from '../model/ipv4';
import type { Route } from '../model/link';
import type { Sandbox } from '../model/topology';
import { PlanRefused } from './plan';

/** Addresses that plans are asked for, and which of them are taken. */

/** @throws PlanRefused that names what the text was for */
export function requirePrefix(text: string, what: string): Prefix {
  const prefix = parsePrefix(text);
  if (prefix === undefined) throw new PlanRefused(`${what} is "${text}", which is no IPv4 address with a prefix length, such as 10.9.0.1/30.`);
  return prefix;
}

/** An address that a device can have. @throws PlanRefused for a network's own or broadcast address, and for what is nobody's (RFC 1122, 3.2.1.3; RFC 5771) */
export function requireHostAddress(text: string, what: string): Prefix {
  const prefix = requirePrefix(text, what);
  const first = Math.floor(prefix.address / 2 ** 24);
  if (first === 0 || first === 127 || first >= 224) throw new PlanRefused(`${what} is "${text}", which no device of a network can have. Choose another one.`);
  const network = networkOf(prefix);
  const last = network.address + 2 ** (32 - prefix.length) - 1;
  if (prefix.length < 31 && (prefix.address === network.address || prefix.address === last)) throw new PlanRefused(`${formatPrefix(prefix)} is its network's own or broadcast address. Give one of a host.`);
  return prefix;
}

/** @throws PlanRefused for what is no network, or an address in one */
export function requireNetwork(text: string, what: string): Prefix {
  const prefix = requirePrefix(text, what);
  const network = networkOf(prefix);
  if (network.address !== prefix.address) throw new PlanRefused(`"${text}" has bits beyond its prefix; the network is ${formatPrefix(network)}.`);
  return network;
}

/** The first /30 of 10.213.0.0/16 that overlaps none of these, as its two usable addresses. @throws PlanRefused where none is free */
export function freePair(taken: readonly Prefix[]): readonly [Prefix, Prefix] {
  const pool = parsePrefix('10.213.0.0/16') as Prefix;
  for (let address = pool.address; address < pool.address + 65536; address += 4) {
    const candidate = { address, length: 30 };
    if (!taken.some((each) => overlaps(each, candidate))) return [{ address: address + 1, length: 30 }, { address: address + 2, length: 30 }];
  }
  throw new PlanRefused('No /30 of 10.213.0.0/16 is free on both hosts. Say which addresses the tunnel is to have.');
}

/** @returns undefined for a default route, which is everybody's and in nobody's way */
export function routePrefix(route: Route): Prefix | undefined {
  const prefix = route.family === 'inet' && route.type === 'unicast' ? parsePrefix(route.destination) : undefined;
  return prefix === undefined || prefix.length === 0 ? undefined : prefix;
}

/** The namespace's first route into the network, or a part of it, other than by that device. */
export function routeInto({ record }: Sandbox, network: Prefix, device: string): Route | undefined {
  return record.routes.find((route) => {
    const prefix = route.device === device ? undefined : routePrefix(route);
    return prefix !== undefined && overlaps(prefix, network);
  });
}

/**
 * @param taken what is asked for, as it is to be read
 * @param choose what to choose another one of
 * @throws PlanRefused where a route of the namespace overlaps the network, other than by that device
 */
export function refuseOverlap(sandbox: Sandbox, network: Prefix, place: string, device: string, taken: string, choose = 'address'): void {
  const route = routeInto(sandbox, network, device);
  if (route !== undefined) throw new PlanRefused(`${taken} overlaps ${route.destination}, which ${place} sends to ${route.device ?? 'another way'}. Choose another ${choose}.`);
}
