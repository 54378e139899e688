import type { Link } from '../model/link';
import type { NamespaceRecord } from '../model/snapshot';
import { withVxlanLowers } from './vxlanLower';

const none: ReadonlySet<number> = new Set();

/** One link of one namespace, by their positions. */
export interface Place {
  readonly namespace: number;
  readonly ifindex: number;
}

export type PeerPlaces =
  | { readonly state: 'resolved'; readonly place: Place }
  | { readonly state: 'ambiguous'; readonly candidates: readonly Place[] }
  | { readonly state: 'unseen' };

/** A namespace's links whose other devices all lie in one namespace, which `candidates` are still possible for. */
interface Group {
  readonly namespace: number;
  /** False where the kernel gave no number: then it is one link alone, and may lie in the same namespace as another group's. */
  readonly numbered: boolean;
  readonly links: Link[];
  candidates: ReadonlySet<number>;
  settled: boolean;
  /** What the number means, where that was asked for: a namespace's position (-1: it is not here), or none that has a name. */
  readonly told: number | 'unnamed' | undefined;
}

/** `key`, `netnsIds` and `named` where they are known. */
export type PeerNamespace = Pick<NamespaceRecord, 'links'> & Partial<Pick<NamespaceRecord, 'key' | 'netnsIds' | 'named'>>;

/**
 * Finds the other device of each link that names one: a veth's other end, or what a macvlan or vxlan device sits on.
 *
 * A link gives the other's ifindex and this namespace's own number for the other's namespace (IFLA_LINK, IFLA_LINK_NETNSID), or no
 * number where both are in one namespace. Links with the same number have their others in one and the same namespace, different
 * numbers mean different ones, and a veth's other end points back. Where the namespace's table of numbers was asked for, it says which
 * of the named namespaces a number means, or that it means none of them. What these facts leave open is said to be ambiguous.
 * @param hint what else is known: the position of the namespace that a link's other device is in.
 * @returns by position of the namespace, then ifindex; links that name no other device are left out.
 */
export function findPeers(
  namespaces: readonly PeerNamespace[],
  hint: (namespace: number, link: Link) => number | undefined = () => undefined,
): readonly ReadonlyMap<number, PeerPlaces>[] {
  return new PeerSearch(namespaces, hint).run();
}

class PeerSearch {
  readonly #namespaces: readonly { readonly links: readonly Link[] }[];
  readonly #found: Map<number, PeerPlaces>[];
  readonly #links: Map<number, Link>[];
  /** Namespaces that have a link with this ifindex. */
  readonly #byIfindex = new Map<number, number[]>();
  /** Namespaces that have a veth with this "ifindex>peer ifindex". */
  readonly #byPair = new Map<string, number[]>();
  readonly #groups: Group[] = [];
  readonly #groupOf: Map<number, Group>[];
  readonly #told: readonly ReadonlyMap<number, number | 'unnamed'>[];
  readonly #named: ReadonlySet<number>;

  constructor(
    given: readonly PeerNamespace[],
    private readonly hint: (namespace: number, link: Link) => number | undefined,
  ) {
    const namespaces = given.map(({ links }) => ({ links: withVxlanLowers(links) }));
    this.#namespaces = namespaces;
    this.#found = namespaces.map(() => new Map<number, PeerPlaces>());
    this.#groupOf = namespaces.map(() => new Map<number, Group>());
    const positions = new Map(given.map(({ key }, at) => [key, at]));
    this.#told = given.map(({ netnsIds = [] }) => new Map(netnsIds.map(({ id, key }) => [id, key === undefined ? 'unnamed' : (positions.get(key) ?? -1)])));
    this.#named = new Set(given.flatMap(({ named }, at) => (named === true ? [at] : [])));
    this.#links = namespaces.map(({ links }) => new Map(links.map((link) => [link.ifindex, link])));
  }

