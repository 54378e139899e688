import type { Link } from '../model/link';

/**
 * A VXLAN device names the device under it in its own data (IFLA_VXLAN_LINK) and gives its own index where a veth gives its peer's (dev_get_iflink): the links of one
 * namespace, those of VXLAN devices with the index of what they sit on.
 */
export function withVxlanLowers(links: readonly Link[]): readonly Link[] {
  return links.some(({ vxlan }) => vxlan?.device !== undefined) ? links.map((link) => withLower(link, links)) : links;
}

function withLower(link: Link, links: readonly Link[]): Link {
  const device = link.vxlan?.device;
  if (device === undefined) return link;
  const rest = withoutPeer(link);
  const named = links.find(({ name }) => name === device)?.ifindex;
  // Where no number leads to another namespace, the device is in this one.
  if (link.linkNetnsId === undefined) return named === undefined ? rest : { ...rest, peerIfindex: named, peerName: device };
  const bare = /^if(\d{1,10})$/.exec(device)?.[1];
  const written = bare === undefined ? undefined : Number(bare);
  // A device of this namespace may be called "if7" and have another index: then nobody can say which was meant.
  if (named !== undefined && written !== undefined && named !== written) return rest;
  const ifindex = named ?? written;
  return ifindex === undefined ? rest : { ...rest, peerIfindex: ifindex };
}

function withoutPeer(link: Link): Link {
  const bare: { -readonly [Key in keyof Link]: Link[Key] } = { ...link };
  delete bare.peerIfindex;
  delete bare.peerName;
  return bare;
}
