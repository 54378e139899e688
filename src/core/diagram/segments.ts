import { compareNames } from '../model/nameOrder';
import type { HostNode, Sandbox, Topology } from '../model/topology';
import type { Frame } from './frames';
import { globalAddresses, inSameSubnet } from './shownAddresses';

/** A lower device whose macvlan or ipvlan attachments have neighbours on other hosts. */
export interface Segment {
  readonly lowerId: string;
  /** Hostile text. */
  readonly lowerName: string;
  /** `lanbox2 on node2`, with its address in the facts. */
  readonly others: readonly { readonly name: string; readonly address: string }[];
}

const isAttached = (kind: string | undefined): boolean => kind === 'macvlan' || kind === 'macvtap' || kind === 'ipvlan' || kind === 'ipvtap';

/**
 * What macvlan and ipvlan devices of other hosts have an address in the subnet of one of these: there is no bridge between them that could tell, so it is the subnet that says that
 * they are neighbours.
 */
export function segmentsOf(topology: Topology, host: HostNode, frames: readonly Frame[], focus?: Sandbox): readonly Segment[] {
  const own = frames.flatMap(({ attachments }) => attachments.filter(({ node, sandbox }) => isAttached(node.link.kind) && (focus === undefined || sandbox.id === focus.id)));
  if (own.length === 0) return [];
  const others = topology.hosts
    .filter(({ id }) => id !== host.id)
    .flatMap((far) => far.sandboxes.flatMap((sandbox) => sandbox.links.filter(({ link }) => isAttached(link.kind)).flatMap(({ link }) => globalAddresses(link).map(({ address }) => ({ name: `${sandbox.title} on ${far.label}`, address })))));
  const lowers = new Map(own.map(({ far }) => [far.id, far]));
  return [...lowers.values()].flatMap((lower): Segment[] => {
    const mine = own.filter(({ far }) => far.id === lower.id).flatMap(({ node }) => globalAddresses(node.link));
    // An address that one has here as well is a second network of the same subnet, which nothing joins to this one.
    const near = others.filter(({ address }) => mine.some((each) => inSameSubnet(each.address, address, each.prefixLength)) && !mine.some((each) => each.address === address));
    const each = [...new Map(near.map((other) => [`${other.name} ${other.address}`, other])).values()].sort((left, right) => compareNames(left.name, right.name));
    return each.length === 0 ? [] : [{ lowerId: lower.id, lowerName: lower.link.name, others: each }];
  });
}
