import { containerId } from '../core/model/ids';
import type { NamespaceKey } from '../core/model/snapshot';
import type { HostNode, Topology } from '../core/model/topology';
import type { EngineEvent } from '../host/engine';

const containerActions = new Set(['create', 'start', 'restart', 'die', 'destroy', 'rename', 'pause', 'unpause', 'update']);
const networkActions = new Set(['create', 'connect', 'disconnect', 'destroy', 'remove', 'update', 'prune']);

/** Whether an engine's event can change the model. Health checks and `docker exec` make many that cannot. */
export function concernsModel(event: EngineEvent): boolean {
  switch (event.type) {
    case 'container':
      return containerActions.has(event.action);
    case 'network':
      return networkActions.has(event.action);
    case 'daemon':
      return event.action === 'reload';
    default:
      return event.type === 'service' || event.type === 'node';
  }
}

/**
 * The namespaces that need not be read again after these events: those that were read in full and belong to other containers than the
 * events name, or have nothing to do with the engine. One without an owner may be a container's that is only being started.
 * Undefined where nothing may be kept.
 */
export function unaffected(events: readonly EngineEvent[], topology: Topology, host: HostNode): readonly NamespaceKey[] | undefined {
  const changed = new Set<string | undefined>();
  for (const event of events) {
    if (event.type === 'daemon') return undefined;
    for (const id of containersOf(event)) {
      changed.add(topology.container.get(containerId(host.id, id))?.sandboxId);
    }
  }
  return host.sandboxes
    .filter(({ id, role, containers, record }) => (role === 'named' || (role === 'container' && containers.length > 0)) && record.read === 'full' && !changed.has(id))
    .map(({ key }) => key);
}

/** Every namespace that may be left as it is where nothing is known to have changed. */
export function readInFull(host: HostNode): readonly NamespaceKey[] {
  return host.sandboxes.filter(({ record }) => record.read === 'full').map(({ key }) => key);
}

/** Whether these events are about the engine's records first of all: nobody is on a network that is only being made or removed. */
export function concernsRecordsFirst(events: readonly EngineEvent[]): boolean {
  return events.length > 0 && events.every(({ type, action }) => type === 'network' && action !== 'connect' && action !== 'disconnect');
}

/** The networks that may differ after these events; undefined where that cannot be said and everything of the engine has to be read. */
export function changedNetworkIds(events: readonly EngineEvent[]): readonly string[] | undefined {
  if (events.length === 0 || events.some(({ type }) => type !== 'network' && type !== 'container')) return undefined;
  return events.flatMap(({ type, id }) => (type === 'network' ? [id] : []));
}

function containersOf(event: EngineEvent): readonly string[] {
  if (event.type === 'container') return [event.id];
  const named = event.attributes['container'];
  return event.type === 'network' && named !== undefined ? [named] : [];
}
