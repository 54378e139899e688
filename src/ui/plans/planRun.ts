import type { HostId } from '../../core/model/address';
import { PlanRefused, type Plan } from '../../core/plan/plan';
import { findThere } from '../../discovery/plans/findThere';
import { applyPlan, readPreconditions, removePlan, verifyPlan, type PlanReport, type RunOptions } from '../../discovery/plans/runPlan';
import { printableLines, printableText } from '../../core/report/printable';
import type { Explorer } from '../../discovery/explorer';
import type { PlanAction, PlanPageState, PlanStepState } from '../../protocol/plan';
import { printable } from '../text';
import type { Translate } from '../translate';
import type { PlanJournal } from './planJournal';

type Verdict = NonNullable<PlanPageState['verdict']>;
/** What a visible terminal shows of a run. */
export type StepListener = NonNullable<RunOptions['onStep']>;

/** One plan and how it stands: applies, verifies and removes it, keeps the journal, and tells who listens. */
export class PlanRun {
  private state: PlanPageState;
  private busy = false;

  constructor(
    readonly plan: Plan,
    private readonly explorer: Explorer,
    private readonly journal: PlanJournal,
    private readonly changed: () => void,
    private readonly t: Translate,
    /** It is there already: shown to be removed or verified. */
    there: boolean,
  ) {
    this.state = {
      preconditions: plan.preconditions.map(() => ({ state: 'asking' })),
      steps: plan.steps.map(() => ({ state: 'waiting' })),
      checks: plan.checks.map(() => ({ state: 'waiting' })),
      ...this.choices(there ? 'there' : 'new'),
    };
  }

  get page(): PlanPageState {
    return this.state;
  }

  get running(): boolean {
    return this.busy;
  }

  /** Reads how the preconditions stand, and of a removal what there is to remove. Changes nothing. */
  async check(signal?: AbortSignal): Promise<void> {
    if (this.plan.kind === 'remove') await this.find(signal);
    if (this.plan.preconditions.length === 0) return;
    this.set({ preconditions: this.plan.preconditions.map(() => ({ state: 'asking' })) });
    const states = await readPreconditions(this.plan, this.options(signal));
    this.set({ preconditions: states.map(({ precondition, state, said }) => ({ state, ...this.words(state === 'fails' ? precondition.mend : said) })) });
  }

  /** Much of a removal is asked for by the plan's mark alone, and not there. */
  private async find(signal: AbortSignal | undefined): Promise<void> {
    const { steps } = this.state;
    const found = await findThere(this.plan, this.options(signal));
    // It was removed meanwhile, or is being.
    if (this.busy || this.state.steps !== steps) return;
    const states = { there: 'waiting', notThere: 'absent', unknown: 'unknown' } as const;
    const none = found.every(({ state }) => state === 'notThere');
    this.set({ steps: found.map(({ state, said }) => ({ state: states[state], ...this.words(said) })), ...(none && { verdict: { kind: 'note', text: this.t('Nothing of it is there.') } }) });
  }

  /** @param show gets each step too; with it, a failure leaves what was done for the person to look at */
  async apply(signal: AbortSignal, show?: StepListener): Promise<boolean> {
    return this.work(async () => {
      const { t } = this;
      this.set({ steps: this.plan.steps.map(() => ({ state: 'waiting' })), checks: this.plan.checks.map(() => ({ state: 'waiting' })), verdict: { kind: 'busy', text: t('Applying…') }, actions: [] });
      const known = this.journal.find(this.plan.id);
      const began = new Set(known?.began);
      await this.journal.put(this.plan, 'running', [...began]);
      let report: PlanReport;
      try {
        report = await applyPlan(this.plan, {
          ...this.options(signal),
          ...(show !== undefined && { keepOnFailure: true }),
          onStep: async (step, state, said) => {
            const number = this.plan.steps.indexOf(step);
            if (state === 'running') {
              began.add(number);
              // Before the command runs: should everything end now, the next start knows of it.
              await this.journal.put(this.plan, 'running', [...began]);
            }
            this.step(number, state, said);
            await show?.(step, state, said);
          },
        });
      } catch (error) {
        // Refused before anything was changed.
        if (known === undefined) await this.journal.close(this.plan.id);
        else await this.journal.put(known.plan, known.state, known.began);
        this.set({ verdict: { kind: 'bad', text: wordsOf(error) }, ...this.choices(known === undefined ? 'new' : 'there') });
        if (error instanceof PlanRefused) await this.check(signal);
        return false;
      }
      this.take(report);
      await this.rescan();
      switch (report.outcome) {
        case 'rolledBack':
          await this.journal.close(this.plan.id);
          this.set({ verdict: { kind: 'bad', text: t('Not applied: {0} What had been done was undone, on every host.', this.failure(report)) }, ...this.choices('new') });
          return false;
        case 'left':
          await this.journal.put(this.plan, 'left', [...began]);
          this.set({ verdict: { kind: 'bad', text: show === undefined ? t('Not applied: {0} Not all of it could be undone. Remove takes back the rest when the host is back.', this.failure(report)) : t('Stopped: {0} What was done until then is still there. Remove takes it back.', this.failure(report)) }, ...this.choices('left') });
          return false;
        default:
          await this.journal.put(this.plan, 'applied', [...began]);
          await this.checkTraffic(signal, report.outcome === 'unchanged' ? t('It was there already: nothing was changed.') : t('Applied.'));
          return true;
      }
    });
  }

  async verify(signal: AbortSignal): Promise<boolean> {
    return this.work(async () => this.checkTraffic(signal, ''));
  }

