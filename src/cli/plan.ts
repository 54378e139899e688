import { planScript } from '../core/plan/planScript';
import { PlanRefused, type Plan } from '../core/plan/plan';
import { tunnelKinds, tunnelPlan, type TunnelKind, type TunnelRequest } from '../core/plan/tunnelPlan';
import { planText } from '../core/report/planText';
import { printable } from '../core/report/printable';
import { applyPlan, removePlan, verifyPlan, type PlanReport, type RunOptions } from '../discovery/plans/runPlan';
import { commonOptions, parseVerb, readCommon, usageError } from './arguments';
import { CliError } from './cliError';
import { planHelp } from './help';
import type { ReadHosts } from './readHosts';
import type { Run } from './run';
import { tell, writeAll } from './streams';

const actions = ['apply', 'undo', 'verify', 'script'] as const;
const pairs = ['underlay', 'address', 'bridge'] as const;

/** @returns the exit status: 0 where all is as asked, 1 where it is not. @throws CliError where nothing was changed. */
export async function plan(argv: readonly string[], run: Run): Promise<number> {
  const { values, positionals } = parseVerb('plan', {
    args: [...argv],
    options: {
      ...commonOptions,
      underlay: { type: 'string', multiple: true },
      address: { type: 'string', multiple: true },
      bridge: { type: 'string', multiple: true },
      behind: { type: 'string', multiple: true },
      key: { type: 'string' },
      ttl: { type: 'string' },
      mtu: { type: 'string' },
      name: { type: 'string' },
      forward: { type: 'boolean' },
      apply: { type: 'boolean' },
      undo: { type: 'boolean' },
      verify: { type: 'boolean' },
      script: { type: 'boolean' },
    },
    allowPositionals: true,
  });
  if (values.help === true) {
    await writeAll(process.stdout, planHelp);
    return 0;
  }
  const [kind, ...more] = positionals;
  if (more[0] !== undefined) throw usageError('plan', `"${more[0]}" is one word too many`);
  if (!isKind(kind)) throw usageError('plan', `Say what is to be planned: ${tunnelKinds.join(', ')}`);
  const chosen = actions.filter((action) => values[action] === true);
  if (chosen.length > 1) throw usageError('plan', `Choose one of --${chosen.join(', --')}`);
  const common = readCommon('plan', values);
  if (common.hosts.length !== 2) throw usageError('plan', 'A tunnel is between two hosts: name both with --host');
  const read = await run.readHosts(common);
  try {
    if (read.failures.length > 0) throw new CliError(read.failures.join('\n'));
    return await act(chosen[0], tunnelPlan(requestOf(kind, values, read), read.topology), read, run);
  } catch (error) {
    if (error instanceof PlanRefused) throw new CliError(error.message);
    throw error;
  } finally {
    read.dispose();
  }
}

async function act(action: (typeof actions)[number] | undefined, made: Plan, read: ReadHosts, run: Run): Promise<number> {
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
      const code = await finish(await applyPlan(made, options), label);
      return code === 0 ? verify(made, options) : code;
    }
    case 'undo':
      return finish(await removePlan(made, options), label);
    case 'verify':
      return verify(made, options);
  }
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
  for (const { check, fault } of results) await writeAll(process.stdout, `${printable(check.direction)}: ${fault === undefined ? `passes, up to ${String(check.mtuBytes)} bytes` : printable(fault)}\n`);
  return results.every(({ fault }) => fault === undefined) ? 0 : 1;
}

type Values = { readonly [Name in (typeof pairs)[number] | 'behind']?: string[] } & { readonly key?: string; readonly ttl?: string; readonly mtu?: string; readonly name?: string; readonly forward?: boolean };

function requestOf(kind: TunnelKind, values: Values, read: ReadHosts): TunnelRequest {
  for (const name of pairs) {
    const { length } = values[name] ?? [];
    if (length !== 0 && length !== 2) throw usageError('plan', `--${name} is given twice, for the hosts in their order, or not at all`);
  }
  const behind = (values.behind ?? []).map((text) => {
    const found = /^([12]):(.+)$/s.exec(text);
    if (found === null) throw usageError('plan', `--behind takes 1: or 2:, for the first or second host, and a network, such as 2:172.18.0.0/16; not "${printable(text)}"`);
    return { side: Number(found[1]) - 1, network: found[2] ?? '' };
  });
  const side = (at: 0 | 1): TunnelRequest['sides'][0] => ({
    hostId: read.hosts[at]?.transport.id ?? '',
    behind: behind.filter((each) => each.side === at).map(({ network }) => network),
    ...Object.fromEntries(pairs.flatMap((name) => (values[name]?.[at] === undefined ? [] : [[name, values[name][at]]]))),
  });
  return {
    kind,
    sides: [side(0), side(1)],
    ...number('key', values.key, 'key'),
    ...number('ttl', values.ttl, 'ttl'),
    ...number('mtu', values.mtu, 'mtuBytes'),
    ...(values.name !== undefined && { name: values.name }),
    ...(values.forward === true && { forward: true }),
  };
}

function number<Field extends string>(option: string, text: string | undefined, field: Field): { readonly [Name in Field]?: number } {
  if (text === undefined) return {};
  if (!/^\d{1,10}$/.test(text)) throw usageError('plan', `--${option} takes a whole number, not "${printable(text)}"`);
  return { [field]: Number(text) } as { readonly [Name in Field]?: number };
}

function isKind(text: string | undefined): text is TunnelKind {
  return tunnelKinds.some((kind) => kind === text);
}
