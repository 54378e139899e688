import * as vscode from 'vscode';
import type { LinkNode } from '../../core/model/topology';
import { bridgeDeletePlan, portRemovePlan } from '../../core/plan/bridgePlans';
import { forwardingPlan } from '../../core/plan/hostPlans';
import { plansMade, removalPlan, unwirePlan } from '../../core/plan/madePlans';
import type { Plan } from '../../core/plan/plan';
import { planIdOf, seenTunnelPlan } from '../../core/plan/seenTunnel';
import type { TunnelKind } from '../../core/plan/tunnelDevice';
import { readDaemonFile } from '../../discovery/plans/daemonFile';
import { ruleToolOf } from '../../discovery/plans/ruleTool';
import { Notice } from '../notice';
import { Plans } from '../plans/plans';
import { askBridge, askDocker0, askExpose, askPort, askSubnetOut, askVlan, askWire, type Wired } from '../plans/hostWizards';
import { askTunnel } from '../plans/tunnelWizard';
import type { Services } from '../services';
import { iconSafe, printable } from '../text';
import { tunnelPath } from '../../core/report/tunnelText';
import { argumentId, chooseTarget, noTarget } from './choose';
import { ovsPlanCommands } from './ovsPlanCommands';
import { hostOf, planHost, readFirst, refusalsAsNotices, type AskForPlan } from './planQuestions';

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
    await refusalsAsNotices(() => plans.act(run, act));
  };
  const ask: AskForPlan = (make) => async (argument) => {
    await readFirst(services);
    const plan = await refusalsAsNotices(() => make(argument));
    if (plan !== undefined) plans.show(plan);
  };
  const { explorer } = services;
  const host = (argument: unknown, title: string): Promise<string | undefined> => planHost(services, argument, title);
  const wired = async (argument: unknown, title: string): Promise<Wired | undefined> => {
    const target = await chooseTarget(services, argument, title);
    return target && { hostId: target.host.id, sandboxId: target.sandbox.id, called: target.container?.name ?? target.sandbox.title };
  };
  const device = async (argument: unknown, title: string, fits: (node: LinkNode) => boolean): Promise<{ readonly hostId: string; readonly name: string } | undefined> => {
    const node = await chooseLink(services, argument, title, fits);
    const sandbox = node && explorer.topology.sandbox.get(node.sandboxId);
    return node && sandbox && { hostId: sandbox.hostId, name: node.link.name };
  };
  const isBridge = ({ link }: LinkNode): boolean => link.kind === 'bridge';
  const isPort = ({ link }: LinkNode): boolean => link.master !== undefined;

  return {
    'netnsExplorer.plan.wire': ask(async (argument) => {
      const target = await wired(argument, vscode.l10n.t('Wire Which Container or Namespace?'));
      return target && askWire(explorer.topology, target);
    }),
    'netnsExplorer.plan.unwire': async (argument: unknown) => {
      await readFirst(services);
      const plan = await refusalsAsNotices(async () => {
        const target = await wired(argument, vscode.l10n.t('Unwire Which Container or Namespace?'));
        return target && unwirePlan(explorer.topology, target.sandboxId);
      });
      if (plan !== undefined) await plans.act(plans.show(plan, true), 'remove');
    },
    'netnsExplorer.plan.createBridge': ask(async (argument) => {
      const hostId = await host(argument, vscode.l10n.t('A Bridge on Which Host?'));
      return hostId === undefined ? undefined : askBridge(explorer.topology, hostId);
    }),
    'netnsExplorer.plan.deleteBridge': ask(async (argument) => {
      const bridge = await device(argument, vscode.l10n.t('Delete Which Bridge?'), isBridge);
      return bridge && bridgeDeletePlan(bridge, explorer.topology);
    }),
    'netnsExplorer.plan.addPort': ask(async (argument) => {
      const bridge = await device(argument, vscode.l10n.t('A Port of Which Bridge?'), isBridge);
      return bridge && askPort(explorer.topology, bridge.hostId, bridge.name);
    }),
    'netnsExplorer.plan.removePort': ask(async (argument) => {
      const port = await device(argument, vscode.l10n.t('Remove Which Port?'), isPort);
      return port && portRemovePlan({ hostId: port.hostId, device: port.name }, explorer.topology);
    }),
    'netnsExplorer.plan.setVlan': ask(async (argument) => {
      const port = await device(argument, vscode.l10n.t('The VLAN Tag of Which Port?'), isPort);
      return port && askVlan(explorer.topology, port.hostId, port.name);
    }),
    'netnsExplorer.plan.allowSubnetOut': ask(async (argument) => {
      const hostId = await host(argument, vscode.l10n.t('Out by Which Host?'));
      const network = explorer.topology.network.get(argumentId(argument) ?? '');
      return hostId === undefined ? undefined : askSubnetOut(explorer.topology, hostId, network?.engine.subnets.map(({ subnet }) => subnet) ?? [], await ruleToolOf(explorer.transport(hostId)));
    }),
    'netnsExplorer.plan.enableForwarding': ask(async (argument) => {
      const hostId = await host(argument, vscode.l10n.t('Enable Forwarding on Which Host?'));
      return hostId === undefined ? undefined : forwardingPlan({ hostId }, explorer.topology);
    }),
    'netnsExplorer.plan.expose': ask(async (argument) => {
      const target = await wired(argument, vscode.l10n.t('Expose Which Namespace?'));
      return target && askExpose(explorer.topology, target);
    }),
    'netnsExplorer.plan.useSubnet': ask(async (argument) => {
      const hostId = await host(argument, vscode.l10n.t('The docker0 of Which Host?'));
      return hostId === undefined ? undefined : askDocker0(explorer.topology, hostId, await readDaemonFile(explorer.transport(hostId)));
    }),
    ...ovsPlanCommands(services, ask),
    'netnsExplorer.plan.removeMade': async (argument: unknown) => {
      await readFirst(services);
      const link = explorer.topology.link.get(argumentId(argument) ?? '');
      const id = link && planIdOf(link.link);
      const plan = await refusalsAsNotices(() => (id === undefined ? chooseMade(services) : Promise.resolve(removalPlan(explorer.topology, id))));
      if (plan === undefined) return;
      await plans.act(plans.show(plan, true), 'remove');
    },
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

async function chooseTunnel(services: Services, argument: unknown, title: string): Promise<string | undefined> {
  const given = argumentId(argument);
  if (given !== undefined) return given;
  await readFirst(services);
  const { topology } = services.explorer;
  // A port of Open vSwitch is no device that a plan knows.
  const items = [...topology.tunnel.values()].filter(({ linkId }) => topology.link.has(linkId)).map((tunnel) => ({
    label: iconSafe(topology.link.get(tunnel.linkId)?.link.name ?? '?'),
    description: iconSafe([topology.host.get(tunnel.hostId)?.label ?? tunnel.hostId, tunnelPath(tunnel), tunnel.kind].join(' · ')),
    id: tunnel.linkId,
  }));
  if (items.length === 0) throw new Notice(vscode.l10n.t('No host that was read has a tunnel.'));
  return (await vscode.window.showQuickPick(items, { title, matchOnDescription: true }))?.id;
}

/** A device of a host's own namespace, by the row that the command was called on, else chosen. */
async function chooseLink(services: Services, argument: unknown, title: string, fits: (node: LinkNode) => boolean): Promise<LinkNode | undefined> {
  const { topology } = services.explorer;
  const given = argumentId(argument);
  const isRoots = (node: LinkNode): boolean => topology.sandbox.get(node.sandboxId)?.role === 'root';
  if (given !== undefined) {
    const node = topology.link.get(given);
    if (node === undefined) throw noTarget('gone', argument, services);
    if (!isRoots(node)) throw new Notice(vscode.l10n.t('{0} is not in the host\'s own namespace: plans work on devices there. Enter the namespace for this one.', printable(node.link.name)));
    return node;
  }
  await readFirst(services);
  const items = [...topology.link.values()].filter((node) => isRoots(node) && fits(node)).map((node) => ({
    label: iconSafe(node.link.name),
    description: iconSafe([topology.host.get(topology.sandbox.get(node.sandboxId)?.hostId ?? '')?.label ?? '', node.link.master === undefined ? '' : vscode.l10n.t('port of {0}', node.link.master)].filter((part) => part !== '').join(' · ')),
    node,
  }));
  if (items.length === 0) throw new Notice(vscode.l10n.t('No host that was read has one.'));
  return (await vscode.window.showQuickPick(items, { title, matchOnDescription: true }))?.node;
}

/** What plans have left their mark on, on any host, whoever made it. */
async function chooseMade(services: Services): Promise<Plan | undefined> {
  const { topology } = services.explorer;
  const items = [...plansMade(topology)].map(([id, links]) => ({
    label: iconSafe([...new Set(links.map(({ node }) => node.link.name))].join(', ')),
    description: iconSafe([...new Set(links.map(({ sandbox }) => topology.host.get(sandbox.hostId)?.label ?? sandbox.hostId))].join(', ')),
    detail: vscode.l10n.t('plan {0}', id),
    id,
  }));
  if (items.length === 0) throw new Notice(vscode.l10n.t('No device of the hosts that were read carries a plan\'s mark.'));
  const chosen = await vscode.window.showQuickPick(items, { title: vscode.l10n.t('Remove What Which Plan Made?'), matchOnDescription: true, matchOnDetail: true });
  return chosen && removalPlan(topology, chosen.id);
}
