import type { StoreRecord } from '../model/store';
import { hiddenValue, secretName, withoutLogins } from './secretName';
import { isNetworkPath, pathOf } from './storeRecords';

/** A store may hold anything of its users: what a name calls a secret is dropped as soon as it was read, and comes nowhere else. */
export function withoutSecrets(record: StoreRecord): StoreRecord {
  const { key, value, base64, ttlSeconds } = record;
  const path = pathOf(key);
  // Ids and names of the networks' own records are no names of values.
  if (!isNetworkPath(path) && path.some((part) => secretName.test(part)) && (value ?? base64 ?? '') !== '') return { key, value: hiddenValue, ...(ttlSeconds !== undefined && { ttlSeconds }) };
  return value === undefined ? record : { ...record, value: cleanedText(value, maxNested) };
}

const maxNested = 8;

/** JSON, also as text in JSON, else lines of `name=value` or `name: value`. The text stays as it is where it holds no secret. */
function cleanedText(text: string, left: number): string {
  if (left > 0 && /^\s*[[{]/.test(text)) {
    try {
      const seen = { secret: false };
      const cleaned = cleanedJson('', JSON.parse(text), left - 1, seen);
      return seen.secret ? JSON.stringify(cleaned) : text;
    } catch {
      // No JSON, or nested until the stack ends.
    }
  }
  return withoutLogins(
    text
      .replace(/-----BEGIN ([A-Z0-9 ]{0,40}PRIVATE KEY)-----[\s\S]*?(?:-----END \1-----|$)/g, hiddenValue)
      .replace(/^([^\S\n]*(?:export[^\S\n]+|-[^\S\n]+)?["']?([\w.-]{1,100})(?:["']?[^\S\n]*=|["'][^\S\n]*:|:(?=[^\S\n]))[^\S\n]*)(\S.*)$/gm, (line: string, start: string, name: string) => (secretName.test(name) ? `${start}${hiddenValue}` : line)),
  );
}

function cleanedJson(name: string, value: unknown, left: number, seen: { secret: boolean }): unknown {
  if (Array.isArray(value)) return value.map((each: unknown) => cleanedJson(name, each, left, seen));
  if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, cleanedJson(secretName.test(name) ? name : key, each, left, seen)]));
  if (secretName.test(name) && value !== '' && value !== null && typeof value !== 'boolean') {
    seen.secret = true;
    return hiddenValue;
  }
  if (typeof value !== 'string') return value;
  const cleaned = cleanedText(value, left);
  if (cleaned !== value) seen.secret = true;
  return cleaned;
}
