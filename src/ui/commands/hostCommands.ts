import * as vscode from 'vscode';
import { importedEntry } from '../../core/hosts/hostEntry';
import { formatImportSource } from '../../core/hosts/importSource';
import { nestedHost } from '../../core/hosts/nestedHosts';
import { swarmHost } from '../../core/hosts/swarmHosts';
import { AddressError, formatHostAddress, parseHostAddress, type HostAddress, type HostId } from '../../core/model/address';
import { keyFileOf } from '../hosts/hostList';
import { sshAliases, sshConfigPath } from '../hosts/sshAliases';
import { Notice } from '../notice';
import type { Services } from '../services';
import { iconSafe, printable } from '../text';
import { argumentId, chooseHost, chooseNested, chooseSwarmNode } from './choose';

export function hostCommands(services: Services) {
  return {
    'netnsExplorer.host.addSsh': async (argument: unknown) => {
      const address = typeof argument === 'string' ? parseHostAddress(argument) : await askSshAddress(services);
      if (address !== undefined) await addAndShow(services, address);
    },
    'netnsExplorer.host.addLocal': () => addAndShow(services, { kind: 'local' }),
    'netnsExplorer.host.addNested': async (argument: unknown) => {
      const nested = await chooseNested(services, argument);
      const host = nested && nestedHost(nested);
      if (!nested || !host) return;
      await services.hosts.replace([], [importedEntry(host, formatImportSource({ kind: 'nested', path: nested.hostId }))]);
      await show(services, formatHostAddress(host.address));
    },
    'netnsExplorer.host.addNode': async (argument: unknown) => {
      const part = await chooseSwarmNode(services, argument);
      const manager = part && services.explorer.hosts.find(({ id }) => id === part.hostId)?.address;
      if (!part || !manager) return;
      const host = swarmHost(part.node, manager, keyFileOf(services.settings, manager));
      if (!host) throw new Notice(vscode.l10n.t('The swarm gives "{0}" as the address of this node, at which no host can be reached.', printable(part.node.address)));
      await services.hosts.replace([], [importedEntry(host, formatImportSource({ kind: 'swarm', path: part.hostId }))]);
      await show(services, formatHostAddress(host.address));
    },
    'netnsExplorer.host.remove': async (argument: unknown) => {
      const host = await chooseHost(services, argument, vscode.l10n.t('Remove Which Host?'));
      if (host !== undefined) await services.hosts.remove(host.id);
    },
    'netnsExplorer.host.refresh': async (argument: unknown) => {
      const hostId = typeof argument === 'object' && argument !== null && 'hostId' in argument && typeof argument.hostId === 'string' ? argument.hostId : argumentId(argument);
      if (hostId !== undefined) return services.explorer.refresh(hostId);
      const host = await chooseHost(services, undefined, vscode.l10n.t('Refresh Which Host?'));
      if (host !== undefined) await services.explorer.refresh(host.id);
    },
    'netnsExplorer.hosts.refresh': () => services.explorer.refresh(),
  };
}

/** Adds a host, selects its row, and reads it. */
export async function addAndShow(services: Services, address: HostAddress): Promise<void> {
  await show(services, await services.hosts.add(address));
}

async function show(services: Services, id: HostId): Promise<void> {
  await vscode.commands.executeCommand('netnsExplorer.hosts.focus');
  await services.view.reveal(id, { expand: true });
  await services.explorer.refresh(id);
}

/** One input that both offers the aliases and takes what is typed. */
async function askSshAddress(services: Services): Promise<HostAddress | undefined> {
  const file = sshConfigPath(services.settings.sshConfigFile);
  const known = new Set(services.explorer.hosts.map((host) => host.id));
  const aliases = (await sshAliases(file)).filter((alias) => isAddress(alias) && !known.has(formatHostAddress(parseHostAddress(alias))));
  type Item = vscode.QuickPickItem & { readonly address?: string };
  const input = vscode.window.createQuickPick<Item>();
  input.title = vscode.l10n.t('Add SSH Host');
  input.placeholder = vscode.l10n.t('user@host[:port], or an alias of your SSH configuration');
  const offered: Item[] = aliases.map((alias) => ({ label: iconSafe(alias), description: vscode.l10n.t('alias'), address: alias }));
  const show = (typed: string) => {
    const text = typed.trim();
    if (text === '' || aliases.includes(text)) input.items = offered;
    else if (isAddress(text)) input.items = [...offered, { label: iconSafe(text), description: vscode.l10n.t('connect to this address'), alwaysShow: true, address: text }];
    else input.items = [...offered, { label: vscode.l10n.t('This is no address. Type user@host, host:port, [IPv6]:port or an alias.'), alwaysShow: true }];
  };
  show('');
  return new Promise((resolve) => {
    input.onDidChangeValue(show);
    input.onDidAccept(() => {
      const chosen = input.selectedItems[0]?.address;
      if (chosen === undefined) return;
      resolve(parseHostAddress(chosen));
      input.hide();
    });
    input.onDidHide(() => {
      resolve(undefined);
      input.dispose();
    });
    input.show();
  });
}

function isAddress(text: string): boolean {
  try {
    return parseHostAddress(text).kind === 'ssh';
  } catch (error) {
    if (error instanceof AddressError) return false;
    throw error;
  }
}
