import { formatIpv4, formatPrefix, networkOf, overlaps, parseIpv4, type Prefix } from '../model/ipv4';
import type { Topology } from '../model/topology';
import { addressStep, masterStep, onSwitch, ownScript, upStep, type StepPlace } from './linkSteps';
import { notedAddressStep, notedMtuStep, notedUnderStep, notedUpStep } from './ovsNotes';
import { bridgeCondition, hasInterfaceMark, ovsBridgeStep, switchConditions, type OvsDatapath } from './ovsSteps';
import { PlanRefused, type Plan, type PlanJoin, type PlanStep, type PlanThing, type Precondition, type TrafficCheck } from './plan';
import { refuseOverlap, requireHostAddress, requirePrefix } from './planAddresses';
import { hash, numberIn, requireDeviceName, script } from './planParts';
import { linkOf, ownName, requireBridge, rootOf, underlayOf, type RootOfHost } from './planHosts';
import { outConditions, outSteps, type RuleTool } from './outRules';
import { wiredPlan } from './wirePlan';

export const ovsTunnelKinds = ['gre', 'vxlan', 'geneve'] as const;
export type OvsTunnelKind = (typeof ovsTunnelKinds)[number];

/** Frames in IPv4: 20, then GRE 4 and its key 4 (RFC 2784, 2890), or UDP 8 and VXLAN 8 (RFC 7348) or Geneve 8 (RFC 8926), and the inner Ethernet header 14. */
const overhead: Readonly<Record<OvsTunnelKind, number>> = { gre: 38, vxlan: 50, geneve: 50 };
const kindNames: Readonly<Record<OvsTunnelKind, string>> = { gre: 'GRE', vxlan: 'VXLAN', geneve: 'Geneve' };

/** A container that gets an interface on the switch. */
export interface OvsMember {
  readonly sandboxId: string;
  /** Hostile text. */
  readonly called: string;
  /** With its prefix length. */
  readonly address: string;
  readonly vlan?: number;
}

export interface OvsSide {
  readonly hostId: string;
  /** Underlay address; default: the host's own. */
  readonly underlay?: string;
  /** For the bridge's internal port, or, with `under`, for that bridge; with its prefix length. */
  readonly address?: string;
  readonly members?: readonly OvsMember[];
  /** Lets what is on the switch out by the host, with rules of that program; its address, or that of `under`, becomes the containers' gateway where they have none. */
  readonly out?: RuleTool;
}

export interface OvsTunnelRequest {
  readonly kind: OvsTunnelKind;
  readonly sides: readonly [OvsSide, OvsSide];
  readonly bridge: string;
  /** Makes the bridge too, with this datapath; absent: it is there. */
  readonly make?: OvsDatapath;
  /** A Linux bridge, such as docker0, that the switch becomes a port of; members are wired to it then. */
  readonly under?: string;
  readonly key?: number;
  /** Of the tunnel's port, on both hosts. */
  readonly name?: string;
}

interface Side {
  readonly place: RootOfHost;
  readonly underlay: string;
  readonly mtuBytes: number;
  readonly address: Prefix | undefined;
  readonly members: readonly OvsMember[];
  readonly out: { readonly tool: RuleTool; readonly device: string; readonly gateway: Prefix } | undefined;
}

/** What both sides' parts are made with. */
interface Whole {
  readonly request: OvsTunnelRequest;
  readonly bridge: string;
  readonly name: string;
  readonly id: string;
  readonly key: number | undefined;
  readonly mtuBytes: number;
}

/** Somebody on the switch, from whom and to whom traffic is sent to verify it. */
interface Pinged {
  readonly side: Side;
  readonly address: Prefix;
  readonly called: string;
  /** Absent: the host itself. */
  readonly inside?: readonly string[];
  readonly vlan?: number;
}

/**
 * Two Open vSwitch bridges joined by a tunnel port on each; with `make`, `under` and members, the tutorials' three experiments: containers on docker0 with the switch below it,
 * containers on the switch itself, and the same with a VLAN tag for each.
 * @throws PlanRefused with one sentence where it cannot be: before anything is changed
 */
