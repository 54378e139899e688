import { randomBytes } from 'node:crypto';

/** A word that nobody else knows, safe in any shell. */
export function newMark(): string {
  return `netns-explorer-${randomBytes(12).toString('hex')}`;
}

const shells = new Set(['sh', 'bash', 'dash', 'ash']);

/** A command as a message names it: its program and first arguments, printable, never its standard input. Of a script for a shell, the shell. */
export function commandTitle(argv: readonly string[], hostLabel: string): string {
  const script = argv.findIndex((word, at) => word === '-c' && shells.has(argv[at - 1] ?? ''));
  const text = printable((script < 0 ? argv : argv.slice(0, script)).join(' '));
  return `"${text.length > 60 ? `${text.slice(0, 57)}…` : text}" on ${hostLabel}`;
}

/** Text from a host or a file, made safe for a message: one line, no control or formatting characters. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').trim();
}

/** The last non-empty line that a tool printed, which is where most say what was wrong. */
export function lastLine(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return printable(lines.at(-1) ?? '').slice(0, 300);
}

/** The process id that a wrapper put on standard error, if it has come. */
export function reportedPid(stderr: string, mark: string | undefined): number | undefined {
  if (mark === undefined) return undefined;
  const at = stderr.indexOf(`${mark} `);
  const match = at < 0 ? null : /^\S+ (\d+)\n/.exec(stderr.slice(at));
  return match ? Number(match[1]) : undefined;
}

/** Standard error without the wrapper's line. */
export function withoutReport(stderr: string, mark: string | undefined): string {
  if (mark === undefined) return stderr;
  const at = stderr.indexOf(`${mark} `);
  if (at < 0) return stderr;
  const end = stderr.indexOf('\n', at);
  return stderr.slice(0, at) + (end < 0 ? '' : stderr.slice(end + 1));
}
