import * as vscode from 'vscode';
import type { OvsBridgeNode, OvsPortNode } from '../../core/model/topology';
import { ovsBridgeDeletePlan, ovsPortRemovePlan } from '../../core/plan/ovsBridgePlans';
import { ruleToolOf } from '../../discovery/plans/ruleTool';
import { Notice } from '../notice';
import { askOvsBridge, askOvsPort, askOvsTunnel, askOvsVlan, type OvsExperiment } from '../plans/ovsWizards';
import { askTwoHosts } from '../plans/tunnelWizard';
import type { Services } from '../services';
import { iconSafe } from '../text';
import { argumentId } from './choose';
import { hostOf, planHost, type AskForPlan } from './planQuestions';

/** On a bridge's or port's row, on a host's, or from the palette. */
export function ovsPlanCommands(services: Services, ask: AskForPlan) {
  const { explorer } = services;
  return {
    'netnsExplorer.plan.ovsExperiment': ask(async (argument) => {
      const chosen = await vscode.window.showQuickPick(experiments(), { title: vscode.l10n.t('Which Experiment With Open vSwitch?') });
      if (chosen === undefined) return undefined;
      const two = await askTwoHosts(explorer.topology, chosen.label, hostOf(argument, services));
      return two && askOvsTunnel(explorer.topology, 'gre', two[0], two[1], { kind: chosen.experiment, ruleTool: (hostId) => ruleToolOf(explorer.transport(hostId)) });
    }),
    'netnsExplorer.plan.createOvsBridge': ask(async (argument) => {
      const hostId = await planHost(services, argument, vscode.l10n.t('An Open vSwitch Bridge on Which Host?'));
      return hostId === undefined ? undefined : askOvsBridge(explorer.topology, hostId);
    }),
    'netnsExplorer.plan.deleteOvsBridge': ask(async (argument) => {
      const bridge = await chooseSwitch(services, argument, vscode.l10n.t('Delete Which Open vSwitch Bridge?'));
      return bridge && ovsBridgeDeletePlan({ hostId: bridge.hostId, name: bridge.bridge.name }, explorer.topology);
    }),
    'netnsExplorer.plan.addOvsPort': ask(async (argument) => {
      const bridge = await chooseSwitch(services, argument, vscode.l10n.t('A Port of Which Open vSwitch Bridge?'));
      return bridge && askOvsPort(explorer.topology, bridge.hostId, bridge.bridge.name);
    }),
    'netnsExplorer.plan.removeOvsPort': ask(async (argument) => {
      const port = await chooseSwitchPort(services, argument, vscode.l10n.t('Remove Which Port of Open vSwitch?'));
      return port && ovsPortRemovePlan({ hostId: port.hostId, device: port.port.name }, explorer.topology);
    }),
    'netnsExplorer.plan.setOvsVlan': ask(async (argument) => {
      const port = await chooseSwitchPort(services, argument, vscode.l10n.t('The VLAN Tag of Which Port of Open vSwitch?'));
      return port && askOvsVlan(explorer.topology, port);
    }),
  };
}

function experiments(): readonly (vscode.QuickPickItem & { readonly experiment: OvsExperiment })[] {
  return [
    { label: vscode.l10n.t('Docker Bridge and Open vSwitch'), description: vscode.l10n.t('the switch below docker0, joined by GRE'), experiment: 'docker-bridge' },
    { label: vscode.l10n.t('Direct Open vSwitch'), description: vscode.l10n.t('containers on the switch itself'), experiment: 'direct' },
    { label: vscode.l10n.t('Direct Open vSwitch and VLAN'), description: vscode.l10n.t('with a tag for each container'), experiment: 'direct-vlan' },
  ];
}

/** The bridge of the row that the command was called on; else one of that host, or of any. */
async function chooseSwitch(services: Services, argument: unknown, title: string): Promise<OvsBridgeNode | undefined> {
  const { topology } = services.explorer;
  const given = topology.ovsBridge.get(argumentId(argument) ?? '');
  return given ?? choose(services, argument, title, [...topology.ovsBridge.values()], ({ bridge }) => bridge.name, ({ bridge }) => bridge.datapathType);
}

async function chooseSwitchPort(services: Services, argument: unknown, title: string): Promise<OvsPortNode | undefined> {
  const { topology } = services.explorer;
  const given = topology.ovsPort.get(argumentId(argument) ?? '');
  return given ?? choose(services, argument, title, [...topology.ovsPort.values()], ({ port }) => port.name, ({ bridgeId }) => vscode.l10n.t('port of {0}', topology.ovsBridge.get(bridgeId)?.bridge.name ?? '?'));
}

async function choose<Node extends { readonly hostId: string }>(services: Services, argument: unknown, title: string, nodes: readonly Node[], name: (node: Node) => string, fact: (node: Node) => string): Promise<Node | undefined> {
  const { topology } = services.explorer;
  const hostId = hostOf(argument, services);
  const items = nodes.filter((node) => hostId === undefined || node.hostId === hostId).map((node) => ({ label: iconSafe(name(node)), description: iconSafe([topology.host.get(node.hostId)?.label ?? node.hostId, fact(node)].join(' · ')), node }));
  if (items.length === 0) throw new Notice(vscode.l10n.t('No host that was read has one.'));
  return (await vscode.window.showQuickPick(items, { title, matchOnDescription: true }))?.node;
}
