import { containerIdOf, readCgroup, type CgroupOwner } from '../facts/cgroup';
import type { RuntimeContainer } from '../model/runtime';
import type { NamespaceRecord } from '../model/snapshot';
import type { PodName } from '../model/topology';

/** Whose a namespace is by what the runtimes' files say. Hostile text. */
export interface RuntimeOwner {
  readonly owner: CgroupOwner;
  readonly title: string;
  readonly pod?: PodName;
  /** All that are in it, but the one that only holds a pod's namespaces. */
  readonly members: readonly RuntimeContainer[];
}

/** The containers whose first process is in the namespace, or a process of whose control group is, and those of the same pod. */
export function runtimeOwner(record: NamespaceRecord, all: readonly RuntimeContainer[]): RuntimeOwner | undefined {
  if (all.length === 0 || record.processes.length === 0) return undefined;
  const pids = new Set(record.processes.map(({ pid }) => pid));
  const ids = new Set(record.processes.flatMap(({ cgroup }) => containerIdOf(cgroup) ?? []));
  const here = all.filter(({ pid, id }) => (pid !== undefined && pids.has(pid)) || ids.has(id));
  const pods = new Set(here.flatMap(({ podContainer }) => podContainer ?? []));
  const found = all.filter((each) => here.includes(each) || (each.podContainer !== undefined && pods.has(each.podContainer)));
  const holder = found.find(({ id, podContainer }) => podContainer === id) ?? found[0];
  if (!holder) return undefined;
  const inner = found.filter(({ id, podContainer }) => podContainer !== id);
  const members = inner.length > 0 ? inner : found;
  const pod = holder.pod && { name: holder.pod.name, namespace: holder.pod.namespace };
  const title = pod ? (pod.namespace === '' ? pod.name : `${pod.namespace}/${pod.name}`) : members.map(({ name, id }) => name ?? id).join(', ');
  return { owner: ownerOf(holder, record), title, ...(pod && { pod }), members };
}

function ownerOf({ runtime, id, name, pod }: RuntimeContainer, record: NamespaceRecord): CgroupOwner {
  if (runtime === 'nspawn') return { kind: 'machine', name: id };
  const told = readCgroup(record.processes[0]?.cgroup ?? '');
  const podUid = pod?.uid ?? (told?.kind === 'container' ? told.podUid : undefined);
  return { kind: 'container', engine: runtime, id, ...(name !== undefined && { name }), ...(podUid !== undefined && { podUid }) };
}
