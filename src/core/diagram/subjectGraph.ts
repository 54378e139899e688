import type { Topology } from '../model/topology';
import type { DiagramGraph } from './graph';
import { hostGraph, surroundingsGraph } from './hostGraph';
import { networkGraph } from './networkGraph';
import type { DiagramSubject } from './subject';

/** @param open keys of the folds that are shown in full. @returns undefined where the subject is not in the topology. */
export function subjectGraph(topology: Topology, subject: DiagramSubject, open?: ReadonlySet<string>): DiagramGraph | undefined {
  if (topology.network.has(subject)) return networkGraph(topology, subject);
  return topology.host.has(subject) ? hostGraph(topology, subject, open) : surroundingsGraph(topology, subject, open);
}
