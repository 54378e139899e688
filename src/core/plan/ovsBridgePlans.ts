import { formatPrefix, networkOf } from '../model/ipv4';
import type { OvsBridgeNode, OvsPortNode, Topology } from '../model/topology';
import { keepStep, noteFolder, putBack } from './formerState';
import { addressStep, onSwitch, stepOf, upStep } from './linkSteps';
import { notedTagStep } from './ovsNotes';
import { bridgeCondition, ovsBridgeStep, ovsPortStep, switchConditions, type OvsDatapath } from './ovsSteps';
import { PlanRefused, type Plan, type PlanPicture, type Precondition } from './plan';
import { refuseOverlap, requireHostAddress } from './planAddresses';
import { hash, numberIn, requireDeviceName, script } from './planParts';
import { ownName, requireDevice, rootOf, type RootOfHost } from './planHosts';

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
  const address = request.address === undefined ? undefined : requireHostAddress(request.address, 'The address');
  if (address !== undefined) refuseOverlap(place.root, networkOf(address), place.host.label, name, formatPrefix(address));
  const id = hash(JSON.stringify(['ovs-bridge', ownName(place.host), name, request.datapath, request.stp === true, address ?? null]));
  return {
    id,
    kind: 'ovs-bridge',
    title: `Open vSwitch bridge ${name} on ${place.host.label}`,
    hosts: [place.planHost],
    preconditions: [...switchConditions(place, request.datapath), nameCondition(place, name, id)],
    steps: [ovsBridgeStep(place.host.id, name, request.datapath, id, request.stp === true), ...(address === undefined ? [] : [addressStep(onSwitch(place.host.id, id), name, formatPrefix(address))]), upStep(onSwitch(place.host.id, id), name)],
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
  const { link } = requireDevice(place, device);
  if (link.master !== undefined && link.master !== 'ovs-system') throw new PlanRefused(`${device} is a port of ${link.master} already. Remove it from there first.`);
  if (root.record.routes.some((route) => route.destination === 'default' && route.device === device)) throw new PlanRefused(`${host.label} sends its default route by ${device}: as a port of a switch it would lose the host its connection. Choose another device.`);
  const vlan = numberIn('VLAN tag', asked, 1, 4094);
  const id = hash(JSON.stringify(['ovs-port', ownName(host), bridge, device, vlan ?? null]));
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
    steps: [ovsPortStep(hostId, bridge, device, vlan, id)],
    checks: [],
    notes: ['Open vSwitch keeps the port in its database.'],
    picture: portPicture(hostId, bridge, [device, ...(vlan === undefined ? [] : [`VLAN ${String(vlan)}`])]),
  };
}

export interface OvsVlanRequest {
  readonly hostId: string;
  readonly device: string;
  readonly vlan: number;
  /** The tag that it is expected to have now; absent: whichever it has. */
  readonly from?: number;
}

/** The VLAN tag of a port; the former one is noted on the port, and comes back with an undo. @throws PlanRefused with one sentence where it cannot be */
export function ovsVlanPlan({ hostId, device, vlan: asked, from }: OvsVlanRequest, topology: Topology): Plan {
  const place = rootOf(topology, hostId);
  const port = requireDeviceName(device);
  const vlan = numberIn('VLAN tag', asked, 1, 4094);
  const former = numberIn('VLAN tag', from, 1, 4094);
  if (vlan === undefined || former === vlan) throw new PlanRefused(`${port} is to have VLAN ${String(vlan)} in place of ${String(former)}: that is the same.`);
  const id = hash(JSON.stringify(['ovs-vlan', ownName(place.host), port, former ?? null, vlan]));
  return {
    id,
    kind: 'ovs-vlan',
    title: `${port} on ${place.host.label} in VLAN ${String(vlan)} of its switch`,
    hosts: [place.planHost],
    preconditions: [
      ...switchConditions(place, undefined),
      { hostId, what: `${port} is a port of a switch`, argv: script('ovs-vsctl --timeout=5 port-to-br "$1" >/dev/null 2>&1', port), mend: `Open vSwitch on ${place.host.label} has no port ${port}. "ovs-vsctl show" there tells which it has.` },
      ...(former === undefined
        ? []
        : [{ hostId, what: `${port} has the tag ${String(former)}, or ${String(vlan)} already`, argv: script('t=$(ovs-vsctl --timeout=5 get Port "$1" tag 2>/dev/null) && { [ "$t" = "$2" ] || [ "$t" = "$3" ]; }', port, String(former), String(vlan)), mend: `${port} on ${place.host.label} has another tag than ${String(former)}. "ovs-vsctl get Port ${port} tag" tells which; say it, or leave it out.` }]),
    ],
    steps: [notedTagStep(hostId, id, port, vlan)],
    checks: [],
    notes: ['Open vSwitch keeps the tag in its database, and with it what it was before.'],
  };
}

