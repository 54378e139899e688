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
