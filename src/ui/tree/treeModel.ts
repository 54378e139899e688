import type { HostId } from '../../core/model/address';
import type { ReadError } from '../../core/model/snapshot';
import type { StoreFault } from '../../core/model/store';
import type { Container, Endpoint, HostNode, Network, Sandbox, SwarmPart, Topology, Tunnel } from '../../core/model/topology';
import { sandboxId } from '../../core/model/ids';
import { compareNames } from '../../core/model/nameOrder';
import type { HostStatus } from '../../discovery/explorer';
import type { StoreBook } from '../../discovery/storeBook';
import type { StoreEntry } from '../../core/topology/storeTree';
import { nodeId, type Category, type NodeKind, type TreeNode } from './node';

/** What the tree shows: the explorer is one; a test's plain object another. */
export interface TreeSource {
  readonly topology: Topology;
  readonly hosts: readonly HostStatus[];
  readonly stores?: StoreShelf;
}

/** What is known of key-value stores: StoreBook is one. */
export type StoreShelf = Pick<StoreBook, 'isKnown' | 'isReading' | 'of'>;

type Composed = Pick<Network | Container, 'id' | 'compose'>;

/** What a category's projects hold. */
export function thingsOf(host: HostNode, category: string | undefined): readonly Composed[] {
  return category === 'networks' ? host.networks : category === 'containers' ? host.containers : [];
}

/** Sorted as their devices' namespaces are. */
export function tunnelsOf(host: HostNode, topology: Topology): readonly Tunnel[] {
  return [...topology.tunnel.values()].filter(({ hostId }) => hostId === host.id);
}

const categories: readonly Category[] = ['networks', 'namespaces', 'ovs', 'tunnels', 'containers', 'swarm', 'store', 'nested'];

/**
 * Which row stands under which: hosts → (faults, Networks, Namespaces, Open vSwitch, Tunnels, Containers, Swarm, Key-Value Store, Nested Engines) → Compose projects → networks → their sandboxes,
 * bridge, endpoints and peers; sandboxes → their links; Open vSwitch bridges → their ports; containers → their endpoints and their sandbox;
 * a swarm's nodes, and its services → their tasks; key-value stores → their keys, part by part.
 * Rows are made when their parent is opened, and are the same object from scan to scan.
 */
export class TreeModel {
  private readonly nodes = new Map<string, TreeNode>();
  /** Made at first use: the first one of a process loads ICU's tables, which activation need not wait for. */

  constructor(readonly source: TreeSource) {}

