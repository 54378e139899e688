import * as vscode from 'vscode';
import type { HostId } from '../../core/model/address';
import type { LinkCounters } from '../../discovery/plans/linkCounters';
import { markdownSafe } from '../text';
import { ShownRows } from './changes';
import { Filter } from './filter';
import type { TreeNode } from './node';
import type { OpenedRows } from './openedRows';
import { present } from './presentation';
import type { Detail, Presentation } from './row';
import { TreeModel } from './treeModel';
import type { TreeSource } from './treeSource';

/** The rows of the sidebar's tree, as VS Code asks for them. */
export class TreeProvider implements vscode.TreeDataProvider<TreeNode>, vscode.Disposable {
  private readonly changes = new vscode.EventEmitter<TreeNode[] | undefined>();
  readonly onDidChangeTreeData = this.changes.event;
  readonly model: TreeModel;
  private readonly shown = new ShownRows();
  private filter: Filter;
  private text = '';
  /** Counts the filters: rows under another filter are other rows to VS Code, so that they open anew and the unfiltered tree keeps what was open. */
  private filterRun = 0;


  /** @param onClick what a click on a row runs, where the settings ask for something. */
  constructor(
    source: TreeSource,
    private readonly onClick: () => string | undefined,
    private readonly opened: OpenedRows,
    /** Reads a device's counters; absent: hovers go without. */
    private readonly counters?: (hostId: HostId, name: string, signal: AbortSignal) => Promise<LinkCounters>,
    /** A host's key-value stores were opened, which nobody has read yet. */
    private readonly readStores?: (hostId: HostId) => void,
  ) {
    this.model = new TreeModel(source);
    this.filter = new Filter('', this.model);
  }

  get filterText(): string {
    return this.text;
  }

  setFilter(text: string): void {
    if (text.trim() === this.text) return;
    this.text = text.trim();
    this.filterRun += 1;
    this.refreshAll();
  }

  /** A row was opened or closed by hand; while a filter is on, that is about the filtered tree alone. */
  remember(node: TreeNode, open: boolean): void {
    if (this.text === '') this.opened.set(node.id, open);
  }

  /** Every row anew. */
  refreshAll(): void {
    this.filter = new Filter(this.text, this.model);
    this.shown.clear();
    this.changes.fire(undefined);
  }

  /** After a change: gives the rows again that look different now, or have other children. `topOnly` where no more than a host's status changed. */
  update(topOnly = false): void {
    const now = { children: (node: TreeNode | undefined) => this.filter.children(node), presentation: (node: TreeNode) => this.presentation(node) };
    if (topOnly) {
      this.give(this.shown.changedAtTop(now));
      return;
    }
    this.filter = new Filter(this.text, this.model);
    this.give(this.shown.changed(now));
    this.model.prune();
  }

  private give(changed: readonly (TreeNode | undefined)[]): void {
    if (changed.includes(undefined)) this.changes.fire(undefined);
    else if (changed.length > 0) this.changes.fire(changed.filter((node) => node !== undefined));
  }

  getChildren(node?: TreeNode): TreeNode[] {
    if (node !== undefined && this.isUnreadStore(node)) this.readStores?.(node.hostId);
    const children = this.filter.children(node);
    this.shown.showedChildren(node, children);
    return [...children];
  }

  getParent(node: TreeNode): TreeNode | undefined {
    return node.parent;
  }

  getTreeItem(node: TreeNode): vscode.TreeItem {
    const presentation = this.presentation(node);
    this.shown.showed(node, presentation);
    const item = new vscode.TreeItem(presentation.label, this.collapsibleState(node, presentation));
    item.id = this.text === '' ? node.id : `${node.id}\nfilter:${String(this.filterRun)}`;
    if (presentation.description !== undefined) item.description = presentation.description;
    item.iconPath = new vscode.ThemeIcon(presentation.icon, presentation.color === undefined ? undefined : new vscode.ThemeColor(presentation.color));
    item.contextValue = presentation.contextValue;
    item.accessibilityInformation = { label: [presentation.label, presentation.description ?? ''].filter((part) => part !== '').join(', ') };
    const command = this.onClick();
    if (command !== undefined && /\bsandbox\b/.test(presentation.contextValue)) item.command = { command, title: '', arguments: [node] };
    return item;
  }

  async resolveTreeItem(item: vscode.TreeItem, node: TreeNode, token?: vscode.CancellationToken): Promise<vscode.TreeItem> {
    const { details: own, contextValue } = this.presentation(node);
    const details = /\+live\b.*\+tunnel\b/.test(contextValue) ? [...own, ...(await this.traffic(node, token))] : own;
    item.tooltip = details.length === 0 ? (item.label as string) : tooltip(details);
    return item;
  }

  /** A tunnel's counters, read when its hover is asked for. */
  private async traffic(node: TreeNode, token: vscode.CancellationToken | undefined): Promise<readonly Detail[]> {
    const link = this.model.source.topology.link.get(node.modelId);
    if (link === undefined || this.counters === undefined || link.sandboxId !== this.model.source.topology.host.get(node.hostId)?.rootSandbox) return [];
    const abort = new AbortController();
    const cancelling = token?.onCancellationRequested(() => abort.abort());
    try {
      const { received, sent } = await this.counters(node.hostId, link.link.name, abort.signal);
      const text = ({ bytes, packets, errors, dropped }: typeof sent): string =>
        [vscode.l10n.t('{0} bytes in {1} packets', bytes, packets), ...(errors + dropped === 0 ? [] : [vscode.l10n.t('{0} errors, {1} dropped', errors, dropped)])].join(', ');
      return [{ name: vscode.l10n.t('Received'), value: text(received) }, { name: vscode.l10n.t('Sent'), value: text(sent) }];
    } catch (error) {
      return [{ name: vscode.l10n.t('Counters'), value: error instanceof Error ? error.message : String(error) }];
    } finally {
      cancelling?.dispose();
    }
  }

  private isUnreadStore({ kind, modelId, hostId }: TreeNode): boolean {
    const { stores } = this.model.source;
    return kind === 'category' && modelId === 'store' && stores !== undefined && stores.of(hostId) === undefined && !stores.isReading(hostId);
  }

  private presentation(node: TreeNode): Presentation {
    return present(node, this.model, vscode.l10n.t);
  }

  private collapsibleState(node: TreeNode, presentation: Presentation): vscode.TreeItemCollapsibleState {
    if (!this.model.expandable(node)) return vscode.TreeItemCollapsibleState.None;
    // Opening reads them, which only a person asks for: not a window that is loaded again.
    if (this.isUnreadStore(node)) return vscode.TreeItemCollapsibleState.Collapsed;
    const open = this.text === '' ? (this.opened.get(node.id) ?? presentation.expanded === true) : node.kind === 'host' || this.filter.opens(node);
    return open ? vscode.TreeItemCollapsibleState.Expanded : vscode.TreeItemCollapsibleState.Collapsed;
  }

  dispose(): void {
    this.changes.dispose();
  }
}

/** A table of two columns; every cell is text of a host and is escaped, links and HTML are off. */
function tooltip(details: readonly Detail[]): vscode.MarkdownString {
  const [first, ...rest] = details;
  const row = (detail: Detail) => `| ${markdownSafe(detail.name)} | ${markdownSafe(detail.value)} |`;
  const lines = [...(first === undefined ? [] : [row(first), '| :-- | :-- |']), ...rest.map(row)];
  return new vscode.MarkdownString(lines.join('\n'));
}
