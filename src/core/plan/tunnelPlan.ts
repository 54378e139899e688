import type { Route } from '../model/link';
import type { HostNode, LinkNode, Sandbox, Topology } from '../model/topology';
import { formatIpv4, formatPrefix, freePair, networkOf, overlaps, parseIpv4, parsePrefix, requirePrefix, type Prefix } from './ipv4';
import { hash, numberIn, requireDeviceName, script } from './planParts';
import { planMark, PlanRefused, type Argv, type Plan, type PlanStep, type Precondition, type TrafficCheck } from './plan';

export const tunnelKinds = ['gre', 'gretap', 'ipip', 'vxlan', 'geneve'] as const;
export type TunnelKind = (typeof tunnelKinds)[number];

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
  readonly sides: readonly [TunnelSide, TunnelSide];
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
const udpPorts = { vxlan: 4789, geneve: 6081 } as const;

interface Side {
  readonly host: HostNode;
  readonly root: Sandbox;
  readonly underlay: string;
  readonly uplink: LinkNode;
  readonly address: Prefix | undefined;
  readonly behind: readonly Prefix[];
  readonly bridge: string | undefined;
}

/** @throws PlanRefused with one sentence where it cannot be: before anything is changed */
export function tunnelPlan(request: TunnelRequest, topology: Topology): Plan {
  const { kind } = request;
  const [a, b] = [side(request.sides[0], kind, topology), side(request.sides[1], kind, topology)];
  if (a.host.id === b.host.id) throw new PlanRefused(`A tunnel needs two hosts; both ends are on ${a.host.label}.`);
  if (a.underlay === b.underlay) throw new PlanRefused(`Both ends have the underlay address ${a.underlay}. Say with which addresses the hosts reach each other.`);
  const key = numberIn('key', request.key, 0, layer2.has(kind) && kind !== 'gretap' ? 0xffffff : 0xffffffff);
  if (kind === 'ipip' && key !== undefined) throw new PlanRefused('IP in IP has no key. Leave it out, or take GRE.');
  const vni = kind === 'vxlan' || kind === 'geneve' ? (key ?? 4213) : undefined;
  const ttl = numberIn('TTL', request.ttl, 1, 255) ?? 64;
  const name = deviceName(request, a, b);
  const sum = overheadBytes[kind].concat((kind === 'gre' || kind === 'gretap') && key !== undefined ? [['key', 4]] : []);
  const underlayMtu = Math.min(a.uplink.link.mtuBytes, b.uplink.link.mtuBytes);
  const most = underlayMtu - sum.reduce((total, [, bytes]) => total + bytes, 0);
  const mtuBytes = numberIn('MTU', request.mtuBytes, 576, 65535) ?? most;
  if (mtuBytes > most) throw new PlanRefused(`An MTU of ${String(mtuBytes)} bytes does not fit: the underlay's ${String(underlayMtu)} leave ${String(most)} (${sumText(underlayMtu, sum)}).`);
  const existing = [ownDevice(a, name, b.underlay), ownDevice(b, name, a.underlay)];
  const [addressA, addressB] = innerAddresses(a, b, existing, name);
  for (const [from, to] of [[a, b], [b, a]] as const) refuseRoutes(from, to, name, addressA === undefined ? undefined : networkOf(addressA));
  const id = hash(JSON.stringify([kind, [a, b].map((each) => [each.host.id, each.underlay, each.bridge, each.behind.map(formatPrefix)]), addressA && formatPrefix(addressA), addressB && formatPrefix(addressB), key, ttl, mtuBytes, name, request.forward === true]));
  const mark = planMark(id);
  const make = (own: Side, far: Side, address: Prefix | undefined): PlanStep[] => {
    const type: Argv = ['type', ...deviceArguments(kind, own.underlay, far.underlay, key, vni, ttl)];
    // Ours by its mark; where that is not there yet, or not any more, by its far end.
    const made = script('[ -e "/sys/class/net/$1" ] || exit 1; a=$(cat "/sys/class/net/$1/ifalias"); [ "$a" = "$2" ] || { [ -z "$a" ] && ip -d link show dev "$1" | grep -qF " remote $3 "; }', name, mark, far.underlay);
    const step = (what: string, argv: Argv, undo: Argv, done: Argv): PlanStep => ({ hostId: own.host.id, what, argv, undo, done });
    return [
      step(`make the device ${name}`, ['ip', 'link', 'add', 'name', name, 'mtu', String(mtuBytes), ...type], ['ip', 'link', 'del', 'dev', name], made),
      step(`mark it as this plan's`, ['ip', 'link', 'set', 'dev', name, 'alias', mark], ['ip', 'link', 'set', 'dev', name, 'alias', ''], script('[ "$(cat "/sys/class/net/$1/ifalias" 2>/dev/null)" = "$2" ]', name, mark)),
      ...(address === undefined
        ? []
        : [step(`give it ${formatPrefix(address)}`, ['ip', 'addr', 'add', formatPrefix(address), 'dev', name], ['ip', 'addr', 'del', formatPrefix(address), 'dev', name], script('ip -o addr show dev "$1" | grep -qF " $2 "', name, formatPrefix(address)))]),
      ...(own.bridge === undefined
        ? []
        : [step(`make it a port of ${own.bridge}`, ['ip', 'link', 'set', 'dev', name, 'master', own.bridge], ['ip', 'link', 'set', 'dev', name, 'nomaster'], script('[ "$(basename "$(readlink "/sys/class/net/$1/master")")" = "$2" ]', name, own.bridge))]),
      step('set it up', ['ip', 'link', 'set', 'dev', name, 'up'], ['ip', 'link', 'set', 'dev', name, 'down'], script('[ -n "$(ip -o link show up dev "$1")" ]', name)),
      ...far.behind.map((prefix) =>
        step(`send ${formatPrefix(prefix)} through it`, ['ip', 'route', 'add', formatPrefix(prefix), 'dev', name], ['ip', 'route', 'del', formatPrefix(prefix), 'dev', name], script('[ -n "$(ip -4 route show exact "$2" dev "$1")" ]', name, formatPrefix(prefix))),
      ),
      ...(request.forward === true ? (['-i', '-o'] as const).map((way) => forwardRule(step, way, name, mark)) : []),
    ];
  };
  const checks = addressA === undefined || addressB === undefined ? [] : [check(a, b, addressA, addressB, mtuBytes), check(b, a, addressB, addressA, mtuBytes)];
  return {
    id,
    kind,
    title: `${kindName(kind)} tunnel between ${a.host.label} and ${b.host.label}`,
    hosts: [a, b].map(({ host }) => ({ hostId: host.id, label: host.label })),
    preconditions: [...preconditions(a, b, kind, name, mark, request.forward === true), ...preconditions(b, a, kind, name, mark, request.forward === true)],
    steps: [...make(a, b, addressA), ...make(b, a, addressB)],
    checks,
    notes: [
      `MTU: ${sumText(underlayMtu, sum)}${mtuBytes === most ? '' : `; asked for: ${String(mtuBytes)}`}.`,
      'Nothing of this survives a restart of a host.',
      ...(checks.length === 0 ? ['The tunnel has no addresses of its own, so it cannot be verified by ping from its ends.'] : []),
    ],
  };
}