/** What an undo could not make again: references to records of its own, and flows that somebody added. */
const alone = [
  'ovs-vsctl --timeout=5 br-exists "$1" || exit 0',
  'for c in controller mirrors netflow sflow ipfix flow_tables auto_attach; do v=$(ovs-vsctl --timeout=5 get Bridge "$1" "$c" 2>/dev/null) || continue; case $v in "[]"|"{}") ;; *) exit 1 ;; esac; done',
  'f=$(ovs-ofctl -O OpenFlow10,OpenFlow13,OpenFlow14,OpenFlow15 dump-flows "$1" 2>/dev/null) || exit 1',
  '! printf "%s\\n" "$f" | grep "actions=" | grep -qv "priority=0 actions=NORMAL"',
].join('\n');

/**
 * A bridge without ports goes. What it is is written down first, and its undo makes it again so: settings, MAC, addresses, routes and state; but not its interface index, which Open vSwitch gives.
 * @throws PlanRefused with one sentence where it cannot be
 */
export function ovsBridgeDeletePlan({ hostId, name, undoing }: { readonly hostId: string; readonly name: string; /** The plan is there to be undone: the bridge may be gone. */ readonly undoing?: boolean }, topology: Topology): Plan {
  const place = rootOf(topology, hostId);
  const { host } = place;
  requireDeviceName(name);
  if (undoing !== true) {
    const ports = requireOvsBridge(place, name).ports.filter(({ port }) => port.name !== name).map(({ port }) => port.name);
    if (ports.length > 0) throw new PlanRefused(`${name} on ${host.label} has ports: ${ports.join(', ')}. Remove them first.`);
  }
  const id = hash(JSON.stringify(['ovs-bridge-delete', ownName(host), name]));
  return {
    id,
    kind: 'ovs-bridge-delete',
    title: `Open vSwitch bridge ${name} deleted from ${host.label}`,
    hosts: [place.planHost],
    preconditions: [
      ...switchConditions(place, undefined),
      { hostId, what: `${name} has no ports`, argv: script('[ -z "$(ovs-vsctl --timeout=5 list-ports "$1" 2>/dev/null)" ]', name), mend: `${name} on ${host.label} has ports by now. Remove them first.` },
      { hostId, what: `${name} has no controller, mirror, exporter, or flow but the usual one`, argv: script(alone, name), mend: `${name} on ${host.label} has a controller, a mirror, an exporter or flows of its own, which could not be made again as they were. Delete it with "ovs-vsctl del-br ${name}" if it is to go for good.` },
      notAnother(place, id, 'Bridge', name),
    ],
    steps: [
      keepStep(hostId, id, 'ovs-bridge-delete', name),
      stepOf(hostId)(`delete the bridge ${name}`, ['ovs-vsctl', '--timeout=10', '--if-exists', 'del-br', name], putBack(id, 'ovs-bridge-delete'), script('! ovs-vsctl --timeout=5 br-exists "$1" && [ -e "$2/kind" ]', name, noteFolder(id))),
    ],
    checks: [],
    notes: ['Undoing makes it again with its settings, MAC (as other_config:hwaddr), addresses, routes and state; its interface index is a new one. What was written down is lost with a restart of the host.'],
  };
}

