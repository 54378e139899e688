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

/** An object's fields that are not undefined: what `exactOptionalPropertyTypes` wants, without a spread per field. */
export function present<T extends object>(value: { [Name in keyof T]: T[Name] | undefined }): T {
  const all = value as Record<string, unknown>;
  for (const name of Object.keys(all)) {
    // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- the object was made for this call
    if (all[name] === undefined) delete all[name];
  }
  return value as T;
}
