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
export const ovsPortId = (bridge: OvsBridgeId, uuid: string): OvsPortId => `${bridge}|port|${uuid}`;