export function kindName(kind: TunnelKind): string {
  return { gre: 'GRE', gretap: 'GRETAP', ipip: 'IPIP', vxlan: 'VXLAN', geneve: 'Geneve' }[kind];
}

function side(asked: TunnelSide, kind: TunnelKind, topology: Topology): Side {
  const host = topology.host.get(asked.hostId);
  const root = host?.rootSandbox === undefined ? undefined : topology.sandbox.get(host.rootSandbox);
  if (host === undefined || root === undefined) throw new PlanRefused(`${host?.label ?? asked.hostId} has not been read, so nothing can be planned there. Refresh it first.`);
  const underlay = asked.underlay ?? host.underlay.find((address) => parseIpv4(address) !== undefined);
  if (underlay === undefined) throw new PlanRefused(`${host.label} has no IPv4 address that the other host could reach. Say which one the tunnel is to use.`);
  if (parseIpv4(underlay) === undefined) throw new PlanRefused(`"${underlay}" is no IPv4 address.`);
  const uplink = root.links.find(({ link }) => link.addresses.some(({ address }) => address === underlay));
  if (uplink === undefined) throw new PlanRefused(`${host.label} has no interface with the address ${underlay}. It has ${host.underlay.join(', ') || 'none'}.`);
  const { bridge } = asked;
  if (bridge !== undefined) {
    if (!layer2.has(kind)) throw new PlanRefused(`A ${kindName(kind)} device carries IP packets, not frames, and cannot be a bridge's port. Take gretap, vxlan or geneve.`);
    if (!root.links.some(({ link }) => link.name === bridge && link.kind === 'bridge')) throw new PlanRefused(`There is no Linux bridge "${bridge}" on ${host.label}.`);
  }
  return { host, root, underlay, uplink, address: asked.address === undefined ? undefined : requirePrefix(asked.address, `The tunnel address of ${host.label}`), behind: (asked.behind ?? []).map((text) => behindOf(text, host)), bridge };
}

