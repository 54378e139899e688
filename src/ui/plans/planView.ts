import { shownArgv } from '../../core/command/quote';
import { planScene } from '../../core/diagram/planScene';
import type { Plan } from '../../core/plan/plan';
import { lineDiff } from '../../core/report/lineDiff';
import { checkText } from '../../core/report/planText';
import type { PlanPageView } from '../../protocol/plan';
import { printable } from '../text';

/** What a plan's page shows of it; every text printable. */
export function planView(plan: Plan): PlanPageView {
  const labels = new Map(plan.hosts.map(({ hostId, label }) => [hostId, printable(label, 60)]));
  const { picture } = plan;
  return {
    title: printable(plan.title),
    id: plan.id,
    ...(picture !== undefined && { pictures: { without: planScene(picture, labels, false), with: planScene(picture, labels, true) } }),
    preconditions: plan.preconditions.map(({ hostId, what }) => ({ host: labels.get(hostId) ?? '', what: printable(what) })),
    hosts: inRuns(plan).map(({ hostId, numbers }) => ({
      label: labels.get(hostId) ?? '',
      steps: numbers.flatMap((number) => {
        const step = plan.steps[number];
        return step === undefined ? [] : [{ number, what: printable(step.what), command: step.argv[0] === 'true' ? '' : printable(shownArgv(step.argv), 4000), undo: printable(shownArgv(step.undo), 4000) }];
      }),
    })),
    checks: plan.checks.map(checkText),
    notes: plan.notes.map((note) => printable(note, 1000)),
    files: (plan.files ?? []).map(({ hostId, path, before, after }) => ({ title: `${printable(path)} · ${labels.get(hostId) ?? ''}`, diff: lineDiff(before, after).map((line) => printable(line, 1000)) })),
  };
}

/** Steps in their order, cut where the host changes. */
function inRuns({ steps }: Plan): { readonly hostId: string; readonly numbers: number[] }[] {
  const runs: { readonly hostId: string; readonly numbers: number[] }[] = [];
  for (const [number, { hostId }] of steps.entries()) {
    const last = runs.at(-1);
    if (last?.hostId === hostId) last.numbers.push(number);
    else runs.push({ hostId, numbers: [number] });
  }
  return runs;
}
