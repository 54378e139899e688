import * as vscode from 'vscode';
import type { HostEntry } from '../../core/hosts/hostEntry';
import { formatHostAddress } from '../../core/model/address';
import { hasImage, pullImage } from '../../host/docker/helperImage';
import { Notice } from '../notice';
import type { Services } from '../services';
import { messageSafe, printable } from '../text';
import { chooseHost } from './choose';

export function helperCommands(services: Services) {
  return {
    /** Lets a helper container run on the machine behind an engine, or lets it be. Nothing is pulled or started before the person has agreed. */
    'netnsExplorer.host.helper': async (argument: unknown) => {
      const host = await chooseHost(services, argument, vscode.l10n.t('Helper Container for Which Engine?'), ({ address }) => address.kind === 'docker');
      if (host === undefined) return;
      const { address } = host;
      if (address.kind !== 'docker') throw new Notice(vscode.l10n.t('{0} is not reached by an engine alone: it needs no helper container.', printable(host.label)));
      const entry = services.hosts.entries.find((other) => formatHostAddress(other.address) === host.id) ?? { address };
      const image = services.settings.helperImage;
      // One that is in use and has gone from the engine is pulled again.
      if (entry.helper === true && (image === undefined || (await hasImage(address.context, image).catch(() => true)))) {
        const stop = vscode.l10n.t('Stop Using It');
        const answer = await vscode.window.showWarningMessage(messageSafe(vscode.l10n.t('A helper container reads the machine behind {0}.', host.label)), { modal: true, detail: vscode.l10n.t('Without it only what the engine says is shown.') }, stop);
        if (answer !== stop) return;
        await services.hosts.replace([], [withoutHelper(entry)]);
        return;
      }
      if (image === undefined) throw new Notice(vscode.l10n.t('The setting netnsExplorer.helper.image names no image. Write NAME:TAG.'));
      const there = await hasImage(address.context, image);
      const agreed = there ? vscode.l10n.t('Run It') : vscode.l10n.t('Pull and Run It');
      const detail = [
        there ? vscode.l10n.t('Image: {0}, which the engine has.', printable(image)) : vscode.l10n.t('Image: {0}, which the engine pulls from its registry first.', printable(image)),
        '',
        vscode.l10n.t('It is root on that machine: privileged, with its processes and its network (--privileged --pid=host --network=host). Whoever made the image could do anything there.'),
        '',
        vscode.l10n.t('It runs while the host is open here, and is removed when the connection ends.'),
      ].join('\n');
      const answer = await vscode.window.showWarningMessage(messageSafe(vscode.l10n.t('Run a helper container on the machine behind {0}?', host.label)), { modal: true, detail }, agreed);
      if (answer !== agreed) return;
      if (!there && !(await pull(address.context, image))) return;
      await services.hosts.replace([], [{ ...entry, helper: true }]);
      if (entry.helper === true) await services.explorer.refresh(host.id);
    },
  };
}

function withoutHelper(entry: HostEntry): HostEntry {
  return Object.fromEntries(Object.entries(entry).filter(([key]) => key !== 'helper')) as unknown as HostEntry;
}

/** False where the person gave up. */
async function pull(context: string, image: string): Promise<boolean> {
  return vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title: messageSafe(vscode.l10n.t('Pulling {0}…', image)), cancellable: true }, async (_progress, token) => {
    const abort = new AbortController();
    token.onCancellationRequested(() => abort.abort());
    try {
      await pullImage(context, image, abort.signal);
      return true;
    } catch (error) {
      if (abort.signal.aborted) return false;
      throw new Notice(error instanceof Error ? error.message : String(error));
    }
  });
}
