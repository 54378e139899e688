import type { OvsBridge, OvsFacts, OvsInterface, OvsPort } from '../model/ovs';
import { compareNames } from '../model/nameOrder';
import { isRecord, isTame, present, textOf, type ToolRecord } from './record';

/** What `ovs-vsctl --format=json list Bridge`, `list Port` and `list Interface` printed, a line each. */
export interface OvsRead {
  readonly bridges: readonly OvsBridge[];
  /** Lines that are none of these tables: what ovs-vsctl complained of, or what was cut off. */
  readonly other: readonly string[];
  /** Whether all three tables came, and every row was one. */
  readonly whole: boolean;
}

type Row = ReadonlyMap<string, unknown>;

/** Reads the three tables; each row is joined to what it refers to by uuid. A column that is missing or odd leaves its fact out. */
export function readOvs(body: string): OvsRead {
  const lines = body.split('\n').filter((line) => line.trim() !== '');
  const tables = lines.map(readTable);
  const found = tables.filter((table) => table !== undefined);
  const [bridges, ports, interfaces] = found;
  let whole = found.length === 3 && found.every((table) => table.whole);
  const interfaceOf = byUuid(interfaces?.rows ?? [], readInterface);
  const portOf = byUuid(ports?.rows ?? [], (row, uuid) => readPort(row, uuid, interfaceOf));
  const rows = [...byUuid(bridges?.rows ?? [], (row, uuid) => readBridge(row, uuid, portOf)).values()];
  if (rows.length < (bridges?.rows.length ?? 0)) whole = false;
  return { bridges: rows.toSorted((a, b) => compareNames(a.name, b.name)), other: lines.filter((_, at) => tables[at] === undefined), whole };
}

/** The state letter of the process, by proc(5): T and t are stopped and traced ones, Z and X dead ones. */
export function switchState(word: string | undefined): OvsFacts['daemon'] {
  if (word === 'T' || word === 't') return 'stopped';
  return word !== undefined && /^[A-Z]$/.test(word) && !'ZX'.includes(word) ? 'running' : 'none';
}

/** `{"headings": [column, …], "data": [[value, …], …]}` (ovs-vsctl(8), "Table Formatting Options"). */
function readTable(line: string): { readonly rows: readonly Row[]; readonly whole: boolean } | undefined {
  let table: unknown;
  try {
    table = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (!isRecord(table) || !isTame(table)) return undefined;
  const { headings, data } = table;
  if (!Array.isArray(headings) || !Array.isArray(data)) return undefined;
  const rows = data.filter((row) => Array.isArray(row)).map((row): Row => new Map(row.map((value: unknown, at) => [String(headings[at]), value])));
  return { rows, whole: rows.length === data.length };
}

function byUuid<T>(rows: readonly Row[], read: (row: Row, uuid: string) => T | undefined): ReadonlyMap<string, T> {
  return new Map(
    rows.flatMap((row) => {
      const [uuid] = uuidsOf(row.get('_uuid'));
      const value = uuid === undefined ? undefined : read(row, uuid);
      return uuid === undefined || value === undefined ? [] : [[uuid, value] as const];
    }),
  );
}

function readBridge(row: Row, uuid: string, portOf: ReadonlyMap<string, OvsPort>): OvsBridge | undefined {
  const name = text(row.get('name'));
  if (name === undefined) return undefined;
  return present<OvsBridge>({
    uuid,
    name,
    datapathType: text(row.get('datapath_type')) || 'system',
    failMode: text(row.get('fail_mode')),
    stp: row.get('stp_enable') === true,
    externalIds: map(row.get('external_ids')),
    ports: uuidsOf(row.get('ports')).flatMap((id) => portOf.get(id) ?? []).toSorted((a, b) => compareNames(a.name, b.name)),
  });
}

function readPort(row: Row, uuid: string, interfaceOf: ReadonlyMap<string, OvsInterface>): OvsPort | undefined {
  const name = text(row.get('name'));
  if (name === undefined) return undefined;
  return present<OvsPort>({
    uuid,
    name,
    tag: vlan(set(row.get('tag'))[0]),
    trunks: set(row.get('trunks')).flatMap((value) => vlan(value) ?? []),
    vlanMode: text(row.get('vlan_mode')),
    bondMode: text(row.get('bond_mode')),
    interfaces: uuidsOf(row.get('interfaces')).flatMap((id) => interfaceOf.get(id) ?? []),
  });
}

function readInterface(row: Row): OvsInterface | undefined {
  const name = text(row.get('name'));
  if (name === undefined) return undefined;
  const ofport = whole(row.get('ofport'));
  return present<OvsInterface>({
    name,
    type: text(row.get('type')) ?? '',
    options: withoutSecrets(map(row.get('options'))),
    ofport,
    adminState: text(row.get('admin_state')),
    linkState: text(row.get('link_state')),
    error: text(row.get('error')),
    externalIds: map(row.get('external_ids')),
    mac: text(row.get('mac_in_use')),
    mtuBytes: whole(row.get('mtu')),
  });
}

/** The probe empties it before it leaves the host; a hand-made answer may hold it all the same. */
function withoutSecrets(options: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(options).filter(([name]) => name !== 'psk'));
}

/** RFC 7047 5.1, <value>: a set is ["set", [value, …]], and one of exactly one value may be that value alone. */
function set(value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  if (Array.isArray(value) && value[0] === 'set') return Array.isArray(value[1]) ? (value[1] as readonly unknown[]) : [];
  return [value];
}

/** ["map", [[key, value], …]]. */
function map(value: unknown): Readonly<Record<string, string>> {
  if (!Array.isArray(value) || value[0] !== 'map' || !Array.isArray(value[1])) return {};
  const pairs = (value[1] as readonly unknown[]).filter((pair) => Array.isArray(pair) && pair.length === 2) as readonly (readonly unknown[])[];
  return Object.fromEntries(pairs.flatMap(([key, each]) => (typeof key !== 'string' || key === '__proto__' || each === undefined ? [] : [[key, typeof each === 'string' ? each : JSON.stringify(each)]])));
}

/** ["uuid", "…"], or a set of them. */
function uuidsOf(value: unknown): readonly string[] {
  return set(value).flatMap((each) => (Array.isArray(each) && each[0] === 'uuid' && typeof each[1] === 'string' && /^[0-9a-f-]{36}$/.test(each[1]) ? [each[1]] : []));
}

function text(value: unknown): string | undefined {
  const [only] = set(value);
  return textOf({ only } satisfies ToolRecord, 'only');
}

/** -1, too: an OpenFlow port that could not be made has that number. */
function whole(value: unknown): number | undefined {
  const [only] = set(value);
  return typeof only === 'number' && Number.isSafeInteger(only) ? only : undefined;
}

/** 0 to 4095 (IEEE 802.1Q). */
function vlan(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 4095 ? value : undefined;
}
