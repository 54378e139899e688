import type { LinkNode, Sandbox, Topology } from '../model/topology';
import { formatIpv4, formatPrefix, networkOf, overlaps, parseIpv4, type Prefix } from '../model/ipv4';
import { addressStep, hasUntagged, inNamespace, markStep, masterStep, nameFree, onHost, routeStep, stepOf, upStep } from './linkSteps';
import { ovsPortStep, type OvsDatapath } from './ovsSteps';
import { refuseOverlap, requireHostAddress } from './planAddresses';
import { PlanRefused, planMark, type Argv, type Plan, type PlanPicture, type PlanStep, type Precondition, type TrafficCheck } from './plan';
import { hash, numberIn, requireDeviceName, script } from './planParts';
import { linkOf, needsIproute, ownName, ownNamesOf, reached, requireBridge, requireDevice, rootOf, type ReachedNamespace, type RootOfHost } from './planHosts';

/** What a container or namespace is wired to. */
export type WireTo =
  /** A Linux bridge, by a veth pair. */
  | { readonly kind: 'bridge'; readonly name: string }
  /** An Open vSwitch bridge, by a veth pair. */
  | { readonly kind: 'ovs'; readonly name: string }
  /** A device of the host, by a macvlan of it in mode bridge. */
  | { readonly kind: 'parent'; readonly name: string };

export interface WireRequest {
  readonly hostId: string;
  /** The namespace, by its id in the topology. */
  readonly sandboxId: string;
  /** What it is called, where several containers share it; default: the namespace's own title. Hostile text. */
  readonly called?: string;
  readonly to: WireTo;
  /** With its prefix length. Absent: none. */
  readonly address?: string;
  readonly gateway?: string;
  readonly mac?: string;
  /** In the namespace; default: the first ethN, from eth1 on, that is free. */
  readonly name?: string;
  readonly vlan?: number;
  /** Bytes; default: the bridge's or parent's. */
  readonly mtuBytes?: number;
  /** The plan is there to be undone: what it is wired to may be gone. */
  readonly undoing?: boolean;
  /** The plan that this is a part of; absent: it is one of its own. */
  readonly partOf?: { readonly planId: string; /** The bridge of Open vSwitch is made by it, with this datapath. */ readonly makes?: OvsDatapath };
}

interface Wire {
  readonly place: RootOfHost;
  readonly sandbox: Sandbox;
  readonly called: string;
  readonly inside: ReachedNamespace;
  readonly to: WireTo;
  readonly upper: LinkNode | undefined;
  readonly address: Prefix | undefined;
  readonly gateway: string | undefined;
  readonly mac: string | undefined;
  readonly vlan: number | undefined;
  readonly mtuBytes: number;
  readonly name: string;
  /** The host's end of the pair. */
  readonly port: string;
  readonly id: string;
  readonly mark: string;
  /** The bridge of Open vSwitch is made by the plan that this is a part of. */
  readonly makesBridge: boolean;
  /** Of that bridge: `system`, `netdev`. */
  readonly datapath: string | undefined;
}

/**
 * What pipework and the like do by hand: a device in a container's namespace, on a bridge or on a device of the host.
 * @throws PlanRefused with one sentence where it cannot be: before anything is changed
 */
export function wirePlan(request: WireRequest, topology: Topology): Plan {
  return wiredPlan(request, topology).plan;
}

/** Likewise, with what commands in the namespace are run through. */
export function wiredPlan(request: WireRequest, topology: Topology): { readonly plan: Plan; readonly inside: readonly string[] } {
  const wire = wireOf(request, topology);
  const { place, called, inside, to, address, gateway, mark, id, name } = wire;
  const checks = trafficChecks(wire);
  const plan = {
    id,
    kind: 'wire',
    title: `${called} on ${place.host.label} wired to ${to.name}`,
    hosts: [place.planHost],
    preconditions: preconditions(wire),
    steps: to.kind === 'parent' ? [macvlanStep(wire), ...insideSteps(wire)] : [...pairSteps(wire), ...insideSteps(wire), ...portSteps(wire)],
    checks,
    notes: [
      `In the namespace: ${name}${address === undefined ? ', without an address' : `, ${formatPrefix(address)}`}${gateway === undefined ? '' : `, default route by ${gateway}`}. The mark "${mark}" is on what is made.`,
      'The engine knows nothing of it: it is gone when the container stops, and "docker inspect" does not show it.',
      ...(to.kind === 'parent' ? [`The host itself does not reach a macvlan of its own ${to.name} (drivers/net/macvlan.c).`] : []),
      ...(checks.length === 0 ? [`Nothing on ${to.name} has an address in its network, so no traffic is sent to verify it.`] : []),
    ],
    picture: pictureOf(wire),
  };
  return { plan, inside: enterOf(inside) };
}

