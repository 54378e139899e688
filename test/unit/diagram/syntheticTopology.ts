import type { EngineContainer, EngineNetwork } from '../../../src/core/model/engine';
import { containerId, endpointId, linkId, networkId, sandboxId } from '../../../src/core/model/ids';
import type { FdbEntry, Link, Route } from '../../../src/core/model/link';
import type { NamespaceRecord, Snapshot } from '../../../src/core/model/snapshot';
import type { Container, Endpoint, HostNode, KnownAddress, LinkNode, Network, Peer, Sandbox, SandboxRole, Topology } from '../../../src/core/model/topology';

/*
 * Topologies made by hand, for what no recorded host has: any number of hosts and containers, hostile names, missing parts.
 * Tests that use it say "synthetic" in their titles.
 */

export interface SyntheticOptions {
  readonly driver?: 'overlay' | 'bridge' | 'macvlan' | 'host' | 'null';
  /** Containers on each host; the number of entries is the number of hosts. */
  readonly containers: readonly number[];
  readonly name?: (host: number, container: number) => string;
  readonly labels?: (host: number, container: number) => Readonly<Record<string, string>>;
  /** Index of a host whose FDB rows are left out. */
  readonly withoutRows?: number;
  /** Adds rows to a VTEP that belongs to no host. */
  readonly strangerVtep?: string;
  /** Adds a port to the first host's switch whose peer was not read. */
  readonly orphanPort?: boolean;
  readonly linkDown?: string;
}

export const syntheticNetworkId = networkId('ssh://docker1', 'n'.repeat(64));

const networkEngineId = 'n'.repeat(64);
const hex = (value: number): string => value.toString(16).padStart(2, '0');
export const macOf = (host: number, index: number): string => `02:42:0a:${hex(host)}:${hex(index >> 8)}:${hex(index & 255)}`;
export const ipOf = (host: number, index: number): string => `10.${String(host + 13)}.${String(index >> 8)}.${String((index & 255) + 2)}`;
export const vtepOf = (host: number): string => `192.168.56.${String(101 + host)}`;

export function link(ifindex: number, name: string, rest: Partial<Link> = {}): Link {
  return { ifindex, name, linkType: 'ether', mtuBytes: 1450, flags: ['BROADCAST', 'MULTICAST', 'UP', 'LOWER_UP'], operState: 'UP', addresses: [], ...rest };
}

