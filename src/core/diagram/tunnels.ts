import type { FdbEntry } from '../model/link';
import type { Endpoint, HostNode, Network, Sandbox, Topology } from '../model/topology';
import { canonicalAddress } from '../topology/canonicalAddress';
import { nearestOwners } from '../topology/known';
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
  for (const { link } of side.sandbox?.links ?? []) if (link.vxlan?.local !== undefined) found.add(canonicalAddress(link.vxlan.local));
  for (const other of sides) {
    if (other === side) continue;
    for (const { destination } of tunnelRows(other.sandbox)) {
      if (destination !== undefined && side.host.underlay.includes(canonicalAddress(destination))) found.add(canonicalAddress(destination));
    }
  }
  const likely = side.host.snapshot.engine?.swarm?.nodeAddress ?? side.host.underlay[0];
  if (found.size === 0 && likely !== undefined && likely !== '') found.add(canonicalAddress(likely));
  return [...found].sort();
}

/** What the hosts of an overlay know of each other's members: what must be right for a member to be reached from there. */
export interface FarRows {
  /** Other hosts' rows that lead to a member, and the hosts that have none where they should. */
  readonly facts: (side: OverlaySide, endpoint: Endpoint) => readonly Fact[];
  /** The members on `to` that `from` has no row for. */
  readonly missing: (from: OverlaySide, to: OverlaySide) => readonly Endpoint[];
}

export function farRows(sides: readonly OverlaySide[]): FarRows {
  const byMac = new Map<string, Fact[]>();
  const macs = new Map<OverlaySide, ReadonlySet<string>>();
  for (const side of sides) {
    const rows = tunnelRows(side.sandbox);
    for (const entry of rows) {
      const key = entry.mac.toLowerCase();
      const facts = byMac.get(key) ?? [];
      facts.push({ name: `FDB row on ${side.host.label}`, value: fdbRow(entry) });
      byMac.set(key, facts);
    }
    if (needsRows(side.sandbox)) macs.set(side, new Set(rows.map(({ mac }) => mac.toLowerCase())));
  }
  const lacks = (side: OverlaySide, { mac, isContainer }: Endpoint): boolean => isContainer && mac !== undefined && macs.get(side)?.has(mac.toLowerCase()) === false;
  return {
    facts: (side, endpoint) => [
      ...(byMac.get(endpoint.mac?.toLowerCase() ?? '') ?? []),
      ...sides
        .filter((other) => other !== side && lacks(other, endpoint))
        .flatMap((other) => fact(`FDB row on ${other.host.label}`, 'none: what is sent from there does not arrive')),
    ],
    missing: (from, to) => to.network.endpoints.filter((endpoint) => lacks(from, endpoint)),
  };
}

/** Docker writes a row for every member on another host. Where all is flooded to a VTEP, or the FDB was not read, a row that is not there says nothing. */
function needsRows(sandbox: Sandbox | undefined): boolean {
  return sandbox !== undefined && sandbox.record.fdb.length > 0 && !tunnelRows(sandbox).some(({ mac }) => mac === '00:00:00:00:00:00');
}

interface Vtep {
  readonly box: string;
  readonly label: string;
  readonly side: OverlaySide | undefined;
}

/** Draws one edge for every pair of VTEPs, carrying the rows of both directions, and a box for every VTEP whose host was not read. */
export function addTunnels(draft: GraphDraft, topology: Topology, sides: readonly OverlaySide[], far: FarRows, vtepBox: (side: OverlaySide, address: string) => string): void {
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
      const destination = canonicalAddress(entry.destination ?? '');
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
      const thereMissing = primary && from.side && to.side ? far.missing(from.side, to.side) : [];
      const backMissing = primary && from.side && to.side ? far.missing(to.side, from.side) : [];
      draft.connect({
        id: `vtep|${left}|${right}`,
        kind: 'vtep',
        from: from.box,
        to: to.box,
        label: tunnelLabel(countText(there, thereMissing), to.side ? countText(back, backMissing) : undefined),
        // A row that is missing is a fault, and known: it stands out.
        state: thereMissing.length + backMissing.length > 0 ? 'down' : there.length > 0 && (back.length > 0 || !to.side) ? 'normal' : 'unknown',
        facts: [
          ...fact('VTEPs', `${left} ⇄ ${right}`),
          ...direction(topology, from, to, there, thereMissing),
          ...(to.side ? direction(topology, to, from, back, backMissing) : fact(`${to.label} → ${from.label}`, 'not read: this host is not among the added ones')),
        ],
      });
    }
  });
}

// A blank occurs in no IP address.
const pairKey = (from: string, to: string): string => `${from} ${to}`;

/** `2`, or `1 of 2` where a member has no row. */
function countText(rows: readonly FdbEntry[], missing: readonly Endpoint[]): string {
  return missing.length === 0 ? String(rows.length) : `${String(rows.length)} of ${String(rows.length + missing.length)}`;
}

/** `back`: undefined where the other side was not read. */
function tunnelLabel(there: string, back: string | undefined): string {
  if (there === '0' && (back ?? '0') === '0') return 'no FDB rows';
  return `FDB rows: ${there} →  ${back === undefined ? '← not read' : `← ${back}`}`;
}

function direction(topology: Topology, from: Vtep, to: Vtep, entries: readonly FdbEntry[], missing: readonly Endpoint[]): readonly Fact[] {
  const way = `${from.label} → ${to.label}`;
  if (entries.length === 0) return fact(way, 'no FDB rows');
  const place = { hostId: to.side?.host.id, networkName: to.side?.network.name };
  return [
    ...missing.flatMap(({ name, mac }) => fact(`${way} (${name})`, `no FDB row for ${mac ?? ''}`)),
    ...entries.map((entry) => {
      const who = nearestOwners(topology.known.get(entry.mac.toLowerCase()) ?? [], topology, place).map((known) => known.name);
      return { name: `${way}${who.length > 0 ? ` (${[...new Set(who)].join(', ')})` : ''}`, value: fdbRow(entry) };
    }),
  ];
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
