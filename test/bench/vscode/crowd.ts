import { createHash } from 'node:crypto';
import type { EngineContainer, EngineEndpoint, EngineNetwork } from '../../../src/core/model/engine';
import type { FdbEntry, Link } from '../../../src/core/model/link';
import type { NamespaceRecord, Snapshot } from '../../../src/core/model/snapshot';

/*
 * Recorded hosts that no lab of this size could be waited for: a stand-in for two Docker hosts with overlays of hundreds of containers. Shaped as
 * real ones: an overlay's sandbox with bridge, VXLAN device and a veth for each container, and an FDB row for each container of the other host.
 */

export interface CrowdNetwork {
  readonly name: string;
  readonly vni: number;
  /** On both hosts together. */
  readonly containers: number;
}

const hostCount = 2;
const address = (host: number): string => `192.0.2.${String(11 + host)}`;
const mac = (network: number, member: number): string => `02:42:0a:${[network, member >> 8, member & 255].map((byte) => byte.toString(16).padStart(2, '0')).join(':')}`;
const ip = (network: number, member: number): string => `10.${String(50 + network)}.${String(member >> 8)}.${String(member & 255)}`;
/** An id as an engine makes it: its first 12 digits tell it from all others, by which a sandbox's key is named. */
const hex = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The snapshot of one of the two hosts. */
export function crowdSnapshot(host: number, networks: readonly CrowdNetwork[]): Snapshot {
  const namespaces: NamespaceRecord[] = [namespace(1, [], [loopback(), ethernet(host)])];
  const engineNetworks: EngineNetwork[] = [];
  const containers: EngineContainer[] = [];
  let nextInode = 2;
  let nextIndex = 10;
  for (const [networkIndex, network] of networks.entries()) {
    const id = `crowd${String(network.containers)}`.padEnd(25, 'x');
    const members = Array.from({ length: network.containers }, (_, member) => member + 2);
    const here = members.filter((member) => member % hostCount === host);
    const ports: Link[] = [];
    const endpoints: EngineEndpoint[] = [];
    for (const member of here) {
      const name = `${network.name}-${String(member)}`;
      const containerId = hex(name);
      const path = `/run/docker/netns/${containerId.slice(0, 12)}`;
      const [inner, outer] = [nextIndex, nextIndex + 1];
      nextIndex += 2;
      const eth0: Link = { ...device(inner, 'eth0', 'veth', mac(networkIndex, member)), peerIfindex: outer, linkNetnsId: 0, addresses: [{ family: 'inet', address: ip(networkIndex, member), prefixLength: 16, scope: 'global' }] };
      ports.push({ ...device(outer, `veth${String(member)}`, 'veth', mac(200 + networkIndex, member)), master: 'br0', peerIfindex: inner, linkNetnsId: member, bridgePort: { state: 'forwarding' } });
      namespaces.push(namespace(nextInode++, [path], [loopback(), eth0]));
      endpoints.push({ containerId, name, endpointId: hex(`ep${name}`), mac: mac(networkIndex, member), ipv4: `${ip(networkIndex, member)}/16` });
      containers.push(container(containerId, name, path, network.name, id, endpoints.at(-1)!));
    }
    const far: FdbEntry[] = members
      .filter((member) => member % hostCount !== host)
      .map((member) => ({ mac: mac(networkIndex, member), device: 'vxlan0', destination: address(1 - host), flags: ['self'], state: 'permanent' }));
    const bridge: Link = { ...device(2, 'br0', 'bridge', mac(250, networkIndex)), bridge: { stp: false, vlanFiltering: false } };
    const vxlan: Link = { ...device(3, 'vxlan0', 'vxlan', mac(251, networkIndex)), master: 'br0', vxlan: { vni: network.vni, port: 4789, learning: false, proxy: true, l2miss: true, l3miss: true } };
    namespaces.push({ ...namespace(nextInode++, [`/run/docker/netns/1-${id.slice(0, 10)}`], [loopback(), bridge, vxlan, ...ports]), fdb: far });
    engineNetworks.push(engineNetwork(id, network, networkIndex, endpoints));
  }
  return {
    version: 1,
    hostId: `ssh://big${String(host)}`,
    takenAt: '2026-01-01T00:00:00.000Z',
    durationMs: 1,
    host: { hostname: `big${String(host)}`, kernel: 'Linux 6.1.0 x86_64', cpus: 2, uid: 0, privilege: 'root', ip: 'json', tools: [], ownNamespace: '4:1', initNamespace: '4:1' },
    namespaces,
    engine: {
      kind: 'docker',
      version: '20.10.24',
      apiVersion: '1.41',
      name: `big${String(host)}`,
      swarm: { nodeId: `node${String(host)}`, nodeAddress: address(host), manager: host === 0, nodes: [] },
      networks: engineNetworks,
      containers,
    },
    errors: [],
  };
}

function namespace(inode: number, paths: readonly string[], links: readonly Link[]): NamespaceRecord {
  return { key: `4:${String(inode)}`, inode, device: 4, paths, processCount: 0, processes: [], links, routes: [], neighbours: [], fdb: [], read: 'full' };
}

function device(ifindex: number, name: string, kind: string, hardware: string): Link {
  return { ...physical(ifindex, name, hardware, 1450), kind };
}

function physical(ifindex: number, name: string, hardware: string, mtuBytes: number): Link {
  return { ifindex, name, linkType: 'ether', mac: hardware, mtuBytes, flags: ['BROADCAST', 'MULTICAST', 'UP', 'LOWER_UP'], operState: 'UP', addresses: [] };
}

function loopback(): Link {
  return { ifindex: 1, name: 'lo', linkType: 'loopback', mtuBytes: 65536, flags: ['LOOPBACK', 'UP', 'LOWER_UP'], operState: 'UNKNOWN', addresses: [] };
}

function ethernet(host: number): Link {
  return { ...physical(2, 'eth0', `02:00:00:00:00:0${String(host)}`, 1500), addresses: [{ family: 'inet', address: address(host), prefixLength: 24, scope: 'global' }] };
}

function engineNetwork(id: string, network: CrowdNetwork, index: number, endpoints: readonly EngineEndpoint[]): EngineNetwork {
  return {
    id,
    name: network.name,
    driver: 'overlay',
    scope: 'swarm',
    internal: false,
    attachable: true,
    ingress: false,
    subnets: [{ subnet: `10.${String(50 + index)}.0.0/16` }],
    vnis: [network.vni],
    options: {},
    labels: {},
    endpoints,
    peers: [],
    tasks: [],
    raw: {},
  };
}

function container(id: string, name: string, sandboxKey: string, networkName: string, networkId: string, endpoint: EngineEndpoint): EngineContainer {
  return {
    id,
    name,
    image: 'net-tools',
    state: 'running',
    status: 'Up 1 hour',
    networkMode: networkName,
    labels: {},
    networks: [{ networkId, networkName, endpointId: endpoint.endpointId, ...(endpoint.ipv4 !== undefined && { ipv4: endpoint.ipv4.replace(/\/.*/, '') }), ...(endpoint.mac !== undefined && { mac: endpoint.mac }) }],
    ports: [],
    sandboxKey,
    raw: {},
  };
}
