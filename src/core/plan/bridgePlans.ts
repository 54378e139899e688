import type { Topology } from '../model/topology';
import { formatPrefix, networkOf } from '../model/ipv4';
import { PlanRefused, planMark, type Plan, type Precondition } from './plan';
import { keepStep, noteFolder, putBack } from './formerState';
import { hash, numberIn, requireDeviceName, script } from './planParts';
import { addressStep, hasUntagged, markStep, masterStep, nameFree, onHost, stepOf, upStep } from './linkSteps';
import { refuseOverlap, requireHostAddress } from './planAddresses';
import { linkOf, needsIproute, ownName, requireBridge, requireDevice, rootOf, type RootOfHost } from './planHosts';

/** Names that Docker (docker0, docker_gwbridge, br- and an id's first 12 digits) and Podman give. */
const enginesBridge = /^(docker0|docker_gwbridge|br-[0-9a-f]{12}|(cni-)?podman\d+)$/;
const survive = 'Nothing of this survives a restart of the host.';

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
  const address = request.address === undefined ? undefined : requireHostAddress(request.address, 'The address');
  const id = hash(JSON.stringify(['bridge', ownName(host), name, request.stp === true, request.vlanFiltering === true, address ?? null]));
  const mark = planMark(id);
  const present = linkOf(root, name);
  if (present !== undefined && present.link.rest?.['ifalias'] !== mark) throw new PlanRefused(`${host.label} has a device ${name} already. Choose another name.`);
  if (address !== undefined) refuseOverlap(root, networkOf(address), host.label, name, formatPrefix(address));
  const own = onHost(host.id, mark);
  const made = script('[ -d "/sys/class/net/$1/bridge" ] || exit 1; a=$(cat "/sys/class/net/$1/ifalias"); [ -z "$a" ] || [ "$a" = "$2" ]', name, mark);
  const options = [...(request.stp === true ? ['stp_state', '1'] : []), ...(request.vlanFiltering === true ? ['vlan_filtering', '1'] : [])];
  return {
    id,
    kind: 'bridge',
    title: `Bridge ${name} on ${host.label}`,
    hosts: [place.planHost],
    preconditions: [needsIproute(host), nameFree(host.id, host.label, name, mark, 'Choose another name.')],
    steps: [
      stepOf(host.id)(`make the bridge ${name}`, ['ip', 'link', 'add', 'name', name, 'type', 'bridge', ...options], ['ip', 'link', 'del', 'dev', name], made),
      markStep(own, name),
      ...(address === undefined ? [] : [addressStep(own, name, formatPrefix(address))]),
      upStep(own, name),
    ],
    checks: [],
    notes: [survive],
    picture: { things: [{ id: 'bridge', hostId: host.id, row: 0, lines: [name, ...(address === undefined ? [] : [formatPrefix(address)]), ['Linux bridge', ...(request.stp === true ? ['STP'] : []), ...(request.vlanFiltering === true ? ['VLAN filtering'] : [])].join(' · ')], made: true }], joins: [] },
  };
}

export interface BridgeDeleteRequest {
  readonly hostId: string;
  readonly name: string;
  /** The plan is there to be undone: the bridge may be gone. */
  readonly undoing?: boolean;
}

/**
 * A bridge without ports, and of no engine, goes. What it is is written down first, and its undo makes it again so: index, MAC, settings, sysctls, addresses, routes and state.
 * @throws PlanRefused with one sentence where it cannot be
 */
export function bridgeDeletePlan({ hostId, name, undoing }: BridgeDeleteRequest, topology: Topology): Plan {
  const place = rootOf(topology, hostId);
  const { host, root } = place;
  requireDeviceName(name);
  if (undoing !== true) {
    const { id: linkId } = requireBridge(place, name);
    const network = host.networks.find(({ bridgeLinkId }) => bridgeLinkId === linkId);
    if (network !== undefined) throw new PlanRefused(`${name} serves the engine's network ${network.name}: remove that with "docker network rm", which takes the bridge along.`);
    if (host.snapshot.engine === undefined && enginesBridge.test(name)) throw new PlanRefused(`${name} has the name of an engine's bridge, and no engine of ${host.label} answered that could tell. Start the engine and refresh the host; or delete it by hand.`);
    const ports = root.links.filter(({ link }) => link.master === name).map(({ link }) => link.name);
    if (ports.length > 0) throw new PlanRefused(`${name} on ${host.label} has ports: ${ports.join(', ')}. Remove them first.`);
  }
  const id = hash(JSON.stringify(['bridge-delete', ownName(host), name]));
  return {
    id,
    kind: 'bridge-delete',
    title: `Bridge ${name} deleted from ${host.label}`,
    hosts: [place.planHost],
    preconditions: [
      needsIproute(host),
      { hostId: host.id, what: `${name} has no ports`, argv: script('[ -z "$(ls -A "/sys/class/net/$1/brif" 2>/dev/null)" ]', name), mend: `${name} on ${host.label} has ports by now. Remove them first.` },
      notAnother(host, id, name),
    ],
    steps: [
      keepStep(host.id, id, 'bridge-delete', name),
      stepOf(host.id)(`delete the bridge ${name}`, ['ip', 'link', 'del', 'dev', name], putBack(id, 'bridge-delete'), script('[ ! -e "/sys/class/net/$1" ] && [ -e "$2/kind" ]', name, noteFolder(id))),
    ],
    checks: [],
    notes: ['Undoing makes it again with its index, MAC, MTU, settings, sysctls, VLANs, addresses, routes and state; static entries of its forwarding table are lost, and one that never had a port has its MAC in its bridge id then.'],
  };
}

