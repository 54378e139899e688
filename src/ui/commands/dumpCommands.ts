import * as vscode from 'vscode';
import { dumpTerminal } from '../../core/command/dump';
import { dumps, type DumpId } from '../../core/command/dumps';
import { sandboxId } from '../../core/model/ids';
import type { Sandbox, SandboxId, Topology } from '../../core/model/topology';
import { allDumps } from '../document/documentText';
import { dumpTitle, dumpUri, subjectUri } from '../document/documents';
import { documentScheme, parseSubject } from '../document/dumpUri';
import { Notice } from '../notice';
import type { Services } from '../services';
import { iconSafe, printable } from '../text';
import { argumentId, chooseContainer, chooseHost, chooseRecord, chooseTarget } from './choose';
import { dumpNouns, type DumpNoun } from './commandIds';
import { prepare } from './enterCommands';

export function dumpCommands(services: Services) {
  const { documents, explorer, terminals } = services;

  const open = async (argument: unknown, dump: DumpId | typeof allDumps) => {
    const target = await chooseTarget(services, argument, vscode.l10n.t('Dump {0} of Which Namespace?', dumpTitle(dump)));
    if (target !== undefined) await documents.open(dumpUri(explorer.topology, target.sandbox, dump));
  };
  const run = async (argument: unknown, dump: DumpId) => {
    const entered = await prepare(services, argument, vscode.l10n.t('Dump {0} of Which Namespace?', dumpTitle(dump)));
    if (entered === undefined) return;
    await terminals.open({ hostId: entered.hostId, command: dumpTerminal(entered.target, [dump]), title: `${dumpTitle(dump)} · ${entered.title}`, icon: 'list-flat' });
  };
  const forEachNoun = <Verb extends 'open' | 'run'>(verb: Verb, handler: (argument: unknown, dump: DumpId) => unknown) =>
    Object.fromEntries(dumpNouns.map((noun) => [`netnsExplorer.${noun}.${verb}`, (argument: unknown) => handler(argument, noun)])) as Record<
      `netnsExplorer.${DumpNoun}.${Verb}`,
      (argument: unknown) => unknown
    >;

  return {
    ...forEachNoun('open', open),
    ...forEachNoun('run', run),
    'netnsExplorer.dump.open': async (argument: unknown) => {
      const dump = await pickDump(vscode.l10n.t('Dump What?'), true);
      if (dump !== undefined) await open(argument, dump);
    },
    'netnsExplorer.dump.run': async (argument: unknown) => {
      const dump = await pickDump(vscode.l10n.t('Dump What in a Terminal?'), false);
      if (dump !== undefined && dump !== allDumps) await run(argument, dump);
    },
    'netnsExplorer.dump.openAll': (argument: unknown) => open(argument, allDumps),
    'netnsExplorer.dump.refresh': () => documents.refresh(activeDocument()),
    'netnsExplorer.dump.compare': () => compare(services),
    'netnsExplorer.ports.show': async (argument: unknown) => {
      const host = typeof argument === 'object' && argument !== null && 'kind' in argument && argument.kind === 'host' ? argumentId(argument) : undefined;
      const container = host === undefined ? await chooseContainer(services, argument, vscode.l10n.t('The Published Ports of Which Container?')) : undefined;
      const hostId = host ?? container?.hostId;
      if (hostId === undefined) return;
      const label = explorer.topology.host.get(hostId)?.label ?? hostId;
      await documents.open(subjectUri({ kind: 'ports', host: hostId, container: container?.engine.id ?? '' }, vscode.l10n.t('Published Ports{0}', container === undefined ? '' : ` - ${container.name}`), label));
    },
    'netnsExplorer.names.show': async (argument: unknown) => {
      const container = await chooseContainer(services, argument, vscode.l10n.t('The Names That Which Container Resolves?'));
      if (container === undefined) return;
      const label = explorer.topology.host.get(container.hostId)?.label ?? container.hostId;
      await documents.open(subjectUri({ kind: 'names', host: container.hostId, container: container.engine.id }, vscode.l10n.t('Names - {0}', container.name), label));
    },
    'netnsExplorer.engine.showSettings': async (argument: unknown) => {
      const host = await chooseHost(services, argument, vscode.l10n.t('The Engine of Which Host?'));
      if (host !== undefined) await documents.open(subjectUri({ kind: 'engine', host: host.id }, vscode.l10n.t('Engine Settings'), host.label));
    },
    'netnsExplorer.record.inspect': async (argument: unknown) => {
      const record = await chooseRecord(services, argument, vscode.l10n.t('Inspect Which Network or Container?'));
      if (record === undefined) return;
      const { hostId, name } = record;
      const kind = 'driver' in record ? 'network' : 'container';
      const host = explorer.topology.host.get(hostId)?.label ?? hostId;
      await documents.open(subjectUri({ kind: 'inspect', host: hostId, record: kind, id: record.engine.id }, name, host));
    },
  };
}

