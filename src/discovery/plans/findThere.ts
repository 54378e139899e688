import type { Plan, PlanStep } from '../../core/plan/plan';
import type { FoundStep } from '../../core/report/removalText';
import type { RunOptions } from './runPlan';

const limitMs = 15_000;

/** Asks the plan's hosts, in parallel, what of it is there, and changes nothing. Steps in the plan's order. */
export async function findThere(plan: Plan, options: RunOptions): Promise<readonly FoundStep[]> {
  const found = new Map<PlanStep, FoundStep>();
  await Promise.all(
    plan.hosts.map(async ({ hostId, label }) => {
      let lost: string | undefined;
      for (const step of plan.steps.filter((each) => each.hostId === hostId)) {
        if (lost === undefined) {
          try {
            const transport = options.transport(hostId);
            await transport.connect(options.signal);
            if (transport.privilege === 'user') throw new Error(`You are not root on ${label}, and sudo does not make you: what is there is seen by root alone.`);
            const { code } = await transport.run({ argv: step.made ?? step.done, privilege: 'root' }, { limitMs: options.limitMs ?? limitMs, ...(options.signal && { signal: options.signal }) });
            found.set(step, { step, state: code === 0 ? 'there' : 'notThere' });
            continue;
          } catch (error) {
            options.signal?.throwIfAborted();
            lost = error instanceof Error ? error.message : String(error);
          }
        }
        found.set(step, { step, state: 'unknown', said: lost });
      }
    }),
  );
  return plan.steps.flatMap((step) => found.get(step) ?? []);
}
