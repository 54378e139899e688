import { lastFailures, parseSwarmNodes, parseSwarmService, parseSwarmTask, shortServices, taskTime } from '../core/facts/swarm';
import type { SwarmFacts, SwarmTask } from '../core/model/swarm';

export type Get = (path: string, query?: Readonly<Record<string, unknown>>) => Promise<unknown>;

export interface SwarmReader {
  readonly get: Get;
  /** What goes wrong becomes an error of the reading, and `otherwise` stands for it. */
  readonly attempt: <T>(otherwise: T, work: () => Promise<T>) => Promise<T>;
  readonly list: <T>(raw: unknown, what: 'services' | 'tasks', parse: (entry: unknown) => T | undefined) => T[];
}

/** Services whose former tasks are asked for: where hundreds cannot run, one fault explains them all. */
const mostAsked = 20;

/**
 * What a manager alone tells. The nodes are taken as they were where `again` and only a container or network has changed. Former tasks, of which a swarm
 * keeps five for each place, are asked for only of services that are short of tasks.
 */
export async function readSwarm(swarm: SwarmFacts, { get, attempt, list }: SwarmReader, again: boolean): Promise<Partial<SwarmFacts>> {
  const [nodes, services, current] = await Promise.all([
    again ? undefined : attempt(undefined, async () => parseSwarmNodes(await get('/nodes'))),
    attempt(swarm.services, async () => list(await get('/services'), 'services', parseSwarmService)),
    attempt<readonly SwarmTask[] | undefined>(swarm.tasks, async () => list(await get('/tasks', { filters: { 'desired-state': ['running', 'ready'] } }), 'tasks', parseSwarmTask)),
  ]);
  const short = services && current ? shortServices(services, current).slice(0, mostAsked) : [];
  const former =
    short.length === 0
      ? []
      : await attempt([], async () =>
          list(await get('/tasks', { filters: { service: short.map(({ id }) => id), 'desired-state': ['shutdown'] } }), 'tasks', (raw) => {
            const task = parseSwarmTask(raw);
            return task && { task, at: taskTime(raw) };
          }),
        );
  return { ...(nodes && { nodes }), ...(services && { services }), ...(current && { tasks: [...current, ...lastFailures(current, former)] }) };
}