function enterOf(inside: ReachedNamespace): readonly string[] {
  return inside.run('ping').slice(0, -1);
}

function trafficChecks({ place, called, inside, to, upper, address, gateway, vlan }: Wire): TrafficCheck[] {
  if (address === undefined) return [];
  const own = upper?.link.addresses.find((each) => each.family === 'inet' && overlaps({ address: parseIpv4(each.address) ?? 0, length: 32 }, networkOf(address)))?.address;
  // A macvlan's parent is not reached from it.
  const target = gateway ?? (to.kind === 'parent' || vlan !== undefined ? undefined : own);
  return target === undefined ? [] : [{ hostId: place.host.id, inside: enterOf(inside), direction: `${called} → ${target === own ? to.name : 'gateway'}`, from: formatIpv4(address.address), to: target }];
}

function wireOf(request: WireRequest, topology: Topology): Wire {
  const place = rootOf(topology, request.hostId);
  const sandbox = topology.sandbox.get(request.sandboxId);
  if (sandbox?.hostId !== place.host.id) throw new PlanRefused(`That namespace is not on ${place.host.label} any more. Refresh the host.`);
  if (sandbox.id === place.root.id) throw new PlanRefused(`${request.called ?? sandbox.title} uses the namespace of ${place.host.label} itself: there is nothing to wire.`);
  const { to } = request;
  const upper = request.undoing === true || to.kind === 'ovs' ? linkOf(place.root, requireDeviceName(to.name)) : to.kind === 'bridge' ? requireBridge(place, to.name) : requireDevice(place, requireDeviceName(to.name));
  const vlan = numberIn('VLAN tag', request.vlan, 1, 4094);
  if (vlan !== undefined && request.undoing !== true && to.kind === 'bridge' && upper?.link.bridge?.vlanFiltering !== true) throw new PlanRefused(`${to.name} does not filter VLANs, so a tag would do nothing. Turn it on with "ip link set ${to.name} type bridge vlan_filtering 1", or leave the tag out.`);
  if (vlan !== undefined && to.kind === 'parent') throw new PlanRefused('A macvlan has no VLAN tag of its own. Give a VLAN device as its parent.');
  const most = upper?.link.mtuBytes ?? 1500;
  const mtuBytes = numberIn('MTU', request.mtuBytes, 576, 65535) ?? most;
  if (to.kind === 'parent' && mtuBytes > most) throw new PlanRefused(`${to.name} carries ${String(most)} bytes at most: an MTU of ${String(mtuBytes)} does not fit.`);
  if (request.mac !== undefined && !/^[0-9a-f][02468ace](:[0-9a-f]{2}){5}$/i.test(request.mac)) throw new PlanRefused(`"${request.mac}" is no MAC address of one device, such as 02:42:ac:11:00:05.`);
  const address = request.address === undefined ? undefined : requireHostAddress(request.address, 'The address');
  const gateway = gatewayOf(request, address, sandbox);
  const named = (name: string): { readonly id: string; readonly port: string; readonly mark: string } => {
    const id = hash(JSON.stringify([ownName(place.host), ownNamesOf(sandbox, topology), to, address ?? null, gateway ?? null, request.mac ?? null, name, vlan ?? null, request.mtuBytes ?? null]));
    // The port's name is of what is wired, the mark of the plan that it belongs to.
    return { id: request.partOf?.planId ?? id, port: `nxw${id}`, mark: planMark(request.partOf?.planId ?? id) };
  };
  const name = nameIn(sandbox, place.root, request.name, named);
  if (address !== undefined) {
    refuseOverlap(sandbox, networkOf(address), sandbox.title, name, formatPrefix(address));
    const [holder] = (topology.known.get(formatIpv4(address.address)) ?? []).filter((each) => each.sandboxId !== sandbox.id);
    if (holder !== undefined) throw new PlanRefused(`${formatIpv4(address.address)} is ${holder.name}'s already. Choose another address.`);
  }
  return { place, sandbox, called: request.called ?? sandbox.title, inside: reached(place, sandbox), to, upper, address, gateway, mac: request.mac?.toLowerCase(), vlan, mtuBytes, name, makesBridge: request.partOf?.makes !== undefined, datapath: to.kind === 'ovs' ? (request.partOf?.makes ?? place.host.ovs?.find(({ bridge }) => bridge.name === to.name)?.bridge.datapathType) : undefined, ...named(name) };
}

