import { present } from '../facts/record';
import type { HostId } from '../model/address';
import { compareNames } from '../model/nameOrder';
import { containerId, linkId, networkId, sandboxId } from '../model/ids';
import type { NamespaceRecord, ReadError, Snapshot } from '../model/snapshot';
import type { Container, Endpoint, HostNode, LinkNode, Network, NetworkId, NetworkPeer, Peer, Sandbox, SandboxRole, Topology } from '../model/topology';
import { buildKnown } from './known';
import { withoutDoubles } from './doubles';
import { composeDifferences } from './compose';
import { composeOf } from './labels';
import { lowerDeviceHints } from './lowerDevices';
import { buildNested } from './nested';
import { buildNetworks } from './networks';
import { isRunning } from './owners';
import { findPeers, type PeerPlaces } from './peers';
import { findPurposes, rootKey, type SandboxPurpose } from './sandboxes';
import { buildOvs, ovsMemberships } from './ovs';
import { buildSwarm, joinSwarm, peersOf } from './swarm';
import { findTunHolders } from './tunHolders';
import { findTunnels } from './tunnels';
import { findUnderlay } from './underlay';

export interface HostSnapshot {
  readonly id: HostId;
  readonly label: string;
  readonly snapshot: Snapshot;
}

/** Merges snapshots, at most one of each host, into the model that every view reads. Hosts stay in their order. */
export function buildTopology(hosts: readonly HostSnapshot[]): Topology {
  const nodes = hosts.map(buildHost);
  const endpoints = nodes.flatMap((host) => host.networks.flatMap((network) => network.endpoints));
  return {
    hosts: nodes,
    host: byId(nodes),
    sandbox: byId(nodes.flatMap(({ sandboxes }) => sandboxes)),
    network: byId(nodes.flatMap(({ networks }) => networks)),
    container: byId(nodes.flatMap(({ containers }) => containers)),
    endpoint: byId(endpoints),
    link: byId(nodes.flatMap(({ sandboxes }) => sandboxes.flatMap(({ links }) => links))),
    shared: findShared(nodes),
    ovsBridge: byId(nodes.flatMap(({ ovs = [] }) => ovs)),
    ovsPort: byId(nodes.flatMap(({ ovs = [] }) => ovs.flatMap(({ ports }) => ports))),
    nested: byId(nodes.flatMap(({ nested = [] }) => nested)),
    swarmPart: joinSwarm(nodes),
    tunnel: findTunnels(nodes),
    known: buildKnown(nodes),
  };
}

function buildHost({ id, label, snapshot: given }: HostSnapshot): HostNode {
  const snapshot = withoutDoubles(given);
  const root = rootKey(snapshot);
  const errors = new Map<string, ReadError[]>();
  for (const error of snapshot.errors) {
    const place = error.place.kind === 'namespace' ? error.place.key : '';
    errors.set(place, [...(errors.get(place) ?? []), error]);
  }
  const purposes = findPurposes(snapshot);
  const holdersOf = findTunHolders(snapshot);
  const memberships = ovsMemberships(id, snapshot.ovs);
  const peers = findPeers(snapshot.namespaces, lowerDeviceHints(snapshot, purposes));
  const unsorted = snapshot.namespaces.map((record, at) => {
    const purpose = purposes.get(record.key) ?? { role: 'unowned', title: String(record.inode), containers: [] };
    return buildSandbox(id, record, purpose, peers[at] ?? new Map(), snapshot.namespaces, errors.get(record.key) ?? [], holdersOf, record.key === root ? memberships : new Map());
  });
  const sandboxes = unsorted.sort(compareSandboxes);
  const rootSandbox = sandboxes.find(({ key }) => key === root);
  const containers = buildContainers(id, snapshot, sandboxes);
  const underlay = findUnderlay(snapshot, rootSandbox?.record);
  const swarm = snapshot.engine?.swarm;
  const networks = [
    ...buildNetworks({
      hostId: id,
      networks: snapshot.engine?.networks ?? [],
      containers: new Map(containers.map((container) => [container.engine.id, container])),
      sandboxes,
      root: rootSandbox,
    }),
  ]
    .map((network) => withMore(network, peersOf(network, swarm, underlay), composeDifferences(network.engine, snapshot.compose ?? [])))
    .sort((a, b) => compareNames(a.name, b.name) || compareNames(a.id, b.id));
  return present<HostNode>({
    id,
    label,
    snapshot,
    rootSandbox: rootSandbox?.id,
    sandboxes,
    networks,
    containers: withEndpoints(containers, networks),
    ovs: snapshot.ovs && buildOvs(id, snapshot.ovs, rootSandbox),
    nested: snapshot.nested && buildNested(id, snapshot, containers, sandboxes),
    swarm: buildSwarm(id, swarm),
    underlay,
    errors: errors.get('') ?? [],
  });
}

