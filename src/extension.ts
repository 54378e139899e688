import { join } from 'node:path';
import * as vscode from 'vscode';
import { createExplorer } from './discovery/createExplorer';
import { StoreBook } from './discovery/storeBook';
import { openTransport } from './host/openTransport';
import type { NetnsExplorerApi } from './ui/api';
import type { CommandHandlers } from './ui/commands/commandIds';
import { createReporter, registerCommands } from './ui/commands/register';
import { DiagramPanels, diagramViewType } from './ui/diagram/diagramPanels';
import { Documents } from './ui/document/documents';
import { FirstScan } from './ui/hosts/firstScan';
import { helperOf, HostList, keyFileOf } from './ui/hosts/hostList';
import { createQuestions } from './ui/hosts/questions';
import { createLog } from './ui/log';
import { PlanJournal } from './ui/plans/planJournal';
import { watchUnfinished } from './ui/plans/unfinished';
import type { Services } from './ui/services';
import { Settings } from './ui/settings';
import { sshConfigPath } from './ui/hosts/sshAliases';
import { Terminals } from './ui/terminal/terminals';
import { HostsView } from './ui/tree/hostsView';
import { OpenedRows } from './ui/tree/openedRows';

/** Builds the services and joins them. Connects to nothing: the first scan starts when the view is shown. */
export function activate(context: vscode.ExtensionContext): NetnsExplorerApi {
  const channel = vscode.window.createOutputChannel('Netns Explorer', { log: true });
  const log = createLog(channel);
  const report = createReporter(log, () => channel.show(true));
  const settings = new Settings();
  const questions = createQuestions();
  const explorer = createExplorer({
    openTransport: (address) => openTransport(address, { questions, log, client: settings.sshClient, identityFile: keyFileOf(settings, address), helper: helperOf(settings, address), ...(settings.sshConfigFile !== '' && { sshConfigFile: sshConfigPath(settings.sshConfigFile) }) }),
    openEngine: async (transport) => (await import('./host/engineClient')).openEngine(transport),
    log,
    sources: () => settings.sources,
  });
  const firstScan = new FirstScan(explorer, settings);
  const scanned = () => firstScan.done();
  const hosts = new HostList(explorer, settings, context.globalState, join(context.extensionPath, 'media', 'sample', 'node1.json'), log, (id) => {
    if (firstScan.started) void explorer.refresh(id).catch(report);
  });
  const stores = new StoreBook(explorer, (host) => settings.storesOf(host));
  const view = new HostsView(
    explorer,
    () => (settings.doubleClick === 'none' ? undefined : 'netnsExplorer.row.click'),
    new OpenedRows(context.workspaceState),
    () => void scanned().catch(report),
    stores,
  );
  const diagrams = new DiagramPanels({
    topology: () => explorer.topology,
    extensionUri: context.extensionUri,
    refresh: async (hostIds) => {
      await (hostIds.length === 0 ? explorer.refresh() : Promise.all(hostIds.map((id) => explorer.refresh(id))));
    },
    onSelected: (modelId) => {
      if (modelId !== undefined && view.view.visible) void view.reveal(modelId).catch(report);
    },
    onAction: (action, modelId) => {
      const commands = { enter: 'netnsExplorer.sandbox.enter', dump: 'netnsExplorer.dump.open', reveal: 'netnsExplorer.row.reveal' } as const;
      void vscode.commands.executeCommand(commands[action], modelId);
    },
    onExport: (subject, open, format) =>
      void import('./ui/commands/handlers').then(({ exportFromPanel }) => exportFromPanel(services, subject, open, format)).catch(report),
    onFault: report,
  });
  const documents = new Documents(explorer, scanned, stores);
  const services: Services = { explorer, view, hosts, terminals: new Terminals(explorer), documents, diagrams, settings, stores, log, channel, report, scanned, state: context.globalState, extensionUri: context.extensionUri };

  let loaded: Promise<CommandHandlers> | undefined;
  const handlers = () => (loaded ??= import('./ui/commands/handlers').then(({ commandHandlers }) => commandHandlers(services)));

  const unsubscribe = explorer.onDidChange(() => diagrams.update());
  context.subscriptions.push(
    channel,
    { dispose: () => explorer.dispose() },
    { dispose: unsubscribe },
    stores,
    firstScan,
    hosts,
    view,
    diagrams,
    documents,
    view.view.onDidChangeSelection(({ selection: [row] }) => {
      if (row !== undefined) diagrams.select(row.modelId);
    }),
    settings.onDidChange((affects) => {
      if (affects('tree.doubleClick') || affects('keyValueStores')) view.provider.refreshAll();
    }),
    vscode.window.registerWebviewPanelSerializer(diagramViewType, diagrams),
    registerCommands(handlers, report),
    watchUnfinished(new PlanJournal(context.globalState), explorer),
  );
  return { explorer, view, diagrams, ready: scanned };
}
