import type { PublishedPort, SwarmNode, SwarmService, SwarmTask } from '../model/swarm';
import { portNotation } from './portNotation';
import type { HostNode, ServiceNode, SwarmTaskNode, Topology } from '../model/topology';

/*
 * A swarm in words, for the tree and for tables. Hostile text.
 */

/** `worker`, `manager, leader`, with what is out of the ordinary: `worker · down · drain`. */
export function nodeText({ role, leader, reachability, state, availability }: SwarmNode): string {
  return [
    ...(role === undefined ? [] : [leader === true ? `${role}, leader` : role]),
    ...(state === 'ready' || state === '' ? [] : [state]),
    ...(availability === undefined || availability === 'active' ? [] : [availability]),
    ...(reachability === undefined || reachability === 'reachable' ? [] : [reachability]),
  ].join(' · ');
}

/** `2 of 3`, how many tasks run of those that should; of a global service one on each node that suits it. */
export function tasksText({ service, tasks }: ServiceNode): string {
  const running = tasks.filter(({ task }) => task.state === 'running').length;
  const wanted = service.mode === 'replicated' ? (service.replicas ?? 1) : tasks.filter(({ task }) => task.desired === 'running' || task.desired === 'ready').length;
  return `${String(running)} of ${String(wanted)}`;
}

/** `*:8080 → 80/tcp`, `80/tcp` where the swarm has yet to choose the port; with `on its node` for one that only a task's own node serves. */
export function publishedText({ protocol, targetPort, publishedPort, publishMode }: PublishedPort): string {
  return `${portNotation({ publicPort: publishedPort, privatePort: targetPort, type: protocol })}${publishMode === 'host' ? ' on its node' : ''}`;
}

/** A task's or service's addresses, each with its network where the host knows that one: `10.0.0.4 (ingress)`. */
export function addressesText(addresses: SwarmTask['addresses'], host: Pick<HostNode, 'networks'> | undefined): readonly string[] {
  return addresses.map(({ networkId, address }) => {
    const network = host?.networks.find(({ engine }) => engine.id === networkId)?.name;
    return `${bare(address)}${network === undefined ? '' : ` (${network})`}`;
  });
}

/** `replicated`, `global`; with `dnsrr` where there is no virtual address. */
export function serviceText({ mode, endpointMode }: SwarmService): string {
  return endpointMode === 'dnsrr' ? `${mode}, dnsrr` : mode;
}

/** `running`, or what it is and why it is not running. */
export function taskText({ task: { state, message } }: SwarmTaskNode): string {
  return message === undefined || message === '' ? state : `${state}: ${message}`;
}

/** Rows NODE, ADDRESS, ROLE, HOST. */
export function swarmNodeRows(topology: Topology, host: HostNode): string[][] {
  return (host.swarm?.nodes ?? []).map(({ id, node }) => {
    const part = topology.swarmPart.get(id);
    const at = part?.kind === 'swarmNode' && part.at !== undefined ? topology.host.get(part.at)?.label : undefined;
    return [node.hostname || node.id, node.address || '-', nodeText(node) || '-', at ?? '-'];
  });
}

/** Rows SERVICE, MODE, RUNNING, VIRTUAL ADDRESS, PUBLISHED, TASK, NODE, ADDRESS, STATE; a service's own cells beside its first task. */
export function serviceRows(host: HostNode): string[][] {
  return (host.swarm?.services ?? []).flatMap((node) => {
    const { service, tasks } = node;
    const own = [service.name, serviceText(service), tasksText(node), addressesText(service.virtualAddresses, host).join(' ') || '-', service.ports.map(publishedText).join(', ') || '-'];
    const cells = tasks.length === 0 ? [['-', '-', '-', '-']] : tasks.map((task) => [task.name, task.nodeName ?? '-', addressesText(task.task.addresses, host).join(' ') || '-', taskText(task)]);
    return cells.map((each, at) => [...(at === 0 ? own : own.map(() => '')), ...each]);
  });
}

function bare(address: string): string {
  return address.split('/')[0] ?? address;
}
