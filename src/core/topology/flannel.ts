import { overlaps, parsePrefix } from '../model/ipv4';
import type { FlannelFacts } from '../model/flannel';
import type { Link, Route } from '../model/link';
import type { HostNode, Topology } from '../model/topology';

/** How flannel carries packets between hosts, by the backends of its pkg/backend that leave a trace on the host. */
export type FlannelBackend = 'vxlan' | 'udp' | 'wireguard' | 'ipip' | 'host-gw';

export interface Flannel {
  /** What subnet.env says; absent where there is none, and the devices alone tell of flannel. */
  readonly facts?: FlannelFacts;
  /** Undefined where neither a device nor a route tells: no other host has a subnet yet, or the backend is one of a cloud. */
  readonly backend?: FlannelBackend;
  /** The device that packets to other hosts leave by; hostile text. */
  readonly device?: string;
  /** Subnets of other hosts; hostile text. */
  readonly routes: readonly { readonly destination: string; readonly gateway?: string; readonly device: string }[];
}

/**
 * The backend's own device, else host-gw: routes of the main table that lead to subnets of flannel's network over another host (pkg/backend/hostgw), which only
 * subnet.env tells apart from anybody's routes.
 */
export function flannelOf(topology: Pick<Topology, 'sandbox'>, host: Pick<HostNode, 'rootSandbox' | 'snapshot'>): Flannel | undefined {
  const facts = host.snapshot.flannel;
  const root = host.rootSandbox === undefined ? undefined : topology.sandbox.get(host.rootSandbox);
  const routes = (root?.record.routes ?? []).flatMap((route) => hops(route));
  for (const { link } of root?.links ?? []) {
    const backend = backendOf(link);
    if (backend === undefined) continue;
    return { ...(facts && { facts }), backend, device: link.name, routes: routes.filter(({ device }) => device === link.name) };
  }
  if (!facts) return undefined;
  const led = routes.filter(({ gateway, destination }) => gateway !== undefined && facts.network !== undefined && isWithin(destination, facts.network));
  const device = led[0]?.device;
  return { facts, ...(device !== undefined && { backend: 'host-gw', device }), routes: led };
}

/** Names and kinds of flannel's pkg/backend: vxlan/vxlan.go, udp/udp_network_amd64.go, wireguard/wireguard.go, ipip/ipip.go. */
export function backendOf(link: Pick<Link, 'name' | 'kind' | 'vxlan' | 'tun'>): FlannelBackend | undefined {
  const vni = /^flannel(?:-v6)?\.(\d+)$/.exec(link.name)?.[1];
  if (vni !== undefined) return link.vxlan?.vni === Number(vni) ? 'vxlan' : undefined;
  if (/^flannel\d+$/.test(link.name)) return link.tun !== undefined || link.kind === 'tun' ? 'udp' : undefined;
  if (/^flannel-wg(-v6)?$/.test(link.name)) return link.kind === 'wireguard' ? 'wireguard' : undefined;
  return link.name === 'flannel.ipip' && link.kind === 'ipip' ? 'ipip' : undefined;
}

/** `host-gw, network 10.244.0.0/16, this host's 10.244.1.1/24, MTU 1500, 2 routes`. Hostile text. */
export function flannelText({ backend, facts, routes }: Flannel): string {
  return [
    backend ?? 'backend not told',
    ...prefixed('network ', facts?.network, facts?.ipv6Network),
    ...prefixed("this host's ", facts?.subnet, facts?.ipv6Subnet),
    ...(facts?.mtuBytes === undefined ? [] : [`MTU ${String(facts.mtuBytes)}`]),
    routes.length === 1 ? '1 route' : `${String(routes.length)} routes`,
  ].join(', ');
}

function prefixed(word: string, ...values: readonly (string | undefined)[]): readonly string[] {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? [] : [`${word}${known.join(' ')}`];
}

function hops(route: Route): Flannel['routes'] {
  // Every device has a route to its own link (RFC 4291, section 2.5.6), which leads to no other host's subnet.
  if (route.type !== 'unicast' || route.table !== 'main' || route.destination === 'default' || route.destination.startsWith('fe80:')) return [];
  return [route, ...(route.nexthops ?? [])].flatMap(({ gateway, device }) =>
    device === undefined ? [] : [{ destination: route.destination, ...(gateway !== undefined && { gateway }), device }],
  );
}

/** Whether an IPv4 prefix, or bare address, is a part of another and not all of it. */
function isWithin(inner: string, outer: string): boolean {
  const [a, b] = [parsePrefix(inner), parsePrefix(outer)];
  return a !== undefined && b !== undefined && a.length > b.length && overlaps(a, b);
}