function behindOf(text: string, host: HostNode): Prefix {
  const prefix = requirePrefix(text, `A network behind ${host.label}`);
  const network = networkOf(prefix);
  if (network.address !== prefix.address) throw new PlanRefused(`"${text}" has bits beyond its prefix; the network is ${formatPrefix(network)}.`);
  return network;
}

function deviceName(request: TunnelRequest, a: Side, b: Side): string {
  return requireDeviceName(request.name ?? `nx-${request.kind}-${hash(JSON.stringify([request.kind, a.host.id, a.underlay, b.host.id, b.underlay, request.key ?? null])).slice(0, 4)}`);
}

/** The tunnel's device, where an earlier run has made it. */
function ownDevice(own: Side, name: string, remote: string): LinkNode | undefined {
  return own.root.links.find(({ link }) => link.name === name && (link.tunnel ?? link.vxlan)?.remote === remote);
}

function innerAddresses(a: Side, b: Side, existing: readonly (LinkNode | undefined)[], name: string): readonly [Prefix | undefined, Prefix | undefined] {
  const bridged = a.bridge !== undefined || b.bridge !== undefined;
  if (a.address !== undefined || b.address !== undefined) {
    if (a.address === undefined || b.address === undefined) throw new PlanRefused('Give the tunnel an address on both hosts, or on none.');
    if (a.address.address === b.address.address) throw new PlanRefused(`Both ends of the tunnel would have ${formatIpv4(a.address.address)}.`);
    if (!overlaps(a.address, b.address)) throw new PlanRefused(`${formatPrefix(a.address)} and ${formatPrefix(b.address)} are not in one network.`);
    for (const own of [a, b]) refuseTaken(own, networkOf(a.address), name);
    return [a.address, b.address];
  }
  if (bridged) return [undefined, undefined];
  const [madeA, madeB] = existing.map((node) => node?.link.addresses.flatMap(({ address, prefixLength }) => parsePrefix(`${address}/${String(prefixLength)}`) ?? [])[0]);
  if (madeA !== undefined && madeB !== undefined) return [madeA, madeB];
  const taken = [a, b].flatMap((own) => [...own.root.record.routes.flatMap((route) => routePrefix(route) ?? []), ...addressesOf(own)]);
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

/** A default route is everybody's and in nobody's way. */
function routePrefix(route: Route): Prefix | undefined {
  const prefix = route.family === 'inet' && route.type === 'unicast' ? parsePrefix(route.destination) : undefined;
  return prefix === undefined || prefix.length === 0 ? undefined : prefix;
}

function refuseTaken(own: Side, network: Prefix, name: string): void {
  const route = own.root.record.routes.find((each) => each.device !== name && overlapsRoute(each, network));
  if (route !== undefined) throw new PlanRefused(`${formatPrefix(network)} overlaps ${route.destination}, which ${own.host.label} sends to ${route.device ?? 'another way'}. Choose another network for the tunnel.`);
}

function overlapsRoute(route: Route, network: Prefix): boolean {
  const prefix = routePrefix(route);
  return prefix !== undefined && overlaps(prefix, network);
}

/** What `from` is to send through the tunnel must not be its own, nor on another way there, nor the tunnel's far end itself. */
function refuseRoutes(from: Side, to: Side, name: string, inner: Prefix | undefined): void {
  for (const prefix of to.behind) {
    const text = formatPrefix(prefix);
    const underlay = { address: parseIpv4(to.underlay) ?? 0, length: 32 };
    if (overlaps(prefix, underlay)) throw new PlanRefused(`${text} holds ${to.underlay}, the tunnel's own far end: its packets would go round in it. Choose a smaller network.`);
    if (inner !== undefined && overlaps(prefix, inner)) throw new PlanRefused(`${text} overlaps ${formatPrefix(inner)}, the tunnel's own network.`);
    const route = from.root.record.routes.find((each) => each.device !== name && overlapsRoute(each, prefix));
    if (route !== undefined) throw new PlanRefused(`${text}, behind ${to.host.label}, overlaps ${route.destination} on ${from.host.label} (dev ${route.device ?? '?'}): packets for it would stay there. Give one of the networks another subnet.`);
  }
}

function deviceArguments(kind: TunnelKind, local: string, remote: string, key: number | undefined, vni: number | undefined, ttl: number): Argv {
  const ends = ['local', local, 'remote', remote, 'ttl', String(ttl)] as const;
  switch (kind) {
    case 'gre':
    case 'gretap':
      return [kind, ...ends, ...(key === undefined ? [] : ['key', String(key)])];
    case 'ipip':
      return [kind, ...ends];
    case 'vxlan':
      return [kind, 'id', String(vni), ...ends, 'dstport', String(udpPorts.vxlan)];
    case 'geneve':
      // A Geneve device has no local address of its own.
      return [kind, 'id', String(vni), 'remote', remote, 'ttl', String(ttl), 'dstport', String(udpPorts.geneve)];
  }
}

type MakeStep = (what: string, argv: Argv, undo: Argv, done: Argv) => PlanStep;

function forwardRule(step: MakeStep, way: '-i' | '-o', name: string, mark: string): PlanStep {
  const rule = ['FORWARD', way, name, '-m', 'comment', '--comment', mark, '-j', 'ACCEPT'] as const;
  return step(`let packets ${way === '-i' ? 'from' : 'to'} it through`, ['iptables', '-w', '-I', ...rule], ['iptables', '-w', '-D', ...rule], ['iptables', '-w', '-C', ...rule]);
}

function preconditions(own: Side, far: Side, kind: TunnelKind, name: string, mark: string, forward: boolean): Precondition[] {
  const hostId = own.host.id;
  const module = kernelModules[kind];
  return [
    {
      hostId,
      what: `the kernel has ${module}`,
      argv: script('[ -d "/sys/module/$1" ] || modprobe -n -q "$1" 2>/dev/null || grep -q "/$1.ko" "/lib/modules/$(uname -r)/modules.builtin" 2>/dev/null', module),
      mend: `The kernel of ${own.host.label} has no ${module}, so it cannot make a ${kindName(kind)} device. Install the package with its modules, or choose another kind.`,
    },
    {
      hostId,
      what: `the name ${name} is free`,
      argv: script('[ ! -e "/sys/class/net/$1" ] || [ "$(cat "/sys/class/net/$1/ifalias")" = "$2" ]', name, mark),
      mend: `${own.host.label} has a device ${name} that is not this plan's. Remove it, or choose another name.`,
    },
    {
      hostId,
      what: `${far.underlay} is reached from ${own.underlay}, not through the tunnel`,
      argv: script('way=$(ip -4 route get "$1" from "$2") || exit 1; case " $way " in *" dev $3 "*) exit 1 ;; esac', far.underlay, own.underlay, name),
      mend: `${own.host.label} has no route from ${own.underlay} to ${far.underlay}. Choose addresses with which the hosts reach each other.`,
    },
    ...(forward ? [{ hostId, what: 'iptables is there', argv: script('command -v iptables >/dev/null'), mend: `iptables is not installed on ${own.host.label}. Install it, or plan without the FORWARD rules.` }] : []),
  ];
}

function check(from: Side, to: Side, own: Prefix, far: Prefix, mtuBytes: number): TrafficCheck {
  return { hostId: from.host.id, direction: `${from.host.label} → ${to.host.label}`, from: formatIpv4(own.address), to: formatIpv4(far.address), mtuBytes };
}

function sumText(underlayMtu: number, parts: readonly (readonly [string, number])[]): string {
  const rest = parts.reduce((total, [, bytes]) => total - bytes, underlayMtu);
  return `${[String(underlayMtu), ...parts.map(([name, bytes]) => `${String(bytes)} ${name}`)].join(' - ')} = ${String(rest)} bytes`;
}
