import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import type { FromPlanPage, PlanAction, ToPlanPage } from '../../protocol/plan';
import { webviewPage } from '../../protocol/webviewPage';
import { printable } from '../text';
import type { PlanRun } from './planRun';
import { planView } from './planView';

export const planViewType = 'netnsExplorer.plan';

/** A plan's page in the editor: read-only, with the buttons that there are for it now. */
export class PlanPanel {
  private readonly panel: vscode.WebviewPanel;

  constructor(
    extensionUri: vscode.Uri,
    readonly run: PlanRun,
    onAction: (action: PlanAction) => void,
    onClosed: () => void,
  ) {
    const root = vscode.Uri.joinPath(extensionUri, 'dist', 'webview');
    this.panel = vscode.window.createWebviewPanel(planViewType, vscode.l10n.t('Plan: {0}', printable(run.plan.title, 60)), vscode.ViewColumn.Active, { enableScripts: true, localResourceRoots: [root] });
    this.panel.iconPath = { light: vscode.Uri.joinPath(extensionUri, 'media', 'diagram-light.svg'), dark: vscode.Uri.joinPath(extensionUri, 'media', 'diagram-dark.svg') };
    this.panel.webview.onDidReceiveMessage((message: FromPlanPage) => {
      if (message.type === 'ready') this.post({ type: 'plan', view: planView(run.plan), state: run.page });
      // Only what the page offers now: a click may have been on its way when the buttons changed.
      else if (run.page.actions.includes(message.action)) onAction(message.action);
    });
    this.panel.onDidDispose(onClosed);
    this.panel.webview.html = webviewPage({
      scriptUri: this.panel.webview.asWebviewUri(vscode.Uri.joinPath(root, 'plan.js')).toString(),
      styleUri: this.panel.webview.asWebviewUri(vscode.Uri.joinPath(root, 'plan.css')).toString(),
      cspSource: this.panel.webview.cspSource,
      nonce: randomBytes(16).toString('hex'),
      language: vscode.env.language,
      title: 'Plan',
    });
  }

  reveal(): void {
    this.panel.reveal();
  }

  update(): void {
    this.post({ type: 'state', state: this.run.page });
  }

  private post(message: ToPlanPage): void {
    void this.panel.webview.postMessage(message);
  }
}
