import { present } from '../facts/record';
import type { HostId } from '../model/address';
import type { Link } from '../model/link';
import type { HostNode, LinkNode, OtherHalf, OvsPortNode, Sandbox, SandboxId, Tunnel, TunnelEnd, TunnelId } from '../model/topology';
import { canonicalAddress } from './canonicalAddress';

/** One side with what must be equal, or mirrored, on both; `any`: what the flows of Open vSwitch give for each packet. */
interface Half {
  readonly end: TunnelEnd;
  readonly sandboxId: SandboxId;
  /** The kind in the kernel's words that the other half may have. */
  readonly wireKind: string;
  readonly outputKey?: string;
  readonly inputKey?: string;
  readonly id?: number | 'any';
  readonly port?: number;
  readonly erspanVersion?: number;
}

/**
 * Every device and every Open vSwitch port that sends to one far address, with its other half where a host has it: the one of the same kind whose addresses mirror its
 * own. Overlay networks' VXLAN devices have many far addresses, in their FDB, and are no tunnels here.
 */
export function findTunnels(hosts: readonly HostNode[]): ReadonlyMap<TunnelId, Tunnel> {
  const halves = hosts.flatMap((host) => [
    ...host.sandboxes.flatMap((sandbox) => sandbox.links.flatMap((node) => halfOf(host.id, sandbox, node))),
    ...(host.ovs ?? []).flatMap(({ ports }) => ports.flatMap((port) => ovsHalfOf(port))),
  ]);
  if (halves.length === 0) return new Map();
  const owners = addressOwners(hosts);
  return new Map(halves.map((half) => [half.end.linkId, { ...half.end, other: otherHalf(half, halves, owners) }]));
}

function halfOf(hostId: HostId, sandbox: Sandbox, node: LinkNode): Half[] {
  const { link } = node;
  const ends = endsOf(link);
  if (ends?.remote === undefined || isMulticast(ends.remote)) return [];
  const { tunnel, vxlan } = link;
  const kind = link.kind ?? link.linkType;
  const end = endOf(node.id, hostId, kind, ends.local, ends.remote);
  return [
    present<Half>({ end, sandboxId: sandbox.id, wireKind: kind, outputKey: tunnel?.outputKey, inputKey: tunnel?.inputKey, id: vxlan?.vni ?? tunnel?.id, port: vxlan?.port ?? tunnel?.port, erspanVersion: tunnel?.erspanVersion }),
  ];
}

function endOf(linkId: string, hostId: HostId, kind: string, local: string | undefined, remote: string): TunnelEnd {
  return { linkId, hostId, kind, ...(local !== undefined && { local: canonicalAddress(local) }), remote: canonicalAddress(remote) };
}

/** Open vSwitch's GRE carries Ethernet, as the kernel's gretap does (vport-gre.c); UDP ports are IANA's for lack of others (ovs-vswitchd.conf.db(5), "Tunnel Options"). */
const ovsKinds: ReadonlyMap<string, { readonly wireKind: string; readonly port?: number }> = new Map([
  ['gre', { wireKind: 'gretap' }],
  ['ip6gre', { wireKind: 'ip6gretap' }],
  ['vxlan', { wireKind: 'vxlan', port: 4789 }],
  ['geneve', { wireKind: 'geneve', port: 6081 }],
  ['erspan', { wireKind: 'erspan' }],
  ['ip6erspan', { wireKind: 'ip6erspan' }],
]);

function ovsHalfOf({ id, hostId, sandboxId, interfaces }: OvsPortNode): Half[] {
  return interfaces.flatMap(({ facts: { type, options } }) => {
    const kind = ovsKinds.get(type);
    const remote = options['remote_ip'];
    if (!kind || sandboxId === undefined || remote === undefined || remote === 'flow' || isMulticast(remote)) return [];
    const local = options['local_ip'];
    const end = endOf(id, hostId, type, local === 'flow' ? undefined : local, remote);
    const [output, input] = [options['out_key'] ?? options['key'], options['in_key'] ?? options['key']];
    const keys = kind.port === undefined ? { outputKey: greKey(output), inputKey: greKey(input) } : { id: output === 'flow' ? ('any' as const) : (number(output) ?? 0) };
    return [present<Half>({ end, sandboxId, wireKind: kind.wireKind, outputKey: undefined, inputKey: undefined, id: undefined, ...keys, port: number(options['dst_port']) ?? kind.port, erspanVersion: number(options['erspan_ver']) })];
  });
}

/** Decimal or hexadecimal. */
function number(text: string | undefined): number | undefined {
  return text !== undefined && /^(?:0x[0-9a-f]{1,8}|\d{1,10})$/i.test(text) ? Number(text) : undefined;
}

/** In an IPv4 address's form, as iproute2 prints it; 0 is the same as none. */
function greKey(text: string | undefined): string | undefined {
  if (text === 'flow') return 'any';
  const value = number(text);
  return value === undefined || value === 0 ? undefined : [24, 16, 8, 0].map((shift) => String(Math.floor(value / 2 ** shift) % 256)).join('.');
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
  const facing = all.filter((half) => half !== own && half.wireKind === own.wireKind && faces(own, half, owners) && faces(half, own, owners));
  const fitting = facing.filter((half) => differences(own, half).length === 0);
  const [first] = fitting;
  if (first !== undefined) return fitting.length === 1 ? { state: 'matched', linkId: first.end.linkId } : { state: 'ambiguous', candidates: fitting.map(({ end }) => end.linkId) };
  const [near] = facing;
  if (near !== undefined && facing.length === 1) return { state: 'mismatched', linkId: near.end.linkId, differs: differences(own, near) };
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
function differences(own: Half, other: Half): readonly string[] {
  const pairs: readonly (readonly [string, string | number | undefined, string | number | undefined])[] = [
    ['key sent', own.outputKey, other.inputKey],
    ['key received', own.inputKey, other.outputKey],
    ['VNI', own.id, other.id],
    ['UDP port', own.port, other.port],
    ['ERSPAN version', own.erspanVersion, other.erspanVersion],
  ];
  return pairs.flatMap(([name, here, there]) => (here === there || here === 'any' || there === 'any' ? [] : [`${name} ${String(here ?? 'none')} here, ${String(there ?? 'none')} there`]));
}
