import { quoteArgv } from '../../core/command/quote';

/**
 * A program and its arguments for `createTerminal`, of which VS Code leaves every one as it is.
 * It does not do so by itself: it replaces `${…}` in `shellArgs` as it does in its settings (`${env:HOME}`, `${workspaceFolder}`), and
 * mangles what it does not know where a `$'` is near (TerminalProfileResolverService in VS Code). So the command goes to a shell as one
 * argument without a single `$`, as `printf %b` (POSIX) writes it back, and becomes the shell's own process.
 */
export function spawnArguments(argv: readonly [string, ...string[]]): { readonly shellPath: string; readonly shellArgs: string[] } {
  const line = quoteArgv(argv).replace(/[\\$]/g, (character) => (character === '$' ? '\\0044' : '\\0134'));
  return { shellPath: '/bin/sh', shellArgs: ['-c', 'eval "exec $(printf %b "$1")"', 'netns-explorer', line] };
}
