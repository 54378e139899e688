import { isRecord, isTame, type ToolRecord } from './record';

/** What was readable of a tool's JSON array; `whole` is false where something of it was not. */
export interface JsonRecords {
  readonly records: readonly ToolRecord[];
  readonly whole: boolean;
}

/**
 * Reads the JSON array that `ip -j` or `bridge -j` prints. iproute2's writer (lib/json_writer.c) copies control characters, which
 * interface names may hold, as they are, and older ones escape a single quote: neither is JSON, both are mended. From output
 * that is cut off or spoilt, the records that are whole are kept.
 */
export function readJsonRecords(text: string): JsonRecords {
  const parsed = parse(text) ?? parse(mend(text));
  if (parsed !== undefined) {
    const records = parsed.filter((item) => isRecord(item) && Object.keys(item).length > 0) as ToolRecord[];
    const kept = records.filter((record) => isTame(record));
    return { records: kept, whole: kept.length === records.length };
  }
  if (text.trim() === '') return { records: [], whole: true };
  return { records: salvage(mend(text)), whole: false };
}

function parse(text: string): readonly unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function mend(text: string): string {
  return (
    text
      .replace(/\\'/g, "'")
      // eslint-disable-next-line no-control-regex -- they are what is looked for
      .replace(/[\u0000-\u0009\u000b-\u001f]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
  );
}

/** The whole objects of an array that does not parse. */
function salvage(text: string): ToolRecord[] {
  const records: ToolRecord[] = [];
  let depth = 0;
  let start = -1;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (quoted) {
      if (character === '\\') at++;
      else if (character === '"') quoted = false;
      continue;
    }
    if (character === '"') quoted = true;
    else if (character === '{') {
      if (depth === 0) start = at;
      depth++;
    } else if (character === '}' && depth > 0) {
      depth--;
      if (depth === 0) {
        const found = parse(`[${text.slice(start, at + 1)}]`)?.[0];
        if (isRecord(found) && isTame(found)) records.push(found);
      }
    }
  }
  return records;
}
