import type { Argv, Plan, PlanStep, Precondition, TrafficCheck } from '../../core/plan/plan';
import { PlanRefused } from '../../core/plan/plan';
import type { HostId } from '../../core/model/address';
import type { Transport } from '../../host/transport';

/** What became of a step. `unknown`: its host could not be asked any more. */
export type StepState = 'done' | 'already' | 'failed' | 'undone' | 'notReached' | 'unknown';

export interface StepResult {
  readonly step: PlanStep;
  readonly state: StepState;
  /** The tool's own words, or the connection's. Hostile text. */
  readonly said?: string;
}

export interface PlanReport {
  /** `unchanged`: all was there. `rolledBack`: a step failed and what was done has been undone. `left`: not all of it could be undone. */
  readonly outcome: 'applied' | 'unchanged' | 'rolledBack' | 'left' | 'removed';
  readonly steps: readonly StepResult[];
}

export interface CheckResult {
  readonly check: TrafficCheck;
  /** Absent: it goes through. */
  readonly fault?: string;
}

export interface RunOptions {
  readonly transport: (hostId: HostId) => Transport;
  readonly signal?: AbortSignal;
  /** Before each command runs, and with its result. A promise is waited for, so that what is to be known before the command runs can be written down. */
  readonly onStep?: (step: PlanStep, state: 'running' | StepState, said?: string) => void | Promise<void>;
  /** Where a step fails, what was done stays as it is, and the report says so: the person goes on by hand. */
  readonly keepOnFailure?: boolean;
  /** For each command; default 15 s. */
  readonly limitMs?: number;
  /** Waits before a host whose connection was lost is tried again for the undo; default 1, 2, 4, 8 and 15 s. */
  readonly retryMs?: readonly number[];
}

const defaultLimitMs = 15_000;
const defaultRetryMs = [1000, 2000, 4000, 8000, 15_000];

/**
 * Reads the preconditions again, then runs the steps in order. Where one fails, or its connection is lost, or the signal aborts, everything that was
 * done is undone in reverse order, on all hosts; a host that is gone is tried again for a while.
 * @throws PlanRefused where a precondition does not hold: nothing was changed
 */
export async function applyPlan(plan: Plan, options: RunOptions): Promise<PlanReport> {
  await requirePreconditions(plan, options);
  const done: PlanStep[] = [];
  const results = new Map<PlanStep, StepResult>();
  const tell = (step: PlanStep, state: StepState, said?: string): void | Promise<void> => {
    results.set(step, { step, state, ...(said !== undefined && said !== '' && { said }) });
    return options.onStep?.(step, state, said);
  };
  const report = (outcome: PlanReport['outcome']): PlanReport => ({ outcome, steps: plan.steps.map((step) => results.get(step) ?? { step, state: 'notReached' }) });
  for (const step of plan.steps) {
    let began = false;
    try {
      options.signal?.throwIfAborted();
      if (await holds(step.hostId, step.done, options)) {
        await tell(step, 'already');
        continue;
      }
      await options.onStep?.(step, 'running');
      began = true;
      const said = await must(step.hostId, step.argv, limited(options, step));
      done.push(step);
      await tell(step, 'done', said);
    } catch (error) {
      const said = error instanceof Error ? error.message : String(error);
      if (options.keepOnFailure === true) {
        await tell(step, 'failed', said);
        return report('left');
      }
      // The command may have run although its answer never came.
      const left = await undoAll([...(began ? [step] : []), ...done.toReversed()], options, (undone, state, words) => tell(undone, state, undone === step ? said : words));
      const now = results.get(step);
      await tell(step, now?.state === 'unknown' ? 'unknown' : 'failed', said);
      return report(left ? 'left' : 'rolledBack');
    }
  }
  return report(done.length === 0 ? 'unchanged' : 'applied');
}

/**
 * Undoes whatever of the plan is there, in reverse order. What is half gone has the rest removed; nothing there changes nothing.
 * @param began indexes of the steps that a run of ours began, where that is known: what was there before it stays
 */
export async function removePlan(plan: Plan, options: RunOptions, began?: readonly number[]): Promise<PlanReport> {
  for (const { hostId } of plan.hosts) await requireRoot(plan, hostId, options);
  const results = new Map<PlanStep, StepResult>();
  const concerned = began === undefined ? plan.steps : plan.steps.filter((_, index) => began.includes(index));
  const left = await undoAll(concerned.toReversed(), options, (step, state, said) => {
    results.set(step, { step, state, ...(said !== undefined && { said }) });
    return options.onStep?.(step, state, said);
  });
  const steps = plan.steps.map((step): StepResult => results.get(step) ?? { step, state: 'notReached' });
  return { outcome: left ? 'left' : steps.some(({ state }) => state === 'undone') ? 'removed' : 'unchanged', steps };
}

