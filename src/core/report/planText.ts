import { shownArgv } from '../command/quote';
import type { HostId } from '../model/address';
import type { Plan, Precondition, TrafficCheck } from '../plan/plan';
import { lineDiff } from './lineDiff';
import { printable, printableLines } from './printable';

/** How a plan stands now, as far as its hosts were asked. */
export interface PlanReading {
  /** Without those of recorded hosts. `said`: why it cannot be told, or more on why it fails; hostile text. */
  readonly preconditions: readonly { readonly precondition: Precondition; readonly state: 'holds' | 'fails' | 'unknown'; readonly said?: string }[];
  /** Those are not asked. */
  readonly recorded: readonly HostId[];
}

/** A plan for a person to read before it runs: what must hold, and with a reading whether it does, what runs where, how it is undone. Ends with a newline. */
export function planText(plan: Plan, reading?: PlanReading): string {
  const label = labelsOf(plan);
  const perHost = plan.hosts.flatMap(({ hostId }) => {
    const steps = plan.steps.filter((step) => step.hostId === hostId);
    return [
      '',
      `On ${label(hostId)}, as root:`,
      ...steps.flatMap(({ what, argv }) => [`  # ${printable(what)}`, ...(argv[0] === 'true' ? [] : [`  ${shownArgv(argv)}`])]),
      '',
      `Undone on ${label(hostId)} by:`,
      ...steps.toReversed().map(({ undo }) => `  ${shownArgv(undo)}`),
    ];
  });
  return [
    `${printable(plan.title)} (plan ${plan.id})`,
    ...(plan.preconditions.length === 0 ? [] : ['', 'Must hold before anything is changed:', ...plan.preconditions.map((each) => `  ${label(each.hostId)}: ${printable(each.what)}${reading === undefined ? '' : standing(each, reading)}`)]),
    ...perHost,
    ...(plan.files ?? []).flatMap(({ hostId, path, before, after }) => ['', `${printable(path)} on ${label(hostId)}:`, ...lineDiff(before, after).map((line) => `  ${printable(line)}`)]),
    '',
    'Verified by',
    ...(plan.checks.length === 0 ? ['  nothing: no traffic goes through it by itself'] : plan.checks.map((check) => `  ${checkText(check)}`)),
    ...(plan.notes.length === 0 ? [] : ['', ...plan.notes.map((note) => printable(note))]),
    ...(reading === undefined ? [] : verdict(reading, label)),
    '',
  ].join('\n');
}

/** What a plan calls its hosts. Printable. */
export function labelsOf(plan: Plan): (hostId: HostId) => string {
  return (hostId) => printable(plan.hosts.find((host) => host.hostId === hostId)?.label ?? hostId);
}

function standing(precondition: Precondition, { preconditions, recorded }: PlanReading): string {
  if (recorded.includes(precondition.hostId)) return ': not asked, for the host is recorded';
  const found = preconditions.find((each) => each.precondition === precondition);
  if (found?.state === 'holds') return ': holds';
  if (found?.state === 'fails') return `: does not hold: ${printableLines([precondition.mend, found.said ?? ''].filter((part) => part !== '').join(' '))}`;
  return `: cannot be told${found?.said === undefined ? '' : `: ${printableLines(found.said)}`}`;
}

function verdict({ preconditions, recorded }: PlanReading, label: (hostId: HostId) => string): string[] {
  const count = (state: 'fails' | 'unknown'): number => preconditions.filter((each) => each.state === state).length;
  if (recorded.length > 0) return ['', `It cannot be applied: ${recorded.map(label).join(' and ')} ${recorded.length === 1 ? 'is a recorded host' : 'are recorded hosts'}.`];
  if (count('fails') > 0) return ['', `It cannot be applied now: ${count('fails') === 1 ? 'one thing that must hold does not' : `${String(count('fails'))} things that must hold do not`}.`];
  return count('unknown') > 0 ? ['', 'It cannot be applied now: whether all holds that must cannot be told.'] : [];
}

/** `ping node1 → node2: 10.0.0.1 to 10.0.0.2, …`. Printable. */
export function checkText({ direction, from, to, mtuBytes, arrivesAt }: TrafficCheck): string {
  if (arrivesAt !== undefined) return `frames ${printable(direction)}: sent to all by ${printable(from ?? '')}, received by ${printable(arrivesAt.device)}`;
  const ends = from === undefined ? `to ${to}` : `${from} to ${to}`;
  const size = mtuBytes === undefined ? '' : `, whole packets of ${String(mtuBytes)} bytes, none of ${String(mtuBytes + 1)}`;
  return `ping ${printable(direction)}: ${printable(ends)}${size}`;
}
