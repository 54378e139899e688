import type { Link } from '../model/link';
import type { NamespaceKey, Snapshot, TunHolder } from '../model/snapshot';

/**
 * The processes that hold a TUN or TAP device open. The kernel tells the device's name, not its namespace: it is the one that the process is in
 * where that has such a device, and else the only namespace that has.
 */
export function findTunHolders({ host, namespaces }: Snapshot): (key: NamespaceKey, link: Link) => readonly TunHolder[] {
  const places = new Map<string, NamespaceKey[]>();
  if (host.tuns === undefined) return () => [];
  for (const { key, links } of namespaces) {
    for (const { kind, name } of links) if (kind === 'tun') places.set(name, [...(places.get(name) ?? []), key]);
  }
  const found = host.tuns.flatMap((holder) => {
    const keys = places.get(holder.name) ?? [];
    const key = keys.find((each) => each === holder.namespace) ?? (keys.length === 1 ? keys[0] : undefined);
    return key === undefined ? [] : [{ key, holder }];
  });
  return (key, link) => (link.kind === 'tun' ? found.filter((each) => each.key === key && each.holder.name === link.name).map(({ holder }) => holder) : []);
}