export function syntheticTopology(options: SyntheticOptions): Topology {
  const driver = options.driver ?? 'overlay';
  const maps = {
    host: new Map<string, HostNode>(),
    sandbox: new Map<string, Sandbox>(),
    network: new Map<string, Network>(),
    container: new Map<string, Container>(),
    endpoint: new Map<string, Endpoint>(),
    link: new Map<string, LinkNode>(),
    nested: new Map(),
    known: new Map<string, KnownAddress[]>(),
    tunnel: new Map(),
    ovsBridge: new Map(),
    ovsPort: new Map(),
    swarmPart: new Map(),
  };
  const networkIds: string[] = [];
  const hosts = options.containers.map((count, host) => {
    const hostId = `ssh://docker${String(host + 1)}`;
    const label = `docker${String(host + 1)}`;
    const netId = networkId(hostId, networkEngineId);
    networkIds.push(netId);
    const nodes = new Map<string, LinkNode[]>();
    const addLink = (sandbox: string, value: Link, peer?: Peer): LinkNode => {
      const node: LinkNode = { id: linkId(sandbox, value.ifindex), sandboxId: sandbox, link: value, ...(peer && { peer }) };
      maps.link.set(node.id, node);
      const list = nodes.get(sandbox);
      if (list) list.push(node);
      else nodes.set(sandbox, [node]);
      return node;
    };
    const sandboxes: Sandbox[] = [];
    const addSandbox = (id: string, role: SandboxRole, title: string, inode: number, fdb: readonly FdbEntry[], routes: readonly Route[], extra: Partial<Sandbox> = {}): void => {
      const links = nodes.get(id) ?? [];
      const record: NamespaceRecord = { key: `4:${String(inode)}`, inode, device: 4, paths: [], processCount: role === 'overlay' ? 0 : 1, processes: [], links: links.map((node) => node.link), routes, neighbours: [], fdb, read: 'full' };
      const sandbox: Sandbox = { id, hostId, key: record.key, inode, role, title, paths: [`/run/docker/netns/${String(inode)}`], containers: [], record, links, errors: [], ...extra };
      sandboxes.push(sandbox);
      maps.sandbox.set(id, sandbox);
    };
    const rootId = sandboxId(hostId, '4:1');
    const switchId = driver === 'overlay' ? sandboxId(hostId, '4:2') : rootId;
    addLink(rootId, link(1, 'lo', { linkType: 'loopback', mtuBytes: 65536 }));
    const uplink = addLink(rootId, link(2, 'eth0', { mtuBytes: 1500, addresses: [{ family: 'inet', address: vtepOf(host), prefixLength: 24, scope: 'global' }] }));
    let bridge: LinkNode | undefined;
    if (driver === 'overlay' || driver === 'bridge') {
      bridge = addLink(switchId, link(10, driver === 'overlay' ? 'br0' : 'docker0', { kind: 'bridge', addresses: [{ family: 'inet', address: ipOf(host, 65533), prefixLength: 16, scope: 'global' }] }));
    }
    if (driver === 'overlay') {
      addLink(switchId, link(11, 'vxlan0', { kind: 'vxlan', master: 'br0', operState: 'UNKNOWN', vxlan: { vni: 4097, port: 4789, learning: true, proxy: true, l2miss: true, l3miss: true, ageingS: 300 } }));
    }
    if (options.orphanPort === true && host === 0 && bridge) addLink(switchId, link(999, 'vethlost', { kind: 'veth', master: bridge.link.name }), { state: 'unseen' });
    const endpoints: Endpoint[] = [];
    const containers: Container[] = [];
    for (let index = 0; index < count; index++) {
      const name = options.name?.(host, index) ?? `web${String(host + 1)}-${String(index + 1).padStart(3, '0')}`;
      const engineId = `c${String(host)}-${String(index)}-`.padEnd(64, '0');
      const own = driver === 'host' ? rootId : sandboxId(hostId, `4:${String(1000 + index)}`);
      const [mac, ip] = [macOf(host, index), ipOf(host, index)];
      let member: LinkNode | undefined;
      const down = options.linkDown === name;
      const state = down ? { flags: ['BROADCAST'], operState: 'DOWN' } : {};
      if (driver === 'overlay' || driver === 'bridge') {
        const [inner, outer] = [2 * index + 100, 2 * index + 101];
        addLink(switchId, link(outer, `veth${hex(index)}a${hex(host)}b`, { kind: 'veth', master: bridge?.link.name ?? '', ...state }), { state: 'resolved', linkId: linkId(own, inner) });
        member = addLink(own, link(inner, 'eth0', { kind: 'veth', mac, addresses: [{ family: 'inet', address: ip, prefixLength: 24, scope: 'global' }], ...state }), { state: 'resolved', linkId: linkId(switchId, outer) });
      } else if (driver === 'macvlan') {
        member = addLink(own, link(2 * index + 100, 'eth0', { kind: 'macvlan', mac, macvlan: { mode: 'bridge' } }), { state: 'resolved', linkId: uplink.id });
      }
      const cid = containerId(hostId, engineId);
      if (driver !== 'host') addSandbox(own, 'container', name, 5000 + index, [], [], { containers: [cid] });
      const endpoint: Endpoint = {
        id: endpointId(netId, engineId), networkId: netId, hostId, name, isContainer: true, containerId: cid, sandboxId: own,
        ...(member && { linkId: member.id, ipv4: ip, mac }),
      };
      endpoints.push(endpoint);
      maps.endpoint.set(endpoint.id, endpoint);
      const engine: EngineContainer = { id: engineId, name, image: 'net-tools', state: 'running', status: 'Up 2 minutes', networkMode: 'mynet01', labels: options.labels?.(host, index) ?? {}, networks: [], ports: [], raw: {} };
      const container: Container = { id: cid, hostId, engine, name, running: true, sandboxId: own, endpoints: [endpoint.id] };
      containers.push(container);
      maps.container.set(cid, container);
      if (member) maps.known.set(mac, [{ hostId, name, containerId: cid, sandboxId: own }]);
    }
    const rows: FdbEntry[] = [];
    if (driver === 'overlay' && options.withoutRows !== host) {
      options.containers.forEach((others, other) => {
        if (other === host) return;
        for (let index = 0; index < others; index++) rows.push({ mac: macOf(other, index), device: 'vxlan0', destination: vtepOf(other), flags: ['self'], state: 'permanent' });
      });
      if (options.strangerVtep !== undefined) rows.push({ mac: '02:42:0a:ff:ff:01', device: 'vxlan0', destination: options.strangerVtep, flags: ['self'], state: 'permanent' });
    }
    const engineNetwork: EngineNetwork = {
      id: networkEngineId, name: driver === 'null' ? 'none' : 'mynet01', driver, scope: driver === 'overlay' ? 'swarm' : 'local', internal: false, attachable: true, ingress: false,
      subnets: driver === 'host' || driver === 'null' ? [] : [{ subnet: '10.13.17.0/24', gateway: '10.13.17.1' }],
      vnis: driver === 'overlay' ? [4097] : [], options: driver === 'macvlan' ? { parent: 'eth0' } : {}, labels: {}, endpoints: [], peers: [], tasks: [], raw: {},
    };
    const routes: Route[] = [{ family: 'inet', destination: 'default', type: 'unicast', table: 'main', gateway: '192.168.56.1', device: 'eth0' }];
    addSandbox(rootId, 'root', 'root', 4026531840, [], routes);
    const hasSandbox = driver === 'overlay' && count > 0;
    if (hasSandbox) addSandbox(switchId, 'overlay', 'mynet01', 4026532274, rows, [], { networkId: netId });
    const network: Network = { id: netId, hostId, engine: engineNetwork, name: engineNetwork.name, driver, endpoints, errors: [], ...(hasSandbox && { sandboxId: switchId }), ...(bridge && driver === 'bridge' && { bridgeLinkId: bridge.id }) };
    maps.network.set(netId, network);
    const snapshot: Snapshot = {
      version: 1, hostId, takenAt: '2026-01-01T00:00:00Z', durationMs: 1,
      host: { hostname: label, kernel: 'Linux 6.1.0 x86_64', os: 'Debian GNU/Linux 12', cpus: 2, uid: 0, privilege: 'root', ip: 'json', tools: [] },
      namespaces: [], errors: [],
      engine: { kind: 'docker', version: '20.10.24', apiVersion: '1.41', name: label, networks: [engineNetwork], containers: [] },
    };
    const node: HostNode = { id: hostId, label, snapshot, rootSandbox: rootId, sandboxes, networks: [network], containers, underlay: [vtepOf(host)], errors: [] };
    maps.host.set(hostId, node);
    return node;
  });
  return { hosts, ...maps, shared: driver === 'overlay' ? new Map([[networkEngineId, networkIds]]) : new Map() };
}