  children(node: TreeNode | undefined): readonly TreeNode[] {
    if (node === undefined) return this.source.hosts.map((host) => this.node(undefined, 'host', host.id, host.id));
    const topology = this.source.topology;
    switch (node.kind) {
      case 'host':
        return this.hostChildren(node);
      case 'category': {
        const host = topology.host.get(node.hostId);
        return host === undefined ? [] : this.categoryChildren(node, host);
      }
      case 'project': {
        const host = topology.host.get(node.hostId);
        return host === undefined ? [] : this.projectChildren(node, host);
      }
      case 'network': {
        const network = topology.network.get(node.modelId);
        return network === undefined ? [] : this.networkChildren(node, network);
      }
      case 'sandbox': {
        const sandbox = topology.sandbox.get(node.modelId);
        return sandbox === undefined ? [] : [...this.faults(node, sandbox.errors), ...this.links(node, sandbox)];
      }
      case 'endpoint': {
        const endpoint = topology.endpoint.get(node.modelId);
        const sandbox = endpoint?.sandboxId === undefined ? undefined : topology.sandbox.get(endpoint.sandboxId);
        return sandbox === undefined ? [] : [...this.faults(node, sandbox.errors), ...this.links(node, sandbox)];
      }
      case 'container': {
        const container = topology.container.get(node.modelId);
        return container === undefined ? [] : this.containerChildren(node, container);
      }
      case 'ovsBridge':
        return (topology.ovsBridge.get(node.modelId)?.ports ?? []).map(({ id }) => this.node(node, 'ovsPort', node.hostId, id));
      case 'swarmNode':
      case 'service':
      case 'task':
      case 'peer':
      case 'peerTask':
        return this.swarmChildren(node);
      case 'store':
      case 'storeKey':
        return this.storeChildren(node, this.storeEntry(node));
      case 'link':
      case 'ovsPort':
      case 'nested':
      case 'fault':
      case 'note':
        return [];
    }
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
        return network !== undefined && (network.endpoints.length > 0 || network.errors.length > 0 || this.networkSandboxes(network).length > 0 || network.bridgeLinkId !== undefined || (network.peers ?? []).length + (network.differs ?? []).length > 0);
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
        return this.swarmChildren(node).length > 0;
      case 'store':
      case 'storeKey': {
        const entry = this.storeEntry(node);
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

  /** The row that stands for a thing when it is named from elsewhere (the diagram, a command): the shortest, most general way to it. */
  find(modelId: string): TreeNode | undefined {
    const topology = this.source.topology;
    const status = this.status(modelId);
    if (status !== undefined) return this.node(undefined, 'host', status.id, status.id);
    const network = topology.network.get(modelId);
    if (network !== undefined) return this.inCategory(network.hostId, 'networks', 'network', modelId, network.compose?.project);
    const sandbox = topology.sandbox.get(modelId);
    if (sandbox !== undefined) return this.inCategory(sandbox.hostId, 'namespaces', 'sandbox', modelId);
    const container = topology.container.get(modelId);
    if (container !== undefined) return this.inCategory(container.hostId, 'containers', 'container', modelId, container.compose?.project);
    const link = topology.link.get(modelId);
    if (link !== undefined) {
      const parent = this.find(link.sandboxId);
      return parent && this.node(parent, 'link', parent.hostId, modelId);
    }
    const bridge = topology.ovsBridge.get(modelId);
    if (bridge !== undefined) return this.inCategory(bridge.hostId, 'ovs', 'ovsBridge', modelId);
    const port = topology.ovsPort.get(modelId);
    if (port !== undefined) return this.node(this.inCategory(port.hostId, 'ovs', 'ovsBridge', port.bridgeId), 'ovsPort', port.hostId, modelId);
    const nested = topology.nested.get(modelId);
    if (nested !== undefined) return this.inCategory(nested.hostId, 'nested', 'nested', modelId);
    const part = topology.swarmPart.get(modelId);
    if (part !== undefined) return this.findSwarm(part);
    for (const { id } of this.source.stores === undefined ? [] : this.source.hosts) {
      const entry = this.source.stores?.of(id)?.tree.byId.get(modelId);
      if (entry !== undefined) return this.findEntry(id, entry);
    }
    const endpoint = topology.endpoint.get(modelId);
    if (endpoint !== undefined) {
      const parent = this.find(endpoint.networkId);
      return parent && this.node(parent, 'endpoint', parent.hostId, modelId);
    }
    return undefined;
  }

  status(host: HostId): HostStatus | undefined {
    return this.source.hosts.find((status) => status.id === host);
  }

  /** The faults that a fault row's parent has, by the row's key. */
  fault(node: TreeNode): ReadError | undefined {
    const parent = node.parent;
    if (node.kind !== 'fault' || parent === undefined) return undefined;
    return this.faultsOf(parent)[Number(node.modelId.slice(node.modelId.lastIndexOf('#') + 1))];
  }

  /** Forgets the rows of things that are gone, so that hours of rescans do not pile them up. */
  prune(): void {
    for (const [id, node] of this.nodes) {
      if (!this.exists(node)) this.nodes.delete(id);
    }
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
        return this.storeEntry(node) !== undefined;
      case 'fault':
        return this.fault(node) !== undefined;
      case 'host':
      case 'category':
      case 'note':
        return true;
    }
  }

  private hostChildren(node: TreeNode): readonly TreeNode[] {
    const host = this.source.topology.host.get(node.hostId);
    const faults = this.faults(node, this.faultsOf(node));
    if (host === undefined) return faults;
    const isShown: Readonly<Record<Category, () => boolean>> = {
      namespaces: () => true,
      ovs: () => (host.ovs ?? []).length > 0,
      tunnels: () => tunnelsOf(host, this.source.topology).length > 0,
      networks: () => host.snapshot.engine !== undefined,
      containers: () => host.snapshot.engine !== undefined,
      swarm: () => host.swarm !== undefined,
      store: () => this.source.stores?.isKnown(host) === true,
      nested: () => (host.nested ?? []).length > 0,
    };
    const shown = categories.filter((category) => isShown[category]());
    return [...faults, ...shown.map((category) => this.node(node, 'category', node.hostId, category))];
  }

  private categoryChildren(node: TreeNode, host: HostNode): readonly TreeNode[] {
    const children = (kind: NodeKind, things: readonly { readonly id: string }[]) => things.map((thing) => this.node(node, kind, host.id, thing.id));
    switch (node.modelId as Category) {
      case 'networks':
        return host.networks.length === 0 ? [this.note(node, 'noNetworks')] : this.grouped(node, 'network', host.networks);
      case 'namespaces':
        return host.sandboxes.length === 0 ? [this.note(node, 'noNamespaces')] : children('sandbox', host.sandboxes);
      case 'tunnels':
        return tunnelsOf(host, this.source.topology).map(({ linkId }) => this.node(node, this.source.topology.ovsPort.has(linkId) ? 'ovsPort' : 'link', host.id, linkId));
      case 'ovs':
        return children('ovsBridge', host.ovs ?? []);
      case 'swarm':
        return [...children('swarmNode', host.swarm?.nodes ?? []), ...children('service', host.swarm?.services ?? [])];
      case 'store':
        return this.storesChildren(node);
      case 'nested':
        return children('nested', host.nested ?? []);
      case 'containers':
        return host.containers.length === 0 ? [this.note(node, 'noContainers')] : this.grouped(node, 'container', host.containers);
    }
  }

  /** Compose projects by name, then what belongs to none. */
  private grouped(node: TreeNode, kind: NodeKind, things: readonly Composed[]): readonly TreeNode[] {
    const projects = [...new Set(things.flatMap(({ compose }) => compose?.project ?? []))].sort(compareNames);
    return [
      ...projects.map((project) => this.node(node, 'project', node.hostId, project)),
      ...things.filter(({ compose }) => compose === undefined).map(({ id }) => this.node(node, kind, node.hostId, id)),
    ];
  }

  private projectChildren(node: TreeNode, host: HostNode): readonly TreeNode[] {
    const category = node.parent?.modelId;
    return thingsOf(host, category)
      .filter(({ compose }) => compose?.project === node.modelId)
      .map(({ id }) => this.node(node, category === 'networks' ? 'network' : 'container', node.hostId, id));
  }

  private networkChildren(node: TreeNode, network: Network): readonly TreeNode[] {
    const rows: TreeNode[] = [...this.faults(node, network.errors), ...(network.differs ?? []).map((_, at) => this.note(node, `differs#${String(at)}`))];
    for (const id of this.networkSandboxes(network)) rows.push(this.node(node, 'sandbox', node.hostId, id));
    if (network.bridgeLinkId !== undefined && this.source.topology.link.has(network.bridgeLinkId)) {
      rows.push(this.node(node, 'link', node.hostId, network.bridgeLinkId));
    }
    for (const endpoint of this.byName(network.endpoints)) rows.push(this.node(node, 'endpoint', node.hostId, endpoint.id));
    for (const { id } of network.peers ?? []) rows.push(this.node(node, 'peer', node.hostId, id));
    return rows;
  }

  /** Containers by name, then what the engine itself has on the network. */
  private byName(endpoints: readonly Endpoint[]): readonly Endpoint[] {
    return [...endpoints].sort((a, b) => Number(b.isContainer) - Number(a.isContainer) || compareNames(a.name, b.name));
  }

  private containerChildren(node: TreeNode, container: Container): readonly TreeNode[] {
    const rows: TreeNode[] = [];
    for (const endpoint of container.endpoints) {
      if (this.source.topology.endpoint.has(endpoint)) rows.push(this.node(node, 'endpoint', node.hostId, endpoint));
    }
    if (container.sandboxId !== undefined && this.source.topology.sandbox.has(container.sandboxId)) {
      rows.push(this.node(node, 'sandbox', node.hostId, container.sandboxId));
    }
    return rows;
  }

  private swarmChildren(node: TreeNode): readonly TreeNode[] {
    const part = this.source.topology.swarmPart.get(node.modelId);
    return part?.kind === 'service' || part?.kind === 'peer' ? part.tasks.map(({ id, kind }) => this.node(node, kind, node.hostId, id)) : [];
  }

  private findSwarm(part: SwarmPart): TreeNode | undefined {
    const host = this.source.topology.host.get(part.hostId);
    switch (part.kind) {
      case 'swarmNode':
      case 'service':
        return this.inCategory(part.hostId, 'swarm', part.kind, part.id);
      case 'task': {
        const service = host?.swarm?.services.find(({ tasks }) => tasks.some(({ id }) => id === part.id));
        return service && this.node(this.inCategory(part.hostId, 'swarm', 'service', service.id), 'task', part.hostId, part.id);
      }
      case 'peer': {
        const network = this.find(part.networkId);
        return network && this.node(network, 'peer', part.hostId, part.id);
      }
      case 'peerTask': {
        const peer = this.find(part.peerId);
        return peer && this.node(peer, 'peerTask', part.hostId, part.id);
      }
    }
  }

  /** The entry that a row stands for. */
  storeEntry(node: TreeNode): StoreEntry | undefined {
    return this.source.stores?.of(node.hostId)?.tree.byId.get(node.modelId);
  }

  private storesChildren(node: TreeNode): readonly TreeNode[] {
    const tree = this.source.stores?.of(node.hostId)?.tree;
    if (tree === undefined) return [this.note(node, 'readingStores')];
    const rows = [...this.faults(node, this.faultsOf(node)), ...tree.entries.map(({ kind, id }) => this.node(node, kind, node.hostId, id))];
    return rows.length === 0 ? [this.note(node, 'noStores')] : rows;
  }

  private storeChildren(node: TreeNode, entry: StoreEntry | undefined): readonly TreeNode[] {
    if (entry === undefined) return [];
    const rows = entry.children.map(({ kind, id }) => this.node(node, kind, node.hostId, id));
    return [...this.faults(node, this.faultsOf(node)), ...rows, ...(entry.more === 0 ? [] : [this.note(node, `moreKeys#${String(entry.more)}`)])];
  }

  private findEntry(host: HostId, entry: StoreEntry): TreeNode {
    const parent = entry.parent === undefined ? this.node(this.node(undefined, 'host', host, host), 'category', host, 'store') : this.findEntry(host, entry.parent);
    return this.node(parent, entry.kind, host, entry.id);
  }

  private networkSandboxes(network: Network): readonly string[] {
    return [network.sandboxId, network.loadBalancerSandboxId].filter((id): id is string => id !== undefined && this.source.topology.sandbox.has(id));
  }

  private links(parent: TreeNode, sandbox: Sandbox): TreeNode[] {
    return sandbox.links.map((link) => this.node(parent, 'link', parent.hostId, link.id));
  }

  private faultsOf(node: TreeNode): readonly ReadError[] {
    const topology = this.source.topology;
    switch (node.kind) {
      case 'host': {
        const failed = this.status(node.hostId)?.error;
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
        return node.modelId === 'store' ? placed(this.source.stores?.of(node.hostId)?.tree.faults ?? []) : [];
      case 'store':
        return placed(this.storeEntry(node)?.faults ?? []);
      default:
        return [];
    }
  }

  private faults(parent: TreeNode, errors: readonly ReadError[]): TreeNode[] {
    return errors.map((error, index) => this.node(parent, 'fault', parent.hostId, `${error.code}#${String(index)}`));
  }

  private note(parent: TreeNode, key: string): TreeNode {
    return this.node(parent, 'note', parent.hostId, key);
  }

  private inCategory(host: HostId, category: Category, kind: NodeKind, modelId: string, project?: string): TreeNode {
    const root = this.node(undefined, 'host', host, host);
    const within = this.node(root, 'category', host, category);
    return this.node(project === undefined ? within : this.node(within, 'project', host, project), kind, host, modelId);
  }

  private node(parent: TreeNode | undefined, kind: NodeKind, hostId: HostId, modelId: string): TreeNode {
    const id = nodeId(parent, kind, modelId);
    const known = this.nodes.get(id);
    if (known !== undefined) return known;
    const made: TreeNode = { id, kind, hostId, modelId, parent };
    this.nodes.set(id, made);
    return made;
  }
}

function placed(faults: readonly StoreFault[]): readonly ReadError[] {
  return faults.map((fault) => ({ ...fault, place: { kind: 'host' } }));
}
