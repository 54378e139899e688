import { quoteArgv } from '../command/quote';
import type { Plan, TrafficCheck } from '../plan/plan';
import { lineDiff } from './lineDiff';
import { printable } from './printable';

/** A plan for a person to read before it runs: what must hold, what runs where, how it is undone. Ends with a newline. */
export function planText(plan: Plan): string {
  const label = (hostId: string): string => printable(plan.hosts.find((host) => host.hostId === hostId)?.label ?? hostId);
  const perHost = plan.hosts.flatMap(({ hostId }) => {
    const steps = plan.steps.filter((step) => step.hostId === hostId);
    return [
      '',
      `On ${label(hostId)}, as root:`,
      ...steps.flatMap(({ what, argv }) => [`  # ${printable(what)}`, ...(argv[0] === 'true' ? [] : [`  ${printable(quoteArgv(argv))}`])]),
      '',
      `Undone on ${label(hostId)} by:`,
      ...steps.toReversed().map(({ undo }) => `  ${printable(quoteArgv(undo))}`),
    ];
  });
  return [
    `${printable(plan.title)} (plan ${plan.id})`,
    '',
    'Before anything is changed it is read whether',
    ...plan.preconditions.map(({ hostId, what }) => `  ${label(hostId)}: ${printable(what)}`),
    ...perHost,
    ...(plan.files ?? []).flatMap(({ hostId, path, before, after }) => ['', `${printable(path)} on ${label(hostId)}:`, ...lineDiff(before, after).map((line) => `  ${printable(line)}`)]),
    '',
    'Verified by',
    ...(plan.checks.length === 0 ? ['  nothing: no traffic goes through it by itself'] : plan.checks.map((check) => `  ${checkText(check)}`)),
    '',
    ...plan.notes.map((note) => printable(note)),
    '',
  ].join('\n');
}

/** `ping node1 → node2: 10.0.0.1 to 10.0.0.2, …`. Printable. */
export function checkText({ direction, from, to, mtuBytes, arrivesAt }: TrafficCheck): string {
  if (arrivesAt !== undefined) return `frames ${printable(direction)}: sent to all by ${printable(from ?? '')}, received by ${printable(arrivesAt.device)}`;
  const ends = from === undefined ? `to ${to}` : `${from} to ${to}`;
  const size = mtuBytes === undefined ? '' : `, whole packets of ${String(mtuBytes)} bytes, none of ${String(mtuBytes + 1)}`;
  return `ping ${printable(direction)}: ${printable(ends)}${size}`;
}
