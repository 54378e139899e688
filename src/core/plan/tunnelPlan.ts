import { formatIpv4, formatPrefix, networkOf, overlaps, parseIpv4, parsePrefix, type Prefix } from '../model/ipv4';
import type { HostNode, LinkNode, Sandbox, Topology } from '../model/topology';
import { nameFree } from './linkSteps';
import { freePair, refuseOverlap, requireHostAddress, requireNetwork, routeInto, routePrefix } from './planAddresses';
import { needsIproute, ownName, requireBridge, rootOf, underlayOf } from './planHosts';
import { frameCheck, hash, numberIn, requireDeviceName, script } from './planParts';
import { planMark, PlanRefused, type Plan, type Precondition, type TrafficCheck } from './plan';
import { kindName, type TunnelDevice, type TunnelKind } from './tunnelDevice';
import { tunnelPicture } from './tunnelPicture';
import { deviceSteps } from './tunnelSteps';

/** A far end on a machine that is not among the hosts: what is to be made there is for somebody else. */
export interface ForeignSide {
  readonly foreign: string;
  readonly address?: string;
  readonly behind?: readonly string[];
}

/** One end of the tunnel that is asked for. What is left out is taken from the scan. */
export interface TunnelSide {
  readonly hostId: string;
  /** Underlay address; default: the host's own. */
  readonly underlay?: string;
  /** Address inside the tunnel with its prefix length. */
  readonly address?: string;
  /** Networks behind this host that the other one is to reach through the tunnel. */
  readonly behind?: readonly string[];
  /** A Linux bridge that the device becomes a port of; for gretap, vxlan and geneve. */
  readonly bridge?: string;
}

export interface TunnelRequest {
  readonly kind: TunnelKind;
  readonly sides: readonly [TunnelSide, TunnelSide | ForeignSide];
  /** GRE key, or VNI. */
  readonly key?: number;
  /** 1 to 255; default 64. */
  readonly ttl?: number;
  /** Bytes; default: what the underlay leaves. */
  readonly mtuBytes?: number;
  /** Device name on both hosts. */
  readonly name?: string;
  /** Lets packets of the tunnel through the FORWARD chain. */
  readonly forward?: boolean;
}

/** Bytes before the inner packet: IPv4 20, GRE 4 (RFC 2784), its key 4 (RFC 2890), UDP 8, VXLAN 8 (RFC 7348), Geneve 8 (RFC 8926), inner Ethernet 14. */
const overheadBytes: Readonly<Record<TunnelKind, readonly (readonly [string, number])[]>> = {
  gre: [['IPv4', 20], ['GRE', 4]],
  gretap: [['IPv4', 20], ['GRE', 4], ['Ethernet', 14]],
  ipip: [['IPv4', 20]],
  vxlan: [['IPv4', 20], ['UDP', 8], ['VXLAN', 8], ['Ethernet', 14]],
  geneve: [['IPv4', 20], ['UDP', 8], ['Geneve', 8], ['Ethernet', 14]],
};
const kernelModules: Readonly<Record<TunnelKind, string>> = { gre: 'ip_gre', gretap: 'ip_gre', ipip: 'ipip', vxlan: 'vxlan', geneve: 'geneve' };
const layer2: ReadonlySet<TunnelKind> = new Set(['gretap', 'vxlan', 'geneve']);

/** What both ends have, whoever's they are. */
interface End {
  readonly label: string;
  readonly underlay: string;
  readonly address: Prefix | undefined;
  readonly behind: readonly Prefix[];
  readonly bridge: string | undefined;
}

interface Side extends End {
  readonly host: HostNode;
  readonly root: Sandbox;
  readonly uplink: LinkNode;
  /** All of the host's. */
  readonly sandboxes: readonly Sandbox[];
}

