import type { HostId } from '../../core/model/address';
import type { SwarmPart } from '../../core/model/topology';
import type { StoreEntry } from '../../core/topology/storeTree';
import type { TreeNode } from './node';
import type { Rows } from './rows';
import { statusOf, type TreeSource } from './treeSource';

/** The row that stands for a thing when it is named from elsewhere (the diagram, a command): the shortest, most general way to it. */
export function findRow(source: TreeSource, rows: Rows, modelId: string): TreeNode | undefined {
  const { topology } = source;
  const status = statusOf(source, modelId);
  if (status !== undefined) return rows.node(undefined, 'host', status.id, status.id);
  const network = topology.network.get(modelId);
  if (network !== undefined) return rows.inCategory(network.hostId, 'networks', 'network', modelId, network.compose?.project);
  const sandbox = topology.sandbox.get(modelId);
  if (sandbox !== undefined) return rows.inCategory(sandbox.hostId, 'namespaces', 'sandbox', modelId);
  const container = topology.container.get(modelId);
  if (container !== undefined) return rows.inCategory(container.hostId, 'containers', 'container', modelId, container.compose?.project);
  const link = topology.link.get(modelId);
  if (link !== undefined) {
    const parent = findRow(source, rows, link.sandboxId);
    return parent && rows.node(parent, 'link', parent.hostId, modelId);
  }
  const bridge = topology.ovsBridge.get(modelId);
  if (bridge !== undefined) return rows.inCategory(bridge.hostId, 'ovs', 'ovsBridge', modelId);
  const port = topology.ovsPort.get(modelId);
  if (port !== undefined) return rows.node(rows.inCategory(port.hostId, 'ovs', 'ovsBridge', port.bridgeId), 'ovsPort', port.hostId, modelId);
  const nested = topology.nested.get(modelId);
  if (nested !== undefined) return rows.inCategory(nested.hostId, 'nested', 'nested', modelId);
  const part = topology.swarmPart.get(modelId);
  if (part !== undefined) return findSwarm(source, rows, part);
  for (const { id } of source.stores === undefined ? [] : source.hosts) {
    const entry = source.stores?.of(id)?.tree.byId.get(modelId);
    if (entry !== undefined) return findEntry(rows, id, entry);
  }
  const endpoint = topology.endpoint.get(modelId);
  if (endpoint !== undefined) {
    const parent = findRow(source, rows, endpoint.networkId);
    return parent && rows.node(parent, 'endpoint', parent.hostId, modelId);
  }
  return undefined;
}

function findSwarm(source: TreeSource, rows: Rows, part: SwarmPart): TreeNode | undefined {
  const host = source.topology.host.get(part.hostId);
  switch (part.kind) {
    case 'swarmNode':
    case 'service':
      return rows.inCategory(part.hostId, 'swarm', part.kind, part.id);
    case 'task': {
      const service = host?.swarm?.services.find(({ tasks }) => tasks.some(({ id }) => id === part.id));
      return service && rows.node(rows.inCategory(part.hostId, 'swarm', 'service', service.id), 'task', part.hostId, part.id);
    }
    case 'peer': {
      const network = findRow(source, rows, part.networkId);
      return network && rows.node(network, 'peer', part.hostId, part.id);
    }
    case 'peerTask': {
      const peer = findRow(source, rows, part.peerId);
      return peer && rows.node(peer, 'peerTask', part.hostId, part.id);
    }
  }
}

function findEntry(rows: Rows, host: HostId, entry: StoreEntry): TreeNode {
  const parent = entry.parent === undefined ? rows.node(rows.node(undefined, 'host', host, host), 'category', host, 'store') : findEntry(rows, host, entry.parent);
  return rows.node(parent, entry.kind, host, entry.id);
}
