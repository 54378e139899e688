import * as vscode from 'vscode';
import type { DiagramSubject } from '../../core/diagram/subject';
import type { Container, HostNode, NestedNode, Network, SwarmNodeNode, Topology } from '../../core/model/topology';
import { shownName } from '../../core/report/printable';
import type { HostStatus } from '../../discovery/explorer';
import { Notice } from '../notice';
import type { Services } from '../services';
import { iconSafe } from '../text';
import { roleText } from '../tree/sandboxText';
import type { TreeNode } from '../tree/node';
import { findTarget, type NoTarget, type Target } from './target';

/*
 * What a command is about: the row it was called on, the diagram's box, or, from the palette, what a person picks.
 * Every function here gives undefined where the person changed their mind.
 */

/** The model id in a command's argument: a row's, or the string that the diagram hands over. */
export function argumentId(argument: unknown): string | undefined {
  if (typeof argument === 'string') return argument;
  if (typeof argument === 'object' && argument !== null && 'modelId' in argument && typeof argument.modelId === 'string') return argument.modelId;
  return undefined;
}

export async function chooseTarget(services: Services, argument: unknown, title: string): Promise<Target | undefined> {
  const id = argumentId(argument) ?? (await pickTarget(services, title));
  if (id === undefined) return undefined;
  const target = findTarget(id, services.explorer.topology);
  if (typeof target !== 'string') return target;
  throw noTarget(target, argument, services);
}

/** What a diagram is to be drawn of: a host's, network's, container's or namespace's id. A namespace that serves a network stands for it. */
export async function chooseDiagram(services: Services, argument: unknown, title: string): Promise<DiagramSubject | undefined> {
  const id =
    argumentId(argument) ??
    (await pick(services, title, (host) => [
      ...host.networks.map((network) => ({ id: network.id, label: network.name, description: networkText(network, host) })),
      { id: host.id, label: host.label, description: vscode.l10n.t('the whole host') },
      ...host.containers.filter(({ sandboxId }) => sandboxId !== undefined).map(({ id: container, name }) => ({ id: container, label: name, description: [host.label, vscode.l10n.t('what is around the container')].join(' · ') })),
    ]));
  if (id === undefined) return undefined;
  const { topology } = services.explorer;
  if (topology.host.has(id) || topology.network.has(id)) return id;
  const endpoint = topology.endpoint.get(id);
  if (endpoint !== undefined) return endpoint.networkId;
  const container = topology.container.get(id);
  if (container !== undefined) {
    if (container.sandboxId === undefined) throw noTarget(container.running ? 'notRead' : 'notRunning', argument, services);
    return id;
  }
  const sandbox = topology.sandbox.get(topology.link.get(id)?.sandboxId ?? id);
  if (sandbox === undefined) throw noTarget('gone', argument, services);
  return sandbox.role === 'root' ? sandbox.hostId : (sandbox.networkId ?? sandbox.id);
}

export async function chooseContainer(services: Services, argument: unknown, title: string): Promise<Container | undefined> {
  const id =
    argumentId(argument) ??
    (await pick(services, title, (host) =>
      host.containers.filter((container) => container.running).map((container) => ({ id: container.id, label: container.name, description: [host.label, container.engine.image].join(' · ') })),
    ));
  if (id === undefined) return undefined;
  const { topology } = services.explorer;
  const container = topology.container.get(id) ?? topology.container.get(topology.endpoint.get(id)?.containerId ?? topology.sandbox.get(id)?.containers[0] ?? '');
  if (container === undefined) throw noTarget('gone', argument, services);
  return container;
}

/** A network or container, for Inspect. */
export async function chooseRecord(services: Services, argument: unknown, title: string): Promise<Network | Container | undefined> {
  const { topology } = services.explorer;
  const id =
    argumentId(argument) ??
    (await pick(services, title, (host) => [
      ...host.networks.map((network) => ({ id: network.id, label: network.name, description: networkText(network, host) })),
      ...host.containers.map((container) => ({ id: container.id, label: container.name, description: [host.label, vscode.l10n.t('container')].join(' · ') })),
    ]));
  if (id === undefined) return undefined;
  const found = topology.network.get(id) ?? topology.container.get(id) ?? topology.container.get(topology.endpoint.get(id)?.containerId ?? '');
  if (found === undefined) throw noTarget('gone', argument, services);
  return found;
}

/** An engine inside a host. */
export async function chooseNested(services: Services, argument: unknown): Promise<NestedNode | undefined> {
  const id =
    argumentId(argument) ??
    (await pick(services, vscode.l10n.t('Add Which Engine as a Host?'), (host) =>
      (host.nested ?? []).filter(({ address }) => address !== undefined).map((nested) => ({ id: nested.id, label: nested.title, description: [host.label, nested.engine.engine].join(' · ') })),
    ));
  if (id === undefined) return undefined;
  const found = services.explorer.topology.nested.get(id);
  if (found === undefined) throw noTarget('gone', argument, services);
  return found;
}