/** @throws PlanRefused with one sentence where it cannot be: before anything is changed */
export function tunnelPlan(request: TunnelRequest, topology: Topology): Plan {
  const { kind } = request;
  const [a, b] = [side(request.sides[0], kind, topology), endOf(request.sides[1], kind, topology)];
  const own = isSide(b) ? [a, b] : [a];
  if (isSide(b) && a.host.id === b.host.id) throw new PlanRefused(`A tunnel needs two hosts; both ends are on ${a.label}.`);
  if (a.underlay === b.underlay) throw new PlanRefused(`Both ends have the underlay address ${a.underlay}. Say with which addresses the hosts reach each other.`);
  const key = numberIn('key', request.key, 0, hasVni(kind) ? 0xffffff : 0xffffffff);
  if (kind === 'ipip' && key !== undefined) throw new PlanRefused('IP in IP has no key. Leave it out, or take GRE.');
  const ttl = numberIn('TTL', request.ttl, 1, 255) ?? 64;
  const name = deviceName(request, a, b);
  const { mtuBytes, sum } = mtuOf(request, own.map(({ uplink }) => uplink.link.mtuBytes));
  refuseBehind(a, b, kind);
  const vni = hasVni(kind) ? vniOf(request, own, name, (each) => (each === a ? b : a).underlay) : undefined;
  const [addressA, addressB] = innerAddresses(a, b, own.map((each) => ownDevice(each, name, each === a ? b.underlay : a.underlay)), name);
  const inner = addressA === undefined ? undefined : networkOf(addressA);
  refuseRoutes(a, b, name, inner);
  if (isSide(b)) refuseRoutes(b, a, name, inner);
  const deviceOf = (from: Side, to: End, address: Prefix | undefined, far: Prefix | undefined): TunnelDevice => ({
    hostId: from.host.id,
    name,
    kind,
    ...(kind !== 'geneve' && { local: from.underlay }),
    remote: to.underlay,
    ttl,
    ...(vni !== undefined ? { vni } : key !== undefined && { key }),
    mtuBytes,
    addresses: address === undefined ? [] : [formatPrefix(address)],
    ...(from.bridge !== undefined && { bridge: from.bridge }),
    routes: to.behind.map(formatPrefix),
    ...(layer2.has(kind) && far !== undefined && { via: formatIpv4(far.address) }),
    forward: request.forward === true,
  });
  const devices = [deviceOf(a, b, addressA, addressB), ...(isSide(b) ? [deviceOf(b, a, addressB, addressA)] : [])];
  // The same from either end, and however its hosts are spelled.
  const id = hash(JSON.stringify([devices.map((device, at) => JSON.stringify({ ...device, hostId: own[at] && ownName(own[at].host) })).sort(), isSide(b) ? null : b.underlay]));
  const mark = planMark(id);
  const far = addressA === undefined || addressB === undefined ? undefined : { a: addressA, b: addressB };
  const behindChecks = request.forward === true && isSide(b) ? [...containerChecks(a, b), ...containerChecks(b, a)] : [];
  const checks = far !== undefined ? [check(a, b, far.a, far.b, mtuBytes), ...(isSide(b) ? [check(b, a, far.b, far.a, mtuBytes)] : []), ...behindChecks] : isSide(b) ? frameChecks(a, b, name) : [];
  return {
    id,
    kind,
    title: `${kindName(kind)} tunnel between ${a.label} and ${b.label}`,
    hosts: own.map(({ host }) => ({ hostId: host.id, label: host.label })),
    preconditions: [...preconditions(a, b, kind, name, mark, request.forward === true), ...freeNetworks(a, b, inner, name), ...(isSide(b) ? [...preconditions(b, a, kind, name, mark, request.forward === true), ...freeNetworks(b, a, inner, name)] : [])],
    steps: devices.flatMap((device) => deviceSteps(device, mark)),
    checks,
    notes: [
      `MTU: ${sum}${request.mtuBytes === undefined ? '' : `; asked for: ${String(mtuBytes)}`}.`,
      'Nothing of this survives a restart of a host.',
      ...(checks.length === 0 ? ['The tunnel has no addresses of its own, so it cannot be verified by ping from its ends.'] : checks.some(({ arrivesAt }) => arrivesAt !== undefined) ? ['The tunnel has no addresses of its own: it is verified by frames that each bridge sends to all, counted where they come out.'] : []),
      ...(a.behind.length + b.behind.length > 0 && behindChecks.length === 0 ? ['Verified are the tunnel\'s ends, not the networks behind them: no packet is sent there. Without the FORWARD rules a host may drop what comes for them.'] : []),
      ...(isSide(b) ? [] : [`${b.label} is not among the hosts: its half has to be made there, with ${a.underlay} as its remote${far === undefined ? '' : ` and ${formatPrefix(far.b)} as its address`}${key === undefined ? '' : `, and the same ${hasVni(kind) ? 'VNI' : 'key'}, ${String(key)}`}.`]),
    ],
    devices,
    picture: tunnelPicture(devices.map((device, at) => ({ device, uplink: own[at]?.uplink.link.name ?? '?', underlay: own[at]?.underlay ?? '?' })), isSide(b) ? undefined : b.underlay),
  };
}

