/** What was readable of a tool's lines; `whole` is false where some line was none that is known. */
export interface TextRecords<T> {
  readonly records: readonly T[];
  readonly whole: boolean;
}

/** One record per line, by a reader that answers undefined where the line is none. Blank lines are left out. */
export function readLines<T>(text: string, read: (words: readonly string[]) => T | undefined): TextRecords<T> {
  const records: T[] = [];
  let whole = true;
  for (const line of text.split('\n')) {
    const words = line.split(/\s+/).filter((word) => word !== '');
    if (words.length === 0) continue;
    const record = read(words);
    if (record === undefined) whole = false;
    else records.push(record);
  }
  return { records, whole };
}

/** The word after the first `name`, from position `from` on. */
export function wordAfter(words: readonly string[], name: string, from = 0): string | undefined {
  const at = words.indexOf(name, from);
  return at < 0 ? undefined : words[at + 1];
}
