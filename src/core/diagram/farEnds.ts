import { vniText, type FdbEntry, type VxlanFacts } from '../model/link';
import type { HostId } from '../model/address';
import type { HostNode, KnownAddress, LinkNode, OtherHalf, Sandbox, Topology, Tunnel } from '../model/topology';
import { otherHalfText, tunnelName } from '../report/tunnelText';
import { canonicalAddress } from '../topology/canonicalAddress';
import { nearestOwners } from '../topology/known';
import type { DrawnTunnel } from './frames';
import { fact } from './linkFacts';
import type { Fact } from './scene';

/** What another host that was read tells of a tunnel's far end. */
export interface FarDevice {
  /** `gre1`, `vxlan0 in mynet01`, or what is wrong; undefined: nothing is known of it. Hostile text. */
  readonly text?: string;
  readonly facts: readonly Fact[];
  /** The one device that it is. */
  readonly modelId?: string;
  readonly state: 'normal' | 'down' | 'unknown';
}

const nothing: FarDevice = { facts: [], state: 'normal' };

/** Whose an underlay address is: the hosts with it in their root namespace count before other namespaces with it. */
export function ownersOf(topology: Topology, address: string): readonly KnownAddress[] {
  return nearestOwners(topology.known.get(canonicalAddress(address)) ?? [], topology, { hostId: undefined, networkName: undefined });
}

export function hostsOf(topology: Topology, address: string): readonly HostNode[] {
  return [...new Set(ownersOf(topology, address).map(({ hostId }) => hostId))].flatMap((id) => topology.host.get(id) ?? []);
}

/** The device at the far end of what a tunnel sends to an address: its other half, or of an overlay network's device the one with its VNI there. */
export function farDevice(topology: Topology, { node }: DrawnTunnel, remote: string): FarDevice {
  const tunnel = topology.tunnel.get(node.id);
  if (tunnel?.remote === remote) return halfOf(topology, tunnel, tunnel.other);
  return node.link.vxlan ? sameVni(topology, node.link.vxlan, remote) : nothing;
}

function halfOf(topology: Topology, tunnel: Tunnel, other: OtherHalf): FarDevice {
  const facts = fact('Other half', otherHalfText(tunnel, topology));
  switch (other.state) {
    case 'matched':
      return { text: placed(topology, other.linkId), facts, modelId: other.linkId, state: 'normal' };
    case 'ambiguous':
      return { text: `one of ${String(other.candidates.length)} there`, facts, state: 'unknown' };
    case 'mismatched':
      return { text: `${placed(topology, other.linkId)}, which does not fit`, facts, modelId: other.linkId, state: 'down' };
    case 'missing':
      return { text: 'no such device there', facts, state: 'down' };
    case 'unknown':
      return { facts, state: 'normal' };
  }
}

function sameVni(topology: Topology, own: VxlanFacts, remote: string): FarDevice {
  const hosts = new Set<HostId>(hostsOf(topology, remote).map(({ id }) => id));
  const found = topology.hosts.filter(({ id }) => hosts.has(id)).flatMap(({ sandboxes }) => sandboxes.flatMap(({ links }) => links.filter(({ link: { vxlan } }) => vxlan?.port === own.port && (own.external === true ? vxlan.external === true : vxlan.external !== true && vxlan.vni === own.vni))));
  const [only] = found;
  if (hosts.size === 0) return nothing;
  if (!only) return { text: `no device with ${vniText(own)} there`, facts: fact('Other half', `missing: ${[...hosts].map((id) => topology.host.get(id)?.label ?? id).join(', ')} has no device with ${vniText(own)} and UDP port ${String(own.port)}`), state: 'unknown' };
  const text = found.map(({ id }) => placed(topology, id));
  return found.length === 1 ? { text: text.join(''), facts: fact('Other half', onHost(topology, only)), modelId: only.id, state: 'normal' } : { text: `one of ${String(found.length)} there`, facts: fact('Other half', `one of ${found.map((node) => onHost(topology, node)).join(', ')}`), state: 'unknown' };
}

/** `gre1`; `gre1 in blue` where it is not in the root namespace. */
function placed(topology: Topology, id: string): string {
  const sandbox = topology.sandbox.get(topology.link.get(id)?.sandboxId ?? '');
  return `${tunnelName(topology, id)}${sandbox === undefined || sandbox.role === 'root' ? '' : ` in ${sandbox.title}`}`;
}

function onHost(topology: Topology, { id, sandboxId }: LinkNode): string {
  const hostId = topology.sandbox.get(sandboxId)?.hostId ?? '';
  return `${placed(topology, id)} on ${topology.host.get(hostId)?.label ?? hostId}`;
}

/** Who is behind each row of a forwarding database that leads to an address. Hostile text. */
export function behindRows(topology: Topology, sandbox: Sandbox, remote: string, rows: readonly FdbEntry[]): readonly { readonly entry: FdbEntry; readonly names: readonly string[]; readonly isContainer: boolean }[] {
  const networkName = sandbox.networkId === undefined ? undefined : topology.network.get(sandbox.networkId)?.name;
  const hosts = new Set(hostsOf(topology, remote).map(({ id }) => id));
  return rows.map((entry) => {
    const all = topology.known.get(entry.mac.toLowerCase()) ?? [];
    // An engine makes MACs from addresses, so unrelated hosts may have the same: what the row leads to is on the far one. That the far device itself is there needs no word.
    const there = all.filter(({ hostId, sandboxId }) => hosts.has(hostId) && sandboxId !== topology.host.get(hostId)?.rootSandbox);
    const owners = nearestOwners(hosts.size > 0 ? there : all, topology, { hostId: undefined, networkName });
    return { entry, names: [...new Set(owners.map(({ name }) => name))], isContainer: owners.some(({ containerId }) => containerId !== undefined) };
  });
}
