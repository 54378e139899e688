import type { Topology, Tunnel } from '../model/topology';

/** What is at a tunnel's far end, in words: `gre1 on node2`, or what is wrong with it. Hostile text. */
export function otherHalfText({ other, remote }: Tunnel, topology: Topology): string {
  const place = (linkId: string): string => {
    const node = topology.link.get(linkId);
    const sandbox = node && topology.sandbox.get(node.sandboxId);
    const host = sandbox && topology.host.get(sandbox.hostId);
    return `${node?.link.name ?? '?'} on ${host?.label ?? '?'}${sandbox === undefined || sandbox.role === 'root' ? '' : ` in ${sandbox.title}`}`;
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
      return `unknown: no added host, or more than one, has ${remote}`;
  }
}

/** `10.0.0.1 → 10.0.0.2`; `*` where it takes any address of its namespace. */
export function tunnelPath({ local, remote }: Tunnel): string {
  return `${local ?? '*'} → ${remote}`;
}
