import type { Snapshot } from '../core/model/snapshot';

/*
 * A swarm tells no event of its tasks. What can be known of a change: a node's own engine tells of the task's container, and a manager's last reading says which
 * tasks are on their way.
 */

/** States of a task before it runs or has ended (TaskState in moby/swarmkit, api/types.proto; TaskStatus of the Engine API). */
const underWay: ReadonlySet<string> = new Set(['new', 'pending', 'allocated', 'assigned', 'accepted', 'preparing', 'ready', 'starting']);

const keyOf = (nodeId: string): string => `tasks ${nodeId}`;

/**
 * Of each node of the swarm that this host tells of, under one key: of this host's own the tasks' containers here and their states. Managers of the swarm have the
 * keys of all nodes, and so are concerned where a node's change.
 */
export function taskMembers(snapshot: Snapshot | undefined): readonly (readonly [string, string])[] {
  const swarm = snapshot?.engine?.swarm;
  if (swarm === undefined) return [];
  const own = (snapshot?.engine?.containers ?? []).flatMap(({ id, state, labels }) => (labels['com.docker.swarm.task.id'] === undefined ? [] : [`${id} ${state}`])).sort().join('\n');
  const others = swarm.manager ? swarm.nodes.filter(({ id }) => id !== swarm.nodeId).map(({ id }) => [keyOf(id), ''] as const) : [];
  return [...others, [keyOf(swarm.nodeId), own]];
}

/** The tasks that should run and do not yet, as one text that changes with any of them; '' where there are none, or where the host is no manager. */
export function tasksUnderWay(snapshot: Snapshot | undefined): string {
  const tasks = snapshot?.engine?.swarm?.tasks ?? [];
  return tasks.flatMap(({ id, state, desired }) => ((desired === 'running' || desired === 'ready') && state !== desired && underWay.has(state) ? [`${id} ${state}`] : [])).sort().join('\n');
}

/** Reads a manager again while its tasks are on their way, after ever longer waits: one that cannot be placed stays pending for good. */
export class TaskFollower {
  #timer: NodeJS.Timeout | undefined;
  #seen = '';
  #tries = 0;

  constructor(
    private readonly firstMs: number,
    private readonly read: () => void,
  ) {}

  /** Is told each snapshot. */
  follow(snapshot: Snapshot | undefined): void {
    const now = tasksUnderWay(snapshot);
    if (now !== this.#seen) this.#tries = 0;
    this.#seen = now;
    clearTimeout(this.#timer);
    if (now === '' || this.#tries >= maxTries) return;
    this.#timer = setTimeout(this.read, this.firstMs * 2 ** this.#tries++);
    this.#timer.unref();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}

/** About two minutes, if the first wait is one second. */
const maxTries = 7;
