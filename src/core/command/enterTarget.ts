import { isEncodable } from '../facts/bytes';
import type { NamespaceRecord } from '../model/snapshot';
import type { Container, Sandbox, Topology } from '../model/topology';

/** A namespace to run something in: what it must turn out to be, and the ways in that were known when it was read. */
export interface EnterTarget {
  /** Inode of its nsfs file. Whatever a path or a process leads to is compared with this before and after entering. */
  readonly inode: number;
  /** Paths that lead to it as a process of the host sees them, absolute; hostile text. */
  readonly paths: readonly string[];
  /** Processes that were in it. A pid may be another process's by now. */
  readonly pids: readonly number[];
  /** Processes whose root directory holds the `resolv.conf` and `hosts` to use, best first; empty: the host's are right. */
  readonly rootPids: readonly number[];
  /** For the prompt: `docker1n@node1`. Free of anything that a shell or a terminal reads as more than text. */
  readonly label: string;
}

/**
 * The ways into a sandbox. `container` is the one that the user chose, where several share the namespace.
 * Only a container has names of its own to resolve: the others get the host's `resolv.conf` and `hosts`.
 */
export function enterTarget(topology: Topology, sandbox: Sandbox, container?: Container): EnterTarget {
  const inside = sandbox.containers.flatMap((id) => topology.container.get(id) ?? []);
  const preferred = container === undefined ? inside : [container, ...inside];
  const enginePids = unique(preferred.flatMap((each) => (each.running && each.engine.pid !== undefined && each.engine.pid > 0 ? [each.engine.pid] : [])));
  const pids = unique([...enginePids, ...sandbox.record.processes.map((process) => process.pid)]);
  const host = topology.host.get(sandbox.hostId)?.label ?? sandbox.hostId;
  return {
    inode: sandbox.inode,
    // By the others the scripts find their way themselves (`searchMounts`).
    paths: [...sandbox.paths, ...otherWays(sandbox.record)].filter(isEncodable),
    pids,
    rootPids: sandbox.role === 'container' ? pids : [],
    label: promptLabel(`${container?.name ?? sandbox.title}@${host}`),
  };
}

/** Paths of other mount namespaces, of threads and of descriptors. */
export function otherWays({ mounts = [], threads = [], descriptors = [] }: NamespaceRecord): readonly string[] {
  return [
    ...mounts.map(({ path, pid }) => `/proc/${String(pid)}/root${path}`),
    ...threads.map(({ pid, id }) => `/proc/${String(pid)}/task/${String(id)}/ns/net`),
    ...descriptors.map(({ pid, id }) => `/proc/${String(pid)}/fd/${String(id)}`),
  ];
}

/** At most 60 characters of letters, digits, backslashes (of names as they are shown) and a few harmless marks; anything else becomes '?'. */
export function promptLabel(text: string): string {
  const safe = text.replace(/[^\p{L}\p{N} _.@:+,/=\\-]/gu, '?');
  const characters = Array.from(safe);
  return characters.length <= 60 ? safe : `${characters.slice(0, 59).join('')}…`;
}

function unique(numbers: readonly number[]): number[] {
  return [...new Set(numbers)];
}
