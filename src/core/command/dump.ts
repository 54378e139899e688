import type { Command, CommandOutput, ReadingCommand } from './command';
import type { Argv } from './dumpCommand';
import type { DumpId } from './dumps';
import { dumpScript, dumpSteps } from './dumpScript';
import { enterCommand } from './enter';
import type { EnterTarget } from './enterTarget';
import { shownArgv } from './quote';

/** What one command of a dump printed. */
export interface DumpPart {
  readonly dump: DumpId;
  readonly argv: Argv;
  /** What stands for `argv`, where that is a script. */
  readonly shown?: string;
  /** Standard output and error as they came, or a sentence that says why it did not run. Hostile text. */
  readonly text: string;
  /** Exit status; undefined where it did not run. */
  readonly code: number | undefined;
}

export interface DumpOutput {
  readonly parts: readonly DumpPart[];
  /** Why nothing, or not everything, came. */
  readonly failure?: string;
}

/**
 * The dumps asked for, in one round trip, silently inside the namespace. `boundary` parts the answers: a device's alias may hold anything,
 * but not a word that was made up after it was written. @throws RangeError where `boundary` is not letters and digits.
 */
export function dumpCommand(target: EnterTarget, ids: readonly DumpId[], boundary: string = freshBoundary()): ReadingCommand<DumpOutput> {
  if (!/^[A-Za-z0-9]+$/.test(boundary)) throw new RangeError('A boundary is made of letters and digits.');
  return {
    ...enterCommand({ ...target, rootPids: [] }, { run: ['sh', '-c', dumpScript(ids), 'netns-explorer', boundary] }),
    parse: (output) => parseDump(output, ids, boundary),
  };
}

/** The same on a terminal: each command is shown, then run, and a prompt in the namespace follows. */
export function dumpTerminal(target: EnterTarget, ids: readonly DumpId[]): Command {
  return enterCommand(target, { first: dumpScript(ids) });
}

/** A read-only document: each command after a `$`, then what it printed, or a remark that it printed nothing. Still hostile text: pass it through `printableText` where it is shown. */
export function renderDump(output: DumpOutput): string {
  const parts = output.parts.map((part) => {
    const status = part.code === undefined || part.code === 0 ? '' : `(exit status ${part.code})\n`;
    // Without a status it was cut off before it could print.
    const text = part.text === '' && part.code !== undefined ? '# (no output)\n' : part.text;
    return `$ ${part.shown ?? shownArgv(part.argv)}\n${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${status}`;
  });
  return [...parts, ...(output.failure === undefined ? [] : [`${output.failure}\n`])].join('\n');
}

function parseDump(output: CommandOutput, ids: readonly DumpId[], boundary: string): DumpOutput {
  const steps = dumpSteps(ids);
  const parts: DumpPart[] = [];
  const begin = new RegExp(`(?:^|\\n)${boundary} begin (\\d+)\\n`, 'g');
  let complete = true;
  for (let match = begin.exec(output.stdout); match !== null; match = begin.exec(output.stdout)) {
    const step = steps[Number(match[1])];
    const end = new RegExp(`\\n${boundary} end ${String(match[1])} (\\d+|-)(?=\\n)`, 'g');
    end.lastIndex = begin.lastIndex;
    const ending = end.exec(output.stdout);
    if (step === undefined) continue;
    const text = output.stdout.slice(begin.lastIndex, ending?.index);
    complete = ending !== null;
    parts.push({ ...step, text, code: ending?.[1] === undefined || ending[1] === '-' ? undefined : Number(ending[1]) });
    if (ending === null) break;
    begin.lastIndex = end.lastIndex;
  }
  const said = output.stderr.trim();
  if (!complete) return { parts, failure: 'The answer was cut off here. Read it again.' };
  if (output.code === 0 && parts.length > 0) return { parts };
  return { parts, failure: said === '' ? `Nothing came back (exit status ${output.code ?? 'unknown'}). Try again.` : said };
}

/** Unpredictable to whoever wrote what is being read, since it is made up later. */
function freshBoundary(): string {
  return `part${Array.from({ length: 3 }, () => Math.floor(Math.random() * 2 ** 52).toString(36)).join('')}`;
}
