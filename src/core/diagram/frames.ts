import type { HostNode, LinkNode, Sandbox, SandboxId, Topology } from '../model/topology';

/** A device of one namespace whose other end, or lower device, is in a frame's namespace. */
export interface Attachment {
  readonly sandbox: Sandbox;
  readonly node: LinkNode;
  /** The frame's device. */
  readonly far: LinkNode;
}

/** A namespace that others are attached to, with them: one box of a host's diagram. */
export interface Frame {
  readonly sandbox: Sandbox;
  /** By the namespace's title, then by device. */
  readonly attachments: readonly Attachment[];
}

export interface Framed {
  /** The root namespace first, then in the host's order. */
  readonly frames: readonly Frame[];
  /** Namespaces that are attached to nothing and to which nothing is. */
  readonly alone: readonly Sandbox[];
}

/** A tunnel's device as drawn, with the box that it leaves its frame by. */
export interface DrawnTunnel {
  readonly node: LinkNode;
  readonly sandbox: Sandbox;
  readonly exit: string;
}

const tunnelKinds = new Set(['vxlan', 'geneve', 'gre', 'gretap', 'ip6gre', 'ip6gretap', 'erspan', 'ip6erspan', 'ipip', 'sit', 'ip6tnl', 'vti', 'vti6', 'xfrm']);

export const isTunnel = ({ link }: LinkNode): boolean => link.vxlan !== undefined || link.tunnel !== undefined || tunnelKinds.has(link.kind ?? '');

/**
 * Cuts a host into frames: its root namespace, each namespace with a bridge or a tunnel, and where two others are joined by a veth pair the one that more are joined to.
 * Every pair is one attachment, to the earlier of two frames.
 */
export function framesOf(topology: Topology, host: HostNode): Framed {
  const position = new Map(host.sandboxes.map((sandbox, at) => [sandbox.id, at]));
  const joined = host.sandboxes.map((sandbox) => sandbox.links.flatMap((node) => farOf(topology, node) ?? []).filter((far) => far.sandboxId !== sandbox.id && position.has(far.sandboxId)));
  const isFrame = new Set(
    host.sandboxes.filter((sandbox) => sandbox.id === host.rootSandbox || sandbox.links.some((node) => node.link.kind === 'bridge' || isTunnel(node))).map(({ id }) => id),
  );
  const weight = (id: SandboxId): number => joined[position.get(id) ?? -1]?.length ?? 0;
  host.sandboxes.forEach((sandbox, at) => {
    for (const { sandboxId } of joined[at] ?? []) {
      if (isFrame.has(sandbox.id) || isFrame.has(sandboxId)) continue;
      isFrame.add(weight(sandboxId) > weight(sandbox.id) ? sandboxId : sandbox.id);
    }
  });
  const attachments = new Map<SandboxId, Attachment[]>([...isFrame].map((id) => [id, []]));
  const attached = new Set<SandboxId>();
  for (const sandbox of host.sandboxes) {
    for (const node of sandbox.links) {
      const far = farOf(topology, node);
      if (!far || far.sandboxId === sandbox.id || isTunnel(node) || !isFrame.has(far.sandboxId)) continue;
      if (isFrame.has(sandbox.id) && (position.get(far.sandboxId) ?? 0) > (position.get(sandbox.id) ?? 0)) continue;
      attachments.get(far.sandboxId)?.push({ sandbox, node, far });
      attached.add(sandbox.id);
    }
  }
  const frames = host.sandboxes.filter(({ id }) => isFrame.has(id)).map((sandbox): Frame => ({ sandbox, attachments: attachments.get(sandbox.id) ?? [] }));
  return { frames, alone: host.sandboxes.filter(({ id }) => !isFrame.has(id) && !attached.has(id)) };
}

function farOf(topology: Topology, node: LinkNode): LinkNode | undefined {
  return node.peer?.state === 'resolved' ? topology.link.get(node.peer.linkId) : undefined;
}
