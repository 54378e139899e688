import type { HostId } from '../../core/model/address';
import type { StoreEntry } from '../../core/topology/storeTree';

export type NodeKind = 'host' | 'category' | 'project' | 'network' | 'sandbox' | 'container' | 'endpoint' | 'link' | 'ovsBridge' | 'ovsPort' | 'nested' | SwarmKind | StoreEntry['kind'] | 'fault' | 'note';

/** As a part of a swarm has it (SwarmPart). */
export type SwarmKind = 'swarmNode' | 'service' | 'task' | 'peer' | 'peerTask';

export type Category = 'networks' | 'namespaces' | 'ovs' | 'tunnels' | 'containers' | 'swarm' | 'store' | 'nested';

/**
 * One row of the tree: where it stands, and which thing of the model it shows. It holds no facts; those are read from the
 * topology of the moment, so that a row stays the same object from scan to scan.
 * The same thing may have several rows (a sandbox under its container and under Namespaces): same `modelId`, different `id`.
 */
export interface TreeNode {
  /** Unique in the tree: the path of stable keys from the root. */
  readonly id: string;
  readonly kind: NodeKind;
  readonly hostId: HostId;
  /** A host's, network's, sandbox's, container's, endpoint's or link's id, an Open vSwitch bridge's or port's, a nested engine's, a part of a swarm's, an entry's of a key-value store; a category's name; a Compose project's name; a fault's or note's key. */
  readonly modelId: string;
  readonly parent: TreeNode | undefined;
}

/** A newline is in no key but a hostile file name's, and a collision there would have to be made on purpose in one's own home. */
export function nodeId(parent: TreeNode | undefined, kind: NodeKind, modelId: string): string {
  return `${parent === undefined ? '' : `${parent.id}\n`}${kind}:${modelId}`;
}
