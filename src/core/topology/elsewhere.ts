import type { HostNode, LinkNode, Sandbox, Topology } from '../model/topology';

/** A device on another host that was read too. */
export interface LinkElsewhere {
  readonly node: LinkNode;
  readonly sandbox: Sandbox;
  readonly host: HostNode;
}

/**
 * The other end, or lower device, of a device whose own host does not see it: a host that is a container or namespace of a machine has its veths' other ends there, and that
 * machine, where it was read too, sees the very same namespace. @returns undefined where that is not certain.
 */
export function peerElsewhere(topology: Topology, node: LinkNode): LinkElsewhere | undefined {
  const sandbox = topology.sandbox.get(node.sandboxId);
  if (!sandbox || node.peer?.state === 'resolved' || node.link.linkNetnsId === undefined) return undefined;
  for (const machine of topology.hosts) {
    const same = machine.id === sandbox.hostId ? undefined : sameNamespace(topology, sandbox, machine);
    const peer = same?.links.find(({ link }) => link.ifindex === node.link.ifindex)?.peer;
    const other = peer?.state === 'resolved' ? topology.link.get(peer.linkId) : undefined;
    const where = other && topology.sandbox.get(other.sandboxId);
    if (other && where) return { node: other, sandbox: where, host: machine };
  }
  return undefined;
}

/**
 * The same namespace as another host sees it. Inodes are unique to one running kernel only, so the host's root namespace must be among that machine's further ones, too, both with the
 * same devices by index, name and MAC.
 */
function sameNamespace(topology: Topology, sandbox: Sandbox, machine: HostNode): Sandbox | undefined {
  const root = topology.sandbox.get(topology.host.get(sandbox.hostId)?.rootSandbox ?? '');
  const twin = (own: Sandbox): Sandbox | undefined => machine.sandboxes.find((each) => each.key === own.key && each.id !== machine.rootSandbox && hasSameDevices(own, each));
  return root && twin(root) && twin(sandbox);
}

function hasSameDevices(one: Sandbox, other: Sandbox): boolean {
  const texts = ({ links }: Sandbox): readonly string[] => links.filter(({ link }) => link.linkType !== 'loopback').map(({ link: { ifindex, name, mac } }) => `${String(ifindex)} ${name} ${mac ?? ''}`).sort();
  const [left, right] = [texts(one), texts(other)];
  return left.length > 0 && left.length === right.length && left.every((text, at) => text === right[at]);
}
