/*
 * Text without a font to measure it: widths are estimated, a little on the wide side of the usual interface fonts, so that
 * what fits here fits on every platform.
 */

/** How much wider semi-bold text is, in the widest of the usual fonts. */
export const strongWidth = 1.16;

/** Of a line of text, in multiples of its font size. */
export const lineHeight = 1.25;

const narrow = /[ijlI.,:;'|!()[\]{}ftr/\\ ·-]/;
const wide = /[mwMW@%—→←⇄]/;
const fullWidth = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Extended_Pictographic}\uFF00-\uFF60]/u;

function advance(character: string): number {
  if (narrow.test(character)) return 0.37;
  if (wide.test(character)) return 0.92;
  if (fullWidth.test(character)) return 1.1;
  // Figures are of one width, and in DejaVu Sans wider than most small letters.
  return /[A-Z]/.test(character) ? 0.7 : /\d/.test(character) ? 0.64 : 0.58;
}

/** Estimated width in pixels at a font size in pixels. */
export function textWidth(text: string, fontSize: number): number {
  let width = 0;
  for (const character of text) width += advance(character);
  return width * fontSize;
}

/** Hostile text made safe to show on one line: control and format characters (line breaks, escapes, direction overrides) become visible. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\uFFFE\uFFFF]/gu, '\uFFFD');
}

/** The text cut to a width in pixels, with an ellipsis where something was cut. */
export function fitText(text: string, width: number, fontSize: number): string {
  const clean = printable(text);
  if (textWidth(clean, fontSize) <= width) return clean;
  const room = width - textWidth('…', fontSize);
  let kept = '';
  let used = 0;
  for (const character of clean) {
    used += advance(character) * fontSize;
    if (used > room) break;
    kept += character;
  }
  return `${kept.trimEnd()}…`;
}
