import * as vscode from 'vscode';
import { planSync, type HostEntry } from '../../core/hosts/hostEntry';
import { formatImportSource, parseImportSource, type ImportSource } from '../../core/hosts/importSource';
import { formatHostAddress, type HostId } from '../../core/model/address';
import { readSource } from '../hosts/readSource';
import { Notice } from '../notice';
import type { Services } from '../services';
import { iconSafe, messageSafe, printable } from '../text';

export function importCommands(services: Services) {
  return {
    /** An argument names the source as the settings do, such as `ansible:/path`. */
    'netnsExplorer.hosts.import': async (argument?: unknown) => {
      const source = typeof argument === 'string' ? knownSource(argument) : await chooseSource(services);
      if (source === undefined) return;
      const found = await readSource(services, source);
      if (found === undefined) return;
      if (found.entries.length + found.faults.length === 0) throw new Notice(vscode.l10n.t('No host was found there.'));
      const chosen = found.entries.length === 0 ? undefined : await chooseEntries(services, found.entries);
      // Only now: a message beside an open list takes the focus from it.
      tellFaults(services, found.faults);
      if (chosen === undefined || chosen.length === 0) return;
      const allowed = new Set(services.hosts.entries.filter(({ helper }) => helper === true).map(({ address }) => formatHostAddress(address)));
      await services.hosts.replace([], chosen.map((entry) => (allowed.has(formatHostAddress(entry.address)) ? { ...entry, helper: true as const } : entry)));
      await vscode.commands.executeCommand('netnsExplorer.hosts.focus');
    },
    'netnsExplorer.hosts.synchronize': () => synchronize(services),
  };
}

function knownSource(text: string): ImportSource {
  const source = parseImportSource(text);
  if (source === undefined) throw new Notice(noSource(text));
  return source;
}

function noSource(text: string): string {
  return vscode.l10n.t('"{0}" is no source that hosts are imported from.', printable(text));
}

async function chooseSource(services: Services): Promise<ImportSource | undefined> {
  type Item = vscode.QuickPickItem & { readonly pick: () => Promise<ImportSource | undefined> };
  const file = async (kind: 'ansible' | 'vagrant-config', title: string): Promise<ImportSource | undefined> => {
    const [uri] = (await vscode.window.showOpenDialog({ title })) ?? [];
    return uri === undefined ? undefined : { kind, path: localPath(uri) };
  };
  const items: Item[] = [
    { label: vscode.l10n.t('Ansible Inventory…'), description: vscode.l10n.t('INI, YAML or JSON'), pick: () => file('ansible', vscode.l10n.t('Ansible Inventory')) },
    {
      label: vscode.l10n.t('Vagrant Machines…'),
      description: vscode.l10n.t('the folder of a Vagrantfile'),
      pick: async () => {
        const [uri] = (await vscode.window.showOpenDialog({ title: vscode.l10n.t('Folder of a Vagrantfile'), canSelectFolders: true, canSelectFiles: false })) ?? [];
        return uri === undefined ? undefined : { kind: 'vagrant', path: localPath(uri) };
      },
    },
    { label: vscode.l10n.t('Saved Output of vagrant ssh-config…'), pick: () => file('vagrant-config', vscode.l10n.t('Output of vagrant ssh-config')) },
    { label: vscode.l10n.t('Docker Contexts'), description: vscode.l10n.t('over SSH, TCP or a socket'), pick: () => Promise.resolve({ kind: 'docker-contexts' }) },
    ...services.explorer.topology.hosts
      .filter((host) => host.snapshot.engine?.swarm?.manager === true)
      .map((host): Item => ({ label: iconSafe(vscode.l10n.t('Nodes of the Swarm of {0}', host.label)), pick: () => Promise.resolve({ kind: 'swarm', path: host.id }) })),
    ...services.explorer.topology.hosts
      .filter(({ nested = [] }) => nested.some(({ address }) => address !== undefined))
      .map((host): Item => ({ label: iconSafe(vscode.l10n.t('Engines Inside {0}', host.label)), pick: () => Promise.resolve({ kind: 'nested', path: host.id }) })),
  ];
  const chosen = await vscode.window.showQuickPick(items, { title: vscode.l10n.t('Import Hosts From') });
  return chosen?.pick();
}