export function ovsTunnelPlan(request: OvsTunnelRequest, topology: Topology): Plan {
  const { kind, make, under } = request;
  const bridge = requireDeviceName(request.bridge);
  const sides = [sideOf(request.sides[0], bridge, under, topology), sideOf(request.sides[1], bridge, under, topology)] as const;
  const [a, b] = sides;
  if (a.place.host.id === b.place.host.id) throw new PlanRefused(`A tunnel needs two hosts; both ends are on ${a.place.host.label}.`);
  if (a.underlay === b.underlay) throw new PlanRefused(`Both ends have the underlay address ${a.underlay}. Say with which addresses the hosts reach each other.`);
  const key = numberIn(kind === 'gre' ? 'key' : 'VNI', request.key, 0, kind === 'gre' ? 0xffffffff : 0xffffff);
  const keyBytes = kind === 'gre' && key !== undefined ? 4 : 0;
  const underlayMtu = Math.min(a.mtuBytes, b.mtuBytes);
  const isTagged = sides.some(({ members }) => members.some(({ vlan }) => vlan !== undefined));
  // A tag goes through the tunnel with its frame (802.1Q: 4 bytes).
  const tagBytes = isTagged ? 4 : 0;
  const mtuBytes = underlayMtu - overhead[kind] - keyBytes - tagBytes;
  const name = requireDeviceName(request.name ?? `nx${kind}${hash(JSON.stringify([kind, bridge, sides.map(({ place, underlay }) => [ownName(place.host), underlay]), key ?? null])).slice(0, 4)}`);
  const id = hash(JSON.stringify(['ovs', kind, bridge, make ?? null, under ?? null, key ?? null, name, sides.map(({ place, underlay, address, members, out }) => [ownName(place.host), underlay, address ?? null, members.map(({ called, address: own, vlan }) => [called, own, vlan ?? null]), out?.tool ?? null])]));
  refuseAddresses(sides, bridge, under);
  const whole = { request, bridge, name, id, key, mtuBytes };
  const parts = [partOf(a, b, whole, topology), partOf(b, a, whole, topology)];
  const checks = checksOf(parts.flatMap(({ pings }) => pings), under, mtuBytes);
  const experiment = under !== undefined ? `, below ${under}` : isTagged ? ', containers in VLANs' : sides.some(({ members }) => members.length > 0) ? ', with containers' : '';
  return {
    id,
    kind: `ovs-${kind}`,
    title: `${kindNames[kind]} between the Open vSwitch bridges ${bridge} of ${a.place.host.label} and ${b.place.host.label}${experiment}`,
    hosts: sides.map(({ place }) => place.planHost),
    preconditions: parts.flatMap(({ preconditions }) => preconditions),
    steps: parts.flatMap(({ steps }) => steps),
    checks,
    notes: [
      `MTU of what is on the switch: ${String(underlayMtu)} - 20 IPv4 - ${kind === 'gre' ? `4 GRE${keyBytes === 0 ? '' : ' - 4 key'}` : `8 UDP - 8 ${kindNames[kind]}`} - 14 Ethernet${tagBytes === 0 ? '' : ' - 4 VLAN tag'} = ${String(mtuBytes)} bytes.`,
      'Open vSwitch keeps its bridges and tunnel ports in its database, and makes them again after a restart; addresses, the place below a Linux bridge and the containers\' wiring are gone then.',
      ...(make === 'netdev' ? ['A datapath in user space sends its tunnels\' packets by bridges of its own alone: the underlay address must be on one.'] : []),
      ...(checks.length === 0 ? ['Nothing on the switches gets an address, so no traffic is sent to verify it.'] : []),
    ],
    picture: pictureOf(sides, request, name, mtuBytes),
  };
}

function partOf(own: Side, far: Side, { request: { kind, make, under }, bridge, name, id, key, mtuBytes }: Whole, topology: Topology): { readonly preconditions: readonly Precondition[]; readonly steps: readonly PlanStep[]; readonly pings: readonly Pinged[] } {
  const { host, root } = own.place;
  const hostId = host.id;
  const preconditions = [...switchConditions(own.place, make), ...tunnelConditions(own, far.underlay, bridge, name, make)];
  const steps: PlanStep[] = make === undefined ? [] : [ovsBridgeStep(hostId, bridge, make, id, false)];
  const pings: Pinged[] = [];
  steps.push(tunnelStep(own, far.underlay, bridge, name, kind, key, id));
  // What the plan makes goes with it; what was there may have been so before.
  if (under !== undefined) {
    const master = linkOf(root, bridge)?.link.master;
    if (master !== undefined && master !== 'ovs-system' && master !== under) throw new PlanRefused(`${bridge} on ${host.label} is a port of ${master} already. Remove it from there first.`);
    steps.push(make === undefined ? notedUnderStep(hostId, id, bridge, under) : masterStep(onSwitch(hostId, id), bridge, under));
  } else if (own.address !== undefined) {
    steps.push(make === undefined ? notedMtuStep(hostId, id, bridge, mtuBytes) : mtuStep(onSwitch(hostId, id), bridge, mtuBytes));
  }
  if (own.address !== undefined) {
    steps.push(make === undefined || under !== undefined ? notedAddressStep(hostId, id, bridge, formatPrefix(own.address), under ?? bridge) : addressStep(onSwitch(hostId, id), bridge, formatPrefix(own.address)));
    pings.push({ side: own, address: own.address, called: host.label });
  }
  steps.push(make === undefined ? notedUpStep(hostId, id, bridge) : upStep(onSwitch(hostId, id), bridge));
  for (const { sandboxId, called, address, vlan } of own.members) {
    const gateway = gatewayFor(own, sandboxId, topology);
    const { plan: wire, inside } = wiredPlan(
      {
        hostId,
        sandboxId,
        called,
        address,
        mtuBytes,
        to: under === undefined ? { kind: 'ovs', name: bridge } : { kind: 'bridge', name: under },
        ...(gateway !== undefined && { gateway }),
        ...(vlan !== undefined && { vlan }),
        partOf: { planId: id, ...(make !== undefined && { makes: make }) },
      },
      topology,
    );
    preconditions.push(...wire.preconditions);
    steps.push(...wire.steps);
    pings.push({ side: own, address: requirePrefix(address, 'The address'), called, inside, ...(vlan !== undefined && { vlan }) });
  }
  if (own.out !== undefined) {
    preconditions.push(...outConditions(host, own.out.tool));
    steps.push(...outSteps(hostId, formatPrefix(networkOf(own.out.gateway)), own.out.device, own.out.tool, id));
  }
  return { preconditions, steps, pings };
}

