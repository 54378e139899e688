import type { FdbEntry } from '../model/link';
import type { HostNode, Network, Sandbox, Topology } from '../model/topology';
import type { GraphDraft } from './graphDraft';
import { fact, fdbRow } from './linkFacts';
import type { Fact } from './scene';

/** One host's part in an overlay. */
export interface OverlaySide {
  readonly host: HostNode;
  readonly network: Network;
  readonly sandbox: Sandbox | undefined;
}

/** The rows of an overlay's sandbox that point at other VTEPs. */
export function tunnelRows(sandbox: Sandbox | undefined): readonly FdbEntry[] {
  return sandbox?.record.fdb.filter((entry) => entry.destination !== undefined) ?? [];
}

/**
 * A host's own VTEP addresses in this overlay: what its VXLAN devices name as local, what other hosts' rows point at, and where
 * neither says anything, its most likely underlay address.
 */
export function vtepAddresses(side: OverlaySide, sides: readonly OverlaySide[]): readonly string[] {
  const found = new Set<string>();
  for (const { link } of side.sandbox?.links ?? []) if (link.vxlan?.local !== undefined) found.add(link.vxlan.local);
  for (const other of sides) {
    if (other === side) continue;
    for (const { destination } of tunnelRows(other.sandbox)) {
      if (destination !== undefined && side.host.underlay.includes(destination)) found.add(destination);
    }
  }
  const likely = side.host.snapshot.engine?.swarm?.nodeAddress ?? side.host.underlay[0];
  if (found.size === 0 && likely !== undefined && likely !== '') found.add(likely);
  return [...found].sort();
}

/** Rows on other hosts by the MAC that they lead to: what must be right for that MAC to be reached from there. */
export function rowsByMac(sides: readonly OverlaySide[]): ReadonlyMap<string, readonly Fact[]> {
  const rows = new Map<string, Fact[]>();
  for (const side of sides) {
    for (const entry of tunnelRows(side.sandbox)) {
      const key = entry.mac.toLowerCase();
      const facts = rows.get(key) ?? [];
      facts.push({ name: `FDB row on ${side.host.label}`, value: fdbRow(entry) });
      rows.set(key, facts);
    }
  }
  return rows;
}

interface Vtep {
  readonly box: string;
  readonly label: string;
  readonly side: OverlaySide | undefined;
}

/** Draws one edge for every pair of VTEPs, carrying the rows of both directions, and a box for every VTEP whose host was not read. */
export function addTunnels(draft: GraphDraft, topology: Topology, sides: readonly OverlaySide[], vtepBox: (side: OverlaySide, address: string) => string): void {
  const byAddress = new Map<string, Vtep>();
  const order: string[] = [];
  const register = (address: string, vtep: Vtep): void => {
    if (!byAddress.has(address)) order.push(address);
    byAddress.set(address, vtep);
  };
  const own = new Map<OverlaySide, string>();
  for (const side of sides) {
    if (!side.sandbox) continue;
    const addresses = vtepAddresses(side, sides);
    const [first] = addresses;
    if (first !== undefined) own.set(side, first);
    for (const address of addresses) register(address, { box: vtepBox(side, address), label: side.host.label, side });
  }
  const rows = new Map<string, FdbEntry[]>();
  for (const [side, source] of own) {
    for (const entry of tunnelRows(side.sandbox)) {
      const destination = entry.destination ?? '';
      if (!byAddress.has(destination)) register(destination, farVtep(draft, topology, destination));
      const key = pairKey(source, destination);
      const list = rows.get(key) ?? [];
      list.push(entry);
      rows.set(key, list);
    }
  }
  order.forEach((left, index) => {
    for (const right of order.slice(index + 1)) {
      const [from, to] = [byAddress.get(left), byAddress.get(right)];
      if (!from || !to || from.box === to.box) continue;
      const there = rows.get(pairKey(left, right)) ?? [];
      const back = rows.get(pairKey(right, left)) ?? [];
      const primary = [...own.values()].includes(left) && [...own.values()].includes(right);
      // Hosts that both carry the overlay belong together even where no row says so: the gap is what one looks for.
      if (there.length + back.length === 0 && !primary) continue;
      draft.connect({
        id: `vtep|${left}|${right}`,
        kind: 'vtep',
        from: from.box,
        to: to.box,
        label: tunnelLabel(there.length, to.side ? back.length : undefined),
        state: there.length > 0 && (back.length > 0 || !to.side) ? 'normal' : 'unknown',
        facts: [
          ...fact('VTEPs', `${left} ⇄ ${right}`),
          ...direction(topology, from, to, there),
          ...(to.side ? direction(topology, to, from, back) : fact(`${to.label} → ${from.label}`, 'not read: this host is not among the added ones')),
        ],
      });
    }
  });
}

// A blank occurs in no IP address.
const pairKey = (from: string, to: string): string => `${from} ${to}`;

/** `back`: undefined where the other side was not read. */
function tunnelLabel(there: number, back: number | undefined): string {
  if (there + (back ?? 0) === 0) return 'no FDB rows';
  return `FDB rows: ${String(there)} →  ${back === undefined ? '← not read' : `← ${String(back)}`}`;
}

function direction(topology: Topology, from: Vtep, to: Vtep, entries: readonly FdbEntry[]): readonly Fact[] {
  if (entries.length === 0) return fact(`${from.label} → ${to.label}`, 'no FDB rows');
  return entries.map((entry) => {
    const who = topology.known.get(entry.mac.toLowerCase())?.map((known) => known.name) ?? [];
    return { name: `${from.label} → ${to.label}${who.length > 0 ? ` (${[...new Set(who)].join(', ')})` : ''}`, value: fdbRow(entry) };
  });
}

function farVtep(draft: GraphDraft, topology: Topology, address: string): Vtep {
  const host = topology.hosts.find((candidate) => candidate.underlay.includes(address));
  const label = host?.label ?? address;
  const note = host ? `${host.label} has no sandbox of it` : 'host not added';
  const box = draft.add({
    id: `vtep|${address}`,
    kind: 'underlay',
    lines: [address, note],
    ...(host && { modelId: host.id }),
    facts: [
      ...fact('VTEP', address),
      ...fact('Host', host?.label ?? 'Not among the added hosts. Add it to see its side of the overlay.'),
    ],
    state: 'unknown',
    actions: host ? ['reveal'] : [],
  });
  return { box, label, side: undefined };
}
