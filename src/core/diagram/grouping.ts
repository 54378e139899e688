import { compareNames } from '../model/nameOrder';
import type { Endpoint, Topology } from '../model/topology';

/** From this many members on a host, they are shown in groups. */
export const groupedFrom = 25;
/** Members that nothing groups are cut into runs of at most this many, by name. */
const runLength = 50;

export interface MemberGroup {
  /** Unique on the host; undefined: shown without a group. */
  readonly key: string | undefined;
  readonly title: string;
  readonly members: readonly Endpoint[];
}


/** Names in the order that people expect, c2 before c10; equal names by id, so that the order never depends on the engine's. */
export function compareMembers(left: Endpoint, right: Endpoint): number {
  return compareNames(left.name, right.name) || (left.id < right.id ? -1 : left.id > right.id ? 1 : 0);
}

/** A host's members of a network, in display order: few as they are, many by swarm service or Compose service, the rest by name. */
export function groupMembers(topology: Topology, endpoints: readonly Endpoint[]): readonly MemberGroup[] {
  const sorted = [...endpoints].sort(compareMembers);
  if (sorted.length < groupedFrom) return sorted.length === 0 ? [] : [{ key: undefined, title: '', members: sorted }];
  const byLabel = new Map<string, Endpoint[]>();
  const rest: Endpoint[] = [];
  for (const endpoint of sorted) {
    const label = serviceOf(topology, endpoint);
    if (label === undefined) {
      rest.push(endpoint);
      continue;
    }
    const members = byLabel.get(label);
    if (members) members.push(endpoint);
    else byLabel.set(label, [endpoint]);
  }
  const groups: MemberGroup[] = [];
  for (const [label, members] of byLabel) {
    if (members.length === 1) rest.push(...members);
    else groups.push({ key: `service ${label}`, title: label, members });
  }
  groups.sort((left, right) => compareNames(left.title, right.title));
  rest.sort(compareMembers);
  const runs = Math.ceil(rest.length / runLength);
  for (let run = 0; run < runs; run++) {
    const members = rest.slice(run * runLength, (run + 1) * runLength);
    const [first, last] = [members[0]?.name ?? '', members.at(-1)?.name ?? ''];
    groups.push({ key: `run ${String(run)}`, title: first === last ? first : `${first} – ${last}`, members });
  }
  return groups;
}

/** Labels that dockerd sets on a service's tasks, and Compose on its containers. */
function serviceOf(topology: Topology, endpoint: Endpoint): string | undefined {
  const labels = endpoint.containerId === undefined ? undefined : topology.container.get(endpoint.containerId)?.engine.labels;
  if (!labels) return undefined;
  const swarm = labels['com.docker.swarm.service.name'];
  if (swarm !== undefined && swarm !== '') return swarm;
  const project = labels['com.docker.compose.project'];
  const service = labels['com.docker.compose.service'];
  return project !== undefined && project !== '' ? [project, service].filter((part) => part !== undefined && part !== '').join(' / ') : undefined;
}
