import type { HostStores, StoreReading, StoreRecord } from '../model/store';
import { decoded } from './storeAnswers';

/*
 * What the records of network stores are. libnetwork's keys are `docker/network/v1.0/` (datastore.go, rootChain) and then a kind and ids; swarm's discovery before
 * swarm mode writes `docker/nodes/` (pkg/discovery/kv); flannel's are `/coreos.com/network/` unless told otherwise (subnet/etcd).
 */

type Json = Readonly<Record<string, unknown>>;

/** A key's parts: what stands between its slashes. What nests deeper than any store's keys stays one part. */
export function pathOf(key: string): readonly string[] {
  const parts = key.split('/').filter((part) => part !== '');
  return parts.length <= maxDepth ? parts : [...parts.slice(0, maxDepth - 1), parts.slice(maxDepth - 1).join('/')];
}

const maxDepth = 32;
const networkId = /^[0-9a-f]{64}$/;
/** Kinds of libnetwork whose next part is a network's id; overlay's has a "network" in between. */
const withNetwork: ReadonlySet<string> = new Set(['network', 'endpoint', 'endpoint_count']);

/** The id of the engine's network that a key, or folder, belongs to. */
export function networkOfPath(path: readonly string[]): string | undefined {
  const under = underLibnetwork(path);
  const rest = under?.[0] === 'overlay' ? under.slice(1) : under;
  const [kind = '', id = ''] = rest ?? [];
  return withNetwork.has(kind) && networkId.test(id) ? id : undefined;
}

/** What follows `docker/network/v1.0`, before which a store's own prefix may stand. */
function underLibnetwork(path: readonly string[]): readonly string[] | undefined {
  const at = path.findIndex((part, index) => part === 'docker' && path[index + 1] === 'network' && path[index + 2] === 'v1.0');
  return at === -1 ? undefined : path.slice(at + 3);
}

/** Whether a key is one of those that engines write, below libnetwork's or discovery's root. */
export function isNetworkPath(path: readonly string[]): boolean {
  return underLibnetwork(path) !== undefined || (path.at(-3) === 'docker' && path.at(-2) === 'nodes');
}

/** Names of networks by id, as the store has them. */
export type NetworkNames = ReadonlyMap<string, string>;

export function networkNames(records: readonly StoreRecord[]): NetworkNames {
  const names = new Map<string, string>();
  for (const record of records) {
    const [kind, id] = underLibnetwork(pathOf(record.key)) ?? [];
    const name = kind === 'network' && id !== undefined ? jsonOf(record)?.['name'] : undefined;
    if (id !== undefined && typeof name === 'string') names.set(id, name);
  }
  return names;
}

/** What a folder is: the name of the network whose id it is. Hostile text; "" where nothing is known. */
export function describeFolder(path: readonly string[], names: NetworkNames): string {
  const id = path.at(-1) ?? '';
  return networkOfPath(path) === id ? (names.get(id) ?? '') : '';
}

/** `endpoint c1 of demonet · 10.13.17.11/24 · …`; hostile text, "" for what is not known. */
export function describeRecord(record: StoreRecord, names: NetworkNames): string {
  const path = pathOf(record.key);
  const value = jsonOf(record);
  if (path.at(-3) === 'docker' && path.at(-2) === 'nodes') return join('engine that advertises itself', record.ttlSeconds === undefined ? '' : `forgotten in ${String(record.ttlSeconds)} s unless it does so again`);
  const under = underLibnetwork(path);
  if (under !== undefined) return value === undefined ? '' : describeLibnetwork(under, value, names);
  return value === undefined ? '' : describeFlannel(path, value);
}

function describeLibnetwork([kind, first = '', second = '', ...rest]: readonly string[], value: Json, names: NetworkNames): string {
  const networkName = (id: string): string => names.get(id) ?? id.slice(0, 12);
  switch (kind) {
    case 'network':
      return join(`network ${text(value['name'])}`, text(value['networkType']), ...pools(value));
    case 'endpoint': {
      const device = object(value['ep_iface']);
      return join(`endpoint ${text(value['name'])} of ${networkName(first)}`, text(device['addr']), text(device['mac']), prefixed('on ', text(value['locator'])));
    }
    case 'endpoint_count':
      return typeof value['Count'] === 'number' ? `${String(value['Count'])} ${value['Count'] === 1 ? 'endpoint' : 'endpoints'} of ${networkName(first)}` : '';
    case 'overlay': {
      const subnets = list(value['subnets']).map(object);
      return first !== 'network' ? '' : join(`overlay ${networkName(second)}`, ...subnets.map((subnet) => join(text(subnet['SubnetIP']), prefixed('VNI ', text(subnet['Vni'])))), value['secure'] === true ? 'encrypted' : '');
    }
    case 'idm':
      return first === 'vxlan-id' ? join('VXLAN ids', taken(value)) : taken(value);
    case 'ipam':
      if (second === 'config') return join('address pools', ...Object.values(object(value['Subnets'])).map((pool) => text(object(pool)['Pool'])));
      return second === 'data' ? join(`addresses of ${rest.slice(1).join('/')}`, taken(value)) : '';
    default:
      return '';
  }
}

