import type { HostNode, LinkNode, Topology } from '../model/topology';
import type { Route } from '../model/link';
import { overlaps, parseIpv4, parsePrefix, type Prefix } from '../model/ipv4';

/** Two addresses with which hosts reach each other, by their routes. */
export interface UnderlayPair {
  readonly a: UnderlayEnd;
  readonly b: UnderlayEnd;
  /** Neither needs a gateway for the other. */
  readonly direct: boolean;
}

export interface UnderlayEnd {
  readonly address: string;
  readonly device: string;
}

/** Best first: those in one network, then those behind gateways; in the order of the hosts' underlay addresses. */
export function underlayPairs(topology: Topology, hostA: string, hostB: string): readonly UnderlayPair[] {
  const [a, b] = [topology.host.get(hostA), topology.host.get(hostB)];
  if (a === undefined || b === undefined) return [];
  const pairs = endsOf(a, topology).flatMap((from) => endsOf(b, topology).flatMap((to): UnderlayPair[] => {
    if (from.address === to.address) return [];
    const [there, back] = [wayTo(a, topology, to.address), wayTo(b, topology, from.address)];
    if (there?.device !== from.device || back?.device !== to.device) return [];
    return [{ a: from, b: to, direct: there.gateway === undefined && back.gateway === undefined }];
  }));
  return [...pairs.filter(({ direct }) => direct), ...pairs.filter(({ direct }) => !direct)];
}

/** The host's underlay addresses with their devices; not those of bridges of its containers, which no other host reaches. */
function endsOf(host: HostNode, topology: Topology): UnderlayEnd[] {
  const links = rootLinks(host, topology);
  const bridges = new Set(host.networks.map(({ bridgeLinkId }) => bridgeLinkId));
  return host.underlay.filter((address) => parseIpv4(address) !== undefined).flatMap((address) => {
    const node = links.find(({ id, link }) => !bridges.has(id) && link.linkType !== 'loopback' && link.addresses.some((own) => own.address === address));
    return node === undefined ? [] : [{ address, device: node.link.name }];
  });
}

function rootLinks(host: HostNode, topology: Topology): readonly LinkNode[] {
  return (host.rootSandbox === undefined ? undefined : topology.sandbox.get(host.rootSandbox))?.links ?? [];
}

/** The main table's most particular route. Policy rules are not followed: the plan's own precondition asks the kernel. */
function wayTo(host: HostNode, topology: Topology, address: string): Route | undefined {
  const target: Prefix = { address: parseIpv4(address) ?? 0, length: 32 };
  const routes = (host.rootSandbox === undefined ? undefined : topology.sandbox.get(host.rootSandbox))?.record.routes ?? [];
  let best: { readonly route: Route; readonly length: number } | undefined;
  for (const route of routes) {
    if (route.family !== 'inet' || route.type !== 'unicast' || route.table !== 'main') continue;
    const prefix = route.destination === 'default' ? { address: 0, length: 0 } : parsePrefix(route.destination);
    if (prefix === undefined || !(prefix.length === 0 || overlaps(prefix, target))) continue;
    if (best === undefined || prefix.length > best.length || (prefix.length === best.length && (route.metric ?? 0) < (best.route.metric ?? 0))) best = { route, length: prefix.length };
  }
  return best?.route;
}
