import type { HostId } from '../../core/model/address';
import type { ReadError } from '../../core/model/snapshot';
import type { StoreEntry } from '../../core/topology/storeTree';
import type { HostStatus } from '../../discovery/explorer';
import { ChildRows } from './childRows';
import { faultsOf } from './faultsOf';
import { findRow } from './findRow';
import type { TreeNode } from './node';
import { Rows } from './rows';
import { networkSandboxes, statusOf, storeEntryOf, thingsOf, type TreeSource } from './treeSource';

/** The tree's rows as the topology stands now: what is under each, whether there is anything, and where a thing's row is. */
export class TreeModel {
  private readonly rows = new Rows();
  private readonly childRows: ChildRows;

  constructor(readonly source: TreeSource) {
    this.childRows = new ChildRows(source, this.rows);
  }

  children(node: TreeNode | undefined): readonly TreeNode[] {
    return this.childRows.of(node);
  }

  /** Whether `children` would give any, without making them; for a host, whether it will when it has been read. */
  expandable(node: TreeNode): boolean {
    const topology = this.source.topology;
    switch (node.kind) {
      // A row that is given as a leaf first stays closed in VS Code when it gets children; so hosts open before they were read.
      case 'host':
      case 'category':
      case 'project':
        return true;
      case 'network': {
        const network = topology.network.get(node.modelId);
        return network !== undefined && (network.endpoints.length > 0 || network.errors.length > 0 || networkSandboxes(network, topology).length > 0 || network.bridgeLinkId !== undefined || (network.peers ?? []).length + (network.differs ?? []).length > 0);
      }
      case 'sandbox': {
        const sandbox = topology.sandbox.get(node.modelId);
        return sandbox !== undefined && sandbox.links.length + sandbox.errors.length > 0;
      }
      case 'endpoint': {
        const endpoint = topology.endpoint.get(node.modelId);
        return endpoint?.sandboxId !== undefined && (topology.sandbox.get(endpoint.sandboxId)?.links.length ?? 0) > 0;
      }
      case 'container': {
        const container = topology.container.get(node.modelId);
        return container !== undefined && (container.endpoints.length > 0 || container.sandboxId !== undefined);
      }
      case 'ovsBridge':
        return (topology.ovsBridge.get(node.modelId)?.ports.length ?? 0) > 0;
      case 'service':
      case 'peer':
        return this.childRows.of(node).length > 0;
      case 'store':
      case 'storeKey': {
        const entry = storeEntryOf(this.source, node);
        return entry !== undefined && entry.children.length + entry.faults.length > 0;
      }
      case 'swarmNode':
      case 'task':
      case 'peerTask':
      case 'link':
      case 'ovsPort':
      case 'nested':
      case 'fault':
      case 'note':
        return false;
    }
  }

  /** The row that stands for a thing when it is named from elsewhere. */
  find(modelId: string): TreeNode | undefined {
    return findRow(this.source, this.rows, modelId);
  }

  status(host: HostId): HostStatus | undefined {
    return statusOf(this.source, host);
  }

  /** The entry that a row stands for. */
  storeEntry(node: TreeNode): StoreEntry | undefined {
    return storeEntryOf(this.source, node);
  }

  /** The faults that a fault row's parent has, by the row's key. */
  fault(node: TreeNode): ReadError | undefined {
    const parent = node.parent;
    if (node.kind !== 'fault' || parent === undefined) return undefined;
    return faultsOf(this.source, parent)[Number(node.modelId.slice(node.modelId.lastIndexOf('#') + 1))];
  }

  /** Forgets the rows of things that are gone. */
  prune(): void {
    this.rows.prune((node) => this.exists(node));
  }

  private exists(node: TreeNode): boolean {
    const topology = this.source.topology;
    if (this.status(node.hostId) === undefined) return false;
    switch (node.kind) {
      case 'project': {
        const host = topology.host.get(node.hostId);
        return host !== undefined && thingsOf(host, node.parent?.modelId).some(({ compose }) => compose?.project === node.modelId);
      }
      case 'network':
        return topology.network.has(node.modelId);
      case 'sandbox':
        return topology.sandbox.has(node.modelId);
      case 'container':
        return topology.container.has(node.modelId);
      case 'endpoint':
        return topology.endpoint.has(node.modelId);
      case 'link':
        return topology.link.has(node.modelId);
      case 'ovsBridge':
        return topology.ovsBridge.has(node.modelId);
      case 'ovsPort':
        return topology.ovsPort.has(node.modelId);
      case 'nested':
        return topology.nested.has(node.modelId);
      case 'swarmNode':
      case 'service':
      case 'task':
      case 'peer':
      case 'peerTask':
        return topology.swarmPart.has(node.modelId);
      case 'store':
      case 'storeKey':
        return storeEntryOf(this.source, node) !== undefined;
      case 'fault':
        return this.fault(node) !== undefined;
      case 'host':
      case 'category':
      case 'note':
        return true;
    }
  }
}
