import type { Topology } from '../model/topology';
import { formatPrefix, networkOf, requirePrefix } from './ipv4';
import { PlanRefused, planMark, type Argv, type Plan, type PlanStep, type Precondition } from './plan';
import { hash, numberIn, requireDeviceName, script } from './planParts';
import { linkOf, refuseOverlap, requireBridge, rootOf, type RootOfHost } from './planHosts';

const survive = 'Nothing of this survives a restart of the host.';
const isFreeScript = '[ ! -e "/sys/class/net/$1" ] || [ "$(cat "/sys/class/net/$1/ifalias")" = "$2" ]';
const hasMaster = '[ "$(basename "$(readlink "/sys/class/net/$1/master")" 2>/dev/null)" = "$2" ]';

export interface BridgeRequest {
  readonly hostId: string;
  readonly name: string;
  readonly stp?: boolean;
  readonly vlanFiltering?: boolean;
  /** With its prefix length. */
  readonly address?: string;
}

/** A new Linux bridge. @throws PlanRefused with one sentence where it cannot be */
export function bridgePlan(request: BridgeRequest, topology: Topology): Plan {
  const place = rootOf(topology, request.hostId);
  const { host, root } = place;
  const name = requireDeviceName(request.name);
  const address = request.address === undefined ? undefined : requirePrefix(request.address, 'The address');
  const id = hash(JSON.stringify(['bridge', host.id, name, request.stp === true, request.vlanFiltering === true, address ?? null]));
  const mark = planMark(id);
  const present = linkOf(root, name);
  if (present !== undefined && present.link.rest?.['ifalias'] !== mark) throw new PlanRefused(`${host.label} has a device ${name} already. Choose another name.`);
  if (address !== undefined) refuseOverlap(root, networkOf(address), host.label, name, formatPrefix(address));
  const step = stepOf(host.id);
  const made = script('[ -d "/sys/class/net/$1/bridge" ] || exit 1; a=$(cat "/sys/class/net/$1/ifalias"); [ -z "$a" ] || [ "$a" = "$2" ]', name, mark);
  const options = [...(request.stp === true ? ['stp_state', '1'] : []), ...(request.vlanFiltering === true ? ['vlan_filtering', '1'] : [])];
  return {
    id,
    kind: 'bridge',
    title: `Bridge ${name} on ${host.label}`,
    hosts: [place.planHost],
    preconditions: [{ hostId: host.id, what: `the name ${name} is free`, argv: script(isFreeScript, name, mark), mend: `${host.label} has a device ${name} that is not this plan's. Choose another name.` }],
    steps: [
      step(`make the bridge ${name}`, ['ip', 'link', 'add', 'name', name, 'type', 'bridge', ...options], ['ip', 'link', 'del', 'dev', name], made),
      markStep(step, name, mark),
      ...(address === undefined ? [] : [step(`give it ${formatPrefix(address)}`, ['ip', 'addr', 'add', formatPrefix(address), 'dev', name], ['ip', 'addr', 'del', formatPrefix(address), 'dev', name], script('ip -o addr show dev "$1" 2>/dev/null | grep -qF " $2 "', name, formatPrefix(address)))]),
      step('set it up', ['ip', 'link', 'set', 'dev', name, 'up'], ['ip', 'link', 'set', 'dev', name, 'down'], script('[ -n "$(ip -o link show up dev "$1" 2>/dev/null)" ]', name)),
    ],
    checks: [],
    notes: [survive],
    picture: { things: [{ id: 'bridge', hostId: host.id, row: 0, lines: [name, ...(address === undefined ? [] : [formatPrefix(address)]), ['Linux bridge', ...(request.stp === true ? ['STP'] : []), ...(request.vlanFiltering === true ? ['VLAN filtering'] : [])].join(' · ')], made: true }], joins: [] },
  };
}

/**
 * A bridge without ports, and of no engine, goes. Its undo makes it again with its index, MAC, STP and VLAN filtering, addresses and state; other settings of it are told to be lost.
 * @throws PlanRefused with one sentence where it cannot be
 */
