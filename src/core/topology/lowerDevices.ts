import type { Link } from '../model/link';
import type { NamespaceKey, Snapshot } from '../model/snapshot';
import { rootKey, type SandboxPurpose } from './sandboxes';

const drivers = new Set(['macvlan', 'ipvlan']);

/**
 * What the engine adds about devices that sit on another one: a macvlan or ipvlan network's option `parent` names a device of
 * the root namespace. Where a container's device of such a network points at exactly that device's number, it sits on it.
 * @returns the position in `snapshot.namespaces` of the namespace that a link's lower device is in, where that is known so.
 */
export function lowerDeviceHints(snapshot: Snapshot, purposes: ReadonlyMap<NamespaceKey, SandboxPurpose>): (namespace: number, link: Link) => number | undefined {
  const root = snapshot.namespaces.findIndex(({ key }) => key === rootKey(snapshot));
  const parents = new Map(
    (snapshot.engine?.networks ?? []).flatMap(({ id, driver, options }) => {
      const parent = drivers.has(driver) ? snapshot.namespaces[root]?.links.find(({ name }) => name === options['parent']) : undefined;
      return parent ? [[id, parent.ifindex] as const] : [];
    }),
  );
  if (parents.size === 0) return () => undefined;
  return (namespace, link) => {
    if (link.kind === undefined || !drivers.has(link.kind)) return undefined;
    const containers = purposes.get(snapshot.namespaces[namespace]?.key ?? '')?.containers ?? [];
    const known = containers.some(({ networks }) => networks.some(({ networkId }) => parents.get(networkId) === link.peerIfindex));
    return known ? root : undefined;
  };
}