function pools(network: Json): readonly string[] {
  return [...list(network['ipamV4Config']), ...list(network['ipamV6Config'])].map((pool) => text(object(pool)['PreferredPool']));
}

/** flannel's Config and LeaseAttrs (subnet/config.go, pkg/lease); the key of a lease is its subnet, with a dash for the slash, and an IPv6 one after an ampersand. */
function describeFlannel(path: readonly string[], value: Json): string {
  const key = path.at(-1) ?? '';
  if (key === 'config' && (typeof value['Network'] === 'string' || typeof value['IPv6Network'] === 'string')) {
    return join("flannel's network", text(value['Network']), text(value['IPv6Network']), text(object(value['Backend'])['Type']) || 'udp');
  }
  if (path.at(-2) !== 'subnets' || typeof value['PublicIP'] !== 'string') return '';
  const data = object(value['BackendData']);
  return join(`flannel's subnet ${key.replace('&', ' ').replaceAll('-', '/')}`, `of ${value['PublicIP']}`, text(value['BackendType']), prefixed('VNI ', text(data['VNI'])), text(data['VtepMAC']));
}

/**
 * `5 of 256 taken` of a bit sequence (libnetwork, bitseq): in base64 the number of bits and of those that are free, 64 bits each, big endian.
 */
function taken({ sequence }: Json): string {
  const bytes = typeof sequence === 'string' ? decoded(sequence) : undefined;
  if (bytes === undefined || bytes.length < 16) return '';
  const number = (at: number): number => Array.from(bytes.slice(at, at + 8)).reduce((sum, byte) => sum * 256 + byte.charCodeAt(0), 0);
  const [bits, free] = [number(0), number(8)];
  return free > bits ? '' : `${String(bits - free)} of ${String(bits)} taken`;
}

/** What is kept of a network: its own records, its overlay's, its endpoints', and the address pools that it has. */
export function recordsOfNetwork({ records }: StoreReading, id: string): readonly StoreRecord[] {
  const own = records.find(({ key }) => isOwn(pathOf(key), id));
  const subnets = new Set(own === undefined ? [] : pools(jsonOf(own) ?? {}).filter((pool) => pool !== ''));
  return records.filter(({ key }) => {
    const path = pathOf(key);
    const under = underLibnetwork(path) ?? [];
    return networkOfPath(path) === id || (under[0] === 'ipam' && under[2] === 'data' && subnets.has(under.slice(4).join('/')));
  });
}

function isOwn(path: readonly string[], id: string): boolean {
  const [kind, network, ...more] = underLibnetwork(path) ?? [];
  return kind === 'network' && network === id && more.length === 0;
}

/** Whether any store of a host has records of a network. */
export function knowsNetwork({ stores }: HostStores, id: string): boolean {
  return stores.some(({ readings }) => readings.some(({ records }) => records.some(({ key }) => networkOfPath(pathOf(key)) === id)));
}

/** Whether a value is an object or a list, as JSON. */
export function isJson(record: StoreRecord): boolean {
  return decodedValue(record).json;
}

/** More than any record nests; JSON within JSON is how libnetwork writes IPAM's. */
const maxNested = 8;

/** A value as it is read: JSON indented, JSON within its strings likewise; what is no JSON as it is. Hostile text, many lines. */
export function decodedValue({ value, base64 }: StoreRecord): { readonly text: string; readonly json: boolean } {
  if (base64 !== undefined) return { text: `(no text: ${String(decoded(base64)?.length ?? 0)} bytes, in base64)\n${base64}`, json: false };
  if (value === undefined) return { text: '(no value)', json: false };
  try {
    const parsed: unknown = JSON.parse(value);
    if (typeof parsed !== 'object' || parsed === null) return { text: value, json: false };
    return { text: JSON.stringify(expanded(parsed, maxNested), undefined, 2), json: true };
  } catch {
    // No JSON, or nested until the stack ends.
    return { text: value, json: false };
  }
}

function expanded(value: unknown, left: number): unknown {
  if (typeof value === 'string' && left > 0 && /^\s*[[{]/.test(value)) {
    try {
      return expanded(JSON.parse(value), left - 1);
    } catch {
      return value;
    }
  }
  if (Array.isArray(value)) return value.map((each: unknown) => expanded(each, left));
  if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, expanded(each, left)]));
  return value;
}

function jsonOf({ value }: StoreRecord): Json | undefined {
  try {
    const parsed: unknown = value === undefined ? undefined : JSON.parse(value);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? (parsed as Json) : undefined;
  } catch {
    return undefined;
  }
}

function object(value: unknown): Json {
  return typeof value === 'object' && value !== null ? (value as Json) : {};
}

/** A list, or one that is written as JSON in a string. */
function list(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (typeof value !== 'string') return [];
  try {
    const parsed: unknown = JSON.parse(value);
    return Array.isArray(parsed) ? parsed : [];
  } catch {
    return [];
  }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

function prefixed(word: string, value: string): string {
  return value === '' ? '' : `${word}${value}`;
}

function join(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(' · ');
}
