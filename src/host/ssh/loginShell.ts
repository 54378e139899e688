import { quoteArgument, quoteArgv } from '../../core/command/quote';

/**
 * A command line for `exec` on an SSH server, which hands it to the user's login shell, whatever that is.
 * POSIX quotes are enough for most; csh ends a quoted word at a line break and reads "!", fish reads "\" inside quotes. So where one of
 * these occurs, the line travels as octal escapes, which every shell leaves alone, and sh turns it back (printf %b, POSIX 1003.1).
 */
export function throughLoginShell(argv: readonly string[]): string {
  const line = quoteArgv(argv);
  if (!/[\\\n!]/.test(line)) return line;
  const escaped = [...Buffer.from(line, 'utf8')].map((byte) => (isPlain(byte) ? String.fromCharCode(byte) : `\\0${byte.toString(8).padStart(3, '0')}`)).join('');
  // $(…) cuts off line breaks at the end; a quoted line has none there, for what ends in one is in quotes.
  return `exec sh -c ${quoteArgument('eval "$(printf %b "$0")"')} '${escaped}'`;
}

function isPlain(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a);
}
