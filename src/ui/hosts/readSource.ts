import * as vscode from 'vscode';
import { importedEntry, type HostEntry } from '../../core/hosts/hostEntry';
import { formatImportSource, type ImportSource } from '../../core/hosts/importSource';
import type { Imported } from '../../core/hosts/importedHost';
import type { Services } from '../services';
import { keyFileOf } from './hostList';
import { messageSafe, printable } from '../text';

export interface ReadSource {
  readonly entries: readonly HostEntry[];
  readonly faults: readonly string[];
}

/** Reads a source's hosts, as entries for the settings. Undefined where the person cancelled. */
export async function readSource(services: Services, source: ImportSource): Promise<ReadSource | undefined> {
  const execute = source.kind === 'vagrant' ? await mayRunVagrant(source.path) : false;
  if (execute === undefined) return undefined;
  const imported = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: vscode.l10n.t('Reading hosts…'), cancellable: true },
    (_progress, token) => {
      const abort = new AbortController();
      token.onCancellationRequested(() => abort.abort());
      return read(services, source, execute, abort.signal);
    },
  );
  const text = formatImportSource(source);
  const entries = imported.hosts.map((host) => importedEntry(host, text));
  return { entries, faults: imported.faults };
}

async function read(services: Services, source: ImportSource, mayExecute: boolean, signal: AbortSignal): Promise<Imported> {
  const host = source.kind === 'swarm' ? services.explorer.hosts.find(({ id }) => id === source.path) : undefined;
  const swarm = host && services.explorer.snapshot(host.id)?.engine?.swarm;
  const keyFile = host && keyFileOf(services.settings, host.address);
  const { readImport } = await import('../../discovery/imports/readImport');
  const outer = source.kind === 'nested' ? services.explorer.topology.host.get(source.path) : undefined;
  return readImport(source, { mayExecute, signal, ...(outer && { outer: { label: outer.label, nested: outer.nested ?? [] } }), ...(host && swarm && { manager: { address: host.address, swarm, ...(keyFile !== undefined && { keyFile }) } }) });
}

/** A Vagrantfile is a program: it is run only for a person who said so, in a trusted workspace. */
async function mayRunVagrant(folder: string): Promise<boolean | undefined> {
  if (!vscode.workspace.isTrusted) return false;
  const run = vscode.l10n.t('Run');
  const look = vscode.l10n.t('Only Look at .vagrant');
  const detail = vscode.l10n.t('It executes the Vagrantfile there. Without it only the names of the machines are known.');
  const answer = await vscode.window.showWarningMessage(messageSafe(vscode.l10n.t('Run "vagrant ssh-config" in {0}?', printable(folder))), { modal: true, detail }, run, look);
  return answer === undefined ? undefined : answer === run;
}