/** Sends traffic both ways: a packet, one of the full MTU that may not be cut, and one that is a byte too long, which must not pass. */
export async function verifyPlan(plan: Plan, options: RunOptions): Promise<readonly CheckResult[]> {
  const results: CheckResult[] = [];
  for (const check of plan.checks) results.push({ check, ...(await countedFault(plan, check, options)) });
  // A far device that was made anew has another MAC, which its neighbours may not ask for within 45 s (neigh/default/base_reachable_time_ms): they learn it by what comes from it.
  const isWorthwhile = results.some(({ fault }) => fault === undefined);
  for (const [at, { check, fault }] of results.entries()) if (isWorthwhile && fault !== undefined) results[at] = { check, ...(await countedFault(plan, check, options)) };
  return results;
}

/** What is answered may have gone another way: the tunnel's own device has to have sent it. */
async function countedFault(plan: Plan, check: TrafficCheck, options: RunOptions): Promise<{ readonly fault?: string }> {
  const device = check.arrivesAt === undefined && check.inside === undefined ? plan.devices?.find(({ hostId }) => hostId === check.hostId)?.name : undefined;
  if (device === undefined) return faultOf(check, options);
  const sent = async (): Promise<number> => Number((await must(check.hostId, ['cat', `/sys/class/net/${device}/statistics/tx_packets`], options)).trim());
  try {
    const before = await sent();
    const result = await faultOf(check, options);
    if (result.fault !== undefined || (await sent()) > before) return result;
    return { fault: `${check.to} answers, but not through ${device}, whose counter of sent packets stands still: "ip route get ${check.to}" tells the way` };
  } catch (error) {
    return { fault: error instanceof Error ? error.message : String(error) };
  }
}

async function faultOf(check: TrafficCheck, options: RunOptions): Promise<{ readonly fault?: string }> {
  const { from, to, mtuBytes, arrivesAt } = check;
  if (arrivesAt !== undefined) return frameFault(check, arrivesAt, options);
  const ping = (...more: readonly string[]): Promise<boolean> => {
    const argv: Argv = ['ping', '-n', '-c', '2', '-i', '0.3', '-W', '2', ...(from === undefined ? [] : ['-I', from]), ...more, to];
    const [first, ...rest] = check.inside ?? [];
    return holds(check.hostId, first === undefined ? argv : [first, ...rest, ...argv], options);
  };
  try {
    if (!(await repeatedly(ping, 2))) return { fault: `nothing comes through ${from === undefined ? '' : `from ${from} `}to ${to}` };
    if (mtuBytes === undefined) return {};
    // ICMP's payload is what the IPv4 header (20) and its own (8) leave.
    const payload = mtuBytes - 28;
    const whole = (): Promise<boolean> => ping('-M', 'do', '-s', String(payload));
    if (!(await repeatedly(whole, 2))) return (await ping()) ? { fault: `small packets pass, but one of ${String(mtuBytes)} bytes does not: the underlay carries less than its devices' MTU says` } : { fault: `packets to ${to} pass at times only: the last ones did not` };
    if (await ping('-M', 'do', '-s', String(payload + 1))) return { fault: `a packet of ${String(mtuBytes + 1)} bytes passes, which the device's MTU should not let through` };
    return {};
  } catch (error) {
    return { fault: error instanceof Error ? error.message : String(error) };
  }
}

/** Whether it is so at one of that many times. */
async function repeatedly(ask: () => Promise<boolean>, times: number): Promise<boolean> {
  for (let time = 0; time < times; time++) if (await ask()) return true;
  return false;
}

/** Frames are counted where they come out; whether anybody answers them does not matter. */
async function frameFault(check: TrafficCheck, { hostId, device }: NonNullable<TrafficCheck['arrivesAt']>, options: RunOptions): Promise<{ readonly fault?: string }> {
  const received = async (): Promise<number> => Number((await must(hostId, ['cat', `/sys/class/net/${device}/statistics/rx_packets`], options)).trim());
  try {
    const before = await received();
    const { stdout, stderr } = await run(check.hostId, ['ping', '-6', '-n', '-c', '3', '-i', '0.3', '-W', '1', '-I', check.from ?? '', check.to], options);
    if ((await received()) > before) return {};
    // A warning about the source address is no reason; that nothing was sent is one.
    const words = stdout.includes(' packets transmitted') ? '' : stderr.trim();
    return { fault: `no frame of ${check.from ?? ''} arrives at ${device}${words === '' ? '' : ` (ping says: ${words})`}` };
  } catch (error) {
    return { fault: error instanceof Error ? error.message : String(error) };
  }
}

/** A precondition's present state. */
export interface PreconditionState {
  readonly precondition: Precondition;
  /** `unknown`: its host could not be asked. */
  readonly state: 'holds' | 'fails' | 'unknown';
  /** Why it could not be asked, or what its command printed where it fails. Hostile text. */
  readonly said?: string;
}