function gatewayOf({ gateway }: WireRequest, address: Prefix | undefined, sandbox: Sandbox): string | undefined {
  if (gateway === undefined) return undefined;
  const value = parseIpv4(gateway);
  if (value === undefined) throw new PlanRefused(`"${gateway}" is no IPv4 address.`);
  if (address === undefined || !overlaps(address, { address: value, length: 32 })) throw new PlanRefused(`The gateway ${gateway} is not in the network of the address.`);
  const present = sandbox.record.routes.find((route) => route.family === 'inet' && route.destination === 'default' && route.table === 'main' && route.gateway !== gateway);
  if (present !== undefined) throw new PlanRefused(`${sandbox.title} has a default route by ${present.gateway ?? present.device ?? '?'} already. Leave the gateway out.`);
  return gateway;
}

/** The name that was asked for, or the first free one; what an earlier run of the same plan has made counts as free, by its mark or, before it has that, by the other end of its pair. */
function nameIn(sandbox: Sandbox, root: Sandbox, asked: string | undefined, named: (name: string) => { readonly mark: string; readonly port: string }): string {
  const isFree = (name: string): boolean => {
    const alias = linkOf(sandbox, name)?.link.rest?.['ifalias'];
    const { mark, port } = named(name);
    return linkOf(sandbox, name) === undefined || alias === mark || (alias === undefined && linkOf(root, port) !== undefined);
  };
  if (asked !== undefined) {
    if (!isFree(requireDeviceName(asked))) throw new PlanRefused(`${sandbox.title} has a device ${asked} already. Choose another name.`);
    return asked;
  }
  for (let at = 1; at < 100; at++) if (isFree(`eth${String(at)}`)) return `eth${String(at)}`;
  throw new PlanRefused(`${sandbox.title} has no name from eth1 to eth99 left. Give one.`);
}

function preconditions({ place, inside, to, port, name, mark, makesBridge }: Wire): Precondition[] {
  const hostId = place.host.id;
  return [
    needsIproute(place.host),
    { hostId, what: 'nsenter is there', argv: script('command -v nsenter >/dev/null'), mend: `nsenter is not installed on ${place.host.label}. Install util-linux.` },
    inside.precondition,
    ...(to.kind === 'parent' ? [] : [nameFree(hostId, place.host.label, port, mark, 'Remove it.')]),
    {
      hostId,
      what: `the name ${name} is free in the namespace`,
      // /sys shows the namespace that mounted it: ip asks the kernel.
      argv: inside.script('! ip link show dev "$1" >/dev/null 2>&1 || ip link show dev "$1" | grep -qF "alias $2"', name, mark),
      mend: `The namespace has a device ${name} by now. Choose another name.`,
    },
    ...(to.kind === 'ovs' && !makesBridge
      ? [{ hostId, what: `Open vSwitch has a bridge ${to.name}`, argv: script('ovs-vsctl --timeout=5 br-exists "$1"', to.name), mend: `Open vSwitch is not installed on ${place.host.label}, does not answer, or has no bridge ${to.name}. Look at "ovs-vsctl show" there.` }]
      : []),
  ];
}

function pairSteps({ place, inside, port, name, mac, mtuBytes, mark }: Wire): PlanStep[] {
  const own = onHost(place.host.id, mark);
  const made = script('[ -e "/sys/class/net/$1" ] || exit 1; a=$(cat "/sys/class/net/$1/ifalias"); [ -z "$a" ] || [ "$a" = "$2" ]', port, mark);
  return [
    stepOf(place.host.id)(
      `make the pair ${port} and, in the namespace, ${name}`,
      ['ip', 'link', 'add', 'name', port, 'mtu', String(mtuBytes), 'type', 'veth', 'peer', 'name', name, 'mtu', String(mtuBytes), ...(mac === undefined ? [] : ['address', mac]), 'netns', inside.path],
      ['ip', 'link', 'del', 'dev', port],
      made,
    ),
    markStep(own, port),
  ];
}

