import type { Command } from '../core/command/command';
import { quoteArgument, quoteArgv } from '../core/command/quote';
import { dearSources, type DearSource, type NamespaceKey } from '../core/model/snapshot';
import script from './script.sh?raw';

export interface ProbeOptions {
  /** A word of letters and digits that nobody on the host can guess; a new one for each scan. */
  readonly nonce: string;
  /** Seconds after which the script ends what still runs, and says so. */
  readonly limitS: number;
  readonly workers: number;
  readonly privilege: Command['privilege'];
  /** Namespaces to list, but not to read again. */
  readonly keep?: readonly NamespaceKey[];
  readonly sources?: readonly DearSource[];
  /** The script goes on with what `probeEnding` says, which is to be sent on the same standard input. */
  readonly later?: boolean;
}

/** Files that generators write are long; larger ones are not looked into. */
export const maxFileBytes = 256 * 1024;

/** What ends a probe that was told of it: the files whose text is wanted, too. A frame "file" comes back for each, in this order. */
export function probeEnding(files: readonly string[]): string {
  const wanted = files.length === 0 ? '' : `tell_files ${String(maxFileBytes)} ${quoteArgv(files)} </dev/null\n`;
  return `${wanted}finish </dev/null\n`;
}

/** The command that reads a host's namespaces. Its parameters go in with the script, where no process list shows the nonce. */
export function probeCommand(options: ProbeOptions): Command {
  if (!/^[A-Za-z0-9]{16,}$/.test(options.nonce)) throw new RangeError('A probe needs a nonce of 16 letters and digits or more.');
  const keep = (options.keep ?? []).filter((key) => /^\d+:\d+$/.test(key));
  const parameters = [
    `nonce=${options.nonce}`,
    `limit=${String(Math.max(1, Math.floor(options.limitS)))}`,
    `workers=${String(Math.max(1, Math.floor(options.workers)))}`,
    `keep=${quoteArgument(keep.join(' '))}`,
    `sources=${quoteArgument(dearSources.filter((source) => options.sources?.includes(source) === true).join(' '))}`,
    `later=${options.later === true ? '1' : ''}`,
  ];
  return { argv: ['sh', '-s'], privilege: options.privilege, stdin: `${parameters.join('\n')}\n${script}` };
}