function localPath(uri: vscode.Uri): string {
  if (uri.scheme !== 'file') throw new Notice(vscode.l10n.t('Hosts are imported from files of the machine that the extension runs on, not from {0}.', uri.scheme));
  return uri.fsPath;
}

/** All that are new are chosen to begin with. */
async function chooseEntries(services: Services, entries: readonly HostEntry[]): Promise<readonly HostEntry[] | undefined> {
  const present = new Set(services.explorer.hosts.map((host) => host.id));
  const items = entries.map((entry) => {
    const there = present.has(formatHostAddress(entry.address));
    return { ...entryItem(entry), picked: !there, entry, ...(there && { detail: vscode.l10n.t('is there already; choosing it takes over its name and key') }) };
  });
  const chosen = await vscode.window.showQuickPick(items, { title: vscode.l10n.t('Import Which Hosts?'), canPickMany: true, matchOnDescription: true, ignoreFocusOut: true });
  return chosen?.map(({ entry }) => entry);
}

function entryItem(entry: HostEntry): { readonly label: string; readonly description: string } {
  const address = formatHostAddress(entry.address);
  return { label: iconSafe(entry.name ?? address), description: iconSafe([...(entry.groups ?? []).slice(0, 3), address].join(' · ')) };
}

/** One list of what would change. What was added to a source since then is offered; what is gone is chosen only where the source was read without a fault. */
async function synchronize(services: Services): Promise<void> {
  const { entries } = services.hosts;
  const sources = [...new Set(entries.flatMap(({ source }) => (source === undefined ? [] : [source])))];
  if (sources.length === 0) throw new Notice(vscode.l10n.t('No host was imported yet.'), { title: vscode.l10n.t('Import Hosts…'), run: () => vscode.commands.executeCommand('netnsExplorer.hosts.import') });
  type Item = vscode.QuickPickItem & { readonly removed: readonly HostId[]; readonly put: readonly HostEntry[] };
  const items: Item[] = [];
  const faults: string[] = [];
  for (const text of sources) {
    const source = parseImportSource(text);
    if (source === undefined) {
      faults.push(noSource(text));
      continue;
    }
    const found = await readSource(services, source);
    if (found === undefined) return;
    faults.push(...found.faults);
    if (found.entries.length === 0) continue;
    const plan = planSync(entries, formatImportSource(source), found.entries);
    const detail = printable(text);
    const item = (label: string, entry: HostEntry, picked: boolean, change: Pick<Item, 'removed' | 'put'>): Item => ({ label: iconSafe(label), description: entryItem(entry).description, detail, picked, ...change });
    for (const { before, after } of plan.changed) items.push(item(vscode.l10n.t('Change {0}', after.name ?? ''), after, true, { removed: [formatHostAddress(before.address)], put: [after] }));
    for (const entry of plan.gone) items.push(item(vscode.l10n.t('Remove {0}', entry.name ?? ''), entry, found.faults.length === 0, { removed: [formatHostAddress(entry.address)], put: [] }));
    for (const entry of plan.added) items.push(item(vscode.l10n.t('Add {0}', entry.name ?? ''), entry, false, { removed: [], put: [entry] }));
  }
  if (items.length === 0) {
    tellFaults(services, faults);
    if (faults.length === 0) void vscode.window.showInformationMessage(vscode.l10n.t('The imported hosts are as their sources say.'));
    return;
  }
  const chosen = await vscode.window.showQuickPick(items, { title: vscode.l10n.t('Synchronize Imported Hosts'), canPickMany: true, matchOnDescription: true, ignoreFocusOut: true });
  tellFaults(services, faults);
  if (chosen === undefined || chosen.length === 0) return;
  await services.hosts.replace(chosen.flatMap(({ removed }) => removed), chosen.flatMap(({ put }) => put));
}

/** All of them in the log; the first in a message. */
function tellFaults(services: Services, faults: readonly string[]): void {
  for (const fault of faults) services.log.warn(fault);
  const [first] = faults;
  if (first === undefined) return;
  const text = faults.length === 1 ? first : vscode.l10n.t('{0} (And {1} more; see the log.)', first, faults.length - 1);
  const show = vscode.l10n.t('Show Log');
  void vscode.window.showWarningMessage(messageSafe(text), show).then((answer) => {
    if (answer === show) services.channel.show(true);
  });
}
