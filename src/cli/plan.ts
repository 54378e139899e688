import { PlanRefused, type Plan, type TrafficCheck } from '../core/plan/plan';
import { networkTools, persistentFiles, type NetworkTool } from '../core/plan/persistentFiles';
import { planScripts } from '../core/plan/planScript';
import { labelsOf, planText } from '../core/report/planText';
import { printable, printableLines } from '../core/report/printable';
import { removalText } from '../core/report/removalText';
import { findThere } from '../discovery/plans/findThere';
import { applyPlan, readPreconditions, removePlan, verifyPlan, type PlanReport, type RunOptions } from '../discovery/plans/runPlan';
import { commonOptions, parseVerb, readCommon, usageError } from './arguments';
import { CliError } from './cliError';
import { planHelp } from './help';
import { hostVerbs } from './plans/hostVerbs';
import { ovsVerbs } from './plans/ovsVerbs';
import type { PlanVerb } from './plans/planVerb';
import { tunnelVerbs } from './plans/tunnelVerbs';
import type { ReadHosts } from './readHosts';
import type { Run } from './run';
import { tell, writeAll } from './streams';

const planVerbs: readonly PlanVerb[] = [...tunnelVerbs, ...hostVerbs, ...ovsVerbs];
const actions = ['apply', 'undo', 'verify', 'script', 'export'] as const;
const actionOptions = { apply: { type: 'boolean' }, undo: { type: 'boolean' }, verify: { type: 'boolean' }, script: { type: 'boolean' }, export: { type: 'string' } } as const;

/** @returns the exit status: 0 where all is as asked, 1 where it is not. @throws CliError where nothing was changed. */
export async function plan(argv: readonly string[], run: Run): Promise<number> {
  const [kind, ...rest] = argv;
  if (kind === '--help' || kind === '-h') {
    await writeAll(process.stdout, planHelp);
    return 0;
  }
  const verb = planVerbs.find(({ name }) => name === kind);
  if (verb === undefined) throw usageError('plan', `Say first what is to be planned: ${planVerbs.map(({ name }) => name).join(', ')}`);
  const { values } = parseVerb('plan', { args: [...rest], options: { ...verb.options, ...commonOptions, ...actionOptions } });
  if (values.help === true) {
    await writeAll(process.stdout, planHelp);
    return 0;
  }
  const chosen = actions.filter((action) => values[action] !== undefined && values[action] !== false);
  if (chosen.length > 1) throw usageError('plan', `Choose one of --${chosen.join(', --')}`);
  const tool = values.export === undefined ? undefined : networkTool(values.export);
  const common = readCommon('plan', values);
  const [least, most] = verb.hosts;
  if (common.hosts.length < least || common.hosts.length > most) throw usageError('plan', `"plan ${verb.name}" takes ${least === most ? String(least) : `${String(least)} to ${String(most)}`} --host`);
  const read = await run.readHosts(common);
  try {
    if (read.failures.length > 0) throw new CliError(read.failures.join('\n'));
    const made = await verb.make(values, read, values.undo === true);
    return tool === undefined ? await act(chosen[0] as Exclude<(typeof actions)[number], 'export'> | undefined, made, read, run, common.verbose) : await printFiles(made, tool);
  } catch (error) {
    if (error instanceof PlanRefused) throw new CliError(printableLines(error.message));
    throw error;
  } finally {
    read.dispose();
  }
}

