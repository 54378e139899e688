import { PlanRefused, type Plan, type TrafficCheck } from '../core/plan/plan';
import { networkTools, persistentFiles, type NetworkTool } from '../core/plan/persistentFiles';
import { planScript } from '../core/plan/planScript';
import { planText } from '../core/report/planText';
import { printable } from '../core/report/printable';
import { applyPlan, removePlan, verifyPlan, type PlanReport, type RunOptions } from '../discovery/plans/runPlan';
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
    return tool === undefined ? await act(chosen[0] as Exclude<(typeof actions)[number], 'export'> | undefined, made, read, run) : await printFiles(made, tool);
  } catch (error) {
    if (error instanceof PlanRefused) throw new CliError(error.message);
    throw error;
  } finally {
    read.dispose();
  }
}

async function act(action: Exclude<(typeof actions)[number], 'export'> | undefined, made: Plan, read: ReadHosts, run: Run): Promise<number> {
  const label = (hostId: string): string => printable(made.hosts.find((host) => host.hostId === hostId)?.label ?? hostId);
  const options: RunOptions = {
    signal: run.signal,
    transport: (hostId) => {
      const host = read.hosts.find(({ transport }) => transport.id === hostId);
      if (host === undefined) throw new Error(`There is no host ${hostId}.`);
      return host.transport;
    },
    onStep: (step, state) => {
      if (state !== 'running') tell(`${label(step.hostId)}: ${printable(step.what)}: ${stateWords[state]}`);
    },
  };
  switch (action) {
    case undefined:
      await writeAll(process.stdout, planText(made));
      return 0;
    case 'script':
      await writeAll(process.stdout, made.hosts.map((host) => planScript(made, host)).join('\n'));
      return 0;
    case 'apply': {
      // It is found and removed, not made.
      if (made.kind === 'remove') return finish(await removePlan(made, options), label);
      const code = await finish(await applyPlan(made, options), label);
      return code === 0 ? verify(made, options) : code;
    }
    case 'undo':
      return finish(await removePlan(made, options), label);
    case 'verify':
      return verify(made, options);
  }
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

const stateWords = { done: 'done', already: 'was there already', failed: 'failed', undone: 'undone', notReached: 'not there', unknown: 'cannot be told: the host is gone' } as const;
const outcomes: Readonly<Record<PlanReport['outcome'], string>> = {
  applied: 'Applied.',
  unchanged: 'Nothing had to be changed.',
  rolledBack: 'Not applied: what had been done was undone.',
  left: 'Not all of it could be undone. Run this again with --undo when the host is back.',
  removed: 'Removed.',
};

async function finish(report: PlanReport, label: (hostId: string) => string): Promise<number> {
  for (const { step, state, said } of report.steps) {
    if (said !== undefined && (state === 'failed' || state === 'unknown')) tell(`${label(step.hostId)}: ${printable(step.what)} failed: ${printable(said)}`);
  }
  await writeAll(process.stdout, `${outcomes[report.outcome]}\n`);
  return report.outcome === 'rolledBack' || report.outcome === 'left' ? 1 : 0;
}

async function verify(made: Plan, options: RunOptions): Promise<number> {
  const results = await verifyPlan(made, options);
  for (const { check, fault } of results) await writeAll(process.stdout, `${printable(check.direction)}: ${fault === undefined ? passes(check) : printable(fault)}\n`);
  return results.every(({ fault }) => fault === undefined) ? 0 : 1;
}

function passes({ mtuBytes }: TrafficCheck): string {
  return mtuBytes === undefined ? 'passes' : `passes, up to ${String(mtuBytes)} bytes`;
}
