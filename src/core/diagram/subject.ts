import type { HostNode, Topology } from '../model/topology';
import { drawnHosts } from './drawnHosts';

/** Id of what a diagram shows: a network, a host, or a container or namespace with what is around it. */
export type DiagramSubject = string;

/** The hosts whose reading a subject's diagram shows. */
export function subjectHosts(topology: Topology, subject: DiagramSubject): readonly HostNode[] {
  if (topology.network.has(subject)) return drawnHosts(topology, subject);
  const hostId = topology.host.get(subject)?.id ?? topology.container.get(subject)?.hostId ?? topology.sandbox.get(subject)?.hostId;
  const host = hostId === undefined ? undefined : topology.host.get(hostId);
  return host ? [host] : [];
}

/** What a subject is called; undefined where it is not in the topology. Hostile text. */
export function subjectName(topology: Topology, subject: DiagramSubject): string | undefined {
  return topology.network.get(subject)?.name ?? topology.host.get(subject)?.label ?? topology.container.get(subject)?.name ?? topology.sandbox.get(subject)?.title;
}
