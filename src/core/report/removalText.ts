import { shownArgv } from '../command/quote';
import type { HostId } from '../model/address';
import type { Argv, Plan, PlanStep } from '../plan/plan';
import { labelsOf } from './planText';
import { printable, printableLines } from './printable';

/** Whether what a step does is there now. */
export interface FoundStep {
  readonly step: PlanStep;
  readonly state: 'there' | 'notThere' | 'unknown';
  /** Why it cannot be told. Hostile text. */
  readonly said?: string;
}

/** A line is as long as a person reads it at a glance. */
const longCharacters = 160;

/**
 * What a removal takes away, for a person to read before it runs: of all that a plan may have left only what was found, in the order in which it goes. Ends with a newline.
 * @param recorded hosts that were not asked
 * @param whole long scripts are printed, too
 */
export function removalText(plan: Plan, found: readonly FoundStep[], { recorded, whole }: { readonly recorded: readonly HostId[]; readonly whole: boolean }): string {
  const label = labelsOf(plan);
  const perHost = plan.hosts.flatMap(({ hostId }) => {
    if (recorded.includes(hostId)) return ['', `${label(hostId)} is a recorded host: it is not asked what is there.`];
    const own = found.filter(({ step }) => step.hostId === hostId);
    const there = own.filter(({ state }) => state === 'there').toReversed();
    const unknown = own.filter(({ state }) => state === 'unknown');
    return [
      '',
      there.length > 0 ? `Found on ${label(hostId)}, and taken away as root:` : unknown.length > 0 ? `On ${label(hostId)} it cannot be told what is there:` : `On ${label(hostId)} nothing of it is found.`,
      ...there.flatMap(({ step }) => [`  # ${printable(step.what)}`, `  ${shortened(step.undo, whole)}`]),
      ...(there.length > 0 && unknown.length > 0 ? ['The rest cannot be told:'] : []),
      ...[...new Set(unknown.map(({ said }) => printableLines(said ?? 'the host was not asked')))].map((said) => `  ${said}`),
    ];
  });
  return [printable(plan.title), ...perHost, '', ...plan.notes.map((note) => printable(note)), ''].join('\n');
}

function shortened(argv: Argv, whole: boolean): string {
  const line = shownArgv(argv);
  return whole || line.length <= longCharacters ? line : `(a script of ${String(line.length)} characters; --verbose or --script shows it)`;
}