/** Another node of a swarm. */
export async function chooseSwarmNode(services: Services, argument: unknown): Promise<SwarmNodeNode | undefined> {
  const id =
    argumentId(argument) ??
    (await pick(services, vscode.l10n.t('Add Which Node as a Host?'), (host) =>
      (host.swarm?.nodes ?? []).filter(({ own }) => !own).map(({ id: of, node }) => ({ id: of, label: node.hostname || node.id, description: [node.address, host.label].join(' · ') })),
    ));
  if (id === undefined) return undefined;
  const found = services.explorer.topology.swarmPart.get(id);
  if (found?.kind !== 'swarmNode') throw noTarget('gone', argument, services);
  return found;
}

export async function chooseHost(services: Services, argument: unknown, title: string, suits: (host: HostStatus) => boolean = () => true): Promise<HostStatus | undefined> {
  const hosts = services.explorer.hosts.filter(suits);
  const id = argumentId(argument);
  if (id !== undefined) return hosts.find((host) => host.id === id);
  if (hosts.length === 0) throw new Notice(vscode.l10n.t('There is no such host in the Netns Explorer yet. Add one first.'), { title: vscode.l10n.t('Add SSH Host…'), run: () => vscode.commands.executeCommand('netnsExplorer.host.addSsh') });
  const items = hosts.map((host) => ({ label: iconSafe(host.label), description: iconSafe(host.id === host.label ? '' : host.id), host }));
  return (await vscode.window.showQuickPick(items, { title }))?.host;
}

async function pickTarget(services: Services, title: string): Promise<string | undefined> {
  const { topology } = services.explorer;
  const selected = services.view.selected;
  const current = selected === undefined ? undefined : findTarget(selected.modelId, topology);
  return pick(
    services,
    title,
    (host) =>
      host.sandboxes.map((sandbox) => ({
        id: sandbox.id,
        label: sandbox.title,
        description: [host.label, roleText(sandbox.role, vscode.l10n.t), `net:[${String(sandbox.inode)}]`, ...sandbox.paths.map(shownName)].join(' · '),
      })),
    typeof current === 'object' ? current.sandbox.id : undefined,
  );
}

interface Choice {
  readonly id: string;
  readonly label: string;
  readonly description: string;
}

/** One quick pick over all hosts, each under its own heading, which goes when one types: each row names its host too. What the tree has selected stands first. */
async function pick(services: Services, title: string, choices: (host: HostNode) => readonly Choice[], first?: string): Promise<string | undefined> {
  type Item = vscode.QuickPickItem & { readonly id?: string };
  const gather = async (): Promise<Item[]> => {
    const scan = services.scanned();
    // What was read already can be chosen from while a slow host, or one that waits for a password, is still being read.
    if (services.explorer.topology.hosts.length === 0) await scan;
    const groups = services.explorer.topology.hosts.map((host) => ({ host, choices: choices(host) })).filter((group) => group.choices.length > 0);
    const item = (choice: Choice): Item => ({
      id: choice.id,
      label: iconSafe(choice.label),
      description: iconSafe(choice.description),
    });
    const items = groups.flatMap(({ host, choices: some }): Item[] => [{ label: iconSafe(host.label), kind: vscode.QuickPickItemKind.Separator }, ...some.map(item)]);
    const selected = items.find((each) => each.id !== undefined && each.id === first);
    return selected === undefined ? items : [{ label: vscode.l10n.t('selected'), kind: vscode.QuickPickItemKind.Separator }, selected, ...items.filter((each) => each !== selected)];
  };
  const items = await gather();
  if (items.length === 0) {
    throw new Notice(vscode.l10n.t('No host that was read has anything to choose from. Add a host or refresh the ones in the Netns Explorer.'), {
      title: vscode.l10n.t('Refresh'),
      run: () => vscode.commands.executeCommand('netnsExplorer.hosts.refresh'),
    });
  }
  return (await vscode.window.showQuickPick(items, { title, matchOnDescription: true }))?.id;
}

function networkText(network: Network, host: HostNode): string {
  return [host.label, network.driver, ...network.engine.subnets.map((subnet) => subnet.subnet)].join(' · ');
}

/** Why nothing can be done, with what helps. */
export function noTarget(why: NoTarget, argument: unknown, services: Services): Notice {
  const node = typeof argument === 'object' && argument !== null && 'hostId' in argument ? (argument as TreeNode) : undefined;
  const refresh = { title: vscode.l10n.t('Refresh'), run: () => services.explorer.refresh(node?.hostId) };
  const texts: Record<NoTarget, string> = {
    gone: vscode.l10n.t('It is gone: the last scan did not find it any more. Refresh to see what is there now.'),
    notRead: vscode.l10n.t('Its network namespace was not found when the host was read: that needs root, and a process or a name that leads to it. Refresh to try again.'),
    noSandboxYet: vscode.l10n.t('This overlay network has no sandbox on this host: it gets one as soon as a container here uses it. Try it on another host of the swarm.'),
    notRunning: vscode.l10n.t('The container is not running, so it has no network namespace. Start it, then refresh.'),
    none: vscode.l10n.t('The network "none" connects nothing, so it has no network namespace. Enter one of its containers instead.'),
  };
  return new Notice(texts[why], why === 'noSandboxYet' || why === 'none' ? undefined : refresh);
}

/** The name under which a namespace appears in titles: hostile text. */
export function targetTitle(target: Target, topology: Topology): string {
  return `${target.container?.name ?? target.sandbox.title}@${topology.host.get(target.host.id)?.label ?? target.host.id}`;
}
