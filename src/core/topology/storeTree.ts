import { describeFolder, describeRecord, isJson, networkNames, networkOfPath, pathOf } from '../facts/storeRecords';
import type { HostId } from '../model/address';
import type { HostStores, StoreAnswer, StoreApi, StoreFault, StoreReading, StoreRecord } from '../model/store';
import { shortValue } from '../report/storeText';

/** A store, or a key of one; hostile text. It holds no value: a document reads that anew. */
export interface StoreEntry {
  readonly id: string;
  readonly kind: 'store' | 'storeKey';
  readonly parent: StoreEntry | undefined;
  /** The store's address, or the last part of the key. */
  readonly name: string;
  /** What it is, as far as is known, or the beginning of its value. */
  readonly is: string;
  readonly address: string;
  readonly from: string;
  /** Absent where nothing of the store was read. */
  readonly api?: StoreApi;
  /** Where there is a record and not a folder alone. */
  readonly record?: { readonly key: string; readonly json: boolean; readonly ttlSeconds?: number };
  /** The engine's id of the network that it is about. */
  readonly network?: string;
  /** Sorted by name. */
  readonly children: readonly StoreEntry[];
  /** Children that are left out, since no list shows so many. */
  readonly more: number;
  readonly records: number;
  readonly faults: readonly StoreFault[];
}

/** Everything that was read of a host's stores, as rows. */
export interface StoreTree {
  readonly entries: readonly StoreEntry[];
  readonly byId: ReadonlyMap<string, StoreEntry>;
  /** By the engine's id of a network, the entry that says most of it. */
  readonly byNetwork: ReadonlyMap<string, StoreEntry>;
  readonly faults: readonly StoreFault[];
}

const mostChildren = 1000;

interface Draft {
  readonly name: string;
  readonly path: readonly string[];
  readonly children: Map<string, Draft>;
  record?: StoreRecord;
}

export function storeTree(hostId: HostId, { stores, faults }: HostStores): StoreTree {
  const byId = new Map<string, StoreEntry>();
  const byNetwork = new Map<string, StoreEntry>();
  const entries = stores.flatMap((store) => (store.readings.length === 0 ? [storeEntry(store, undefined, store.faults)] : store.readings.map((reading, index) => storeEntry(store, reading, index === 0 ? store.faults : []))));
  for (const entry of entries) visit(entry);
  return { entries, byId, byNetwork, faults };

  function visit(entry: StoreEntry): void {
    byId.set(entry.id, entry);
    if (entry.network !== undefined && (!byNetwork.has(entry.network) || isOwn(entry))) byNetwork.set(entry.network, entry);
    for (const child of entry.children) visit(child);
  }

  function storeEntry({ address, from }: StoreAnswer, reading: StoreReading | undefined, ownFaults: readonly StoreFault[]): StoreEntry {
    const names = networkNames(reading?.records ?? []);
    const common = { address, from, ...(reading && { api: reading.api }) };
    const id = `${hostId}|store|${address}|${reading?.api ?? ''}`;
    const root: StoreEntry = { ...common, id, kind: 'store', parent: undefined, name: address, is: reading?.api ?? '', records: reading?.records.length ?? 0, faults: ownFaults, ...childrenOf(drafted(reading?.records ?? []), () => root, (draft, parent) => keyEntry(draft, parent)) };
    return root;

    function keyEntry(draft: Draft, parent: () => StoreEntry): StoreEntry {
      const { record, path, name } = draft;
      const network = networkOfPath(path);
      const below = childrenOf(draft, () => made, (each, of) => keyEntry(each, of));
      const made: StoreEntry = {
        ...common,
        id: `${id}|${record === undefined ? '/' : '='}${path.join('/')}${record === undefined ? '' : `|${record.key}`}`,
        kind: 'storeKey',
        get parent() {
          return parent();
        },
        name,
        is: record === undefined ? describeFolder(path, names) : describeRecord(record, names) || shortValue(record),
        ...(record && { record: { key: record.key, json: isJson(record), ...(record.ttlSeconds !== undefined && { ttlSeconds: record.ttlSeconds }) } }),
        ...(network !== undefined && { network }),
        ...below,
        records: count(draft),
        faults: [],
      };
      return made;
    }
  }
}

function childrenOf(draft: Draft, self: () => StoreEntry, make: (child: Draft, parent: () => StoreEntry) => StoreEntry): Pick<StoreEntry, 'children' | 'more'> {
  const all = [...draft.children.values()];
  return { children: all.slice(0, mostChildren).map((child) => make(child, self)), more: Math.max(0, all.length - mostChildren) };
}

/** A key's own record is the folder's too where there are keys below it. */
function drafted(records: readonly StoreRecord[]): Draft {
  const root: Draft = { name: '', path: [], children: new Map() };
  for (const record of records) {
    const path = pathOf(record.key);
    let at = root;
    for (const [index, part] of path.entries()) {
      const next: Draft = at.children.get(part) ?? { name: part, path: path.slice(0, index + 1), children: new Map() };
      at.children.set(part, next);
      at = next;
    }
    // Keys that differ by their slashes alone.
    if (at.record !== undefined || at === root) root.children.set(`=${record.key}`, { name: record.key === '' ? '""' : record.key, path, children: new Map(), record });
    else at.record = record;
  }
  return root;
}

function count(draft: Draft): number {
  let sum = draft.record === undefined ? 0 : 1;
  for (const child of draft.children.values()) sum += count(child);
  return sum;
}

/** libnetwork's own record of a network, not its endpoints' or overlay's. */
function isOwn({ record, network }: StoreEntry): boolean {
  const path = pathOf(record?.key ?? '');
  return path.at(-2) === 'network' && path.at(-3) === 'v1.0' && path.at(-1) === network;
}
