/*
 * Text from hosts may hold what a terminal, an editor or a reader's eye obeys: escape sequences, bidirectional overrides (CVE-2021-42574),
 * line breaks in names, characters without width. One function makes all of it visible.
 */

// Cc: C0, DEL, C1. Cf: bidi controls, zero width, tags. Zl, Zp: line and paragraph separators. Cs: halves of surrogate pairs. Co, Cn: no agreed glyph.
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}]/gu;

/** One line: everything unprintable, line breaks included, as `\n`, `\t`, `\x1b` or `\u{202e}`; bytes that are no UTF-8 (core/facts/bytes.ts) as `\xff`. */
export function printable(text: string): string {
  return text.replace(unprintable, visible);
}

/** A name that may be typed as it is shown: as `printable`, and a backslash as two. `printable` leaves it as it is. */
export function shownName(name: string): string {
  return printable(name.replaceAll('\\', '\\\\'));
}

/** Several lines: as `printable`, but line feeds and tabs stay. */
export function printableText(text: string): string {
  return text.replace(unprintable, (character) => (character === '\n' || character === '\t' ? character : visible(character)));
}

/** What a tool printed, as part of a sentence: its lines one after another, each as `printable`. */
export function printableLines(text: string): string {
  return text.split('\n').map((line) => printable(line.trim())).filter((line) => line !== '').join('; ');
}

function visible(character: string): string {
  if (character === '\n') return '\\n';
  if (character === '\t') return '\\t';
  if (character === '\r') return '\\r';
  const code = character.codePointAt(0) ?? 0;
  const byte = code >= 0xdc80 && code <= 0xdcff ? code - 0xdc00 : code;
  return byte < 0x80 || byte !== code ? `\\x${byte.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
}