/** A port leaves its switch; its settings are written down first, and come back with an undo. @throws PlanRefused with one sentence where it cannot be */
export function ovsPortRemovePlan({ hostId, device, undoing }: { readonly hostId: string; readonly device: string; /** The plan is there to be undone: it may be no port any more. */ readonly undoing?: boolean }, topology: Topology): Plan {
  const place = rootOf(topology, hostId);
  const { host } = place;
  const name = requireDeviceName(device);
  const node = portOf(place, name);
  if (undoing !== true) {
    if (node === undefined) throw new PlanRefused(`${name} on ${host.label} is no port of an Open vSwitch bridge.`);
    const [first, ...more] = node.port.interfaces;
    if (more.length > 0) throw new PlanRefused(`${name} is a bond of ${node.port.interfaces.map((each) => each.name).join(', ')}: plans work on ports of one interface. Use "ovs-vsctl del-port ${name}".`);
    if (first?.type === 'internal') throw new PlanRefused(`${name} is an internal port: its device and addresses end with it, and could not be made again as they were. Use "ovs-vsctl del-port ${name}" if it is to go for good.`);
  }
  const bridge = node && topology.ovsBridge.get(node.bridgeId)?.bridge.name;
  const id = hash(JSON.stringify(['ovs-port-remove', ownName(host), name]));
  return {
    id,
    kind: 'ovs-port-remove',
    title: `${name} removed from ${bridge ?? 'its switch'} on ${host.label}`,
    hosts: [place.planHost],
    preconditions: [
      ...switchConditions(place, undefined),
      { hostId, what: `${name} has no quality of service of its own`, argv: script('q=$(ovs-vsctl --timeout=5 --if-exists get Port "$1" qos 2>/dev/null); [ -z "$q" ] || [ "$q" = "[]" ]', name), mend: `${name} on ${host.label} has a QoS record, which could not be given back. Take it off first with "ovs-vsctl clear Port ${name} qos".` },
      notAnother(place, id, 'Port', name),
    ],
    steps: [
      keepStep(hostId, id, 'ovs-port-remove', name),
      stepOf(hostId)(`take ${name} from ${bridge ?? 'its switch'}`, ['ovs-vsctl', '--timeout=10', '--if-exists', 'del-port', name], putBack(id, 'ovs-port-remove'), script('! ovs-vsctl --timeout=5 port-to-br "$1" >/dev/null 2>&1 && [ -e "$2/kind" ]', name, noteFolder(id))),
    ],
    checks: [],
    notes: ['Undoing makes it a port again, with its tag, options and OpenFlow number. What was written down is lost with a restart of the host.'],
  };
}

/** What was written down is of the record that is there now. */
function notAnother({ host }: RootOfHost, id: string, table: 'Bridge' | 'Port', name: string): Precondition {
  return {
    hostId: host.id,
    what: `nothing else is written down in ${noteFolder(id)}`,
    argv: script('u=; [ ! -e "$1/uuid" ] || u=$(ovs-vsctl --timeout=5 --if-exists get "$2" "$3" _uuid 2>/dev/null); [ -z "$u" ] || [ "$u" = "$(cat "$1/uuid")" ]', noteFolder(id), table, name),
    mend: `${host.label} has a new ${table === 'Bridge' ? 'bridge' : 'port'} ${name} since this plan was applied there. Delete ${noteFolder(id)} to forget the former one.`,
  };
}

function requireOvsBridge({ host }: RootOfHost, name: string): OvsBridgeNode {
  const found = (host.ovs ?? []).find(({ bridge }) => bridge.name === name);
  if (found === undefined) throw new PlanRefused(`Open vSwitch on ${host.label} has no bridge "${name}".`);
  return found;
}

function portOf({ host }: RootOfHost, name: string): OvsPortNode | undefined {
  return (host.ovs ?? []).flatMap(({ ports }) => ports).find(({ port }) => port.name === name);
}

function portPicture(hostId: string, bridge: string, lines: readonly string[]): PlanPicture {
  return { things: [{ id: 'device', hostId, row: 0, lines }, { id: 'bridge', hostId, row: 1, lines: [bridge, 'Open vSwitch bridge'] }], joins: [{ from: 'device', to: 'bridge', made: true }] };
}

function nameCondition({ host }: RootOfHost, name: string, id: string): Precondition {
  return {
    hostId: host.id,
    what: `the name ${name} is free`,
    argv: script('[ "$(ovs-vsctl --timeout=5 br-get-external-id "$1" netns-explorer 2>/dev/null)" = "$2" ] || { [ ! -e "/sys/class/net/$1" ] && ! ovs-vsctl --timeout=5 br-exists "$1"; }', name, id),
    mend: `${host.label} has a bridge or device ${name} that is not this plan's. Choose another name.`,
  };
}