  async remove(signal: AbortSignal): Promise<boolean> {
    return this.work(async () => {
      const { t } = this;
      const known = this.journal.find(this.plan.id);
      this.set({ verdict: { kind: 'busy', text: t('Removing…') }, actions: [] });
      const began = known?.began.length === 0 ? undefined : known?.began;
      if (known !== undefined) await this.journal.put(known.plan, 'left', known.began);
      let report: PlanReport;
      try {
        report = await removePlan(this.plan, { ...this.options(signal), onStep: (step, state, said) => this.step(this.plan.steps.indexOf(step), state, said) }, began);
      } catch (error) {
        this.set({ verdict: { kind: 'bad', text: wordsOf(error) }, ...this.choices('left') });
        return false;
      }
      this.take(report);
      await this.rescan();
      if (report.outcome === 'left') {
        this.set({ verdict: { kind: 'bad', text: t('Not all of it was removed: {0} Remove takes back the rest later.', this.failure(report)) }, ...this.choices('left') });
        return false;
      }
      await this.journal.close(this.plan.id);
      this.set({
        checks: this.plan.checks.map(() => ({ state: 'waiting' })),
        verdict: { kind: 'good', text: report.outcome === 'removed' ? t('Removed.') : t('Nothing of it was there: nothing was changed.') },
        ...this.choices('new'),
      });
      return true;
    });
  }

  private async checkTraffic(signal: AbortSignal, before: string): Promise<boolean> {
    const { t, plan } = this;
    const lead = before === '' ? '' : `${before} `;
    if (plan.checks.length === 0) {
      this.set({ verdict: { kind: before === '' ? 'note' : 'good', text: `${lead}${t('It has no addresses of its own, so no traffic was sent through it.')}` }, ...this.choices('there') });
      return true;
    }
    this.set({ checks: plan.checks.map(() => ({ state: 'running' })), verdict: { kind: 'busy', text: `${lead}${t('Sending traffic through it…')}` }, actions: [] });
    const results = await verifyPlan(plan, this.options(signal));
    const bad = results.filter(({ fault }) => fault !== undefined);
    const verdict: Verdict =
      bad.length === 0
        ? { kind: 'good', text: `${lead}${t('Traffic passes: {0}.', results.map(({ check }) => passes(check.direction, check.mtuBytes)).join('; '))}` }
        : { kind: 'bad', text: `${lead}${bad.map(({ check, fault }) => `${printable(check.direction)}: ${printable(fault ?? '')}.`).join(' ')}` };
    this.set({ checks: results.map(({ fault }) => (fault === undefined ? { state: 'passes' } : { state: 'fails', said: printable(fault) })), verdict, ...this.choices('there') });
    return bad.length === 0;
  }

  /** One thing at a time. */
  private async work(action: () => Promise<boolean>): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    try {
      return await action();
    } catch (error) {
      this.set({ verdict: { kind: 'bad', text: wordsOf(error) }, ...this.choices('left') });
      return false;
    } finally {
      this.busy = false;
    }
  }

  private choices(now: 'new' | 'there' | 'left'): Pick<PlanPageState, 'actions' | 'first'> {
    const kept: PlanAction[] = ['copy', ...(this.plan.devices === undefined ? [] : (['export'] as const))];
    if (now === 'new') return { actions: ['apply', 'terminals', ...kept, 'check'], first: 'apply' };
    if (now === 'left') return { actions: ['remove', 'apply', ...kept], first: 'remove' };
    return { actions: [...(this.plan.checks.length === 0 ? [] : (['verify'] as const)), 'remove', ...kept], first: this.plan.checks.length === 0 ? 'remove' : 'verify' };
  }

  private options(signal?: AbortSignal): RunOptions {
    return { transport: (hostId: HostId) => this.explorer.transport(hostId), ...(signal !== undefined && { signal }) };
  }

  private failure(report: PlanReport): string {
    const failed = report.steps.find(({ state }) => state === 'failed') ?? report.steps.find(({ state }) => state === 'unknown');
    if (failed === undefined) return '';
    const host = this.plan.hosts.find(({ hostId }) => hostId === failed.step.hostId)?.label ?? failed.step.hostId;
    return `${printable(host)}: ${printable(failed.step.what)}: ${printableLines(failed.said ?? '')}.`.replace(/\.\.$/, '.');
  }

  /** What one sees of the hosts follows what was done. */
  private async rescan(): Promise<void> {
    await Promise.all(this.plan.hosts.map(({ hostId }) => this.explorer.refresh(hostId)));
  }

  private take(report: PlanReport): void {
    this.set({ steps: report.steps.map(({ state, said }) => ({ state: this.shown(state), ...this.words(said) })) });
  }

  private step(number: number, state: PlanStepState, said: string | undefined): void {
    this.set({ steps: this.state.steps.map((step, at) => (at === number ? { state: this.shown(state), ...this.words(said) } : step)) });
  }

  private shown(state: PlanStepState): PlanStepState {
    return state === 'notReached' && this.plan.kind === 'remove' ? 'absent' : state;
  }

  private words(said: string | undefined): { readonly said?: string } {
    return said === undefined || said === '' ? {} : { said: printableText(said).slice(0, 1000) };
  }

  private set(part: Partial<PlanPageState>): void {
    this.state = { ...this.state, ...part };
    this.changed();
  }
}

function passes(direction: string, mtuBytes: number | undefined): string {
  return mtuBytes === undefined ? printable(direction) : `${printable(direction)} up to ${String(mtuBytes)} bytes`;
}

function wordsOf(error: unknown): string {
  return printable(error instanceof Error ? error.message : String(error), 1000);
}
