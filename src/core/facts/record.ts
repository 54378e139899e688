/** One record of a tool's JSON output, of which nothing is certain yet. */
export type ToolRecord = Readonly<Record<string, unknown>>;

export function isRecord(value: unknown): value is ToolRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function textOf(record: ToolRecord, name: string): string | undefined {
  const value = record[name];
  return typeof value === 'string' ? value : undefined;
}

export function numberOf(record: ToolRecord, name: string): number | undefined {
  const value = record[name];
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** A whole number from 0 on: what indexes, ids and sizes are. */
export function wholeOf(record: ToolRecord, name: string): number | undefined {
  return whole(record[name]);
}

export function whole(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

/** Deeper than any tool's or engine's record. What nests deeper is made to exhaust whoever walks through it. */
const maxDepth = 48;

/** Whether a parsed JSON value is what a recording may hold: no key `__proto__`, and no deeper than any record is. */
export function isTame(value: unknown, depth = 0): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (depth > maxDepth || Object.hasOwn(value, '__proto__')) return false;
  for (const member of Object.values(value) as unknown[]) {
    if (typeof member === 'object' && member !== null && !isTame(member, depth + 1)) return false;
  }
  return true;
}

/** The value without what `isTame` refuses. */
export function tamed(value: unknown, depth = 0): unknown {
  if (depth === 0 && isTame(value)) return value;
  if (typeof value !== 'object' || value === null) return value;
  if (depth > maxDepth) return null;
  if (Array.isArray(value)) return value.map((member) => tamed(member, depth + 1));
  return Object.fromEntries(Object.entries(value).flatMap(([key, member]) => (key === '__proto__' ? [] : [[key, tamed(member, depth + 1)]])));
}

/** iproute2 prints a flag as true, as 1, as "on" or, in `print_null`, as null, by record and version. */
export function flagOf(record: ToolRecord, name: string): boolean | undefined {
  const value = record[name];
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return value !== 0;
  if (value === 'on' || value === 'off') return value === 'on';
  return value === null ? true : undefined;
}

export function textsOf(record: ToolRecord, name: string): readonly string[] {
  const value = record[name];
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

export function recordOf(record: ToolRecord, name: string): ToolRecord | undefined {
  const value = record[name];
  return isRecord(value) ? value : undefined;
}

export function recordsOf(record: ToolRecord, name: string): readonly ToolRecord[] {
  const value = record[name];
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

/** The fields that are not in `understood` and say something, or undefined where none is left. */
export function restOf(record: ToolRecord, understood: ReadonlySet<string>): ToolRecord | undefined {
  let rest: Record<string, unknown> | undefined;
  for (const name of Object.keys(record)) {
    if (understood.has(name)) continue;
    const value = record[name];
    if (value === undefined || (Array.isArray(value) && value.length === 0)) continue;
    rest ??= {};
    rest[name] = value;
  }
  return rest;
}

/**
 * An object's fields that are not undefined: what `exactOptionalPropertyTypes` wants, without a spread per field.
 * A new object: one that fields are deleted from becomes a hash table to V8, of several times the size, and a scan makes thousands.
 */
export function present<T extends object>(value: { [Name in keyof T]: T[Name] | undefined }): T {
  const all = value as Record<string, unknown>;
  const kept: Record<string, unknown> = {};
  for (const name of Object.keys(all)) {
    if (all[name] !== undefined) kept[name] = all[name];
  }
  return kept as T;
}
