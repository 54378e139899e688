import type { HostId } from '../../core/model/address';
import type { NamespaceKey } from '../../core/model/snapshot';
import type { Network, SandboxId, Topology } from '../../core/model/topology';

/**
 * The namespaces that show how a thing stands: a network's own ones, or the root namespace with its bridge or parent device, and its members';
 * a container's or an endpoint's namespace; a namespace itself. Undefined where the thing is none of these, or gone.
 */
export function concernedNamespaces(modelId: string, topology: Topology): { readonly hostId: HostId; readonly keys: readonly NamespaceKey[] } | undefined {
  const network = topology.network.get(modelId);
  const thing = network ?? topology.container.get(modelId) ?? topology.endpoint.get(modelId) ?? topology.sandbox.get(modelId);
  if (thing === undefined) return undefined;
  const ids = network !== undefined ? networkSandboxes(network, topology) : 'key' in thing ? [thing.id] : [thing.sandboxId];
  const keys = ids.flatMap((id) => (id === undefined ? [] : (topology.sandbox.get(id)?.key ?? [])));
  return { hostId: thing.hostId, keys: [...new Set(keys)] };
}

const withoutDevices = new Set(['overlay', 'null', 'none']);

function networkSandboxes(network: Network, topology: Topology): readonly (SandboxId | undefined)[] {
  const root = withoutDevices.has(network.driver) ? undefined : topology.host.get(network.hostId)?.rootSandbox;
  return [network.sandboxId, root, network.loadBalancerSandboxId, ...network.endpoints.map((endpoint) => endpoint.sandboxId)];
}
