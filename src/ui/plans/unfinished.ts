import * as vscode from 'vscode';
import type { Explorer } from '../../discovery/explorer';
import type { PlanJournal } from './planJournal';

/** Offers to take back what a plan left: once after the editor's start, and each time when a host of it is back. */
export function watchUnfinished(journal: PlanJournal, explorer: Explorer): vscode.Disposable {
  const offer = (): void => void vscode.commands.executeCommand('netnsExplorer.plan.offerUnfinished');
  if (journal.unfinished().length > 0) offer();
  const away = new Set<string>();
  const unsubscribe = explorer.onDidChange(({ kind, hostIds }) => {
    if (kind !== 'status') return;
    for (const id of hostIds) {
      const state = explorer.hosts.find((host) => host.id === id)?.state;
      if (state === 'failed') away.add(id);
      else if (state === 'ready' && away.delete(id) && journal.unfinished().some(({ plan }) => plan.hosts.some(({ hostId }) => hostId === id))) offer();
    }
  });
  return new vscode.Disposable(unsubscribe);
}
