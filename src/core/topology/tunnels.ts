import type { HostId } from '../model/address';
import type { Link } from '../model/link';
import type { HostNode, LinkId, LinkNode, OtherHalf, Sandbox, SandboxId, Tunnel, TunnelEnd } from '../model/topology';
import { canonicalAddress } from './canonicalAddress';

interface Half {
  readonly end: TunnelEnd;
  readonly link: Link;
  readonly sandboxId: SandboxId;
}

/**
 * Every device that sends to one far address, with its other half where a host has it: the device of the same kind whose addresses mirror its
 * own. Overlay networks' VXLAN devices have many far addresses, in their FDB, and are no tunnels here.
 */
export function findTunnels(hosts: readonly HostNode[]): ReadonlyMap<LinkId, Tunnel> {
  const halves = hosts.flatMap((host) => host.sandboxes.flatMap((sandbox) => sandbox.links.flatMap((node) => halfOf(host.id, sandbox, node))));
  if (halves.length === 0) return new Map();
  const owners = addressOwners(hosts);
  return new Map(halves.map((half) => [half.end.linkId, { ...half.end, other: otherHalf(half, halves, owners) }]));
}

function halfOf(hostId: HostId, sandbox: Sandbox, node: LinkNode): Half[] {
  const { link } = node;
  const ends = endsOf(link);
  if (ends?.remote === undefined || isMulticast(ends.remote)) return [];
  const remote = canonicalAddress(ends.remote);
  const end = { linkId: node.id, hostId, kind: link.kind ?? link.linkType, ...(ends.local !== undefined && { local: canonicalAddress(ends.local) }), remote };
  return [{ end, link, sandboxId: sandbox.id }];
}

function endsOf({ tunnel, vxlan }: Link): { readonly local?: string; readonly remote?: string } | undefined {
  return tunnel ?? vxlan;
}

/** A VXLAN group (RFC 5771, RFC 4291 section 2.7). */
function isMulticast(address: string): boolean {
  const first = Number(/^(\d+)\./.exec(address)?.[1]);
  return (first >= 224 && first <= 239) || /^ff[0-9a-f]{2}:/i.test(address);
}

type Owners = ReadonlyMap<string, readonly { readonly hostId: HostId; readonly sandboxId: string }[]>;

function addressOwners(hosts: readonly HostNode[]): Owners {
  const owners = new Map<string, { hostId: HostId; sandboxId: string }[]>();
  for (const host of hosts) {
    for (const sandbox of host.sandboxes) {
      for (const { link } of sandbox.links) {
        if (link.linkType === 'loopback') continue;
        for (const { address } of link.addresses) {
          const key = canonicalAddress(address);
          owners.set(key, [...(owners.get(key) ?? []), { hostId: host.id, sandboxId: sandbox.id }]);
        }
      }
    }
  }
  return owners;
}

function otherHalf(own: Half, all: readonly Half[], owners: Owners): OtherHalf {
  const facing = all.filter((half) => half !== own && half.end.kind === own.end.kind && faces(own, half, owners) && faces(half, own, owners));
  const fitting = facing.filter((half) => differences(own.link, half.link).length === 0);
  const [first] = fitting;
  if (first !== undefined) return fitting.length === 1 ? { state: 'matched', linkId: first.end.linkId } : { state: 'ambiguous', candidates: fitting.map(({ end }) => end.linkId) };
  const [near] = facing;
  if (near !== undefined && facing.length === 1) return { state: 'mismatched', linkId: near.end.linkId, differs: differences(own.link, near.link) };
  const hosts = [...new Set((owners.get(own.end.remote) ?? []).map(({ hostId }) => hostId))];
  const [only] = hosts;
  return only !== undefined && hosts.length === 1 ? { state: 'missing', hostId: only } : { state: 'unknown' };
}

/** Whether what `from` sends reaches the place of `to`: its far address is the other's local one, or one of the other's namespace where that takes any. */
function faces(from: Half, to: Half, owners: Owners): boolean {
  if (to.end.local !== undefined) return to.end.local === from.end.remote;
  return (owners.get(from.end.remote) ?? []).some(({ sandboxId }) => sandboxId === to.sandboxId);
}

/** What must be equal on both sides and is not, as `key 5 here, 7 there`. */
function differences(own: Link, other: Link): readonly string[] {
  const pairs: readonly (readonly [string, string | number | undefined, string | number | undefined])[] = [
    ['key sent', own.tunnel?.outputKey, other.tunnel?.inputKey],
    ['key received', own.tunnel?.inputKey, other.tunnel?.outputKey],
    ['VNI', own.vxlan?.vni ?? own.tunnel?.id, other.vxlan?.vni ?? other.tunnel?.id],
    ['UDP port', own.vxlan?.port ?? own.tunnel?.port, other.vxlan?.port ?? other.tunnel?.port],
    ['ERSPAN version', own.tunnel?.erspanVersion, other.tunnel?.erspanVersion],
  ];
  return pairs.flatMap(([name, here, there]) => (here === there ? [] : [`${name} ${String(here ?? 'none')} here, ${String(there ?? 'none')} there`]));
}
