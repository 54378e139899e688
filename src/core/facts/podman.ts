import type { EngineContainer, EngineNetwork } from '../model/engine';
import { parseEngineNetwork } from './engineNetwork';

/*
 * Where Podman's compatible API (4.3) says something else than Docker's: its default network `podman` goes by the name `bridge` there (pkg/api/handlers/compat/
 * networks.go), and containers name their networks where Docker gives ids.
 */

/** Podman makes a network's id of its name: SHA-256 of `podman` (libpod/network: getNetworkID). */
const defaultNetworkId = '2f259bab93aaaaa2542ba43ef33eb990d0999ee1b9924b557b7be53c0b7a1bb9';

export function parsePodmanNetwork(raw: unknown): EngineNetwork | undefined {
  const network = parseEngineNetwork(raw);
  return network?.id === defaultNetworkId && network.name === 'bridge' ? { ...network, name: 'podman' } : network;
}

/** Containers whose attachments have the networks' ids. */
export function withNetworkIds(containers: readonly EngineContainer[], networks: readonly EngineNetwork[]): EngineContainer[] {
  const ids = new Map(networks.map(({ name, id }) => [name, id]));
  return containers.map((container) => ({ ...container, networks: container.networks.map((each) => ({ ...each, networkId: ids.get(each.networkId) ?? each.networkId })) }));
}

/** Podman's own list of containers (pkg/api/server/register_containers.go), which has their first process: one without root may have no control group to tell it by. */
export function podmanList(version: string): string {
  return `/v${/^\d+/.exec(version)?.[0] ?? '4'}.0.0/libpod/containers/json`;
}

/** Containers with the pid of their first process in the engine's pid namespace, of what Podman's own list tells: `Id`, and `Pid`, 0 where it does not run. */
export function withPids(containers: readonly EngineContainer[], list: unknown): EngineContainer[] {
  const pids = new Map<string, number>();
  for (const entry of Array.isArray(list) ? (list as unknown[]) : []) {
    const { Id, Pid } = (typeof entry === 'object' && entry !== null ? entry : {}) as { readonly Id?: unknown; readonly Pid?: unknown };
    if (typeof Id === 'string' && typeof Pid === 'number' && Number.isSafeInteger(Pid) && Pid > 0) pids.set(Id, Pid);
  }
  return containers.map((container) => {
    const pid = pids.get(container.id);
    return pid === undefined ? container : { ...container, pid };
  });
}
