import type { Topology, Tunnel } from '../model/topology';

/** What is at a tunnel's far end, in words: `gre1 on node2`, or what is wrong with it. Hostile text. */
export function otherHalfText({ other, remote }: Tunnel, topology: Topology): string {
  const place = (id: string): string => {
    const node = topology.link.get(id);
    const sandbox = node && topology.sandbox.get(node.sandboxId);
    const host = topology.host.get(sandbox?.hostId ?? topology.ovsPort.get(id)?.hostId ?? '');
    return `${tunnelName(topology, id)} on ${host?.label ?? '?'}${sandbox === undefined || sandbox.role === 'root' ? '' : ` in ${sandbox.title}`}`;
  };
  switch (other.state) {
    case 'matched':
      return place(other.linkId);
    case 'ambiguous':
      return `one of ${other.candidates.map(place).join(', ')}`;
    case 'mismatched':
      return `${place(other.linkId)} does not fit: ${other.differs.join('; ')}`;
    case 'missing':
      return `missing: ${topology.host.get(other.hostId)?.label ?? '?'} has ${remote} and no such device`;
    case 'unknown':
      return `unknown: no host that was read, or more than one, has ${remote}`;
  }
}

/** The name of a tunnel's device, or of its Open vSwitch port. Hostile text. */
export function tunnelName(topology: Topology, id: string): string {
  return topology.link.get(id)?.link.name ?? topology.ovsPort.get(id)?.port.name ?? '?';
}

/** `10.0.0.1 → 10.0.0.2`; `*` where it takes any address of its namespace. */
export function tunnelPath({ local, remote }: Tunnel): string {
  return `${local ?? '*'} → ${remote}`;
}
