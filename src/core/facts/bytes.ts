/*
 * Names of files are bytes. Those that are no UTF-8 are kept as halves of surrogate pairs, U+DC80 to U+DCFF for the bytes 0x80 to 0xff (as Python's PEP 383 does): no text that was
 * decoded holds these, so each name has one text and each text one name.
 */

/** A text in which bytes may be written as `\\ooo`, as the kernel does it (mangle in fs/proc_namespace.c). */
export function unescapeBytes(text: string): string {
  return text.replace(/(?:\\[0-3][0-7]{2})+/g, (run) => decodeBytes(run.slice(1).split('\\').map((octal) => parseInt(octal, 8))));
}

function decodeBytes(bytes: readonly number[]): string {
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const [code, length] = characterAt(bytes, at);
    text += String.fromCodePoint(code);
    at += length;
  }
  return text;
}

/** Well-formed UTF-8 alone (Unicode, table 3-7): nothing overlong, no halves of surrogate pairs. */
function characterAt(bytes: readonly number[], at: number): readonly [code: number, length: number] {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return [first, 1];
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  const rest = bytes.slice(at + 1, at + length);
  const code = rest.reduce((sum, byte) => sum * 64 + (byte & 0x3f), first & (0x7f >> length));
  const least = [0, 0, 0x80, 0x800, 0x10000][length] ?? 0;
  const whole = first >= 0xc2 && first <= 0xf4 && rest.length === length - 1 && rest.every((byte) => (byte & 0xc0) === 0x80);
  return whole && code >= least && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) ? [code, length] : [0xdc00 + first, 1];
}

/** Whether a text stands for a name that is UTF-8: others cannot be a program's argument here. */
export function isEncodable(text: string): boolean {
  return !/\p{Cs}/u.test(text);
}