function isSide(end: End): end is Side {
  return 'host' in end;
}

function hasVni(kind: TunnelKind): kind is 'vxlan' | 'geneve' {
  return kind === 'vxlan' || kind === 'geneve';
}

/** The largest MTU that the underlay leaves, or the one asked for where it fits, and the sum that shows why. */
function mtuOf({ kind, key, mtuBytes: asked }: TunnelRequest, uplinks: readonly number[]): { readonly mtuBytes: number; readonly sum: string } {
  const parts = overheadBytes[kind].concat((kind === 'gre' || kind === 'gretap') && key !== undefined ? [['key', 4]] : []);
  const underlay = Math.min(...uplinks);
  const most = underlay - parts.reduce((total, [, bytes]) => total + bytes, 0);
  const mtuBytes = numberIn('MTU', asked, 576, 65535) ?? most;
  const sum = sumText(underlay, parts);
  if (mtuBytes > most) throw new PlanRefused(`An MTU of ${String(mtuBytes)} bytes does not fit: the underlay's ${String(underlay)} leave ${String(most)} (${sum}).`);
  return { mtuBytes, sum };
}

function endOf(asked: TunnelSide | ForeignSide, kind: TunnelKind, topology: Topology): Side | End {
  if (!('foreign' in asked)) return side(asked, kind, topology);
  const { foreign } = asked;
  if (parseIpv4(foreign) === undefined) throw new PlanRefused(`"${foreign}" is no IPv4 address.`);
  return { label: foreign, underlay: foreign, address: asked.address === undefined ? undefined : requireHostAddress(asked.address, `The tunnel address of ${foreign}`), behind: (asked.behind ?? []).map((text) => requireNetwork(text, `A network behind ${foreign}`)), bridge: undefined };
}

function side(asked: TunnelSide, kind: TunnelKind, topology: Topology): Side {
  const place = rootOf(topology, asked.hostId);
  const { host, root } = place;
  const { underlay, uplink } = underlayOf(place, asked.underlay);
  const { bridge } = asked;
  if (bridge !== undefined) {
    if (!layer2.has(kind)) throw new PlanRefused(`A ${kindName(kind)} device carries IP packets, not frames, and cannot be a bridge's port. Take gretap, vxlan or geneve.`);
    requireBridge(place, bridge);
  }
  return { host, label: host.label, root, sandboxes: host.sandboxes, underlay, uplink, address: asked.address === undefined ? undefined : requireHostAddress(asked.address, `The tunnel address of ${host.label}`), behind: (asked.behind ?? []).map((text) => requireNetwork(text, `A network behind ${host.label}`)), bridge };
}

function deviceName(request: TunnelRequest, a: Side, b: End): string {
  return requireDeviceName(request.name ?? `nx-${request.kind}-${hash(JSON.stringify([request.kind, [[ownName(a.host), a.underlay], [isSide(b) ? ownName(b.host) : null, b.underlay]].map((end) => JSON.stringify(end)).sort(), request.key ?? null])).slice(0, 4)}`);
}

/** A port of a bridge needs no address, and none that it has works; where frames are carried, packets for a network need somebody to be sent to. */
function refuseBehind(a: Side, b: End, kind: TunnelKind): void {
  if (!layer2.has(kind) || (a.bridge === undefined && b.bridge === undefined)) return;
  if (a.address !== undefined || b.address !== undefined) throw new PlanRefused('The tunnel\'s device is to be a bridge\'s port, where an address does not work. Leave the addresses out: they belong on the bridges.');
  if (a.behind.length + b.behind.length > 0) throw new PlanRefused('The tunnel joins bridges and has no address that networks behind it could be reached by. Leave them out, or leave the bridges out.');
}

