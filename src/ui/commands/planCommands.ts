import * as vscode from 'vscode';
import type { TunnelKind } from '../../core/plan/tunnelDevice';
import { seenTunnelPlan } from '../../core/plan/seenTunnel';
import { PlanRefused } from '../../core/plan/plan';
import { Notice } from '../notice';
import { Plans } from '../plans/plans';
import { askTunnel } from '../plans/tunnelWizard';
import type { Services } from '../services';
import { iconSafe, printable } from '../text';
import { tunnelPath } from '../../core/report/tunnelText';
import { argumentId } from './choose';

export function planCommands(services: Services) {
  const plans = new Plans(services);
  const create = (kinds: readonly TunnelKind[]) => async (argument: unknown) => {
    await readFirst(services);
    const { topology } = services.explorer;
    const plan = await refusalsAsNotices(() => askTunnel(topology, kinds, hostOf(argument, services)));
    if (plan !== undefined) plans.show(plan);
  };
  const seen = (title: string, act: 'verify' | 'remove' | 'export') => async (argument: unknown) => {
    const linkId = await chooseTunnel(services, argument, title);
    if (linkId === undefined) return;
    const plan = await refusalsAsNotices(() => Promise.resolve(seenTunnelPlan(services.explorer.topology, linkId)));
    const run = plans.show(plan, true);
    await plans.act(run, act);
  };
  return {
    'netnsExplorer.plan.createGre': create(['gre', 'gretap']),
    'netnsExplorer.plan.createVxlan': create(['vxlan']),
    'netnsExplorer.plan.createGeneve': create(['geneve']),
    'netnsExplorer.plan.createIpip': create(['ipip']),
    'netnsExplorer.tunnel.verify': seen(vscode.l10n.t('Verify Which Tunnel?'), 'verify'),
    'netnsExplorer.tunnel.remove': seen(vscode.l10n.t('Remove Which Tunnel?'), 'remove'),
    'netnsExplorer.tunnel.export': seen(vscode.l10n.t('Export Which Tunnel?'), 'export'),
    'netnsExplorer.plan.offerUnfinished': () => plans.offerUnfinished(),
  };
}

async function readFirst(services: Services): Promise<void> {
  const scan = services.scanned();
  if (services.explorer.topology.hosts.length === 0) await scan;
}

function hostOf(argument: unknown, services: Services): string | undefined {
  const id = typeof argument === 'object' && argument !== null && 'hostId' in argument && typeof argument.hostId === 'string' ? argument.hostId : argumentId(argument);
  return id !== undefined && services.explorer.topology.host.has(id) ? id : undefined;
}

/** What cannot be planned is no defect: its sentence says what to do. */
async function refusalsAsNotices<Value>(make: () => Promise<Value>): Promise<Value> {
  try {
    return await make();
  } catch (error) {
    if (error instanceof PlanRefused) throw new Notice(printable(error.message, 600));
    throw error;
  }
}

async function chooseTunnel(services: Services, argument: unknown, title: string): Promise<string | undefined> {
  const given = argumentId(argument);
  if (given !== undefined) return given;
  await readFirst(services);
  const { topology } = services.explorer;
  const items = [...topology.tunnel.values()].map((tunnel) => ({
    label: iconSafe(topology.link.get(tunnel.linkId)?.link.name ?? '?'),
    description: iconSafe([topology.host.get(tunnel.hostId)?.label ?? tunnel.hostId, tunnelPath(tunnel), tunnel.kind].join(' · ')),
    id: tunnel.linkId,
  }));
  if (items.length === 0) throw new Notice(vscode.l10n.t('No host that was read has a tunnel.'));
  return (await vscode.window.showQuickPick(items, { title, matchOnDescription: true }))?.id;
}
