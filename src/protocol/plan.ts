import type { PlanScene } from '../core/diagram/planScene';

/*
 * The messages between the extension and a plan's page. All text is printable already: the extension made it so.
 */

/** What one can do with a plan; which of them there are now is told with each `state`. */
export type PlanAction = 'apply' | 'terminals' | 'copy' | 'export' | 'verify' | 'remove' | 'check';

export interface PlanPageView {
  readonly title: string;
  readonly id: string;
  /** What is there without and with the plan. */
  readonly pictures?: { readonly without: PlanScene; readonly with: PlanScene };
  readonly preconditions: readonly { readonly host: string; readonly what: string }[];
  /** Host after host in the order of the plan; a step's number is its place in the plan. */
  readonly hosts: readonly { readonly label: string; readonly steps: readonly PlanPageStep[] }[];
  readonly checks: readonly string[];
  readonly notes: readonly string[];
  /** A file that would be changed, as lines of a unified diff. */
  readonly files: readonly { readonly title: string; readonly diff: readonly string[] }[];
}

export interface PlanPageStep {
  readonly number: number;
  readonly what: string;
  readonly command: string;
  readonly undo: string;
}

/** `absent`: a removal that has found nothing of it; such a step is not shown. */
export type PlanStepState = 'absent' | 'waiting' | 'running' | 'done' | 'already' | 'failed' | 'undone' | 'notReached' | 'unknown';

export interface PlanPageState {
  /** By the order of the view's preconditions. */
  readonly preconditions: readonly { readonly state: 'asking' | 'holds' | 'fails' | 'unknown'; readonly said?: string }[];
  /** By the steps' numbers. */
  readonly steps: readonly { readonly state: PlanStepState; readonly said?: string }[];
  /** By the order of the view's checks. */
  readonly checks: readonly { readonly state: 'waiting' | 'running' | 'passes' | 'fails'; readonly said?: string }[];
  readonly verdict?: { readonly kind: 'good' | 'bad' | 'busy' | 'note'; readonly text: string };
  readonly actions: readonly PlanAction[];
  /** The one that a person most likely wants next. */
  readonly first?: PlanAction;
}

export type ToPlanPage = { readonly type: 'plan'; readonly view: PlanPageView; readonly state: PlanPageState } | { readonly type: 'state'; readonly state: PlanPageState };

export type FromPlanPage = { readonly type: 'ready' } | { readonly type: 'action'; readonly action: PlanAction };