function macvlanStep({ place, inside, to, name, mac, mtuBytes, mark }: Wire): PlanStep {
  return stepOf(place.host.id)(
    `make the macvlan ${name} of ${to.name} in the namespace`,
    ['ip', 'link', 'add', 'name', name, 'link', to.name, ...(mac === undefined ? [] : ['address', mac]), 'mtu', String(mtuBytes), 'netns', inside.path, 'type', 'macvlan', 'mode', 'bridge'],
    inside.run('ip', 'link', 'del', 'dev', name),
    inside.script('l=$(ip -d link show dev "$1" 2>/dev/null) || exit 1; case $l in *macvlan*) ;; *) exit 1 ;; esac; case $l in *"alias $2"*) ;; *alias*) exit 1 ;; esac', name, mark),
  );
}

function insideSteps({ place, inside, name, mark, address, gateway }: Wire): PlanStep[] {
  const within = inNamespace(place.host.id, inside, mark);
  return [
    markStep(within, name),
    ...(address === undefined ? [] : [addressStep(within, name, formatPrefix(address))]),
    upStep(within, name),
    ...(gateway === undefined ? [] : [routeStep(within, name, 'default', gateway)]),
  ];
}

function portSteps({ place, port, vlan, id, to, datapath, mark }: Wire): PlanStep[] {
  const hostId = place.host.id;
  const own = onHost(hostId, mark);
  const up = upStep(own, port);
  if (to.kind === 'ovs') return [...(datapath === 'netdev' ? [quietStep(hostId, port)] : []), ovsPortStep(hostId, to.name, port, vlan, id), up];
  const step = stepOf(hostId);
  return [
    masterStep(own, port, to.name),
    ...(vlan === undefined || vlan === 1
      ? []
      : [
          step(`give it VLAN ${String(vlan)}, untagged`, ['bridge', 'vlan', 'add', 'dev', port, 'vid', String(vlan), 'pvid', 'untagged'], ['bridge', 'vlan', 'del', 'dev', port, 'vid', String(vlan)], script(hasUntagged, port, String(vlan))),
          step('take VLAN 1 from it', ['bridge', 'vlan', 'del', 'dev', port, 'vid', '1'], ['bridge', 'vlan', 'add', 'dev', port, 'vid', '1', 'untagged'], script('bridge vlan show dev "$1" 2>/dev/null | grep -q . && ! bridge vlan show dev "$1" | grep -qE "(^|[[:space:]])1 "', port)),
        ]),
    up,
  ];
}

/**
 * A datapath in user space reads a copy of what arrives at a port; the kernel has it too, and would answer for the host's addresses by the port's own MAC, past the switch. 8: for none
 * (Documentation/networking/ip-sysctl.rst, arp_ignore).
 */
function quietStep(hostId: string, port: string): PlanStep {
  const set = (value: string): Argv => script('echo "$2" > "/proc/sys/net/ipv4/conf/$1/arp_ignore"', port, value);
  return stepOf(hostId)(`have the kernel answer no ARP at ${port}: the switch does`, set('8'), set('0'), script('[ "$(cat "/proc/sys/net/ipv4/conf/$1/arp_ignore" 2>/dev/null)" = 8 ]', port));
}

function pictureOf({ place, called, to, upper, name, port, address, vlan, mtuBytes }: Wire): PlanPicture {
  const hostId = place.host.id;
  const facts = upper?.link.addresses.filter(({ family }) => family === 'inet').map((each) => `${each.address}/${String(each.prefixLength)}`) ?? [];
  const kinds = { bridge: 'Linux bridge', ovs: 'Open vSwitch bridge', parent: upper?.link.kind ?? 'device' } as const;
  return {
    things: [
      { id: 'namespace', hostId, row: 0, lines: [called] },
      { id: 'inside', hostId, row: 1, lines: [name, ...(address === undefined ? [] : [formatPrefix(address)]), `${to.kind === 'parent' ? 'macvlan' : 'veth'} · MTU ${String(mtuBytes)}`], made: true },
      ...(to.kind === 'parent' ? [] : [{ id: 'port', hostId, row: 2, lines: [port, vlan === undefined ? 'port' : `port · VLAN ${String(vlan)}`], made: true as const }]),
      { id: 'upper', hostId, row: 3, lines: [to.name, ...facts, kinds[to.kind]] },
    ],
    joins: [
      { from: 'namespace', to: 'inside', made: true },
      ...(to.kind === 'parent' ? [{ from: 'inside', to: 'upper', made: true as const }] : [{ from: 'inside', to: 'port', made: true as const }, { from: 'port', to: 'upper', made: true as const }]),
    ],
  };
}