function withMore(network: Network, peers: readonly NetworkPeer[], differs: readonly string[]): Network {
  return { ...network, ...(peers.length > 0 && { peers }), ...(differs.length > 0 && { differs }) };
}

function buildSandbox(
  hostId: HostId,
  record: NamespaceRecord,
  purpose: SandboxPurpose,
  peers: ReadonlyMap<number, PeerPlaces>,
  all: readonly NamespaceRecord[],
  errors: readonly ReadError[],
  holdersOf: ReturnType<typeof findTunHolders>,
  memberships: ReturnType<typeof ovsMemberships>,
): Sandbox {
  const id = sandboxId(hostId, record.key);
  const links = record.links.map((link): LinkNode => {
    const peer = peers.get(link.ifindex);
    const holders = holdersOf(record.key, link);
    const ovs = memberships.get(link.name);
    return { id: linkId(id, link.ifindex), sandboxId: id, link, ...(peer && { peer: peerOf(hostId, peer, all) }), ...(holders.length > 0 && { holders }), ...(ovs && { ovs }) };
  });
  return present<Sandbox>({
    id,
    hostId,
    key: record.key,
    inode: record.inode,
    role: purpose.role,
    title: purpose.title,
    paths: record.paths,
    containers: purpose.containers.map((container) => containerId(hostId, container.id)),
    owner: purpose.owner,
    pod: purpose.pod,
    runtimeContainers: purpose.members,
    networkId: purpose.network && networkId(hostId, purpose.network.id),
    record,
    links,
    errors,
  });
}

function peerOf(hostId: HostId, peer: PeerPlaces, all: readonly NamespaceRecord[]): Peer {
  const idOf = (namespace: number, ifindex: number): string => linkId(sandboxId(hostId, all[namespace]?.key ?? ''), ifindex);
  switch (peer.state) {
    case 'resolved':
      return { state: 'resolved', linkId: idOf(peer.place.namespace, peer.place.ifindex) };
    case 'ambiguous':
      return { state: 'ambiguous', candidates: peer.candidates.map(({ namespace, ifindex }) => idOf(namespace, ifindex)) };
    case 'unseen':
      return peer;
  }
}

function buildContainers(hostId: HostId, snapshot: Snapshot, sandboxes: readonly Sandbox[]): readonly Container[] {
  const places = new Map(sandboxes.flatMap((sandbox) => sandbox.containers.map((id) => [id, sandbox.id] as const)));
  return (snapshot.engine?.containers ?? [])
    .map((engine) => {
      const id = containerId(hostId, engine.id);
      return present<Container>({ id, hostId, engine, name: engine.name, running: isRunning(engine), sandboxId: places.get(id), compose: composeOf(engine.labels), endpoints: [] });
    })
    .sort((a, b) => compareNames(a.name, b.name) || compareNames(a.id, b.id));
}

function withEndpoints(containers: readonly Container[], networks: readonly Network[]): readonly Container[] {
  const byContainer = new Map<string, Endpoint[]>();
  for (const { endpoints } of networks) {
    for (const endpoint of endpoints) {
      if (endpoint.containerId === undefined) continue;
      const list = byContainer.get(endpoint.containerId);
      if (list) list.push(endpoint);
      else byContainer.set(endpoint.containerId, [endpoint]);
    }
  }
  return containers.map((container) => ({ ...container, endpoints: (byContainer.get(container.id) ?? []).map(({ id }) => id) }));
}

/** Networks of a scope wider than the host have one id on all of their hosts. */
function findShared(hosts: readonly HostNode[]): ReadonlyMap<string, readonly NetworkId[]> {
  const shared = new Map<string, NetworkId[]>();
  for (const { networks } of hosts) {
    for (const { id, engine } of networks) {
      if (engine.scope !== 'swarm' && engine.scope !== 'global') continue;
      const list = shared.get(engine.id);
      if (list) list.push(id);
      else shared.set(engine.id, [id]);
    }
  }
  return shared;
}


const rank: Readonly<Record<SandboxRole, number>> = { root: 0, container: 1, overlay: 2, loadBalancer: 3, ingress: 4, named: 5, process: 6, leaked: 7, unowned: 8 };

function compareSandboxes(a: Sandbox, b: Sandbox): number {
  return rank[a.role] - rank[b.role] || compareNames(a.title, b.title) || a.inode - b.inode;
}

function byId<T extends { readonly id: string }>(items: readonly T[]): ReadonlyMap<string, T> {
  return new Map(items.map((item) => [item.id, item]));
}
