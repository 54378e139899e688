import { sandboxId } from '../../core/model/ids';
import type { ReadError } from '../../core/model/snapshot';
import type { StoreFault } from '../../core/model/store';
import type { TreeNode } from './node';
import { statusOf, storeEntryOf, type TreeSource } from './treeSource';

/** What could not be read of the thing that a row stands for, in the order of its fault rows. */
export function faultsOf(source: TreeSource, node: TreeNode): readonly ReadError[] {
  const { topology } = source;
  switch (node.kind) {
    case 'host': {
      const failed = statusOf(source, node.hostId)?.error;
      const host = topology.host.get(node.hostId);
      // A namespace that vanished during the scan has no row of its own to stand under.
      const partial = (host?.snapshot.errors ?? []).filter(
        (error) => error.place.kind !== 'namespace' || !topology.sandbox.has(sandboxId(node.hostId, error.place.key)),
      );
      return failed === undefined ? partial : [failed, ...partial];
    }
    case 'network':
      return topology.network.get(node.modelId)?.errors ?? [];
    case 'sandbox':
      return topology.sandbox.get(node.modelId)?.errors ?? [];
    case 'endpoint': {
      const id = topology.endpoint.get(node.modelId)?.sandboxId;
      return (id === undefined ? undefined : topology.sandbox.get(id)?.errors) ?? [];
    }
    case 'category':
      return node.modelId === 'store' ? placed(source.stores?.of(node.hostId)?.tree.faults ?? []) : [];
    case 'store':
      return placed(storeEntryOf(source, node)?.faults ?? []);
    default:
      return [];
  }
}

function placed(faults: readonly StoreFault[]): readonly ReadError[] {
  return faults.map((fault) => ({ ...fault, place: { kind: 'host' } }));
}
