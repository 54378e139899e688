import { quoteArgument, quoteArgv } from '../command/quote';
import type { HostId } from '../model/address';
import type { Plan, PlanHost, PlanStep } from './plan';

/** Says by its value which host a script is run on, where the machine's own name does not. */
export const scriptHostVariable = 'NETNS_EXPLORER_HOST';

/** The scripts of all hosts, one after another. Each host runs its own part alone, so that all may be given to each. @param hostnameOf as `uname -n` says it there */
export function planScripts(plan: Plan, hostnameOf: (hostId: HostId) => string | undefined): string {
  const names = plan.hosts.map(({ hostId }) => hostnameOf(hostId));
  // A name that two of them have tells nothing.
  return plan.hosts.map((host, at) => planScript(plan, host, names.filter((name) => name === names[at]).length === 1 ? names[at] : undefined)).join('\n');
}

/**
 * One of the plan's hosts as a script for bash, to be run as root there: does what is not done yet, and with `undo` as its argument takes back
 * what is there. Nothing of it comes from a host unquoted.
 * @param hostname of the host; on a machine of another one the script does nothing. Absent: a variable must say that it is the right one
 */
export function planScript(plan: Plan, host: PlanHost, hostname: string | undefined): string {
  const steps = plan.steps.filter(({ hostId }) => hostId === host.hostId);
  const conditions = plan.preconditions.filter(({ hostId }) => hostId === host.hostId);
  const removes = plan.kind === 'remove';
  return [
    '#!/bin/bash',
    `# ${oneLine(plan.title)}: ${oneLine(host.label)}. Plan ${plan.id}.`,
    removes ? '# It removes what is there.' : '# Without an argument it applies what is missing; with "undo" it removes what is there. Nothing of it survives a restart.',
    '# A shell of its own, without the input: what follows in the same stream is another host\'s.',
    '(',
    'set -u',
    '',
    ...guard(plan, oneLine(host.label), hostname),
    '',
    'apply() {',
    ...(removes ? ['  undo'] : conditions.map(({ argv, mend }) => `  said=$(${quoteArgv(argv)}) || { echo ${quoteArgument(oneLine(mend))} \${said:+"$said"} >&2; return 1; }`)),
    ...(removes ? [] : steps.map(({ argv, done }) => `  { ${quoteArgv(done)} >/dev/null 2>&1; } || ${quoteArgv(argv)} || { undo; return 1; }`)),
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
    ') </dev/null',
    '',
  ].join('\n');
}

/** Ends with status 3 on another machine. */
function guard(plan: Plan, label: string, hostname: string | undefined): string[] {
  const own = hostname === undefined ? 'false' : `[ "$(uname -n)" = ${quoteArgument(hostname)} ]`;
  const name = hostname === undefined ? 'a host whose own name does not tell it apart' : `which calls itself "${oneLine(hostname)}"`;
  const begin = `This part of plan ${plan.id} is for ${label}, ${name}. This machine calls itself "`;
  const end = `", so nothing was done. If it is the right one all the same, set ${scriptHostVariable}=${quoteArgument(label)}.`;
  return [
    `if [ -n "\${${scriptHostVariable}-}" ]; then [ "$${scriptHostVariable}" = ${quoteArgument(label)} ]; else ${own}; fi || {`,
    `  echo ${quoteArgument(begin)}"$(uname -n)"${quoteArgument(end)} >&2`,
    '  exit 3',
    '}',
  ];
}

function undoLines(steps: readonly PlanStep[]): string[] {
  return steps.length === 0 ? ['  :'] : steps.toReversed().map(({ undo, done, made }) => `  { ${quoteArgv(made ?? done)} >/dev/null 2>&1; } && ${quoteArgv(undo)}`).concat('  true');
}

/** In a comment or a message a line break would begin a command. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ');
}
