import { compareNames } from '../../core/model/nameOrder';
import type { Container, Endpoint, HostNode, Network, Sandbox } from '../../core/model/topology';
import type { StoreEntry } from '../../core/topology/storeTree';
import { faultsOf } from './faultsOf';
import type { Category, NodeKind, TreeNode } from './node';
import type { Rows } from './rows';
import { networkSandboxes, storeEntryOf, thingsOf, tunnelsOf, type Composed, type TreeSource } from './treeSource';

const categories: readonly Category[] = ['networks', 'namespaces', 'ovs', 'tunnels', 'containers', 'swarm', 'store', 'nested'];

/**
 * Which row stands under which: hosts → (faults, Networks, Namespaces, Open vSwitch, Tunnels, Containers, Swarm, Key-Value Store, Nested Engines) → Compose projects → networks → their sandboxes,
 * bridge, endpoints and peers; sandboxes → their links; Open vSwitch bridges → their ports; containers → their endpoints and their sandbox;
 * a swarm's nodes, and its services → their tasks; key-value stores → their keys, part by part.
 */
export class ChildRows {
  constructor(
    private readonly source: TreeSource,
    private readonly rows: Rows,
  ) {}

  of(node: TreeNode | undefined): readonly TreeNode[] {
    if (node === undefined) return this.source.hosts.map((host) => this.rows.node(undefined, 'host', host.id, host.id));
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
        return sandbox === undefined ? [] : [...this.rows.faults(node, sandbox.errors), ...this.links(node, sandbox)];
      }
      case 'endpoint': {
        const endpoint = topology.endpoint.get(node.modelId);
        const sandbox = endpoint?.sandboxId === undefined ? undefined : topology.sandbox.get(endpoint.sandboxId);
        return sandbox === undefined ? [] : [...this.rows.faults(node, sandbox.errors), ...this.links(node, sandbox)];
      }
      case 'container': {
        const container = topology.container.get(node.modelId);
        return container === undefined ? [] : this.containerChildren(node, container);
      }
      case 'ovsBridge':
        return (topology.ovsBridge.get(node.modelId)?.ports ?? []).map(({ id }) => this.rows.node(node, 'ovsPort', node.hostId, id));
      case 'swarmNode':
      case 'service':
      case 'task':
      case 'peer':
      case 'peerTask':
        return this.swarmChildren(node);
      case 'store':
      case 'storeKey':
        return this.storeChildren(node, storeEntryOf(this.source, node));
      case 'link':
      case 'ovsPort':
      case 'nested':
      case 'fault':
      case 'note':
        return [];
    }
  }

  private hostChildren(node: TreeNode): readonly TreeNode[] {
    const host = this.source.topology.host.get(node.hostId);
    const faults = this.rows.faults(node, faultsOf(this.source, node));
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
    return [...faults, ...shown.map((category) => this.rows.node(node, 'category', node.hostId, category))];
  }

  private categoryChildren(node: TreeNode, host: HostNode): readonly TreeNode[] {
    const children = (kind: NodeKind, things: readonly { readonly id: string }[]) => things.map((thing) => this.rows.node(node, kind, host.id, thing.id));
    switch (node.modelId as Category) {
      case 'networks':
        return host.networks.length === 0 ? [this.rows.note(node, 'noNetworks')] : this.grouped(node, 'network', host.networks);
      case 'namespaces':
        return host.sandboxes.length === 0 ? [this.rows.note(node, 'noNamespaces')] : children('sandbox', host.sandboxes);
      case 'tunnels':
        return tunnelsOf(host, this.source.topology).map(({ linkId }) => this.rows.node(node, this.source.topology.ovsPort.has(linkId) ? 'ovsPort' : 'link', host.id, linkId));
      case 'ovs':
        return children('ovsBridge', host.ovs ?? []);
      case 'swarm':
        return [...children('swarmNode', host.swarm?.nodes ?? []), ...children('service', host.swarm?.services ?? [])];
      case 'store':
        return this.storesChildren(node);
      case 'nested':
        return children('nested', host.nested ?? []);
      case 'containers':
        return host.containers.length === 0 ? [this.rows.note(node, 'noContainers')] : this.grouped(node, 'container', host.containers);
    }
  }

  /** Compose projects by name, then what belongs to none. */
  private grouped(node: TreeNode, kind: NodeKind, things: readonly Composed[]): readonly TreeNode[] {
    const projects = [...new Set(things.flatMap(({ compose }) => compose?.project ?? []))].sort(compareNames);
    return [
      ...projects.map((project) => this.rows.node(node, 'project', node.hostId, project)),
      ...things.filter(({ compose }) => compose === undefined).map(({ id }) => this.rows.node(node, kind, node.hostId, id)),
    ];
  }

  private projectChildren(node: TreeNode, host: HostNode): readonly TreeNode[] {
    const category = node.parent?.modelId;
    return thingsOf(host, category)
      .filter(({ compose }) => compose?.project === node.modelId)
      .map(({ id }) => this.rows.node(node, category === 'networks' ? 'network' : 'container', node.hostId, id));
  }

  private networkChildren(node: TreeNode, network: Network): readonly TreeNode[] {
    const rows: TreeNode[] = [...this.rows.faults(node, network.errors), ...(network.differs ?? []).map((_, at) => this.rows.note(node, `differs#${String(at)}`))];
    for (const id of networkSandboxes(network, this.source.topology)) rows.push(this.rows.node(node, 'sandbox', node.hostId, id));
    if (network.bridgeLinkId !== undefined && this.source.topology.link.has(network.bridgeLinkId)) {
      rows.push(this.rows.node(node, 'link', node.hostId, network.bridgeLinkId));
    }
    for (const endpoint of this.byName(network.endpoints)) rows.push(this.rows.node(node, 'endpoint', node.hostId, endpoint.id));
    for (const { id } of network.peers ?? []) rows.push(this.rows.node(node, 'peer', node.hostId, id));
    return rows;
  }

  /** Containers by name, then what the engine itself has on the network. */
  private byName(endpoints: readonly Endpoint[]): readonly Endpoint[] {
    return [...endpoints].sort((a, b) => Number(b.isContainer) - Number(a.isContainer) || compareNames(a.name, b.name));
  }

  private containerChildren(node: TreeNode, container: Container): readonly TreeNode[] {
    const rows: TreeNode[] = [];
    for (const endpoint of container.endpoints) {
      if (this.source.topology.endpoint.has(endpoint)) rows.push(this.rows.node(node, 'endpoint', node.hostId, endpoint));
    }
    if (container.sandboxId !== undefined && this.source.topology.sandbox.has(container.sandboxId)) {
      rows.push(this.rows.node(node, 'sandbox', node.hostId, container.sandboxId));
    }
    return rows;
  }

  private swarmChildren(node: TreeNode): readonly TreeNode[] {
    const part = this.source.topology.swarmPart.get(node.modelId);
    return part?.kind === 'service' || part?.kind === 'peer' ? part.tasks.map(({ id, kind }) => this.rows.node(node, kind, node.hostId, id)) : [];
  }

  private storesChildren(node: TreeNode): readonly TreeNode[] {
    const tree = this.source.stores?.of(node.hostId)?.tree;
    if (tree === undefined) return [this.rows.note(node, 'readingStores')];
    const rows = [...this.rows.faults(node, faultsOf(this.source, node)), ...tree.entries.map(({ kind, id }) => this.rows.node(node, kind, node.hostId, id))];
    return rows.length === 0 ? [this.rows.note(node, 'noStores')] : rows;
  }

  private storeChildren(node: TreeNode, entry: StoreEntry | undefined): readonly TreeNode[] {
    if (entry === undefined) return [];
    const rows = entry.children.map(({ kind, id }) => this.rows.node(node, kind, node.hostId, id));
    return [...this.rows.faults(node, faultsOf(this.source, node)), ...rows, ...(entry.more === 0 ? [] : [this.rows.note(node, `moreKeys#${String(entry.more)}`)])];
  }

  private links(parent: TreeNode, sandbox: Sandbox): TreeNode[] {
    return sandbox.links.map((link) => this.rows.node(parent, 'link', parent.hostId, link.id));
  }
}
