import * as vscode from 'vscode';
import { Notice } from '../notice';
import type { Services } from '../services';
import { suggestedFile } from '../suggestedFile';
import { iconSafe, printable } from '../text';
import { chooseHost } from './choose';
import { addAndShow } from './hostCommands';

/** Long enough to be read beside what else happens in the window. */
const savedMessageMs = 8000;

export function snapshotCommands(services: Services) {
  const { explorer, hosts } = services;
  return {
    'netnsExplorer.snapshot.save': async (argument: unknown) => {
      const host = await chooseHost(services, argument, vscode.l10n.t('Save a Snapshot of Which Host?'), (each) => each.address.kind !== 'file');
      if (host === undefined) return;
      if (explorer.snapshot(host.id) === undefined) await explorer.refresh(host.id);
      const snapshot = explorer.snapshot(host.id);
      const label = explorer.topology.host.get(host.id)?.label ?? host.label;
      if (snapshot === undefined) throw new Notice(vscode.l10n.t('{0} has not been read, so there is nothing to save. Its row says why.', printable(label)));
      const target = await vscode.window.showSaveDialog({
        title: vscode.l10n.t('Save Snapshot of {0}', printable(label)),
        filters: { [vscode.l10n.t('Snapshot')]: ['json'] },
        defaultUri: suggestedFile(label, '.netns.json'),
      });
      if (target === undefined) return;
      await vscode.workspace.fs.writeFile(target, new TextEncoder().encode(`${JSON.stringify(snapshot, undefined, 1)}\n`));
      services.log.info(`Saved the snapshot of ${label} as ${target.fsPath}.`);
      const file = target.path.slice(target.path.lastIndexOf('/') + 1);
      vscode.window.setStatusBarMessage(vscode.l10n.t('Saved the snapshot of {0} as {1}.', iconSafe(label), iconSafe(file)), savedMessageMs);
    },
    'netnsExplorer.snapshot.open': async (argument: unknown) => {
      const files =
        argument instanceof vscode.Uri
          ? [argument]
          : await vscode.window.showOpenDialog({ title: vscode.l10n.t('Open Snapshot'), filters: { [vscode.l10n.t('Snapshot')]: ['json'] }, canSelectMany: true });
      for (const file of files ?? []) {
        if (file.scheme !== 'file') throw new Notice(vscode.l10n.t('A snapshot is opened from a folder of the machine that the extension runs on, not from {0}.', file.scheme));
        await addAndShow(services, { kind: 'file', path: file.fsPath });
      }
    },
    'netnsExplorer.snapshot.openSample': async () => {
      const sample = vscode.Uri.file(hosts.samplePath);
      try {
        await vscode.workspace.fs.stat(sample);
      } catch {
        throw new Notice(vscode.l10n.t('The recorded sample is not part of this installation. Open a snapshot of your own, or add a host.'), {
          title: vscode.l10n.t('Open Snapshot…'),
          run: () => vscode.commands.executeCommand('netnsExplorer.snapshot.open'),
        });
      }
      await addAndShow(services, { kind: 'file', path: hosts.samplePath });
    },
  };
}
