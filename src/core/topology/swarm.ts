import type { HostId } from '../model/address';
import { containerId, peerId, peerTaskId, serviceId, swarmNodeId, swarmTaskId } from '../model/ids';
import { compareNames } from '../model/nameOrder';
import type { SwarmFacts, SwarmTask } from '../model/swarm';
import type { Container, ContainerId, HostNode, Network, NetworkPeer, ServiceNode, SwarmNodeNode, SwarmPart, SwarmTaskNode } from '../model/topology';
import { canonicalAddress } from './canonicalAddress';

/** A manager's nodes and services, by name; of a host that is none undefined. Containers and hosts that stand for tasks and nodes are joined by `joinSwarm`. */
export function buildSwarm(hostId: HostId, swarm: SwarmFacts | undefined): HostNode['swarm'] {
  if (swarm?.manager !== true) return undefined;
  const names = new Map(swarm.nodes.map(({ id, hostname }) => [id, hostname === '' ? id : hostname]));
  const nodes = swarm.nodes.map((node): SwarmNodeNode => ({ kind: 'swarmNode', id: swarmNodeId(hostId, node.id), hostId, node, own: node.id === swarm.nodeId }));
  const services = (swarm.services ?? []).map((service): ServiceNode => {
    const tasks = (swarm.tasks ?? []).filter(({ serviceId: of }) => of === service.id).map((task): SwarmTaskNode => {
      const node = names.get(task.nodeId);
      return { kind: 'task', id: swarmTaskId(hostId, task.id), hostId, task, name: taskName(service.name, task, node), ...(node !== undefined && { nodeName: node }) };
    });
    return { kind: 'service', id: serviceId(hostId, service.id), hostId, service, tasks: tasks.sort((a, b) => compareNames(a.name, b.name) || a.id.localeCompare(b.id)) };
  });
  return {
    nodes: nodes.sort((a, b) => compareNames(a.node.hostname, b.node.hostname) || compareNames(a.id, b.id)),
    services: services.sort((a, b) => compareNames(a.service.name, b.service.name) || compareNames(a.id, b.id)),
  };
}

/** As `docker service ps` names it: by slot, or by the node of a global service. */
function taskName(service: string, { slot, nodeId }: SwarmTask, node: string | undefined): string {
  return `${service}.${slot === undefined ? (node ?? nodeId) : String(slot)}`;
}

/** The other nodes that have something on a network, and what (`network inspect -v`); of networks of one host none. */
export function peersOf(network: Pick<Network, 'id' | 'hostId' | 'engine'>, swarm: SwarmFacts | undefined, own: readonly string[]): readonly NetworkPeer[] {
  const { peers, tasks } = network.engine;
  const here = new Set([...own, ...(swarm === undefined ? [] : [swarm.nodeAddress])].map(canonicalAddress));
  const addresses = [...new Set([...peers.map(({ address }) => address), ...tasks.map(({ hostAddress }) => hostAddress)].map(canonicalAddress))].filter((address) => address !== '' && !here.has(address));
  return addresses.sort(compareNames).map((address): NetworkPeer => {
    const id = peerId(network.id, address);
    const node = swarm?.nodes.find((each) => canonicalAddress(each.address) === address);
    const there = tasks.filter(({ hostAddress }) => canonicalAddress(hostAddress) === address);
    return {
      kind: 'peer',
      id,
      hostId: network.hostId,
      networkId: network.id,
      address,
      ...(node !== undefined && node.hostname !== '' && { nodeName: node.hostname }),
      tasks: there.map((task) => ({ kind: 'peerTask' as const, id: peerTaskId(id, task.endpointId), hostId: network.hostId, peerId: id, task })).sort((a, b) => compareNames(a.task.name, b.task.name) || compareNames(a.id, b.id)),
    };
  });
}

/** Every part by its id, with the hosts of nodes and the containers of tasks where they were read, on whatever host. */
export function joinSwarm(hosts: readonly HostNode[]): ReadonlyMap<string, SwarmPart> {
  const hostOf = new Map(hosts.flatMap(({ id, snapshot }) => (snapshot.engine?.swarm === undefined ? [] : [[snapshot.engine.swarm.nodeId, id] as const])));
  const containers = new Map<ContainerId, Container>(hosts.flatMap((host) => host.containers.map((container) => [container.id, container] as const)));
  const joined = (part: SwarmPart): SwarmPart => {
    if (part.kind === 'swarmNode') {
      const at = hostOf.get(part.node.id);
      return at === undefined ? part : { ...part, at };
    }
    if (part.kind !== 'task') return part;
    const at = hostOf.get(part.task.nodeId);
    const container = at === undefined || part.task.containerId === undefined ? undefined : containers.get(containerId(at, part.task.containerId));
    return container === undefined ? part : { ...part, container: container.id };
  };
  const parts = hosts.flatMap(({ swarm, networks }): SwarmPart[] => [
    ...(swarm?.nodes ?? []),
    ...(swarm?.services ?? []).flatMap((service) => [service, ...service.tasks]),
    ...networks.flatMap(({ peers = [] }) => peers.flatMap((peer) => [peer, ...peer.tasks])),
  ]);
  return new Map(parts.map((part) => [part.id, joined(part)]));
}
