import type { Container, HostNode, Network, Sandbox, Topology } from '../../core/model/topology';

/** A namespace to act on, and the container it was reached through, where there is one. */
export interface Target {
  readonly host: HostNode;
  readonly sandbox: Sandbox;
  readonly container?: Container;
}

/** Why a thing has no namespace to act on. `gone`: it is not in the model any more. */
export type NoTarget = 'gone' | 'notRead' | 'noSandboxYet' | 'notRunning' | 'none';

/**
 * The namespace that a thing stands for: a host's root namespace; a network's own sandbox, or for networks without one the
 * root namespace that holds their bridge or parent device; a container's, endpoint's or link's namespace; of Open vSwitch the root namespace.
 */
export function findTarget(modelId: string, topology: Topology): Target | NoTarget {
  const host = topology.host.get(modelId);
  if (host !== undefined) return targetIn(host.rootSandbox, topology, 'notRead');
  const network = topology.network.get(modelId);
  if (network !== undefined) return networkTarget(network, topology);
  const container = topology.container.get(modelId);
  if (container !== undefined) return targetIn(container.sandboxId, topology, container.running ? 'notRead' : 'notRunning', container);
  const endpoint = topology.endpoint.get(modelId);
  if (endpoint !== undefined) {
    const owner = endpoint.containerId === undefined ? undefined : topology.container.get(endpoint.containerId);
    return targetIn(endpoint.sandboxId, topology, owner?.running === false ? 'notRunning' : 'notRead', owner);
  }
  const link = topology.link.get(modelId) ?? topology.ovsBridge.get(modelId) ?? topology.ovsPort.get(modelId);
  return targetIn(link?.sandboxId ?? modelId, topology, 'gone');
}

function networkTarget(network: Network, topology: Topology): Target | NoTarget {
  if (network.sandboxId !== undefined) return targetIn(network.sandboxId, topology, 'notRead');
  if (network.driver === 'overlay') return 'noSandboxYet';
  if (network.driver === 'null' || network.driver === 'none') return 'none';
  return targetIn(topology.host.get(network.hostId)?.rootSandbox, topology, 'notRead');
}

function targetIn(id: string | undefined, topology: Topology, otherwise: NoTarget, container?: Container): Target | NoTarget {
  const sandbox = id === undefined ? undefined : topology.sandbox.get(id);
  const host = sandbox === undefined ? undefined : topology.host.get(sandbox.hostId);
  if (sandbox === undefined || host === undefined) return otherwise;
  return { host, sandbox, ...(container !== undefined && { container }) };
}