/** The way out, for a container that has no other one. */
function gatewayFor({ out }: Side, sandboxId: string, topology: Topology): string | undefined {
  if (out === undefined) return undefined;
  const gateway = formatIpv4(out.gateway.address);
  const routes = topology.sandbox.get(sandboxId)?.record.routes ?? [];
  return routes.some((route) => route.family === 'inet' && route.destination === 'default' && route.gateway !== gateway) ? undefined : gateway;
}

/** Host with host, container with container, of one VLAN; from each side to the other one. */
function checksOf(pings: readonly Pinged[], under: string | undefined, mtuBytes: number): TrafficCheck[] {
  return pings.flatMap((from) => pings.filter((to) => to.side !== from.side && to.vlan === from.vlan && (to.inside === undefined) === (from.inside === undefined)).map((to) => ({
    hostId: from.side.place.host.id,
    ...(from.inside !== undefined && { inside: from.inside }),
    direction: `${from.called} → ${to.called}`,
    from: formatIpv4(from.address.address),
    to: formatIpv4(to.address.address),
    // Docker's bridge keeps its own MTU.
    ...(under !== undefined && from.inside === undefined ? {} : { mtuBytes }),
  })));
}

function sideOf(asked: OvsSide, bridge: string, under: string | undefined, topology: Topology): Side {
  const place = rootOf(topology, asked.hostId);
  const { underlay, uplink } = underlayOf(place, asked.underlay);
  const address = asked.address === undefined ? undefined : requireHostAddress(asked.address, `The address on ${place.host.label}`);
  const above = under === undefined ? undefined : requireBridge(place, under);
  const present = above?.link.addresses.find(({ family }) => family === 'inet');
  const gateway = address ?? (present && requirePrefix(`${present.address}/${String(present.prefixLength)}`, 'The address'));
  if (asked.out !== undefined && gateway === undefined) throw new PlanRefused(`${under ?? bridge} on ${place.host.label} has no address, so nothing on it has a way out. Give it one.`);
  return {
    place,
    underlay,
    mtuBytes: uplink.link.mtuBytes,
    address,
    members: asked.members ?? [],
    out: asked.out === undefined || gateway === undefined ? undefined : { tool: asked.out, device: under ?? bridge, gateway },
  };
}

/** All that is on one switch is in one network, each with an address of its own; and that network is on no other way. */
function refuseAddresses(sides: readonly [Side, Side], bridge: string, under: string | undefined): void {
  const taken = new Map<number, string>();
  const all = sides.flatMap((side) => [...(side.address === undefined ? [] : [{ side, prefix: side.address, of: side.place.host.label }]), ...side.members.map(({ address, called }) => ({ side, prefix: requireHostAddress(address, `The address of ${called}`), of: called }))]);
  for (const { side, prefix, of } of all) {
    const holder = taken.get(prefix.address);
    if (holder !== undefined) throw new PlanRefused(`${holder} and ${of} would both have ${formatIpv4(prefix.address)}.`);
    taken.set(prefix.address, of);
    const [first] = all;
    if (first !== undefined && !overlaps(first.prefix, prefix)) throw new PlanRefused(`${formatPrefix(first.prefix)} and ${formatPrefix(prefix)} are not in one network, but on one switch.`);
    const underlays = sides.map(({ underlay }) => ({ address: parseIpv4(underlay) ?? 0, length: 32 }));
    if (underlays.some((address) => overlaps(networkOf(prefix), address))) throw new PlanRefused(`${formatPrefix(prefix)} holds an end of the tunnel itself: its packets would go round in it. Choose another network.`);
    if (side.address === prefix && under === undefined) refuseOverlap(side.place.root, networkOf(prefix), side.place.host.label, bridge, formatPrefix(prefix));
  }
}

