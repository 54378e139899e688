import * as vscode from 'vscode';
import { dumps, type DumpId } from '../../core/command/dumps';
import type { HostId } from '../../core/model/address';
import type { Sandbox, Topology } from '../../core/model/topology';
import type { Explorer } from '../../discovery/explorer';
import type { StoreBook } from '../../discovery/storeBook';
import { ownTitle } from '../tree/sandboxText';
import type { allDumps } from './documentText';
import { documentScheme, formatSubject, parseSubject, subjectLanguage, type DocumentSubject } from './dumpUri';

/** The read-only documents: dumps, engine records, diagrams as text. */
export class Documents implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly changes = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.changes.event;
  private readonly registration: vscode.Disposable;

  constructor(
    private readonly explorer: Explorer,
    /** Starts the first scan: documents that the editor restores come before it. */
    private readonly startScan: () => Promise<void>,
    private readonly stores: StoreBook,
  ) {
    this.registration = vscode.Disposable.from(
      vscode.workspace.registerTextDocumentContentProvider(documentScheme, this),
      vscode.workspace.onDidOpenTextDocument((document) => {
        const subject = parseSubject(document.uri);
        const language = subject === undefined ? undefined : subjectLanguage(subject);
        if (language !== undefined && document.languageId !== language) void vscode.languages.setTextDocumentLanguage(document, language);
      }),
    );
  }

  async provideTextDocumentContent(uri: vscode.Uri, token: vscode.CancellationToken): Promise<string> {
    const subject = parseSubject(uri);
    if (subject === undefined) return `${vscode.l10n.t('This address names no document of the Netns Explorer.')}\n`;
    if (this.explorer.snapshot(subject.host) === undefined) await this.read(subject.host);
    const abort = new AbortController();
    const cancelling = token.onCancellationRequested(() => abort.abort());
    try {
      const { documentText } = await import('./documentText');
      return await documentText(subject, this.explorer, vscode.l10n.t, abort.signal, this.stores);
    } finally {
      cancelling.dispose();
    }
  }

  /** Waits for one host alone: another may be waiting for a password. */
  private async read(host: HostId): Promise<void> {
    const all = this.startScan();
    if (this.explorer.hosts.some(({ id }) => id === host)) await this.explorer.refresh(host);
    else await all;
  }

  /** Shows a document, read anew where it was open already. */
  async open(uri: vscode.Uri): Promise<vscode.TextEditor> {
    const open = vscode.workspace.textDocuments.some((document) => document.uri.toString() === uri.toString());
    if (open) this.refresh(uri);
    const document = await vscode.workspace.openTextDocument(uri);
    return vscode.window.showTextDocument(document, { preview: false });
  }

  refresh(uri: vscode.Uri): void {
    this.changes.fire(uri);
  }

  /** The open documents of ours. */
  opened(): vscode.Uri[] {
    return vscode.workspace.textDocuments.filter((document) => document.uri.scheme === documentScheme).map((document) => document.uri);
  }

  dispose(): void {
    this.registration.dispose();
    this.changes.dispose();
  }
}

export function dumpUri(topology: Topology, sandbox: Sandbox, dump: DumpId | typeof allDumps): vscode.Uri {
  const host = topology.host.get(sandbox.hostId)?.label ?? sandbox.hostId;
  const title = `${dumpTitle(dump)} - ${ownTitle(sandbox, vscode.l10n.t)}`;
  return subjectUri({ kind: 'dump', host: sandbox.hostId, namespace: sandbox.key, dump }, title, host);
}

export function subjectUri(subject: DocumentSubject, title: string, host: string): vscode.Uri {
  return vscode.Uri.from(formatSubject(subject, title, host));
}

export function dumpTitle(dump: string): string {
  if (dump === 'fdb') return 'FDB';
  return dumps.find((each) => each.id === dump)?.title ?? vscode.l10n.t('All');
}
