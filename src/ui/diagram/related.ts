import type { Topology } from '../../core/model/topology';

/**
 * The things that a diagram may show in place of one that is selected elsewhere, closest first, beginning with itself:
 * an endpoint's interface, container or sandbox; a sandbox's containers or network; a link's sandbox.
 */
export function related(modelId: string, topology: Topology): readonly string[] {
  const { container, endpoint, link, network, sandbox } = topology;
  const found: (string | undefined)[] = [modelId];
  const addSandbox = (id: string | undefined): void => {
    const there = id === undefined ? undefined : sandbox.get(id);
    if (there !== undefined) found.push(there.id, ...there.containers);
  };
  const asEndpoint = endpoint.get(modelId);
  if (asEndpoint !== undefined) {
    found.push(asEndpoint.containerId, asEndpoint.linkId);
    addSandbox(asEndpoint.sandboxId);
  }
  addSandbox(container.get(modelId)?.sandboxId ?? network.get(modelId)?.sandboxId ?? link.get(modelId)?.sandboxId ?? modelId);
  return [...new Set(found.filter((id) => id !== undefined))];
}
