import { containerId, endpointId, linkId, networkId, sandboxId } from '../../../src/core/model/ids';
import type { EngineContainer, EngineNetwork } from '../../../src/core/model/engine';
import type { Link } from '../../../src/core/model/link';
import type { NamespaceRecord, ReadError, Snapshot } from '../../../src/core/model/snapshot';
import type { Container, Endpoint, HostNode, LinkNode, Network, Sandbox, SandboxRole, Topology } from '../../../src/core/model/topology';
import type { HostStatus } from '../../../src/discovery/explorer';
import type { TreeSource } from '../../../src/ui/tree/treeSource';

/** A small host by hand: a root namespace, an overlay with its sandbox, a bridge network, one container on both and a stopped one. */
export interface SampleOptions {
  readonly hostId?: string;
  readonly containerName?: string;
  readonly interfaceName?: string;
  readonly networkName?: string;
  readonly errors?: readonly ReadError[];
  readonly containers?: boolean;
  readonly status?: Partial<HostStatus>;
}

export const keys = { root: '4:4026531840', overlay: '4:4026532300', container: '4:4026532400' } as const;

export function sampleSource(options: SampleOptions = {}): TreeSource {
  const hostId = options.hostId ?? 'local';
  const topology = sampleTopology(options);
  const status: HostStatus = {
    id: hostId,
    address: hostId.startsWith('file:') ? { kind: 'file', path: hostId.slice(5) } : hostId.startsWith('ssh://') ? { kind: 'ssh', host: hostId.slice(6) } : { kind: 'local' },
    label: 'node1',
    state: 'ready',
    ...options.status,
  };
  return { topology, hosts: [status] };
}

export function sampleTopology(options: SampleOptions = {}): Topology {
  const host = options.hostId ?? 'local';
  const containerName = options.containerName ?? 'docker1n';
  const overlayName = options.networkName ?? 'mynet01';
  const withContainers = options.containers ?? true;
  const errors = options.errors ?? [];

  const overlayId = networkId(host, 'overlay0000000');
  const bridgeId = networkId(host, 'bridge00000000');
  const runningId = containerId(host, 'c1aaaaaaaaaaaaaa');
  const stoppedId = containerId(host, 'c2bbbbbbbbbbbbbb');
  const root = sandboxId(host, keys.root);
  const overlay = sandboxId(host, keys.overlay);
  const inner = sandboxId(host, keys.container);

  const eth0 = link(10, options.interfaceName ?? 'eth0', 'veth', { mac: '02:42:0a:0d:11:02', addresses: [{ family: 'inet', address: '10.13.17.2', prefixLength: 24, scope: 'global' }] });
  const port = link(11, 'veth0', 'veth', { master: 'br0' });
  const eth1 = link(12, 'eth1', 'veth', { mac: '02:42:ac:11:00:02', addresses: [{ family: 'inet', address: '172.17.0.2', prefixLength: 16, scope: 'global' }] });
  const outer = link(13, 'vethe51de11', 'veth', { master: 'docker0' });
  const docker0 = link(4, 'docker0', 'bridge', { addresses: [{ family: 'inet', address: '172.17.0.1', prefixLength: 16, scope: 'global' }] });
  const lo = link(1, 'lo', undefined, { linkType: 'loopback', operState: 'UNKNOWN' });
  const br0 = link(2, 'br0', 'bridge');
  const vxlan = link(9, 'vxlan0', 'vxlan', { master: 'br0', operState: 'UNKNOWN', vxlan: { vni: 4097, port: 4789, learning: false, proxy: true, l2miss: true, l3miss: true } });

  const nodes = new Map<string, LinkNode>();
  const place = (sandbox: string, placed: Link, peer?: LinkNode['peer']): LinkNode => {
    const node: LinkNode = { id: linkId(sandbox, placed.ifindex), sandboxId: sandbox, link: placed, ...(peer !== undefined && { peer }) };
    nodes.set(node.id, node);
    return node;
  };
  const to = (sandbox: string, ifindex: number): LinkNode['peer'] => ({ state: 'resolved', linkId: linkId(sandbox, ifindex) });
  const rootLinks = [place(root, lo), place(root, docker0), place(root, outer, to(inner, 12))];
  const overlayLinks = [place(overlay, br0), place(overlay, vxlan), place(overlay, port, to(inner, 10))];
  const innerLinks = [place(inner, eth0, to(overlay, 11)), place(inner, eth1, to(root, 13)), place(inner, { ...lo, ifindex: 1 })];

  const sandbox = (key: string, role: SandboxRole, title: string, paths: string[], links: LinkNode[], more: Partial<Sandbox> = {}): Sandbox => ({
    id: sandboxId(host, key),
    hostId: host,
    key,
    inode: Number(key.split(':')[1]),
    role,
    title,
    paths,
    containers: [],
    record: record(key, paths, links.map((node) => node.link)),
    links,
    errors: errors.filter((error) => error.place.kind === 'namespace' && error.place.key === key),
    ...more,
  });
  const sandboxes = [
    sandbox(keys.root, 'root', 'root', [], rootLinks),
    sandbox(keys.container, 'container', containerName, ['/run/docker/netns/abcdef'], innerLinks, { containers: withContainers ? [runningId] : [] }),
    sandbox(keys.overlay, 'overlay', overlayName, ['/run/docker/netns/1-overlay000'], overlayLinks, { networkId: overlayId }),
  ];

  const endpoints: Endpoint[] = withContainers
    ? [
        { id: endpointId(overlayId, 'c1aaaaaaaaaaaaaa'), networkId: overlayId, hostId: host, name: containerName, isContainer: true, containerId: runningId, sandboxId: inner, linkId: linkId(inner, 10), ipv4: '10.13.17.2', mac: '02:42:0a:0d:11:02' },
        { id: endpointId(bridgeId, 'c1aaaaaaaaaaaaaa'), networkId: bridgeId, hostId: host, name: containerName, isContainer: true, containerId: runningId, sandboxId: inner, linkId: linkId(inner, 12), ipv4: '172.17.0.2', mac: '02:42:ac:11:00:02' },
      ]
    : [];
  const networks: Network[] = [
    { id: overlayId, hostId: host, engine: network('overlay0000000', overlayName, 'overlay', '10.13.17.0/24', [4097]), name: overlayName, driver: 'overlay', sandboxId: overlay, endpoints: endpoints.slice(0, 1), errors: [] },
    { id: bridgeId, hostId: host, engine: network('bridge00000000', 'bridge', 'bridge', '172.17.0.0/16', []), name: 'bridge', driver: 'bridge', bridgeLinkId: linkId(root, 4), endpoints: endpoints.slice(1), errors: [] },
  ];
  const containers: Container[] = withContainers
    ? [
        { id: runningId, hostId: host, engine: container('c1aaaaaaaaaaaaaa', containerName, 'running'), name: containerName, running: true, sandboxId: inner, endpoints: endpoints.map((each) => each.id) },
        { id: stoppedId, hostId: host, engine: container('c2bbbbbbbbbbbbbb', 'stopped', 'exited'), name: 'stopped', running: false, endpoints: [] },
      ]
    : [];
  const snapshot: Snapshot = {
    version: 1,
    hostId: host,
    takenAt: '2026-01-02T03:04:05.000Z',
    durationMs: 12,
    host: { hostname: 'node1', kernel: 'Linux 6.1.0 x86_64', os: 'Debian GNU/Linux 12', cpus: 2, uid: 0, privilege: 'root', ip: 'json', ipVersion: 'ip utility, iproute2-6.1.0', tools: ['ip'], initNamespace: keys.root },
    namespaces: sandboxes.map((each) => each.record),
    engine: { kind: 'docker', version: '20.10.24', apiVersion: '1.41', name: 'node1', networks: networks.map((each) => each.engine), containers: containers.map((each) => each.engine) },
    errors,
  };
  const node: HostNode = { id: host, label: 'node1', snapshot, rootSandbox: root, sandboxes, networks, containers, underlay: ['192.168.56.11'], errors };
  return {
    hosts: [node],
    host: new Map([[host, node]]),
    sandbox: byId(sandboxes),
    network: byId(networks),
    container: byId(containers),
    endpoint: byId(endpoints),
    link: nodes,
    shared: new Map(),
    tunnel: new Map(),
    ovsBridge: new Map(),
    ovsPort: new Map(),
    nested: new Map(),
    swarmPart: new Map(),
    known: new Map([['02:42:0a:0d:11:02', [{ hostId: host, name: containerName }]]]),
  };
}

