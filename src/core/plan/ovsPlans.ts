import type { Topology } from '../model/topology';
import { formatPrefix, networkOf, overlaps, parseIpv4, requirePrefix, type Prefix } from './ipv4';
import { PlanRefused, type Argv, type Plan, type PlanJoin, type PlanStep, type PlanThing, type Precondition, type TrafficCheck } from './plan';
import { hash, numberIn, requireDeviceName, script } from './planParts';
import { notedAddressStep, notedMtuStep, notedUnderStep, notedUpStep } from './ovsNotes';
import { linkOf, refuseOverlap, requireBridge, rootOf, type RootOfHost } from './planHosts';
import { wirePlan } from './wirePlan';

export const ovsTunnelKinds = ['gre', 'vxlan', 'geneve'] as const;
export type OvsTunnelKind = (typeof ovsTunnelKinds)[number];
/** `netdev`: in user space, where the kernel has no openvswitch module (ovs-vswitchd.conf.db(5), Bridge, datapath_type). */
export type OvsDatapath = 'system' | 'netdev';

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
}

/**
 * Two Open vSwitch bridges joined by a tunnel port on each; with `make`, `under` and members, the tutorials' three experiments: containers on docker0 with the switch below it,
 * containers on the switch itself, and the same with a VLAN tag for each.
 * @throws PlanRefused with one sentence where it cannot be: before anything is changed
 */
