/*
 * Text in columns for a terminal. Widths as wcwidth(3) gives them for the characters that names are made of: 0 for combining marks, 2 for wide East Asian
 * characters and emoji, else 1.
 */

const zeroWidth = /^[\p{Mn}\p{Me}]$/u;
const wide = /^(?:[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{20000}-\u{3fffd}]|\p{Emoji_Presentation})$/u;

/** Columns that a printable text takes on a terminal. */
export function width(text: string): number {
  let columns = 0;
  for (const character of text) columns += zeroWidth.test(character) ? 0 : wide.test(character) ? 2 : 1;
  return columns;
}

export function padEnd(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - width(text)));
}

/** Rows under a heading, each cell as wide as its column's widest, two blanks between; no trailing blanks. */
export function table(heading: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const all = [heading, ...rows];
  const widths = heading.map((_, column) => all.reduce((widest, row) => Math.max(widest, width(row[column] ?? '')), 0));
  return all.map((row) => row.map((cell, column) => padEnd(cell, widths[column] ?? 0)).join('  ').trimEnd());
}
