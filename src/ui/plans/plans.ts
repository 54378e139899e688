import * as vscode from 'vscode';
import type { Plan } from '../../core/plan/plan';
import { networkTools, persistentFiles, type NetworkTool } from '../../core/plan/persistentFiles';
import { planScripts } from '../../core/plan/planScript';
import { printable as oneLine } from '../../core/report/printable';
import type { PlanAction } from '../../protocol/plan';
import { PlanJournal } from './planJournal';
import { PlanPanel } from './planPanel';
import { PlanRun } from './planRun';
import { planTerminals } from './planTerminals';
import type { Services } from '../services';
import { messageSafe } from '../text';

/** The plans that are open in the editor: one page for each, and what its buttons do. */
export class Plans {
  private readonly open = new Map<string, PlanPanel>();
  private readonly journal: PlanJournal;

  constructor(private readonly services: Services) {
    this.journal = new PlanJournal(services.state);
  }

  /** @param there it is there already: to be verified or removed */
  show(plan: Plan, there = false): PlanRun {
    const known = this.open.get(plan.id);
    if (known !== undefined) {
      known.reveal();
      return known.run;
    }
    const { explorer, report } = this.services;
    // What the journal has is what was run, to the letter.
    const entry = this.journal.find(plan.id);
    const run: PlanRun = new PlanRun(entry?.plan ?? plan, explorer, this.journal, () => panel.update(), vscode.l10n.t, there || entry !== undefined);
    const panel = new PlanPanel(this.services.extensionUri, run, (action) => void this.act(run, action).catch(report), () => this.open.delete(plan.id));
    this.open.set(plan.id, panel);
    void run.check().catch(report);
    return run;
  }

  async act(run: PlanRun, action: PlanAction): Promise<void> {
    switch (action) {
      case 'check':
        return run.check();
      case 'apply':
        this.tell(run, await this.progress(run, vscode.l10n.t('Applying'), (signal) => run.apply(signal)));
        return;
      case 'terminals': {
        const show = planTerminals(run.plan);
        this.tell(run, await this.progress(run, vscode.l10n.t('Applying'), (signal) => run.apply(signal, show)));
        return;
      }
      case 'verify':
        this.tell(run, await this.progress(run, vscode.l10n.t('Verifying'), (signal) => run.verify(signal)));
        return;
      case 'remove': {
        if (!(await this.agreed(run.plan))) return;
        this.tell(run, await this.progress(run, vscode.l10n.t('Removing'), (signal) => run.remove(signal)));
        return;
      }
      case 'copy':
        await vscode.env.clipboard.writeText(planScripts(run.plan, (hostId) => this.services.explorer.topology.host.get(hostId)?.snapshot.host.hostname));
        void vscode.window.showInformationMessage(run.plan.hosts.length === 1 ? vscode.l10n.t('The script is in the clipboard.') : vscode.l10n.t('The scripts of {0} hosts are in the clipboard, one after another: each runs on its own host alone, so that all may be given to each.', run.plan.hosts.length));
        return;
      case 'export':
        return exportFiles(run.plan);
    }
  }

  /** Offers to take back what a lost connection or a closed editor left. */
  async offerUnfinished(): Promise<void> {
    for (const { plan } of this.journal.unfinished()) {
      if (this.open.get(plan.id)?.run.running === true) continue;
      const [undo, show] = [vscode.l10n.t('Undo'), vscode.l10n.t('Show Plan')];
      const text = vscode.l10n.t('"{0}" was interrupted: part of it may still be on {1}.', plan.title, plan.hosts.map(({ label }) => label).join(', '));
      const answer = await vscode.window.showWarningMessage(messageSafe(text), undo, show);
      if (answer === undefined) continue;
      const run = this.show(plan, true);
      if (answer === undo) this.tell(run, await this.progress(run, vscode.l10n.t('Removing'), (signal) => run.remove(signal)));
    }
  }

  private progress(run: PlanRun, verb: string, action: (signal: AbortSignal) => Promise<boolean>): Thenable<boolean> {
    const title = messageSafe(`${verb}: ${run.plan.title}`);
    return vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title, cancellable: true }, async (_progress, token) => {
      const abort = new AbortController();
      const cancelling = token.onCancellationRequested(() => abort.abort());
      try {
        return await action(abort.signal);
      } finally {
        cancelling.dispose();
      }
    });
  }

  /** The page has the verdict; the message is for who looks elsewhere. */
  private tell(run: PlanRun, good: boolean): void {
    const { verdict } = run.page;
    if (verdict === undefined) return;
    const text = messageSafe(`${run.plan.title}: ${verdict.text}`);
    if (good) void vscode.window.showInformationMessage(text);
    else void vscode.window.showErrorMessage(text);
    this.services.log.info(oneLine(`plan ${run.plan.id}: ${verdict.text}`));
  }

  private async agreed(plan: Plan): Promise<boolean> {
    const remove = vscode.l10n.t('Remove');
    const detail = vscode.l10n.t('What is undone, and by which commands, is on the plan\'s page.');
    return (await vscode.window.showWarningMessage(messageSafe(vscode.l10n.t('Remove "{0}" from {1}?', plan.title, plan.hosts.map(({ label }) => label).join(', '))), { modal: true, detail }, remove)) === remove;
  }
}

async function exportFiles(plan: Plan): Promise<void> {
  const names: Readonly<Record<NetworkTool, string>> = { networkd: 'systemd-networkd', netplan: 'netplan', ifupdown: 'ifupdown' };
  const chosen = await vscode.window.showQuickPick(networkTools.map((tool) => ({ label: names[tool], tool })), { title: vscode.l10n.t('What Configures the Network of the Hosts?') });
  if (chosen === undefined) return;
  const files = plan.hosts.flatMap(({ hostId, label }) => persistentFiles(plan, hostId, chosen.tool).map(({ path, text }) => `### ${oneLine(label)}: ${path}\n${text}`));
  const document = await vscode.workspace.openTextDocument({ content: files.join('\n'), language: chosen.tool === 'netplan' ? 'yaml' : 'ini' });
  await vscode.window.showTextDocument(document, { preview: false });
}