/** The one asked for, the one that an earlier run took, or the first from 4213 on that no VXLAN device of these hosts has: the kernel takes each once (vxlan_vni_in_use, drivers/net/vxlan/vxlan_core.c), also for devices that were moved into namespaces. */
function vniOf({ kind, key }: TunnelRequest, own: readonly Side[], name: string, remoteOf: (side: Side) => string): number {
  const there = own.map((side) => ownDevice(side, name, remoteOf(side))?.link);
  const present = there.map((link) => link?.vxlan?.vni ?? link?.tunnel?.id).find((vni) => vni !== undefined);
  const taken = new Map(kind === 'vxlan' ? own.flatMap((side) => side.sandboxes.flatMap(({ links, title }) => links.flatMap(({ link }) => (link.vxlan === undefined || there.includes(link) ? [] : [[link.vxlan.vni, `${link.name} in ${title} of ${side.label}`] as const])))) : []);
  if (key !== undefined) {
    const holder = taken.get(key);
    if (holder !== undefined) throw new PlanRefused(`The VNI ${String(key)} is taken by ${holder}. Choose another one.`);
    return key;
  }
  if (present !== undefined) return present;
  for (let vni = 4213; ; vni++) if (!taken.has(vni)) return vni;
}

/** A container on each network behind the far end, where one runs. */
function containerChecks(from: Side, to: Side): TrafficCheck[] {
  return to.behind.flatMap((network): TrafficCheck[] => {
    const address = to.host.networks.flatMap(({ engine }) => engine.endpoints).flatMap(({ ipv4 }) => ipv4?.split('/')[0] ?? []).find((each) => overlaps({ address: parseIpv4(each) ?? 0, length: 32 }, network));
    return address === undefined ? [] : [{ hostId: from.host.id, direction: `${from.label} → ${address} behind ${to.label}`, to: address }];
  });
}

/** The tunnel's device, where an earlier run has made it. */
function ownDevice(own: Side, name: string, remote: string): LinkNode | undefined {
  return own.root.links.find(({ link }) => link.name === name && (link.tunnel ?? link.vxlan)?.remote === remote);
}

function innerAddresses(a: Side, b: End, existing: readonly (LinkNode | undefined)[], name: string): readonly [Prefix | undefined, Prefix | undefined] {
  const bridged = a.bridge !== undefined || b.bridge !== undefined;
  const own = isSide(b) ? [a, b] : [a];
  if (a.address !== undefined || b.address !== undefined) {
    if (a.address === undefined || b.address === undefined) throw new PlanRefused('Give the tunnel an address on both hosts, or on none.');
    if (a.address.address === b.address.address) throw new PlanRefused(`Both ends of the tunnel would have ${formatIpv4(a.address.address)}.`);
    if (!overlaps(a.address, b.address)) throw new PlanRefused(`${formatPrefix(a.address)} and ${formatPrefix(b.address)} are not in one network.`);
    for (const each of own) refuseOverlap(each.root, networkOf(a.address), each.label, name, formatPrefix(networkOf(a.address)), 'network for the tunnel');
    return [a.address, b.address];
  }
  if (bridged) return [undefined, undefined];
  const [madeA, madeB] = existing.map((node) => node?.link.addresses.flatMap(({ address, prefixLength }) => parsePrefix(`${address}/${String(prefixLength)}`) ?? [])[0]);
  if (madeA !== undefined && madeB !== undefined) return [madeA, madeB];
  const taken = own.flatMap((each) => [...each.root.record.routes.flatMap((route) => routePrefix(route) ?? []), ...addressesOf(each)]);
  const [first, second] = freePair([...taken, ...a.behind, ...b.behind]);
  if (madeA !== undefined) return [madeA, otherOf(madeA)];
  if (madeB !== undefined) return [otherOf(madeB), madeB];
  return [first, second];
}

/** Of the two usable addresses of a /30. */
function otherOf(own: Prefix): Prefix {
  const base = networkOf(own).address;
  return { address: own.address === base + 1 ? base + 2 : base + 1, length: own.length };
}

function addressesOf({ root }: Side): Prefix[] {
  return root.links.flatMap(({ link }) => link.addresses.flatMap(({ address, prefixLength }) => parsePrefix(`${address}/${String(prefixLength)}`) ?? []));
}

