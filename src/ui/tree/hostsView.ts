import * as vscode from 'vscode';
import type { HostId } from '../../core/model/address';
import type { Explorer } from '../../discovery/explorer';
import type { StoreBook } from '../../discovery/storeBook';
import { readLinkCounters } from '../../discovery/plans/linkCounters';
import type { TreeNode } from './node';
import type { OpenedRows } from './openedRows';
import type { TreeSource } from './treeSource';
import { TreeProvider } from './treeProvider';

export const hostsViewId = 'netnsExplorer.hosts';
const filteredKey = 'netnsExplorer.filtered';
const emptyKey = 'netnsExplorer.noHosts';

/** The sidebar's view: the tree, its filter, its progress, and what is selected in it. */
export class HostsView implements vscode.Disposable {
  readonly provider: TreeProvider;
  readonly view: vscode.TreeView<TreeNode>;
  private readonly disposables: { dispose(): unknown }[] = [];
  private progress: { readonly done: () => void } | undefined;
  private empty: boolean | undefined;

  constructor(
    private readonly explorer: Explorer,
    onClick: () => string | undefined,
    opened: OpenedRows,
    /** The view is on screen for the first time. */
    onFirstVisible: () => void,
    stores: StoreBook,
  ) {
    const source: TreeSource = {
      get topology() {
        return explorer.topology;
      },
      get hosts() {
        return explorer.hosts;
      },
      stores,
    };
    this.provider = new TreeProvider(
      source,
      onClick,
      opened,
      (hostId, name, signal) => readLinkCounters(explorer.transport(hostId), name, signal),
      (hostId) => void stores.read(hostId),
    );
    this.view = vscode.window.createTreeView(hostsViewId, { treeDataProvider: this.provider, showCollapseAll: true, canSelectMany: false });
    let seen = this.view.visible;
    if (seen) onFirstVisible();
    this.disposables.push(
      this.view,
      this.provider,
      this.view.onDidChangeVisibility(({ visible }) => {
        if (!visible || seen) return;
        seen = true;
        onFirstVisible();
      }),
      this.view.onDidExpandElement(({ element }) => this.provider.remember(element, true)),
      this.view.onDidCollapseElement(({ element }) => this.provider.remember(element, false)),
    );
    const unsubscribe = explorer.onDidChange(({ kind }) => this.update(kind === 'status'));
    this.disposables.push({ dispose: unsubscribe }, { dispose: stores.onDidChange(() => this.update(false)) });
    this.update(false);
  }

  /** The selected row, where the view has one. */
  get selected(): TreeNode | undefined {
    return this.view.selection[0];
  }

  setFilter(text: string): void {
    this.provider.setFilter(text);
    const filter = this.provider.filterText;
    this.view.description = filter === '' ? '' : vscode.l10n.t('filter: {0}', filter);
    this.view.message = filter === '' ? '' : vscode.l10n.t('Showing what has "{0}" in it.', filter);
    void vscode.commands.executeCommand('setContext', filteredKey, filter !== '');
  }

  /** Selects the row that stands for a thing of the model. False where it has none. */
  async reveal(modelId: string, options: { readonly focus?: boolean; readonly expand?: boolean } = {}): Promise<boolean> {
    const node = this.provider.model.find(modelId);
    if (node === undefined) return false;
    await this.view.reveal(node, { select: true, focus: options.focus ?? false, expand: options.expand ?? false });
    return true;
  }

  /** Selects and opens the row of a host's key-value stores. */
  async revealStores(hostId: HostId): Promise<boolean> {
    const { model } = this.provider;
    const host = model.find(hostId);
    const node = host && model.children(host).find(({ kind, modelId }) => kind === 'category' && modelId === 'store');
    if (node === undefined) return false;
    await this.view.reveal(node, { select: true, focus: true, expand: true });
    return true;
  }

  private update(statusOnly: boolean): void {
    this.provider.update(statusOnly);
    const busy = this.explorer.hosts.some((host) => host.state === 'connecting' || host.state === 'scanning');
    if (busy && this.progress === undefined) {
      void vscode.window.withProgress({ location: { viewId: hostsViewId } }, () => new Promise<void>((resolve) => (this.progress = { done: resolve })));
    } else if (!busy) {
      this.progress?.done();
      this.progress = undefined;
    }
    const empty = this.explorer.hosts.length === 0;
    if (empty === this.empty) return;
    this.empty = empty;
    void vscode.commands.executeCommand('setContext', emptyKey, empty);
  }

  dispose(): void {
    this.progress?.done();
    for (const disposable of this.disposables) disposable.dispose();
  }
}
