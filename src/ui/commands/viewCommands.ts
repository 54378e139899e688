import * as vscode from 'vscode';
import type { SwarmPart } from '../../core/model/topology';
import type { StoreEntry } from '../../core/topology/storeTree';
import { Notice } from '../notice';
import type { Services } from '../services';
import { printable } from '../text';
import type { TreeNode } from '../tree/node';
import { argumentId, chooseTarget, noTarget } from './choose';
import { concernedNamespaces } from './concerned';

/** VS Code's own measure for a double click in lists. */
const doubleClickMs = 500;

export function viewCommands(services: Services) {
  const { explorer, settings, view } = services;
  let lastClick: { readonly id: string; readonly at: number } | undefined;

  const reveal = async (id: string | undefined, argument: unknown) => {
    if (id === undefined || !(await view.reveal(id, { focus: true, expand: true }))) throw noTarget('gone', argument, services);
  };

  return {
    'netnsExplorer.filter.set': async (argument: unknown) => {
      const text = typeof argument === 'string' ? argument : await askFilter(view.provider.filterText);
      if (text === undefined) return;
      view.setFilter(text);
      await vscode.commands.executeCommand('netnsExplorer.hosts.focus');
    },
    'netnsExplorer.filter.clear': () => view.setFilter(''),
    'netnsExplorer.row.click': async (argument: unknown) => {
      const id = argumentId(argument);
      if (id === undefined) return;
      const now = Date.now();
      const double = lastClick?.id === id && now - lastClick.at <= doubleClickMs;
      lastClick = double ? undefined : { id, at: now };
      if (!double) return;
      const commands = { none: undefined, enter: 'netnsExplorer.sandbox.enter', dump: 'netnsExplorer.dump.open', diagram: 'netnsExplorer.diagram.show' } as const;
      const command = commands[settings.doubleClick];
      if (command !== undefined) await vscode.commands.executeCommand(command, argument);
    },
    'netnsExplorer.row.reveal': (argument: unknown) => reveal(argumentId(argument), argument),
    'netnsExplorer.row.refresh': async (argument: unknown) => {
      const concerned = concernedNamespaces(argumentId(argument) ?? '', explorer.topology);
      if (concerned === undefined) throw noTarget('gone', argument, services);
      await explorer.refreshSandboxes(concerned.hostId, concerned.keys);
    },
    'netnsExplorer.row.copyName': (argument: unknown) => copy(nameOf(argument, services)),
    'netnsExplorer.row.copyAddress': (argument: unknown) => {
      const address = addressOf(argument, services);
      if (address === undefined) throw new Notice(vscode.l10n.t('It has no address.'));
      return copy(address);
    },
    'netnsExplorer.peer.reveal': (argument: unknown) => {
      const peer = explorer.topology.link.get(argumentId(argument) ?? '')?.peer;
      return reveal(peer?.state === 'resolved' ? peer.linkId : undefined, argument);
    },
    'netnsExplorer.sandbox.reveal': async (argument: unknown) => {
      const target = await chooseTarget(services, argument, vscode.l10n.t('Show Which Namespace?'));
      if (target !== undefined) await reveal(target.sandbox.id, argument);
    },
    'netnsExplorer.log.show': () => services.channel.show(true),
    'netnsExplorer.settings.open': () => vscode.commands.executeCommand('workbench.action.openSettings', 'netnsExplorer.'),
  };
}

function askFilter(current: string): Thenable<string | undefined> {
  return vscode.window.showInputBox({
    title: vscode.l10n.t('Filter'),
    prompt: vscode.l10n.t('Part of a name, an IP or MAC address, a subnet, an inode. Empty shows everything.'),
    value: current,
  });
}

async function copy(text: string): Promise<void> {
  await vscode.env.clipboard.writeText(text);
}

/** As the host writes it, not as the row shows it; but no more than one line of it: what is pasted into a shell must not run by itself. */
function nameOf(argument: unknown, { explorer: { topology }, view }: Services): string {
  const node = argument as TreeNode | undefined;
  const id = node?.modelId ?? '';
  const name =
    topology.network.get(id)?.name ??
    topology.container.get(id)?.name ??
    topology.endpoint.get(id)?.name ??
    topology.link.get(id)?.link.name ??
    topology.ovsBridge.get(id)?.bridge.name ??
    topology.ovsPort.get(id)?.port.name ??
    swarmName(topology.swarmPart.get(id)) ??
    (node === undefined ? undefined : storeName(view.provider.model.storeEntry(node))) ??
    topology.sandbox.get(id)?.title ??
    topology.host.get(id)?.label ??
    (node === undefined ? undefined : view.provider.model.fault(node)?.message) ??
    id;
  return printable(name, Infinity);
}

function storeName(entry: StoreEntry | undefined): string | undefined {
  return entry?.record?.key ?? entry?.name;
}

function swarmName(part: SwarmPart | undefined): string | undefined {
  switch (part?.kind) {
    case 'swarmNode':
      return part.node.hostname || part.node.id;
    case 'service':
      return part.service.name;
    case 'task':
      return part.name;
    case 'peer':
      return part.nodeName ?? part.address;
    case 'peerTask':
      return part.task.name;
    case undefined:
      return undefined;
  }
}

function addressOf(argument: unknown, { explorer: { topology } }: Services): string | undefined {
  const id = argumentId(argument) ?? '';
  const endpoint = topology.endpoint.get(id);
  if (endpoint !== undefined) return endpoint.ipv4 ?? endpoint.ipv6 ?? endpoint.mac;
  const container = topology.container.get(id);
  if (container !== undefined) return container.endpoints.map((each) => topology.endpoint.get(each)?.ipv4).find((address) => address !== undefined);
  const link = topology.link.get(id)?.link;
  return link?.addresses.find((address) => address.scope === 'global')?.address ?? link?.mac ?? topology.host.get(id)?.underlay[0];
}
