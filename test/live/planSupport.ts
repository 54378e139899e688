import { expect, it } from 'vitest';
import type { Topology } from '../../src/core/model/topology';
import type { Plan, PlanStep } from '../../src/core/plan/plan';
import { applyPlan, removePlan, verifyPlan, type PlanReport, type RunOptions } from '../../src/discovery/plans/runPlan';
import type { Transport } from '../../src/host/transport';

export const planFaults = ['fails', 'is cut'] as const;
/** A step that fails; or one that is done, with the connection cut before its answer comes. */
export type PlanFault = (typeof planFaults)[number];

/** Ends the SSH session that it runs in, on the server's side: the connection is gone for the client. */
const cutConnection = 'p=$$; while [ "$(cat /proc/$p/comm)" != sshd ]; do p=$(awk \'{print $4}\' /proc/$p/stat); done; kill -9 "$p"; sleep 5';

/** Applies the plan with that one step broken. `hit` is whether it was reached. */
export async function applyBroken(plan: Plan, broken: PlanStep, fault: PlanFault, options: RunOptions): Promise<{ readonly report: PlanReport; readonly hit: boolean }> {
  let hit = false;
  const faulty = (id: string): Transport => {
    const real = options.transport(id);
    return new Proxy(real, {
      get: (target, property) => {
        if (property !== 'run') {
          const value: unknown = Reflect.get(target, property);
          return typeof value === 'function' ? (value as (...args: unknown[]) => unknown).bind(target) : value;
        }
        return (...[command, bounds]: Parameters<Transport['run']>) => {
          if (hit || id !== broken.hostId || command.argv !== broken.argv) return real.run(command, bounds);
          hit = true;
          const script = fault === 'fails' ? 'echo "made to fail" >&2; exit 7' : `"$@"; ${cutConnection}`;
          return real.run({ ...command, argv: ['sh', '-c', script, 'sh', ...command.argv] }, bounds);
        };
      },
    });
  };
  const report = await applyPlan(plan, { ...options, transport: faulty });
  return { report, hit };
}

/** A line of the table of runs: kind, host and step, fault, outcome. */
export function faultLine(kind: string, broken: PlanStep, fault: PlanFault, outcome: string): string {
  return `${kind.padEnd(12)} ${`${broken.hostId.replace(/^ssh:\/\//, '')}: ${broken.what}`.slice(0, 53).padEnd(53)} ${fault.padEnd(6)} ${outcome}`;
}

export const faultHead = `${'kind'.padEnd(12)} ${'step'.padEnd(53)} fault  outcome`;

/** Where a kind of plan is tried. */
export interface Proving {
  readonly options: () => RunOptions;
  readonly topology: () => Promise<Topology>;
  /** Everything that a plan could leave behind, as text. */
  readonly state: () => Promise<string>;
  /** Gets a line for each broken run. */
  readonly table: string[];
}

/** The tests that each kind of plan passes: whole, twice, taken back; and with every step of it broken in turn. */
export function provePlan(kind: string, make: (read: Topology) => Plan | Promise<Plan>, { options, topology, state, table }: Proving, outcome: PlanReport['outcome'] = 'applied'): void {
  it('is applied, changes nothing the second time, and is taken back to the last byte', async () => {
    const before = await state();
    const plan = await make(await topology());
    const first = await applyPlan(plan, options());
    expect(first.outcome, JSON.stringify(first.steps)).toBe(outcome);
    expect(await verifyPlan(plan, options())).toEqual(plan.checks.map((check) => ({ check })));
    expect((await applyPlan(plan, options())).outcome).toBe('unchanged');
    await removePlan(plan, options());
    expect(await state()).toBe(before);
  }, 120_000);

  it.each(planFaults)('whose step %s leaves all as it was', async (fault) => {
    const plan = await make(await topology());
    const before = await state();
    for (const step of plan.steps) {
      const { report, hit } = await applyBroken(plan, step, fault, options());
      if (hit) {
        table.push(faultLine(kind, step, fault, report.outcome));
        expect(report.outcome, step.what).toBe('rolledBack');
      } else {
        // Its work is there already, as a folder that exists: it cannot fail.
        table.push(faultLine(kind, step, fault, 'was there'));
        await removePlan(plan, options());
      }
      expect(await state(), step.what).toBe(before);
    }
  }, 300_000);
}
