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
