import type { HostId } from '../../core/model/address';
import type { Container, HostNode, Network, Topology, Tunnel } from '../../core/model/topology';
import type { StoreEntry } from '../../core/topology/storeTree';
import type { HostStatus } from '../../discovery/explorer';
import type { StoreBook } from '../../discovery/storeBook';
import type { TreeNode } from './node';

/** What the tree shows: the explorer is one; a test's plain object another. */
export interface TreeSource {
  readonly topology: Topology;
  readonly hosts: readonly HostStatus[];
  readonly stores?: StoreShelf;
}

/** What is known of key-value stores: StoreBook is one. */
export type StoreShelf = Pick<StoreBook, 'isKnown' | 'isReading' | 'of'>;

export type Composed = Pick<Network | Container, 'id' | 'compose'>;

/** What a category's projects hold. */
export function thingsOf(host: HostNode, category: string | undefined): readonly Composed[] {
  return category === 'networks' ? host.networks : category === 'containers' ? host.containers : [];
}

/** Sorted as their devices' namespaces are. */
export function tunnelsOf(host: HostNode, topology: Topology): readonly Tunnel[] {
  return [...topology.tunnel.values()].filter(({ hostId }) => hostId === host.id);
}

/** The entry that a row of a key-value store stands for. */
export function storeEntryOf({ stores }: TreeSource, node: TreeNode): StoreEntry | undefined {
  return stores?.of(node.hostId)?.tree.byId.get(node.modelId);
}

export function statusOf({ hosts }: TreeSource, host: HostId): HostStatus | undefined {
  return hosts.find((status) => status.id === host);
}

/** The namespaces that a network has to itself and that were read. */
export function networkSandboxes(network: Network, topology: Topology): readonly string[] {
  return [network.sandboxId, network.loadBalancerSandboxId].filter((id): id is string => id !== undefined && topology.sandbox.has(id));
}