/** Reads the preconditions, host by host in parallel, and changes nothing. */
export async function readPreconditions(plan: Plan, options: RunOptions): Promise<readonly PreconditionState[]> {
  const states = new Map<Precondition, PreconditionState>();
  await Promise.all(plan.hosts.map(async ({ hostId }) => {
    let lost: string | undefined;
    try {
      await requireRoot(plan, hostId, options);
    } catch (error) {
      lost = error instanceof Error ? error.message : String(error);
    }
    for (const precondition of plan.preconditions.filter((each) => each.hostId === hostId)) {
      if (lost === undefined) {
        try {
          states.set(precondition, await readPrecondition(precondition, options));
          continue;
        } catch (error) {
          lost = error instanceof Error ? error.message : String(error);
        }
      }
      states.set(precondition, { precondition, state: 'unknown', said: lost });
    }
  }));
  return plan.preconditions.flatMap((precondition) => states.get(precondition) ?? []);
}

/** @throws TransportError where its host cannot be asked */
async function readPrecondition(precondition: Precondition, options: RunOptions): Promise<PreconditionState> {
  const { code, stdout } = await run(precondition.hostId, precondition.argv, options);
  if (code === 0) return { precondition, state: 'holds' };
  const said = stdout.trim().slice(0, 500);
  return { precondition, state: 'fails', ...(said !== '' && { said }) };
}

async function requirePreconditions(plan: Plan, options: RunOptions): Promise<void> {
  for (const { hostId } of plan.hosts) await requireRoot(plan, hostId, options);
  for (const precondition of plan.preconditions) {
    const { state, said } = await readPrecondition(precondition, options);
    if (state === 'fails') throw new PlanRefused(said === undefined ? precondition.mend : `${precondition.mend} ${said}`);
  }
}

/** Connects. @throws PlanRefused where nothing can be changed on that host, TransportError where it is not reached */
async function requireRoot(plan: Plan, hostId: HostId, options: RunOptions): Promise<void> {
  const label = plan.hosts.find((host) => host.hostId === hostId)?.label ?? hostId;
  const transport = options.transport(hostId);
  if (!transport.live) throw new PlanRefused(`${label} is a recorded host: nothing can be changed there.`);
  await transport.connect(options.signal);
  if (transport.privilege === 'user') throw new PlanRefused(`You are not root on ${label}, and sudo does not make you: nothing can be changed there.`);
}

/** @returns whether something could not be undone */
async function undoAll(steps: readonly PlanStep[], options: RunOptions, tell: (step: PlanStep, state: StepState, said?: string) => void | Promise<void>): Promise<boolean> {
  // Undoing goes on where the person has cancelled.
  const rest: RunOptions = { ...options };
  delete (rest as { signal?: AbortSignal }).signal;
  const gone = new Set<HostId>();
  let left = false;
  for (const step of steps) {
    if (gone.has(step.hostId)) {
      left = true;
      await tell(step, 'unknown');
      continue;
    }
    try {
      let there = false as boolean;
      await persistently(rest, async () => {
        // Asked again after a lost connection: the undo may have run although its answer never came.
        if (!(await holds(step.hostId, step.made ?? step.done, rest))) return;
        there = true;
        await must(step.hostId, step.undo, limited(rest, step));
      });
      await tell(step, there ? 'undone' : 'notReached');
    } catch (error) {
      left = true;
      if (isLost(error)) gone.add(step.hostId);
      await tell(step, isLost(error) ? 'unknown' : 'failed', error instanceof Error ? error.message : String(error));
    }
  }
  return left;
}

async function persistently<T>(options: RunOptions, work: () => Promise<T>): Promise<T> {
  for (const waitMs of options.retryMs ?? defaultRetryMs) {
    try {
      return await work();
    } catch (error) {
      if (!isLost(error)) throw error;
      await new Promise((resolve) => {
        setTimeout(resolve, waitMs);
      });
    }
  }
  return work();
}

function limited(options: RunOptions, { limitMs }: PlanStep): RunOptions {
  return limitMs === undefined ? options : { ...options, limitMs };
}

async function holds(hostId: HostId, argv: Argv, options: RunOptions): Promise<boolean> {
  return (await run(hostId, argv, options)).code === 0;
}

/** @returns what the command printed */
async function must(hostId: HostId, argv: Argv, options: RunOptions): Promise<string> {
  const { code, stderr, stdout } = await run(hostId, argv, options);
  if (code === 0) return `${stdout}${stderr}`.trim().slice(0, 1000);
  const said = (stderr.trim() || stdout.trim()).slice(0, 1000);
  throw new Error(said === '' ? `${argv[0]} ended with status ${String(code ?? 'unknown')}` : said);
}

function run(hostId: HostId, argv: Argv, options: RunOptions) {
  return options.transport(hostId).run({ argv, privilege: 'root' }, { limitMs: options.limitMs ?? defaultLimitMs, ...(options.signal && { signal: options.signal }) });
}

/** Transports live in bundles of their own, where the class is another one. */
function isLost(error: unknown): boolean {
  return error instanceof Error && error.name === 'TransportError' && 'code' in error && error.code === 'unreachable';
}