function tunnelConditions(own: Side, remote: string, bridge: string, name: string, make: OvsDatapath | undefined): Precondition[] {
  const { host } = own.place;
  const hostId = host.id;
  return [
    ...(make === undefined ? [bridgeCondition(own.place, bridge)] : []),
    { hostId, what: `${remote} is reached from ${own.underlay}`, argv: script('ip -4 route get "$1" from "$2" >/dev/null 2>&1', remote, own.underlay), mend: `${host.label} has no route from ${own.underlay} to ${remote}. Choose addresses with which the hosts reach each other.` },
    {
      hostId,
      what: `no other port of ${bridge} leads to ${remote}`,
      argv: script('for i in $(ovs-vsctl --timeout=5 --bare --columns=name find Interface "options:remote_ip=$1"); do [ "$i" = "$3" ] || [ "$(ovs-vsctl --timeout=5 iface-to-br "$i")" != "$2" ] || exit 1; done', remote, bridge, name),
      mend: `${bridge} on ${host.label} has a tunnel to ${remote} already: a second one would be a loop. Remove it first.`,
    },
  ];
}

function tunnelStep({ place, underlay }: Side, remote: string, bridge: string, name: string, kind: OvsTunnelKind, key: number | undefined, id: string): PlanStep {
  return {
    hostId: place.host.id,
    what: `make the ${kindNames[kind]} port ${name} to ${remote}`,
    argv: ['ovs-vsctl', '--timeout=10', 'add-port', bridge, name, '--', 'set', 'Interface', name, `type=${kind}`, `options:local_ip=${underlay}`, `options:remote_ip=${remote}`, ...(key === undefined ? [] : [`options:key=${String(key)}`]), `external_ids:netns-explorer=${id}`],
    undo: ['ovs-vsctl', '--timeout=10', '--if-exists', 'del-port', bridge, name],
    done: script(hasInterfaceMark, name, id),
  };
}

function mtuStep(place: StepPlace, bridge: string, mtuBytes: number): PlanStep {
  return {
    hostId: place.hostId,
    what: `give ${bridge} an MTU of ${String(mtuBytes)}`,
    argv: ['ovs-vsctl', '--timeout=10', 'set', 'Interface', bridge, `mtu_request=${String(mtuBytes)}`],
    undo: ['ovs-vsctl', '--timeout=10', '--if-exists', 'clear', 'Interface', bridge, 'mtu_request'],
    done: ownScript(place, '[ "$(ovs-vsctl --timeout=5 --if-exists get Interface "$1" mtu_request 2>/dev/null)" = "$2" ]', bridge, String(mtuBytes)),
  };
}

function pictureOf(sides: readonly [Side, Side], { kind, bridge, make, under, key }: OvsTunnelRequest, name: string, mtuBytes: number): NonNullable<Plan['picture']> {
  const things: PlanThing[] = [];
  const joins: PlanJoin[] = [];
  for (const { place, underlay, address, members } of sides) {
    const hostId = place.host.id;
    const at = (what: string): string => `${hostId}|${what}`;
    const top = under === undefined ? 'switch' : 'under';
    for (const [index, { called, address: own, vlan }] of members.entries()) {
      things.push({ id: at(`member${String(index)}`), hostId, row: 0, lines: [called, own, ...(vlan === undefined ? [] : [`VLAN ${String(vlan)}`])] });
      joins.push({ from: at(`member${String(index)}`), to: at(top), made: true });
    }
    if (under !== undefined) {
      things.push({ id: at('under'), hostId, row: 1, lines: [under, ...(address === undefined ? [] : [formatPrefix(address)]), 'Linux bridge'] });
      joins.push({ from: at('under'), to: at('switch'), made: true });
    }
    things.push({ id: at('switch'), hostId, row: 2, lines: [bridge, ...(under === undefined && address !== undefined ? [formatPrefix(address)] : []), `Open vSwitch${make === undefined ? '' : ` · ${make}`}`], ...(make !== undefined && { made: true as const }) });
    things.push({ id: at('port'), hostId, row: 3, lines: [name, [kindNames[kind], key === undefined ? '' : `key ${String(key)}`, `MTU ${String(mtuBytes)}`].filter((part) => part !== '').join(' · ')], made: true });
    things.push({ id: at('uplink'), hostId, row: 4, lines: [underlay, 'underlay'] });
    joins.push({ from: at('switch'), to: at('port'), made: true }, { from: at('port'), to: at('uplink'), made: true });
  }
  const [a, b] = sides.map(({ place }) => place.host.id);
  joins.push({ from: `${a ?? ''}|port`, to: `${b ?? ''}|port`, label: 'tunnel', made: true }, { from: `${a ?? ''}|uplink`, to: `${b ?? ''}|uplink`, label: 'underlay' });
  return { things, joins };
}