export function bridgeDeletePlan({ hostId, name }: { readonly hostId: string; readonly name: string }, topology: Topology): Plan {
  const place = rootOf(topology, hostId);
  const { host, root } = place;
  const { id: linkId, link } = requireBridge(place, name);
  const network = host.networks.find(({ bridgeLinkId }) => bridgeLinkId === linkId);
  if (network !== undefined) throw new PlanRefused(`${name} serves the engine's network ${network.name}: remove that with "docker network rm", which takes the bridge along.`);
  const ports = root.links.filter(({ link: each }) => each.master === name).map(({ link: each }) => each.name);
  if (ports.length > 0) throw new PlanRefused(`${name} on ${host.label} has ports: ${ports.join(', ')}. Remove them first.`);
  const addresses = link.addresses.filter(({ family, scope }) => family === 'inet' || scope === 'global').map(({ address, prefixLength }) => `${address}/${String(prefixLength)}`);
  const alias = link.rest?.['ifalias'];
  // $6 is two words of ours, or none: a kernel without VLAN filtering refuses even its being off.
  const again = [
    'ip link add name "$1" index "$2" address "$3" mtu "$4" type bridge stp_state "$5" $6 || exit 1',
    '[ -z "$7" ] || ip link set dev "$1" alias "$7" || exit 1',
    '[ "$8" = down ] || ip link set dev "$1" up || exit 1',
    'n=$1; shift 8; for a; do ip addr add "$a" dev "$n" || exit 1; done',
  ].join('\n');
  const values = [name, String(link.ifindex), link.mac ?? '', String(link.mtuBytes), link.bridge?.stp === true ? '1' : '0', link.bridge?.vlanFiltering === true ? 'vlan_filtering 1' : '', typeof alias === 'string' ? alias : '', link.flags.includes('UP') ? 'up' : 'down', ...addresses];
  return {
    id: hash(JSON.stringify(['bridge-delete', host.id, values])),
    kind: 'bridge-delete',
    title: `Bridge ${name} deleted from ${host.label}`,
    hosts: [place.planHost],
    preconditions: [
      { hostId: host.id, what: `${name} has no ports`, argv: script('[ -z "$(ls -A "/sys/class/net/$1/brif" 2>/dev/null)" ]', name), mend: `${name} on ${host.label} has ports by now. Remove them first.` },
    ],
    steps: [stepOf(host.id)(`delete the bridge ${name}`, ['ip', 'link', 'del', 'dev', name], script(again, ...values), script('[ ! -e "/sys/class/net/$1" ]', name))],
    checks: [],
    notes: ['Undoing makes it again with its index, MAC, MTU, STP, VLAN filtering, addresses and state; timers and other settings are the kernel\'s defaults then, and routes beyond those of its addresses are lost.'],
  };
}

export interface PortRequest {
  readonly hostId: string;
  readonly bridge: string;
  readonly device: string;
}

/** A device becomes a bridge's port. @throws PlanRefused with one sentence where it cannot be */
export function portPlan({ hostId, bridge, device }: PortRequest, topology: Topology): Plan {
  const place = rootOf(topology, hostId);
  const { host, root } = place;
  requireBridge(place, bridge);
  const { link } = requireDevice(place, device);
  if (link.linkType === 'loopback' || device === bridge) throw new PlanRefused(`${device} cannot be a port of ${bridge}.`);
  if (link.master !== undefined && link.master !== bridge) throw new PlanRefused(`${device} is a port of ${link.master} already. Remove it from there first.`);
  const carriesDefault = root.record.routes.some((route) => route.destination === 'default' && route.device === device);
  if (carriesDefault) throw new PlanRefused(`${host.label} sends its default route by ${device}: as a port of a bridge it would lose its addresses' use, and the host its connection. Choose another device.`);
  const step = stepOf(host.id);
  return {
    id: hash(JSON.stringify(['port', host.id, bridge, device])),
    kind: 'port',
    title: `${device} a port of ${bridge} on ${host.label}`,
    hosts: [place.planHost],
    preconditions: [{ hostId: host.id, what: `${device} is no port of another bridge`, argv: script('[ ! -e "/sys/class/net/$1/master" ] || [ "$(basename "$(readlink "/sys/class/net/$1/master")")" = "$2" ]', device, bridge), mend: `${device} on ${host.label} is a port of another bridge by now. Remove it from there first.` }],
    steps: [step(`make ${device} a port of ${bridge}`, ['ip', 'link', 'set', 'dev', device, 'master', bridge], ['ip', 'link', 'set', 'dev', device, 'nomaster'], script(hasMaster, device, bridge))],
    checks: [],
    notes: [survive, ...(link.addresses.some(({ scope }) => scope === 'global') ? [`${device} has addresses, which do not work on a port: they belong on the bridge.`] : [])],
    picture: portPicture(host.id, bridge, device),
  };
}

/** A port leaves its bridge. @throws PlanRefused with one sentence where it cannot be */
export function portRemovePlan({ hostId, device }: { readonly hostId: string; readonly device: string }, topology: Topology): Plan {
  const place = rootOf(topology, hostId);
  const { host } = place;
  const { link } = requireDevice(place, device);
  const bridge = link.master;
  if (bridge === undefined) throw new PlanRefused(`${device} on ${host.label} is no port of a bridge.`);
  requireBridge(place, bridge);
  return {
    id: hash(JSON.stringify(['port-remove', host.id, bridge, device])),
    kind: 'port-remove',
    title: `${device} removed from ${bridge} on ${host.label}`,
    hosts: [place.planHost],
    preconditions: [defaultVlans(place, device)],
    steps: [stepOf(host.id)(`take ${device} from ${bridge}`, ['ip', 'link', 'set', 'dev', device, 'nomaster'], ['ip', 'link', 'set', 'dev', device, 'master', bridge], script('[ -e "/sys/class/net/$1" ] && [ ! -e "/sys/class/net/$1/master" ]', device))],
    checks: [],
    notes: [survive, 'Addresses that the bridge has learned behind it are forgotten, and learned again after an undo.'],
  };
}

