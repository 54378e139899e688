import type { StoreRecord } from '../model/store';

/*
 * Answers of key-value stores over HTTP, as JSON that was parsed. What is no record is counted in `odd`; `undefined` is what no such store answers.
 */

export interface StoreRecords {
  /** Sorted by key. */
  readonly records: readonly StoreRecord[];
  /** Entries that cannot be understood. */
  readonly odd: number;
  /** There are more than were given. */
  readonly more: boolean;
}

/** More than any store of networks holds; what answers with more is made to exhaust its reader. */
export const maxRecords = 20_000;

/** `GET /v2/keys/?recursive=true` (etcd, Documentation/v2/api.md): folders hold `nodes`, keys a `value`. Hidden ones, which begin with _, are not told. */
export function readEtcd2(answer: unknown): StoreRecords | undefined {
  if (!isObject(answer) || !isObject(answer['node'])) return undefined;
  const records: StoreRecord[] = [];
  let odd = 0;
  let more = false;
  // A list of what is left instead of a recursion: a hostile answer may nest without end.
  const left: unknown[] = [answer['node']];
  for (let node = left.pop(); node !== undefined; node = left.pop()) {
    if (!isObject(node)) odd++;
    else if (node['dir'] === true) {
      if (Array.isArray(node['nodes'])) for (const child of node['nodes'] as unknown[]) left.push(child ?? '');
    } else if (typeof node['key'] !== 'string' || typeof node['value'] !== 'string') odd++;
    else if (records.length === maxRecords) more = true;
    else records.push({ key: node['key'], value: node['value'], ...(typeof node['ttl'] === 'number' && Number.isFinite(node['ttl']) && { ttlSeconds: node['ttl'] }) });
  }
  return { records: sorted(records), odd, more };
}

/** `POST /v3/kv/range` (etcd, rpc.proto, RangeResponse as gRPC's gateway writes it): keys and values in base64, numbers as text; what is empty is left out. */
export function readEtcd3(answer: unknown): StoreRecords | undefined {
  if (!isObject(answer) || !isObject(answer['header'])) return undefined;
  const kvs = answer['kvs'] ?? [];
  if (!Array.isArray(kvs)) return undefined;
  const found = encoded(kvs, 'key', 'value', true);
  return { ...found, more: found.more || answer['more'] === true };
}

/** `GET /v1/kv/PREFIX?recurse` (Consul, KV store endpoints): a list of `Key` and `Value`, the latter in base64 or null. */
export function readConsul(answer: unknown): StoreRecords | undefined {
  return Array.isArray(answer) ? encoded(answer, 'Key', 'Value', false) : undefined;
}

function encoded(entries: readonly unknown[], keyName: string, valueName: string, keyIsEncoded: boolean): StoreRecords {
  const records: StoreRecord[] = [];
  let odd = 0;
  for (const entry of entries.slice(0, maxRecords)) {
    const key = isObject(entry) ? entry[keyName] : undefined;
    const value = isObject(entry) ? (entry[valueName] ?? '') : undefined;
    // A key that is no text is shown by its bytes, as one would write them in a shell.
    const name = typeof key !== 'string' ? undefined : keyIsEncoded ? (textOf(key) ?? bytesOf(key)) : key;
    if (name === undefined || typeof value !== 'string') odd++;
    else {
      const text = textOf(value);
      records.push({ key: name, ...(text === undefined ? { base64: value } : value === '' && !keyIsEncoded ? {} : { value: text }) });
    }
  }
  return { records: sorted(records), odd, more: entries.length > maxRecords };
}

/** UTF-8 out of base64; undefined for what is none. */
function textOf(base64: string): string | undefined {
  const bytes = decoded(base64);
  try {
    return bytes && decodeUtf8(bytes);
  } catch {
    return undefined;
  }
}

/** As `\x00`, one by one. */
function bytesOf(base64: string): string | undefined {
  return decoded(base64)?.replace(/[^\x20-\x7e]/g, (byte) => `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const digitValues: ReadonlyMap<string, number> = new Map(Array.from(digits).map((digit, value) => [digit, value]));

/** Bytes as characters up to U+00FF (RFC 4648, section 4): the core has neither a browser nor Node to ask. */
export function decoded(base64: string): string | undefined {
  const text = base64.replace(/=+$/, '');
  if (text.length % 4 === 1) return undefined;
  const bytes: string[] = [];
  let bits = 0;
  let held = 0;
  for (const digit of text) {
    const value = digitValues.get(digit);
    if (value === undefined) return undefined;
    held = ((held << 6) | value) & 0xffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes.push(String.fromCharCode((held >> bits) & 0xff));
    }
  }
  return bytes.join('');
}

/** Bytes, as characters, read as UTF-8. @throws URIError for what is none, or holds what no text does. */
function decodeUtf8(bytes: string): string {
  const text = decodeURIComponent(bytes.replace(/[%\x80-\xff]/g, (byte) => `%${byte.charCodeAt(0).toString(16).padStart(2, '0')}`));
  // eslint-disable-next-line no-control-regex -- they are what is looked for
  if (/[\x00-\x08\x0b\x0c\x0e-\x1f]/.test(text)) throw new URIError('control characters');
  return text;
}

function sorted(records: readonly StoreRecord[]): readonly StoreRecord[] {
  return [...records].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