async function act(action: Exclude<(typeof actions)[number], 'export'> | undefined, made: Plan, read: ReadHosts, run: Run, verbose: boolean): Promise<number> {
  const label = labelsOf(made);
  // Found by its mark alone: much of it is asked for and not there.
  const removal = made.kind === 'remove';
  const quiet = removal || action === 'apply';
  const options: RunOptions = {
    signal: run.signal,
    transport: (hostId) => {
      const host = read.hosts.find(({ transport }) => transport.id === hostId);
      if (host === undefined) throw new Error(`There is no host ${hostId}.`);
      return host.transport;
    },
    onStep: (step, state) => {
      // How it ended in a failure is told at the end, with its reason.
      if (state === 'running' || state === 'failed' || state === 'unknown' || (state === 'notReached' && quiet)) return;
      tell(`${label(step.hostId)}: ${printable(step.what)}: ${stateWords[state]}`);
    },
  };
  switch (action) {
    case undefined:
      await writeAll(process.stdout, await preview(made, read, options, verbose));
      return 0;
    case 'script':
      await writeAll(process.stdout, planScripts(made, (hostId) => read.topology.host.get(hostId)?.snapshot.host.hostname));
      return 0;
    case 'apply': {
      // It is found and removed, not made.
      if (removal) return finish(made, await removePlan(made, options));
      const code = await finish(made, await applyPlan(made, options), (named) => `Nothing had to be changed: ${named} is there already.`);
      return code === 0 ? verify(made, options) : code;
    }
    case 'undo':
      return finish(made, await removePlan(made, options));
    case 'verify':
      if (made.checks.length === 0) await writeAll(process.stdout, removal ? 'Nothing to verify: this takes away what a plan made.\n' : 'Nothing to verify: no traffic goes through it by itself.\n');
      return verify(made, options);
  }
}

/** Live hosts are asked how it stands there; recorded ones cannot be. */
async function preview(made: Plan, read: ReadHosts, options: RunOptions, verbose: boolean): Promise<string> {
  const live = made.hosts.filter(({ hostId }) => read.hosts.some(({ transport }) => transport.id === hostId && transport.live));
  const recorded = made.hosts.filter((host) => !live.includes(host)).map(({ hostId }) => hostId);
  const asked = { ...made, hosts: live };
  if (made.kind === 'remove') return removalText(made, await findThere(asked, options), { recorded, whole: verbose });
  return planText(made, { preconditions: await readPreconditions(asked, options), recorded });
}

function networkTool(text: string): NetworkTool {
  const tool = networkTools.find((each) => each === text);
  if (tool === undefined) throw usageError('plan', `--export takes ${networkTools.join(', ')}, not "${printable(text)}"`);
  return tool;
}

async function printFiles(made: Plan, tool: NetworkTool): Promise<number> {
  for (const { hostId, label } of made.hosts) {
    for (const { path, text } of persistentFiles(made, hostId, tool)) await writeAll(process.stdout, `### ${printable(label)}: ${path}\n${text}\n`);
  }
  return 0;
}

const stateWords = { done: 'done', already: 'was there already', undone: 'undone', notReached: 'not there' } as const;
const outcomes: Readonly<Record<PlanReport['outcome'], (plan: string) => string>> = {
  applied: (plan) => `Applied: ${plan}.`,
  unchanged: (plan) => `Nothing had to be changed: nothing of ${plan} is there.`,
  rolledBack: (plan) => `Not applied: what had been done of ${plan} was undone.`,
  left: (plan) => `Not all of ${plan} could be undone. Run this again with --undo when the host is back.`,
  removed: (plan) => `Removed: ${plan}.`,
};

async function finish(made: Plan, { outcome, steps }: PlanReport, unchanged = outcomes.unchanged): Promise<number> {
  const label = labelsOf(made);
  for (const { step, state, said } of steps) {
    if (state !== 'failed' && state !== 'unknown') continue;
    const words = said === undefined ? '' : printableLines(said);
    tell(`${label(step.hostId)}: ${printable(step.what)}: ${state === 'failed' ? `failed${words === '' ? '' : `: ${words}`}` : `cannot be told: ${words === '' ? 'the host is gone' : words}`}`);
  }
  await writeAll(process.stdout, `${(outcome === 'unchanged' ? unchanged : outcomes[outcome])(`plan ${made.id}`)}\n`);
  return outcome === 'rolledBack' || outcome === 'left' ? 1 : 0;
}

async function verify(made: Plan, options: RunOptions): Promise<number> {
  const results = await verifyPlan(made, options);
  for (const { check, fault } of results) await writeAll(process.stdout, `${printable(check.direction)}: ${fault === undefined ? passes(check) : printable(fault)}\n`);
  return results.every(({ fault }) => fault === undefined) ? 0 : 1;
}

function passes({ mtuBytes }: TrafficCheck): string {
  return mtuBytes === undefined ? 'passes' : `passes, up to ${String(mtuBytes)} bytes`;
}