  run(): readonly ReadonlyMap<number, PeerPlaces>[] {
    this.#namespaces.forEach(({ links }, namespace) => {
      this.#group(namespace, links);
    });
    for (const group of this.#groups) group.candidates = this.#candidates(group);
    while (this.#narrow());
    for (const group of this.#groups) for (const link of group.links) this.#found[group.namespace]?.set(link.ifindex, answer(group, link));
    return this.#found;
  }

  #group(namespace: number, links: readonly Link[]): void {
    const groups = new Map<number, Group>();
    for (const link of links) {
      // Loopback is number 1 everywhere and nobody's other device.
      if (link.ifindex !== 1) push(this.#byIfindex, link.ifindex, namespace);
      const peer = link.peerIfindex;
      if ((peer === undefined && link.peerName === undefined) || namesItself(link)) continue;
      if (peer === undefined || link.peerName !== undefined) {
        this.#settleWithin(namespace, link);
        continue;
      }
      if (pointsBack(link)) push(this.#byPair, pair(link.ifindex, peer), namespace);
      // A negative number means that the kernel has none for that namespace, and old kernels and busybox tell none.
      const numbered = link.linkNetnsId !== undefined && link.linkNetnsId >= 0;
      const number = numbered ? (link.linkNetnsId ?? 0) : -1 - groups.size;
      let group = groups.get(number);
      if (!group) {
        group = { namespace, numbered, links: [], candidates: none, settled: false, told: numbered ? this.#told[namespace]?.get(number) : undefined };
        groups.set(number, group);
        this.#groups.push(group);
      }
      group.links.push(link);
      this.#groupOf[namespace]?.set(link.ifindex, group);
    }
  }

  #settleWithin(namespace: number, link: Link): void {
    const other = link.peerIfindex === undefined ? undefined : this.#links[namespace]?.get(link.peerIfindex);
    this.#found[namespace]?.set(
      link.ifindex,
      other ? { state: 'resolved', place: { namespace, ifindex: other.ifindex } } : { state: 'unseen' },
    );
  }

  #candidates(group: Group): ReadonlySet<number> {
    const { told } = group;
    const possible = (namespace: number): boolean => (typeof told === 'number' ? namespace === told : told === undefined || !this.#named.has(namespace));
    let candidates: readonly number[] | undefined;
    for (const link of group.links) {
      const fit = (pointsBack(link) ? this.#byPair.get(pair(link.peerIfindex ?? 0, link.ifindex)) : this.#byIfindex.get(link.peerIfindex ?? 0)) ?? [];
      const hinted = this.hint(group.namespace, link);
      if (hinted !== undefined && fit.includes(hinted) && possible(hinted)) return new Set([hinted]);
      if (candidates === undefined) candidates = fit.filter((namespace) => namespace !== group.namespace && possible(namespace));
      else if (candidates.length > 0) {
        const also = new Set(fit);
        candidates = candidates.filter((namespace) => also.has(namespace));
      }
    }
    return new Set(candidates);
  }

  /** One round over all groups that are open; true where something became known. */
  #narrow(): boolean {
    let changed = false;
    const taken = new Map<number, Set<number>>();
    for (const group of this.#groups) {
      if (!group.settled || !group.numbered) continue;
      const [other = -1] = group.candidates;
      const names = taken.get(group.namespace);
      if (names) names.add(other);
      else taken.set(group.namespace, new Set([other]));
    }
    for (const group of this.#groups) {
      if (group.settled || group.candidates.size === 0) continue;
      const others = group.numbered ? taken.get(group.namespace) : undefined;
      const left = [...group.candidates].filter((candidate) => others?.has(candidate) !== true && this.#fits(group, candidate));
      if (left.length !== group.candidates.size) {
        group.candidates = new Set(left);
        changed = true;
      }
    }
    for (const group of this.#groups) {
      const [other] = group.candidates;
      if (group.settled || group.candidates.size !== 1 || other === undefined) continue;
      // A single candidate that the kernel did not name is certain only where this is the single one for it, too: its true other end may lie in a namespace that was not read.
      const back = this.#backGroups(group, other);
      if (!back.every(({ candidates }) => candidates.has(group.namespace) && (candidates.size === 1 || typeof group.told === 'number'))) continue;
      for (const end of back) end.candidates = new Set([group.namespace]);
      group.settled = true;
      changed = true;
    }
    return changed;
  }

  /** Whether the veths of a group may all end in that namespace: their other ends point back by one number. */
  #fits(group: Group, candidate: number): boolean {
    const back = this.#backGroups(group, candidate);
    return back.filter(({ numbered }) => numbered).length <= 1 && back.every(({ candidates }) => candidates.has(group.namespace));
  }

  #backGroups(group: Group, candidate: number): readonly Group[] {
    const back = new Set<Group>();
    for (const link of group.links) {
      if (!pointsBack(link)) continue;
      const other = this.#groupOf[candidate]?.get(link.peerIfindex ?? 0);
      if (other) back.add(other);
    }
    return [...back];
  }
}

function answer(group: Group, link: Link): PeerPlaces {
  const places = [...group.candidates].map((namespace) => ({ namespace, ifindex: link.peerIfindex ?? 0 }));
  const [place] = places;
  if (place === undefined) return { state: 'unseen' };
  return group.settled ? { state: 'resolved', place } : { state: 'ambiguous', candidates: places };
}

/** busybox tells no kind; a device that names another namespace's is a veth unless it says otherwise. */
function pointsBack(link: Link): boolean {
  return link.kind === 'veth' || link.kind === 'netkit' || link.kind === undefined;
}

/** A tunnel without a lower device gives its own ifindex (dev_get_iflink), beside the number of the namespace that its packets leave by. */
function namesItself(link: Link): boolean {
  return link.peerIfindex === link.ifindex && link.kind !== undefined && !stacked.has(link.kind) && link.vxlan?.device === undefined;
}

/** Kinds that cannot be without another device. */
const stacked = new Set(['veth', 'netkit', 'macvlan', 'macvtap', 'ipvlan', 'ipvtap', 'vlan', 'macsec']);

const pair = (ifindex: number, peer: number): string => `${String(ifindex)}>${String(peer)}`;

function push<Key>(map: Map<Key, number[]>, key: Key, value: number): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
