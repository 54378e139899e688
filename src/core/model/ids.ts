import type { HostId } from './address';
import type { ContainerId, EndpointId, LinkId, NetworkId, OvsBridgeId, OvsPortId, SandboxId } from './topology';
import type { NamespaceKey } from './snapshot';

// '|' occurs in no id part but a link's name, and links are named by ifindex here.
export const sandboxId = (host: HostId, key: NamespaceKey): SandboxId => `${host}|ns|${key}`;
export const networkId = (host: HostId, engineId: string): NetworkId => `${host}|net|${engineId}`;
export const containerId = (host: HostId, engineId: string): ContainerId => `${host}|ctr|${engineId}`;
export const linkId = (sandbox: SandboxId, ifindex: number): LinkId => `${sandbox}|link|${String(ifindex)}`;
export const endpointId = (network: NetworkId, container: string): EndpointId => `${network}|ep|${container}`;
// By the rows' uuids, which outlive a change of name.
export const ovsBridgeId = (host: HostId, uuid: string): OvsBridgeId => `${host}|ovs|${uuid}`;
export const nestedId = (host: HostId, pid: number, startTicks: number): string => `${host}|nested|${String(pid)}.${String(startTicks)}`;
/** `id`: the swarm's own, of a node, a service and a task. */
export const swarmNodeId = (host: HostId, id: string): string => `${host}|node|${id}`;
export const serviceId = (host: HostId, id: string): string => `${host}|svc|${id}`;
export const swarmTaskId = (host: HostId, id: string): string => `${host}|task|${id}`;
export const peerId = (network: NetworkId, address: string): string => `${network}|peer|${address}`;
export const peerTaskId = (peer: string, endpoint: string): string => `${peer}|task|${endpoint}`;
export const ovsPortId = (bridge: OvsBridgeId, uuid: string): OvsPortId => `${bridge}|port|${uuid}`;