export interface VlanRequest {
  readonly hostId: string;
  /** A port of a Linux bridge that filters VLANs. */
  readonly device: string;
  readonly vlan: number;
  /** The VLAN that it has now, untagged; default 1. */
  readonly from?: number;
}

/** A port's untagged VLAN. @throws PlanRefused with one sentence where it cannot be */
export function vlanPlan(request: VlanRequest, topology: Topology): Plan {
  const place = rootOf(topology, request.hostId);
  const { host, root } = place;
  const { device } = request;
  const { link } = requireDevice(place, device);
  const vlan = String(numberIn('VLAN tag', request.vlan, 1, 4094));
  const from = String(numberIn('VLAN tag', request.from ?? 1, 1, 4094));
  if (link.master === undefined) throw new PlanRefused(`${device} on ${host.label} is no port of a bridge.`);
  if (linkOf(root, link.master)?.link.bridge?.vlanFiltering !== true) throw new PlanRefused(`${link.master} does not filter VLANs, so a tag would do nothing. Turn it on with "ip link set ${link.master} type bridge vlan_filtering 1".`);
  if (vlan === from) throw new PlanRefused(`${device} is to have VLAN ${vlan} in place of ${from}: that is the same.`);
  const step = stepOf(host.id);
  return {
    id: hash(JSON.stringify(['vlan', host.id, device, from, vlan])),
    kind: 'vlan',
    title: `${device} on ${host.label} in VLAN ${vlan}`,
    hosts: [place.planHost],
    preconditions: [
      {
        hostId: host.id,
        what: `${device} has VLAN ${from} untagged, or ${vlan} already`,
        argv: script('bridge vlan show dev "$1" 2>/dev/null | grep -qE "(^|[[:space:]])($2|$3) PVID Egress Untagged"', device, from, vlan),
        mend: `${device} on ${host.label} does not have VLAN ${from} as its untagged one. "bridge vlan show dev ${device}" tells which it has; say it.`,
      },
    ],
    steps: [
      // One VLAN is the PVID: the new one takes that from the former, which must get it back.
      step(`give ${device} VLAN ${vlan}, untagged`, ['bridge', 'vlan', 'add', 'dev', device, 'vid', vlan, 'pvid', 'untagged'], script('bridge vlan add dev "$1" vid "$2" pvid untagged && bridge vlan del dev "$1" vid "$3"', device, from, vlan), script('bridge vlan show dev "$1" 2>/dev/null | grep -qE "(^|[[:space:]])$2 (PVID )?Egress Untagged"', device, vlan)),
      step(`take VLAN ${from} from it`, ['bridge', 'vlan', 'del', 'dev', device, 'vid', from], ['bridge', 'vlan', 'add', 'dev', device, 'vid', from, 'untagged'], script('bridge vlan show dev "$1" 2>/dev/null | grep -q . && ! bridge vlan show dev "$1" | grep -qE "(^|[[:space:]])$2( |$)"', device, from)),
    ],
    checks: [],
    notes: [survive],
  };
}

function requireDevice({ host, root }: RootOfHost, name: string) {
  const node = linkOf(root, name);
  if (node === undefined) throw new PlanRefused(`There is no device "${name}" on ${host.label}.`);
  return node;
}

/** What is undone by making it a port again has the bridge's default VLAN, and nothing else. */
function defaultVlans({ host }: RootOfHost, device: string): Precondition {
  return {
    hostId: host.id,
    what: `${device} has no VLANs of its own`,
    argv: script('! command -v bridge >/dev/null || [ -z "$(bridge vlan show dev "$1" 2>/dev/null | tail -n +2 | grep -vE "(^|[[:space:]])1 PVID Egress Untagged")" ]', device),
    mend: `${device} on ${host.label} has VLANs of its own ("bridge vlan show dev ${device}"), which an undo could not bring back. Set it back to VLAN 1 first.`,
  };
}

function stepOf(hostId: string) {
  return (what: string, argv: Argv, undo: Argv, done: Argv): PlanStep => ({ hostId, what, argv, undo, done });
}

function markStep(step: ReturnType<typeof stepOf>, name: string, mark: string): PlanStep {
  return step(`mark it as this plan's`, ['ip', 'link', 'set', 'dev', name, 'alias', mark], ['ip', 'link', 'set', 'dev', name, 'alias', ''], script('[ "$(cat "/sys/class/net/$1/ifalias" 2>/dev/null)" = "$2" ]', name, mark));
}

function portPicture(hostId: string, bridge: string, device: string): NonNullable<Plan['picture']> {
  return { things: [{ id: 'device', hostId, row: 0, lines: [device] }, { id: 'bridge', hostId, row: 1, lines: [bridge, 'Linux bridge'] }], joins: [{ from: 'device', to: 'bridge', made: true }] };
}