/** What was written down is of the device that is there now. */
function notAnother(host: RootOfHost['host'], id: string, device: string): Precondition {
  return {
    hostId: host.id,
    what: `nothing else is written down in ${noteFolder(id)}`,
    argv: script('[ ! -e "/sys/class/net/$2" ] || [ ! -e "$1/link" ] || [ "$(head -n 1 "$1/link")" = "$(cat "/sys/class/net/$2/ifindex")" ]', noteFolder(id), device),
    mend: `${host.label} has a new device ${device} since this plan was applied there. Delete ${noteFolder(id)} to forget the former one.`,
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
  const { link, ovs } = requireDevice(place, device);
  if (link.linkType === 'loopback' || device === bridge) throw new PlanRefused(`${device} cannot be a port of ${bridge}.`);
  if (link.master !== undefined && link.master !== bridge) throw new PlanRefused(`${device} is a port of ${link.master} already. Remove it from there first.`);
  if (ovs !== undefined) throw new PlanRefused(`${device} is a port of ${ovs.bridge}, a bridge of Open vSwitch. Remove it from there first.`);
  const carriesDefault = root.record.routes.some((route) => route.destination === 'default' && route.device === device);
  if (carriesDefault) throw new PlanRefused(`${host.label} sends its default route by ${device}: as a port of a bridge it would lose its addresses' use, and the host its connection. Choose another device.`);
  return {
    id: hash(JSON.stringify(['port', ownName(host), bridge, device])),
    kind: 'port',
    title: `${device} a port of ${bridge} on ${host.label}`,
    hosts: [place.planHost],
    preconditions: [{ hostId: host.id, what: `${device} is no port of another bridge`, argv: script('[ ! -e "/sys/class/net/$1/master" ] || [ "$(basename "$(readlink "/sys/class/net/$1/master")")" = "$2" ]', device, bridge), mend: `${device} on ${host.label} is a port of another bridge by now. Remove it from there first.` }],
    steps: [masterStep(onHost(host.id), device, bridge)],
    checks: [],
    notes: [survive, ...(link.addresses.some(({ scope }) => scope === 'global') ? [`${device} has addresses, which do not work on a port: they belong on the bridge.`] : [])],
    picture: portPicture(host.id, bridge, device),
  };
}

export interface PortRemoveRequest {
  readonly hostId: string;
  readonly device: string;
  /** The plan is there to be undone: the device may be no port any more. */
  readonly undoing?: boolean;
}

/** A port leaves its bridge; its settings and VLANs are written down first, and come back with an undo. @throws PlanRefused with one sentence where it cannot be */
export function portRemovePlan({ hostId, device, undoing }: PortRemoveRequest, topology: Topology): Plan {
  const place = rootOf(topology, hostId);
  const { host } = place;
  const bridge = requireDevice(place, device).link.master;
  if (bridge === undefined && undoing !== true) throw new PlanRefused(`${device} on ${host.label} is no port of a bridge.`);
  if (bridge !== undefined && undoing !== true) requireBridge(place, bridge);
  const id = hash(JSON.stringify(['port-remove', ownName(host), device]));
  return {
    id,
    kind: 'port-remove',
    title: `${device} removed from ${bridge ?? 'its bridge'} on ${host.label}`,
    hosts: [place.planHost],
    preconditions: [
      {
        hostId: host.id,
        what: `${device} has not gone to another bridge`,
        argv: script('[ ! -e "/sys/class/net/$2/master" ] || [ ! -e "$1/master" ] || [ "$(basename "$(readlink "/sys/class/net/$2/master")")" = "$(cat "$1/master")" ]', noteFolder(id), device),
        mend: `${device} on ${host.label} has become a port of another bridge since this plan was applied there. Delete ${noteFolder(id)} to forget the former one.`,
      },
    ],
    steps: [
      keepStep(host.id, id, 'port-remove', device),
      stepOf(host.id)(`take ${device} from ${bridge ?? 'its bridge'}`, ['ip', 'link', 'set', 'dev', device, 'nomaster'], putBack(id, 'port-remove'), script('[ -e "/sys/class/net/$1" ] && [ ! -e "/sys/class/net/$1/master" ] && [ -e "$2/kind" ]', device, noteFolder(id))),
    ],
    checks: [],
    notes: [survive, 'Its settings as a port and its VLANs come back with an undo; addresses that the bridge has learned behind it are learned again, and static entries of its forwarding table are lost.'],
  };
}

export interface VlanRequest {
  readonly hostId: string;
  /** A port of a Linux bridge that filters VLANs. */
  readonly device: string;
  readonly vlan: number;
  /** The untagged VLAN that it is expected to have now; absent: whichever it has. */
  readonly from?: number;
}

/** A port's untagged VLAN. Which ones it has is written down first, and comes back with an undo. @throws PlanRefused with one sentence where it cannot be */
export function vlanPlan(request: VlanRequest, topology: Topology): Plan {
  const place = rootOf(topology, request.hostId);
  const { host, root } = place;
  const { device } = request;
  const { link } = requireDevice(place, device);
  const vlan = String(numberIn('VLAN tag', request.vlan, 1, 4094));
  const from = numberIn('VLAN tag', request.from, 1, 4094)?.toString();
  if (link.master === undefined) throw new PlanRefused(`${device} on ${host.label} is no port of a bridge.`);
  if (linkOf(root, link.master)?.link.bridge?.vlanFiltering !== true) throw new PlanRefused(`${link.master} does not filter VLANs, so a tag would do nothing. Turn it on with "ip link set ${link.master} type bridge vlan_filtering 1".`);
  if (vlan === from) throw new PlanRefused(`${device} is to have VLAN ${vlan} in place of ${from}: that is the same.`);
  const step = stepOf(host.id);
  const id = hash(JSON.stringify(['vlan', ownName(host), device, from ?? null, vlan]));
  const note = noteFolder(id);
  const former = 'f=$(sed -n "s/^\\([0-9]*\\) PVID Egress Untagged.*/\\1/p" "$2/vlans")';
  return {
    id,
    kind: 'vlan',
    title: `${device} on ${host.label} in VLAN ${vlan}`,
    hosts: [place.planHost],
    preconditions: [
      { hostId: host.id, what: '"bridge" is there', argv: script('command -v bridge >/dev/null'), mend: `The program "bridge" is not installed on ${host.label}. Install iproute2.` },
      ...(from === undefined
        ? []
        : [
            {
              hostId: host.id,
              what: `${device} has VLAN ${from} untagged, or ${vlan} already`,
              argv: script(hasUntagged, device, `${from}|${vlan}`),
              mend: `${device} on ${host.label} does not have VLAN ${from} as its untagged one. "bridge vlan show dev ${device}" tells which it has; say it, or leave it out.`,
            },
          ]),
    ],
    steps: [
      keepStep(host.id, id, 'vlan', device, vlan),
      // One VLAN is the PVID: the new one takes that from the former, which gets it back.
      step(`give ${device} VLAN ${vlan}, untagged`, ['bridge', 'vlan', 'add', 'dev', device, 'vid', vlan, 'pvid', 'untagged'], putBack(id, 'vlan'), script(hasUntagged, device, vlan)),
      step(
        `take its former untagged VLAN${from === undefined ? '' : ` ${from}`} from it`,
        script(`${former}; [ -z "$f" ] || [ "$f" = "$3" ] || bridge vlan del dev "$1" vid "$f"`, device, note, vlan),
        putBack(id, 'vlan'),
        script(`[ -e "$2/vlans" ] || exit 1; ${former}; [ -z "$f" ] || [ "$f" = "$3" ] || ! bridge vlan show dev "$1" | grep -qE "(^|[[:space:]])$f( |$)"`, device, note, vlan),
      ),
    ],
    checks: [],
    notes: [survive, 'Tagged VLANs of the port stay as they are.'],
  };
}

function portPicture(hostId: string, bridge: string, device: string): NonNullable<Plan['picture']> {
  return { things: [{ id: 'device', hostId, row: 0, lines: [device] }, { id: 'bridge', hostId, row: 1, lines: [bridge, 'Linux bridge'] }], joins: [{ from: 'device', to: 'bridge', made: true }] };
}
