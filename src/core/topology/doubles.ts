import type { ReadError, Snapshot } from '../model/snapshot';

/**
 * The snapshot with each namespace, link, network, endpoint, container and part of a swarm once: the first of those that have one id. No sound host gives two, but a file or an
 * engine may, and views hold every thing by its id. What is left out is told in the errors.
 */
export function withoutDoubles(snapshot: Snapshot): Snapshot {
  let left = 0;
  const once = <T>(items: readonly T[], id: (item: T) => unknown): readonly T[] => {
    const seen = new Set(items.map(id));
    if (seen.size === items.length) return items;
    left += items.length - seen.size;
    return items.filter((item) => seen.delete(id(item)));
  };
  const namespaces = once(snapshot.namespaces, ({ key }) => key).map((record) => {
    const links = once(record.links, ({ ifindex }) => ifindex);
    return links === record.links ? record : { ...record, links };
  });
  const networks = once(snapshot.engine?.networks ?? [], ({ id }) => id).map((network) => {
    const endpoints = once(network.endpoints, ({ containerId }) => containerId);
    const tasks = once(network.tasks, ({ endpointId, hostAddress }) => `${endpointId}@${hostAddress}`);
    return endpoints === network.endpoints && tasks === network.tasks ? network : { ...network, endpoints, tasks };
  });
  const containers = once(snapshot.engine?.containers ?? [], ({ id }) => id);
  const nested = once(snapshot.nested ?? [], ({ process: { pid, startTicks } }) => `${String(pid)}.${String(startTicks)}`);
  const swarm = snapshot.engine?.swarm;
  const swarmOnce = swarm && {
    ...swarm,
    nodes: once(swarm.nodes, ({ id }) => id),
    ...(swarm.services && { services: once(swarm.services, ({ id }) => id) }),
    ...(swarm.tasks && { tasks: once(swarm.tasks, ({ id }) => id) }),
  };
  if (left === 0) return snapshot;
  const error: ReadError = {
    place: { kind: 'host' },
    code: 'garbled',
    message: `${left === 1 ? 'One entry has' : `${String(left)} entries have`} the id of another entry of this host; of these the first is shown.`,
  };
  return { ...snapshot, namespaces, ...(snapshot.nested && { nested }), ...(snapshot.engine && { engine: { ...snapshot.engine, networks, containers, ...(swarmOnce && { swarm: swarmOnce }) } }), errors: [...snapshot.errors, error] };
}