export function ovsTunnelPlan(request: OvsTunnelRequest, topology: Topology): Plan {
  const { kind, make, under } = request;
  const bridge = requireDeviceName(request.bridge);
  const sides = [sideOf(request.sides[0], topology), sideOf(request.sides[1], topology)] as const;
  const [a, b] = sides;
  if (a.place.host.id === b.place.host.id) throw new PlanRefused(`A tunnel needs two hosts; both ends are on ${a.place.host.label}.`);
  if (a.underlay === b.underlay) throw new PlanRefused(`Both ends have the underlay address ${a.underlay}. Say with which addresses the hosts reach each other.`);
  const key = numberIn(kind === 'gre' ? 'key' : 'VNI', request.key, 0, kind === 'gre' ? 0xffffffff : 0xffffff);
  const keyBytes = kind === 'gre' && key !== undefined ? 4 : 0;
  const underlayMtu = Math.min(a.mtuBytes, b.mtuBytes);
  // A tag goes through the tunnel with its frame (802.1Q: 4 bytes).
  const tagBytes = sides.some(({ members }) => members.some(({ vlan }) => vlan !== undefined)) ? 4 : 0;
  const mtuBytes = underlayMtu - overhead[kind] - keyBytes - tagBytes;
  const name = requireDeviceName(request.name ?? `nx${kind}${hash(JSON.stringify([kind, bridge, sides.map(({ place, underlay }) => [place.host.id, underlay]), key ?? null])).slice(0, 4)}`);
  const id = hash(JSON.stringify(['ovs', request, name]));
  refuseAddresses(sides, bridge, under);
  const steps: PlanStep[] = [];
  const preconditions: Precondition[] = [];
  const pings: { readonly side: Side; readonly address: Prefix; readonly inside?: readonly string[]; readonly called: string; readonly vlan?: number }[] = [];
  for (const own of sides) {
    const far = own === a ? b : a;
    preconditions.push(...switchConditions(own.place, make), ...tunnelConditions(own, far.underlay, bridge, name, make));
    if (make !== undefined) steps.push(...bridgeSteps(own.place, bridge, make, id, false));
    steps.push(tunnelStep(own, far.underlay, bridge, name, kind, key, id));
    const { host } = own.place;
    if (under !== undefined) {
      requireBridge(own.place, under);
      const master = linkOf(own.place.root, bridge)?.link.master;
      if (master !== undefined && master !== 'ovs-system' && master !== under) throw new PlanRefused(`${bridge} on ${host.label} is a port of ${master} already. Remove it from there first.`);
      steps.push(make === undefined ? notedUnderStep(host.id, id, bridge, under) : underStep(own.place, bridge, under));
    } else if (own.address !== undefined) {
      steps.push(make === undefined ? notedMtuStep(host.id, id, bridge, mtuBytes) : mtuStep(own.place, bridge, mtuBytes));
    }
    if (own.address !== undefined) {
      // What the plan makes goes with it; what was there may have been so before.
      steps.push(make === undefined || under !== undefined ? notedAddressStep(host.id, id, bridge, formatPrefix(own.address), under ?? bridge) : addressStep(own.place, bridge, own.address));
      pings.push({ side: own, address: own.address, called: host.label });
    }
    steps.push(make === undefined ? notedUpStep(host.id, id, bridge) : upStep(own.place, bridge));
    for (const member of own.members) {
      const wire = wirePlan({ hostId: own.place.host.id, sandboxId: member.sandboxId, called: member.called, address: member.address, mtuBytes, to: under === undefined ? { kind: 'ovs', name: bridge } : { kind: 'bridge', name: under }, ...(member.vlan !== undefined && { vlan: member.vlan }), plan: id }, topology);
      // The bridge is this plan's own where it makes it.
      preconditions.push(...wire.preconditions.filter(({ what }) => make === undefined || !what.startsWith('Open vSwitch has')));
      steps.push(...wire.steps);
      pings.push({ side: own, address: requirePrefix(member.address, 'The address'), called: member.called, inside: wire.steps.find(({ argv }) => argv[0] === 'nsenter')?.argv.slice(0, 3) ?? [], ...(member.vlan !== undefined && { vlan: member.vlan }) });
    }
  }
  const checks = pings.flatMap((from): TrafficCheck[] => pings.filter((to) => to.side !== from.side && to.vlan === from.vlan && (to.inside === undefined) === (from.inside === undefined)).map((to) => ({
    hostId: from.side.place.host.id,
    ...(from.inside !== undefined && { inside: from.inside }),
    direction: `${from.called} → ${to.called}`,
    from: text(from.address),
    to: text(to.address),
    // Docker's bridge keeps its own MTU.
    ...(under !== undefined && from.inside === undefined ? {} : { mtuBytes }),
  })));
  const experiment = under === undefined ? (sides.some(({ members }) => members.some(({ vlan }) => vlan !== undefined)) ? ', containers in VLANs' : sides.some(({ members }) => members.length > 0) ? ', with containers' : '') : `, below ${under}`;
  return {
    id,
    kind: `ovs-${kind}`,
    title: `${kindNames[kind]} between the Open vSwitch bridges ${bridge} of ${a.place.host.label} and ${b.place.host.label}${experiment}`,
    hosts: sides.map(({ place }) => place.planHost),
    preconditions,
    steps,
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

export interface OvsBridgeRequest {
  readonly hostId: string;
  readonly name: string;
  readonly datapath: OvsDatapath;
  readonly stp?: boolean;
  readonly address?: string;
}

/** A new bridge of Open vSwitch. @throws PlanRefused with one sentence where it cannot be */
export function ovsBridgePlan(request: OvsBridgeRequest, topology: Topology): Plan {
  const place = rootOf(topology, request.hostId);
  const name = requireDeviceName(request.name);
  const address = request.address === undefined ? undefined : requirePrefix(request.address, 'The address');
  if (address !== undefined) refuseOverlap(place.root, networkOf(address), place.host.label, name, formatPrefix(address));
  const id = hash(JSON.stringify(['ovs-bridge', request]));
  return {
    id,
    kind: 'ovs-bridge',
    title: `Open vSwitch bridge ${name} on ${place.host.label}`,
    hosts: [place.planHost],
    preconditions: [...switchConditions(place, request.datapath), nameCondition(place, name, id)],
    steps: [...bridgeSteps(place, name, request.datapath, id, request.stp === true), ...(address === undefined ? [] : [addressStep(place, name, address)]), upStep(place, name)],
    checks: [],
    notes: ['Open vSwitch keeps the bridge in its database, and makes it again after a restart; its address is gone then.'],
    picture: { things: [{ id: 'bridge', hostId: place.host.id, row: 0, lines: [name, ...(address === undefined ? [] : [formatPrefix(address)]), `Open vSwitch · ${request.datapath}`], made: true }], joins: [] },
  };
}

export interface OvsPortRequest {
  readonly hostId: string;
  readonly bridge: string;
  readonly device: string;
  readonly vlan?: number;
}

/** A device of the host becomes a port of an Open vSwitch bridge. @throws PlanRefused with one sentence where it cannot be */
export function ovsPortPlan({ hostId, bridge, device, vlan: asked }: OvsPortRequest, topology: Topology): Plan {
  const place = rootOf(topology, hostId);
  const { host, root } = place;
  requireDeviceName(bridge);
  const node = linkOf(root, device);
  if (node === undefined) throw new PlanRefused(`There is no device "${device}" on ${host.label}.`);
  if (node.link.master !== undefined && node.link.master !== 'ovs-system') throw new PlanRefused(`${device} is a port of ${node.link.master} already. Remove it from there first.`);
  if (root.record.routes.some((route) => route.destination === 'default' && route.device === device)) throw new PlanRefused(`${host.label} sends its default route by ${device}: as a port of a switch it would lose the host its connection. Choose another device.`);
  const vlan = numberIn('VLAN tag', asked, 1, 4094);
  const id = hash(JSON.stringify(['ovs-port', hostId, bridge, device, vlan ?? null]));
  return {
    id,
    kind: 'ovs-port',
    title: `${device} a port of ${bridge} on ${host.label}`,
    hosts: [place.planHost],
    preconditions: [
      ...switchConditions(place, undefined),
      bridgeCondition(place, bridge),
      { hostId, what: `${device} is no port of another bridge`, argv: script('b=$(ovs-vsctl --timeout=5 port-to-br "$1" 2>/dev/null); [ -z "$b" ] || { [ "$b" = "$2" ] && [ "$(ovs-vsctl --timeout=5 --if-exists get Interface "$1" external_ids:netns-explorer | tr -d \'"\')" = "$3" ]; }', device, bridge, id), mend: `${device} on ${host.label} is a port of a switch already. Remove it from there first.` },
    ],
    steps: [portStep(hostId, bridge, device, vlan, id)],
    checks: [],
    notes: ['Open vSwitch keeps the port in its database.'],
    picture: { things: [{ id: 'device', hostId, row: 0, lines: [device, ...(vlan === undefined ? [] : [`VLAN ${String(vlan)}`])] }, { id: 'bridge', hostId, row: 1, lines: [bridge, 'Open vSwitch bridge'] }], joins: [{ from: 'device', to: 'bridge', made: true }] },
  };
}

/** The VLAN tag of a port; the former one comes back. @throws PlanRefused with one sentence where it cannot be */
export function ovsVlanPlan({ hostId, device, vlan: asked, from }: { readonly hostId: string; readonly device: string; readonly vlan: number; /** The tag that it has; absent: none. */ readonly from?: number }, topology: Topology): Plan {
  const place = rootOf(topology, hostId);
  const port = requireDeviceName(device);
  const vlan = String(numberIn('VLAN tag', asked, 1, 4094));
  const former = numberIn('VLAN tag', from, 1, 4094);
  if (String(former) === vlan) throw new PlanRefused(`${port} is to have VLAN ${vlan} in place of ${vlan}: that is the same.`);
  const tag = (value: string): Argv => script('[ "$(ovs-vsctl --timeout=5 get Port "$1" tag 2>/dev/null)" = "$2" ]', port, value);
  const present = former === undefined ? '[]' : String(former);
  return {
    id: hash(JSON.stringify(['ovs-vlan', hostId, port, present, vlan])),
    kind: 'ovs-vlan',
    title: `${port} on ${place.host.label} in VLAN ${vlan} of its switch`,
    hosts: [place.planHost],
    preconditions: [
      ...switchConditions(place, undefined),
      { hostId, what: `${port} has ${former === undefined ? 'no tag' : `the tag ${present}`}, or ${vlan} already`, argv: script('t=$(ovs-vsctl --timeout=5 get Port "$1" tag 2>/dev/null) && { [ "$t" = "$2" ] || [ "$t" = "$3" ]; }', port, present, vlan), mend: `${port} on ${place.host.label} is no port of a switch, or has another tag than ${former === undefined ? 'none' : present}. "ovs-vsctl get Port ${port} tag" tells which; say it.` },
    ],
    steps: [{ hostId, what: `give ${port} the tag ${vlan}`, argv: ['ovs-vsctl', '--timeout=10', 'set', 'Port', port, `tag=${vlan}`], undo: former === undefined ? ['ovs-vsctl', '--timeout=10', 'clear', 'Port', port, 'tag'] : ['ovs-vsctl', '--timeout=10', 'set', 'Port', port, `tag=${present}`], done: tag(vlan) }],
    checks: [],
    notes: ['Open vSwitch keeps the tag in its database.'],
  };
}

const text = ({ address, length }: Prefix): string => formatPrefix({ address, length }).split('/')[0] ?? '';

function sideOf(asked: OvsSide, topology: Topology): Side {
  const place = rootOf(topology, asked.hostId);
  const { host, root } = place;
  const underlay = asked.underlay ?? host.underlay.find((address) => parseIpv4(address) !== undefined);
  if (underlay === undefined) throw new PlanRefused(`${host.label} has no IPv4 address that the other host could reach. Say which one the tunnel is to use.`);
  if (parseIpv4(underlay) === undefined) throw new PlanRefused(`"${underlay}" is no IPv4 address.`);
  const uplink = root.links.find(({ link }) => link.addresses.some(({ address }) => address === underlay));
  if (uplink === undefined) throw new PlanRefused(`${host.label} has no interface with the address ${underlay}. It has ${host.underlay.join(', ') || 'none'}.`);
  return { place, underlay, mtuBytes: uplink.link.mtuBytes, address: asked.address === undefined ? undefined : requirePrefix(asked.address, `The address on ${host.label}`), members: asked.members ?? [] };
}

/** All that is on one switch is in one network, each with an address of its own; and that network is on no other way. */
function refuseAddresses(sides: readonly [Side, Side], bridge: string, under: string | undefined): void {
  const taken = new Map<number, string>();
  const all = sides.flatMap((side) => [...(side.address === undefined ? [] : [{ side, prefix: side.address, of: side.place.host.label }]), ...side.members.map(({ address, called }) => ({ side, prefix: requirePrefix(address, `The address of ${called}`), of: called }))]);
  for (const { side, prefix, of } of all) {
    const holder = taken.get(prefix.address);
    if (holder !== undefined) throw new PlanRefused(`${holder} and ${of} would both have ${text(prefix)}.`);
    taken.set(prefix.address, of);
    const [first] = all;
    if (first !== undefined && !overlaps(first.prefix, prefix)) throw new PlanRefused(`${formatPrefix(first.prefix)} and ${formatPrefix(prefix)} are not in one network, but on one switch.`);
    const underlays = sides.map(({ underlay }) => ({ address: parseIpv4(underlay) ?? 0, length: 32 }));
    if (underlays.some((address) => overlaps(networkOf(prefix), address))) throw new PlanRefused(`${formatPrefix(prefix)} holds an end of the tunnel itself: its packets would go round in it. Choose another network.`);
    if (side.address === prefix && under === undefined) refuseOverlap(side.place.root, networkOf(prefix), side.place.host.label, bridge, formatPrefix(prefix));
  }
}

/** That Open vSwitch runs, both halves of it: without ovs-vswitchd the database would take what nothing then does. */
function switchConditions({ host }: RootOfHost, datapath: OvsDatapath | undefined): Precondition[] {
  const hostId = host.id;
  return [
    { hostId, what: 'Open vSwitch is installed', argv: script('command -v ovs-vsctl >/dev/null && command -v ovs-appctl >/dev/null'), mend: `Open vSwitch is not installed on ${host.label}. Install the package openvswitch-switch.` },
    { hostId, what: 'its database answers', argv: script('ovs-vsctl --timeout=5 --no-wait list-br >/dev/null 2>&1'), mend: `The database of Open vSwitch on ${host.label} does not answer. Start openvswitch-switch, or look at the log of ovsdb-server.` },
    { hostId, what: 'its switch runs', argv: script('ovs-appctl --timeout=5 -t ovs-vswitchd version >/dev/null 2>&1'), mend: `The database of Open vSwitch on ${host.label} answers, but ovs-vswitchd does not run: nothing would be switched. Start openvswitch-switch.` },
    ...(datapath === 'system'
      ? [{ hostId, what: 'the kernel has openvswitch', argv: script('[ -d /sys/module/openvswitch ] || modprobe -n -q openvswitch 2>/dev/null || grep -q "/openvswitch.ko" "/lib/modules/$(uname -r)/modules.builtin" 2>/dev/null'), mend: `The kernel of ${host.label} has no openvswitch module. Take the datapath netdev, in user space, or install the module.` }]
      : []),
  ];
}

function bridgeCondition({ host }: RootOfHost, bridge: string): Precondition {
  return { hostId: host.id, what: `there is a bridge ${bridge}`, argv: script('ovs-vsctl --timeout=5 br-exists "$1"', bridge), mend: `Open vSwitch on ${host.label} has no bridge ${bridge}. Plan the bridge too, or name another one.` };
}

function nameCondition({ host }: RootOfHost, name: string, id: string): Precondition {
  return {
    hostId: host.id,
    what: `the name ${name} is free`,
    argv: script('[ "$(ovs-vsctl --timeout=5 br-get-external-id "$1" netns-explorer 2>/dev/null)" = "$2" ] || { [ ! -e "/sys/class/net/$1" ] && ! ovs-vsctl --timeout=5 br-exists "$1"; }', name, id),
    mend: `${host.label} has a bridge or device ${name} that is not this plan's. Choose another name.`,
  };
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

function bridgeSteps({ host }: RootOfHost, bridge: string, datapath: OvsDatapath, id: string, stp: boolean): PlanStep[] {
  return [
    {
      hostId: host.id,
      what: `make the bridge ${bridge}`,
      argv: ['ovs-vsctl', '--timeout=10', 'add-br', bridge, '--', 'set', 'Bridge', bridge, `datapath_type=${datapath}`, `external_ids:netns-explorer=${id}`, ...(stp ? ['stp_enable=true'] : [])],
      undo: ['ovs-vsctl', '--timeout=10', '--if-exists', 'del-br', bridge],
      done: script('[ "$(ovs-vsctl --timeout=5 br-get-external-id "$1" netns-explorer 2>/dev/null)" = "$2" ]', bridge, id),
    },
  ];
}

function tunnelStep({ place, underlay }: Side, remote: string, bridge: string, name: string, kind: OvsTunnelKind, key: number | undefined, id: string): PlanStep {
  return {
    hostId: place.host.id,
    what: `make the ${kindNames[kind]} port ${name} to ${remote}`,
    argv: ['ovs-vsctl', '--timeout=10', 'add-port', bridge, name, '--', 'set', 'Interface', name, `type=${kind}`, `options:local_ip=${underlay}`, `options:remote_ip=${remote}`, ...(key === undefined ? [] : [`options:key=${String(key)}`]), `external_ids:netns-explorer=${id}`],
    undo: ['ovs-vsctl', '--timeout=10', '--if-exists', 'del-port', bridge, name],
    done: script('[ "$(ovs-vsctl --timeout=5 --if-exists get Interface "$1" external_ids:netns-explorer 2>/dev/null | tr -d \'"\')" = "$2" ]', name, id),
  };
}

function portStep(hostId: string, bridge: string, port: string, vlan: number | undefined, id: string): PlanStep {
  return {
    hostId,
    what: `make ${port} a port of ${bridge}${vlan === undefined ? '' : `, tag ${String(vlan)}`}`,
    argv: ['ovs-vsctl', '--timeout=10', 'add-port', bridge, port, ...(vlan === undefined ? [] : [`tag=${String(vlan)}`]), '--', 'set', 'Interface', port, `external_ids:netns-explorer=${id}`],
    undo: ['ovs-vsctl', '--timeout=10', '--if-exists', 'del-port', bridge, port],
    done: script('[ "$(ovs-vsctl --timeout=5 --if-exists get Interface "$1" external_ids:netns-explorer 2>/dev/null | tr -d \'"\')" = "$2" ]', port, id),
  };
}

function underStep({ host }: RootOfHost, bridge: string, under: string): PlanStep {
  return { hostId: host.id, what: `make ${bridge} a port of ${under}`, argv: ['ip', 'link', 'set', 'dev', bridge, 'master', under], undo: ['ip', 'link', 'set', 'dev', bridge, 'nomaster'], done: script('[ "$(basename "$(readlink "/sys/class/net/$1/master")" 2>/dev/null)" = "$2" ]', bridge, under) };
}

function mtuStep({ host }: RootOfHost, bridge: string, mtuBytes: number): PlanStep {
  return {
    hostId: host.id,
    what: `give ${bridge} an MTU of ${String(mtuBytes)}`,
    argv: ['ovs-vsctl', '--timeout=10', 'set', 'Interface', bridge, `mtu_request=${String(mtuBytes)}`],
    undo: ['ovs-vsctl', '--timeout=10', '--if-exists', 'clear', 'Interface', bridge, 'mtu_request'],
    done: script('[ "$(ovs-vsctl --timeout=5 --if-exists get Interface "$1" mtu_request 2>/dev/null)" = "$2" ]', bridge, String(mtuBytes)),
  };
}

function addressStep({ host }: RootOfHost, device: string, address: Prefix): PlanStep {
  const prefix = formatPrefix(address);
  return { hostId: host.id, what: `give ${device} ${prefix}`, argv: ['ip', 'addr', 'add', prefix, 'dev', device], undo: ['ip', 'addr', 'del', prefix, 'dev', device], done: script('ip -o addr show dev "$1" 2>/dev/null | grep -qF " $2 "', device, prefix) };
}

function upStep({ host }: RootOfHost, device: string): PlanStep {
  return { hostId: host.id, what: `set ${device} up`, argv: ['ip', 'link', 'set', 'dev', device, 'up'], undo: ['ip', 'link', 'set', 'dev', device, 'down'], done: script('[ -n "$(ip -o link show up dev "$1" 2>/dev/null)" ]', device) };
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
