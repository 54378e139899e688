import type { OvsInterface, OvsPort } from '../model/ovs';
import type { OvsBridgeNode, OvsPortNode, Topology } from '../model/topology';

/** `tag 10`, `trunks 10, 20`, `native 5, trunks 7`; empty for a port that carries every VLAN. */
export function vlanText({ tag, trunks, vlanMode }: OvsPort): string {
  const mode = vlanMode ?? (tag === undefined ? 'trunk' : 'access');
  const native = mode.startsWith('native');
  return [
    ...(tag === undefined ? [] : [`${native ? 'native' : 'tag'} ${String(tag)}`]),
    ...(trunks.length === 0 ? [] : [`trunks ${trunks.join(', ')}`]),
    ...(vlanMode === undefined || vlanMode === 'access' || vlanMode === 'trunk' ? [] : [`(${vlanMode})`]),
  ].join(', ');
}

/** `remote_ip=10.0.0.4 key=5`, in the order of the names. Hostile text. */
export function optionsText({ options }: OvsInterface): string {
  return Object.entries(options).sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => `${name}=${value}`).join(' ');
}

/** What the switch says of the interface: an error, or its state. Hostile text. */
export function stateText({ error, adminState, linkState, ofport }: OvsInterface): string {
  if (error !== undefined) return error;
  if (ofport === -1) return 'could not be made';
  return adminState === undefined && linkState === undefined ? 'not known' : adminState === 'up' && linkState === 'up' ? 'up' : `admin ${adminState ?? '?'}, link ${linkState ?? '?'}`;
}

/** `gre`, `internal`; a device of the host has no type of its own; a bond its mode. */
export function typeText({ port, interfaces }: OvsPortNode): string {
  if (interfaces.length > 1) return `bond${port.bondMode === undefined ? '' : ` (${port.bondMode})`}`;
  return interfaces[0]?.facts.type || 'device';
}

/** Where a port leads: a veth's other end, the tunnel's far address, the other patch port, a bond's members. Hostile text. */
export function leadsTo(topology: Topology, { interfaces }: OvsPortNode): string {
  if (interfaces.length > 1) return interfaces.map(({ facts }) => facts.name).join(', ');
  const [only] = interfaces;
  if (only?.facts.type === 'patch') return only.facts.options['peer'] ?? '';
  const remote = only?.facts.options['remote_ip'];
  if (remote !== undefined) return remote === 'flow' ? 'as its flows say' : remote;
  const peer = only?.linkId === undefined ? undefined : topology.link.get(only.linkId)?.peer;
  const far = peer?.state === 'resolved' ? topology.link.get(peer.linkId) : undefined;
  return far ? `${far.link.name} in ${topology.sandbox.get(far.sandboxId)?.title ?? '?'}` : '';
}

/** A bridge's rows for a table: its name and datapath with its first port, the other ports below. Hostile text; an empty cell says nothing. */
export function ovsBridgeRows(topology: Topology, { bridge, ports }: OvsBridgeNode): readonly (readonly string[])[] {
  const own = [bridge.name, bridge.datapathType];
  if (ports.length === 0) return [[...own, '', '', '', '', '', '']];
  return ports.map((node, at) => [
    ...(at === 0 ? own : [bridge.name, '']),
    node.port.name,
    typeText(node),
    vlanText(node.port),
    node.interfaces.map(({ facts }) => optionsText(facts)).filter((text) => text !== '').join('; '),
    [...new Set(node.interfaces.map(({ facts }) => stateText(facts)))].join('; '),
    leadsTo(topology, node),
  ]);
}
