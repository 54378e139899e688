import { PlanRefused, type Plan } from '../../core/plan/plan';
import { Notice } from '../notice';
import type { Services } from '../services';
import { printable } from '../text';
import { argumentId, chooseHost } from './choose';

/** Makes a command of what asks for a plan: the plan is shown, and nothing is done where it is undefined. */
export type AskForPlan = (make: (argument: unknown) => Promise<Plan | undefined>) => (argument: unknown) => Promise<void>;

export async function readFirst(services: Services): Promise<void> {
  const scan = services.scanned();
  if (services.explorer.topology.hosts.length === 0) await scan;
}

/** The host of the row that a command was called on. */
export function hostOf(argument: unknown, services: Services): string | undefined {
  const id = typeof argument === 'object' && argument !== null && 'hostId' in argument && typeof argument.hostId === 'string' ? argument.hostId : argumentId(argument);
  return id !== undefined && services.explorer.topology.host.has(id) ? id : undefined;
}

/** Likewise, else chosen. */
export async function planHost(services: Services, argument: unknown, title: string): Promise<string | undefined> {
  return hostOf(argument, services) ?? (await chooseHost(services, undefined, title))?.id;
}

/** What cannot be planned is no defect: its sentence says what to do. */
export async function refusalsAsNotices<Value>(make: () => Promise<Value>): Promise<Value> {
  try {
    return await make();
  } catch (error) {
    if (error instanceof PlanRefused) throw new Notice(printable(error.message, 600));
    throw error;
  }
}