async function pickDump(title: string, withAll: boolean): Promise<DumpId | typeof allDumps | undefined> {
  const items: (vscode.QuickPickItem & { readonly dump: DumpId | typeof allDumps })[] = dumps.map((dump) => ({
    label: dump.title,
    description: dump.commands.map((command) => printable(command.argv.join(' '), 40)).slice(0, 2).join(', '),
    dump: dump.id,
  }));
  if (withAll) items.push({ label: vscode.l10n.t('All'), description: vscode.l10n.t('one document with everything'), dump: allDumps });
  return (await vscode.window.showQuickPick(items, { title }))?.dump;
}

/** The document in front, which must be one of ours. */
function activeDocument(): vscode.Uri {
  const uri = vscode.window.activeTextEditor?.document.uri;
  if (uri?.scheme === documentScheme) return uri;
  throw new Notice(vscode.l10n.t('This works on a dump that is open in front. Open one first.'), {
    title: vscode.l10n.t('Dump…'),
    run: () => vscode.commands.executeCommand('netnsExplorer.dump.open'),
  });
}

/** Beside the open documents of ours, the same dump of every other namespace is offered. */
async function compare({ documents, explorer }: Services): Promise<void> {
  const left = activeDocument();
  const subject = parseSubject(left);
  const { topology } = explorer;
  type Item = vscode.QuickPickItem & { readonly uri?: vscode.Uri };
  const item = (uri: vscode.Uri): Item => ({ label: iconSafe(documentTitle(uri)), uri });
  const open = documents.opened().filter((uri) => uri.toString() !== left.toString());
  const shown = new Set([left.toString(), ...open.map((uri) => uri.toString())]);
  const others =
    subject?.kind !== 'dump'
      ? []
      : likeFirst(topology, sandboxId(subject.host, subject.namespace))
          .map((sandbox) => dumpUri(topology, sandbox, subject.dump as DumpId))
          .filter((uri) => !shown.has(uri.toString()));
  const separator = (label: string): Item => ({ label, kind: vscode.QuickPickItemKind.Separator });
  const items = [...(open.length === 0 ? [] : [separator(vscode.l10n.t('open')), ...open.map(item)]), separator(vscode.l10n.t('the same of another namespace')), ...others.map(item)];
  const chosen = await vscode.window.showQuickPick(items, { title: vscode.l10n.t('Compare {0} with…', documentTitle(left)) });
  if (chosen?.uri === undefined) return;
  const title = `${documentTitle(left)} ↔ ${documentTitle(chosen.uri)}`;
  await vscode.commands.executeCommand('vscode.diff', left, chosen.uri, title);
}

/** Every namespace, those of the same purpose first: one compares an overlay's sandbox with the same overlay's on another host. */
function likeFirst(topology: Topology, id: SandboxId): readonly Sandbox[] {
  const own = topology.sandbox.get(id);
  const isLike = ({ role, title }: Sandbox): boolean => role === own?.role && title === own.title;
  const all = topology.hosts.flatMap((host) => host.sandboxes);
  return [...all.filter(isLike), ...all.filter((sandbox) => !isLike(sandbox))];
}

function documentTitle(uri: vscode.Uri): string {
  return uri.path.slice(uri.path.lastIndexOf('/') + 1);
}