/** What `from` is to send through the tunnel must not be its own, nor on another way there, nor the tunnel's far end itself. */
function refuseRoutes(from: Side, to: End, name: string, inner: Prefix | undefined): void {
  for (const prefix of to.behind) {
    const text = formatPrefix(prefix);
    const underlay = { address: parseIpv4(to.underlay) ?? 0, length: 32 };
    if (overlaps(prefix, underlay)) throw new PlanRefused(`${text} holds ${to.underlay}, the tunnel's own far end: its packets would go round in it. Choose a smaller network.`);
    if (inner !== undefined && overlaps(prefix, inner)) throw new PlanRefused(`${text} overlaps ${formatPrefix(inner)}, the tunnel's own network.`);
    const route = routeInto(from.root, prefix, name);
    if (route !== undefined) throw new PlanRefused(`${text}, behind ${to.label}, overlaps ${route.destination} on ${from.host.label} (dev ${route.device ?? '?'}): packets for it would stay there. Give one of the networks another subnet.`);
  }
}

function preconditions(own: Side, far: End, kind: TunnelKind, name: string, mark: string, forward: boolean): Precondition[] {
  const hostId = own.host.id;
  const module = kernelModules[kind];
  return [
    needsIproute(own.host),
    {
      hostId,
      what: `the kernel has ${module}`,
      argv: script('[ -d "/sys/module/$1" ] || modprobe -n -q "$1" 2>/dev/null || grep -q "/$1.ko" "/lib/modules/$(uname -r)/modules.builtin" 2>/dev/null', module),
      mend: `The kernel of ${own.host.label} has no ${module}, so it cannot make a ${kindName(kind)} device. Install the package with its modules, or choose another kind.`,
    },
    nameFree(hostId, own.label, name, mark, 'Remove it, or choose another name.'),
    {
      hostId,
      what: `${far.underlay} is reached from ${own.underlay}, not through the tunnel`,
      argv: script('way=$(ip -4 route get "$1" from "$2") || exit 1; case " $way " in *" dev $3 "*) exit 1 ;; esac', far.underlay, own.underlay, name),
      mend: `${own.host.label} has no route from ${own.underlay} to ${far.underlay}. Choose addresses with which the hosts reach each other.`,
    },
    ...(forward ? [{ hostId, what: 'iptables is there', argv: script('command -v iptables >/dev/null'), mend: `iptables is not installed on ${own.host.label}. Install it, or plan without the FORWARD rules.` }] : []),
  ];
}

/** What was true when the host was read, asked of its kernel again: `root` gives the routes within a network, `match` those around it (ip-route(8)). */
function freeNetworks(own: Side, far: End, inner: Prefix | undefined, name: string): Precondition[] {
  return [...(inner === undefined ? [] : [inner]), ...far.behind].map((network) => ({
    hostId: own.host.id,
    what: `no other route overlaps ${formatPrefix(network)}`,
    argv: script('r=$({ ip -4 route show root "$1"; ip -4 route show match "$1"; } | sed "s/$/ /" | grep -v "^default " | grep -vF " dev $2 "); [ -z "$r" ]', formatPrefix(network), name),
    mend: `${own.label} has another route that overlaps ${formatPrefix(network)} by now; "ip route show root ${formatPrefix(network)}" and "match" in place of "root" tell which. Choose another network.`,
  }));
}

/** Between bridges: a frame that one sends to all must come out of the tunnel on the other. */
function frameChecks(a: Side, b: Side, device: string): TrafficCheck[] {
  const frame = (from: Side, to: Side): TrafficCheck[] => (from.bridge === undefined ? [] : [frameCheck(`${from.label} → ${to.label}`, from.host.id, from.bridge, to.host.id, device)]);
  return [...frame(a, b), ...frame(b, a)];
}

function check(from: Side, to: End, own: Prefix, far: Prefix, mtuBytes: number): TrafficCheck {
  return { hostId: from.host.id, direction: `${from.label} → ${to.label}`, from: formatIpv4(own.address), to: formatIpv4(far.address), mtuBytes };
}

function sumText(underlayMtu: number, parts: readonly (readonly [string, number])[]): string {
  const rest = parts.reduce((total, [, bytes]) => total - bytes, underlayMtu);
  return `${[String(underlayMtu), ...parts.map(([name, bytes]) => `${String(bytes)} ${name}`)].join(' - ')} = ${String(rest)} bytes`;
}