function byId<T extends { readonly id: string }>(things: readonly T[]): ReadonlyMap<string, T> {
  return new Map(things.map((thing) => [thing.id, thing]));
}

function link(ifindex: number, name: string, kind: string | undefined, more: Partial<Link> = {}): Link {
  return { ifindex, name, ...(kind !== undefined && { kind }), linkType: 'ether', mtuBytes: 1450, flags: ['BROADCAST', 'MULTICAST', 'UP', 'LOWER_UP'], operState: 'UP', addresses: [], ...more };
}

function record(key: string, paths: readonly string[], links: readonly Link[]): NamespaceRecord {
  const [device, inode] = key.split(':').map(Number);
  return {
    key, inode: inode ?? 0, device: device ?? 0, paths, processCount: 1, processes: [{ pid: 812, comm: 'httpd', startTicks: 1, cgroup: '0::/' }], links, read: 'full',
    routes: [{ family: 'inet', destination: 'default', type: 'unicast', table: 'main', gateway: '172.17.0.1', device: 'eth1' }],
    neighbours: [{ address: '10.13.17.3', device: 'vxlan0', mac: '02:42:0a:0d:11:03', states: ['PERMANENT'] }],
    fdb: [{ mac: '02:42:0a:0d:11:03', device: 'vxlan0', destination: '192.168.56.12', flags: ['self'], state: 'permanent' }],
  };
}

function network(id: string, name: string, driver: string, subnet: string, vnis: number[]): EngineNetwork {
  return { id, name, driver, scope: driver === 'overlay' ? 'swarm' : 'local', internal: false, attachable: true, ingress: false, subnets: [{ subnet }], vnis, options: {}, labels: {}, endpoints: [], peers: [], tasks: [], raw: { Id: id } };
}

function container(id: string, name: string, state: string): EngineContainer {
  return { id, name, image: 'net-tools', state, status: '', networkMode: 'mynet01', labels: {}, networks: [], ports: [], ...(state === 'running' && { pid: 812 }), raw: { Id: id } };
}
