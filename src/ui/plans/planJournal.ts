import type { Memento } from 'vscode';
import type { Plan } from '../../core/plan/plan';

const key = 'netnsExplorer.plans';

/**
 * `running`: its steps are being run by the extension host with that process id. `left`: it stopped midway and what it did was not all undone.
 * `applied`: it is there; kept so that it can be removed step by step.
 */
export type JournalState = 'running' | 'left' | 'applied';

export interface JournalEntry {
  readonly plan: Plan;
  readonly state: JournalState;
  /** Indexes of the steps that were begun: what was there before them is not ours to undo. */
  readonly began: readonly number[];
  readonly pid: number;
}

/** The plans that changed hosts and were not taken back, kept by the editor across restarts. */
export class PlanJournal {
  constructor(
    private readonly state: Memento,
    private readonly pid = process.pid,
    private readonly isAlive: (pid: number) => boolean = isProcess,
  ) {}

  entries(): readonly JournalEntry[] {
    const value = this.state.get<unknown>(key);
    return Array.isArray(value) ? (value as JournalEntry[]) : [];
  }

  find(id: string): JournalEntry | undefined {
    return this.entries().find(({ plan }) => plan.id === id);
  }

  /** Those that stopped midway: another window's running plan is none. */
  unfinished(): readonly JournalEntry[] {
    return this.entries().filter(({ state, pid }) => state === 'left' || (state === 'running' && pid !== this.pid && !this.isAlive(pid)));
  }

  async put(plan: Plan, state: JournalState, began: readonly number[]): Promise<void> {
    await this.state.update(key, [...this.entries().filter((entry) => entry.plan.id !== plan.id), { plan, state, began, pid: this.pid }]);
  }

  async close(id: string): Promise<void> {
    await this.state.update(key, this.entries().filter(({ plan }) => plan.id !== id));
  }
}

function isProcess(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
