import { quoteArgument, quoteArgv } from '../command/quote';
import type { Plan, PlanHost, PlanStep } from './plan';

/**
 * One of the plan's hosts as a script for bash, to be run as root there: does what is not done yet, and with `undo` as its argument takes back
 * what is there. Nothing of it comes from a host unquoted.
 */
export function planScript(plan: Plan, host: PlanHost): string {
  const steps = plan.steps.filter(({ hostId }) => hostId === host.hostId);
  const conditions = plan.preconditions.filter(({ hostId }) => hostId === host.hostId);
  return [
    '#!/bin/bash',
    `# ${oneLine(plan.title)}: ${oneLine(host.label)}. Plan ${plan.id}.`,
    '# Without an argument it applies what is missing; with "undo" it removes what is there. Nothing of it survives a restart.',
    'set -u',
    '',
    'apply() {',
    ...conditions.map(({ argv, mend }) => `  ${quoteArgv(argv)} || { echo ${quoteArgument(oneLine(mend))} >&2; return 1; }`),
    ...steps.map(({ argv, done }) => `  { ${quoteArgv(done)} >/dev/null 2>&1; } || ${quoteArgv(argv)} || { undo; return 1; }`),
    '}',
    '',
    'undo() {',
    ...undoLines(steps),
    '}',
    '',
    'case "${1-}" in',
    "  '') apply ;;",
    '  undo) undo ;;',
    '  *) echo "usage: $0 [undo]" >&2; exit 2 ;;',
    'esac',
    '',
  ].join('\n');
}

function undoLines(steps: readonly PlanStep[]): string[] {
  return steps.length === 0 ? ['  :'] : steps.toReversed().map(({ undo, done }) => `  { ${quoteArgv(done)} >/dev/null 2>&1; } && ${quoteArgv(undo)}`).concat('  true');
}

/** In a comment or a message a line break would begin a command. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ');
}
