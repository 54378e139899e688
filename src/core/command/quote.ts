/**
 * One argument for a POSIX shell (IEEE 1003.1, 2.2.2): single quotes hide everything but the single quote itself.
 * @throws RangeError for a NUL, which no argv can carry.
 */
export function quoteArgument(argument: string): string {
  if (argument.includes('\0')) throw new RangeError('A command argument holds a NUL byte, which no program can be given.');
  if (/^[A-Za-z0-9_@%+=:,./-]+$/.test(argument)) return argument;
  return `'${argument.replaceAll("'", `'\\''`)}'`;
}

/** A whole command line for a POSIX shell. */
export function quoteArgv(argv: readonly string[]): string {
  return argv.map(quoteArgument).join(' ');
}

// As in report/printable.ts: what would not be seen, or would be obeyed, where the text is shown.
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}]/gu;

/**
 * One argument as it is shown to a person, who may copy it into bash: on one line, and of the same meaning. What cannot be seen, line breaks included, is written as $'…\n…'
 * (bash(1), "QUOTING"), beyond ASCII by its bytes in UTF-8, so that no locale counts.
 */
export function shownArgument(argument: string): string {
  if (argument.search(unseen) < 0) return quoteArgument(argument);
  return `$'${argument.replace(/['\\]/g, '\\$&').replace(unseen, escaped)}'`;
}

/** A whole command line, likewise. */
export function shownArgv(argv: readonly string[]): string {
  return argv.map(shownArgument).join(' ');
}

const named: ReadonlyMap<string, string> = new Map([['\n', '\\n'], ['\t', '\\t'], ['\r', '\\r']]);

/** `\n`, `\x1b`, `\xe2\x80\xae`; half of a surrogate pair as U+FFFD, which is what a program is given for it. */
function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x80) return named.get(character) ?? `\\x${code.toString(16).padStart(2, '0')}`;
  return encodeURIComponent(code >= 0xd800 && code <= 0xdfff ? '\ufffd' : character).replace(/%(..)/g, (_whole, byte: string) => `\\x${byte.toLowerCase()}`);
}
