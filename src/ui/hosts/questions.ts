import * as vscode from 'vscode';
import type { Questions } from '../../host/transport';
import { messageSafe, printable } from '../text';

/** What a connection must ask: modal for trust in a host key, an input box for a secret. Nothing that is typed is kept here. */
export function createQuestions(): Questions {
  return {
    async unknownHostKey({ host, keyType, fingerprint }) {
      const trust = vscode.l10n.t('Trust and Connect');
      const answer = await vscode.window.showWarningMessage(
        messageSafe(vscode.l10n.t('The host {0} is not known yet. Connect to it?', printable(host))),
        {
          modal: true,
          detail: printable(vscode.l10n.t('It shows this {0} key: {1}. Compare the fingerprint with the one that its administrator gives. If you trust it, it is added to your known hosts.', keyType, fingerprint), 600),
        },
        trust,
      );
      return answer === trust;
    },
    async secret({ kind, prompt, host, echo }) {
      const titles = {
        password: vscode.l10n.t('Password for {0}', printable(host)),
        passphrase: vscode.l10n.t('Passphrase of a Key for {0}', printable(host)),
        sudo: vscode.l10n.t('sudo Password on {0}', printable(host)),
        'keyboard-interactive': vscode.l10n.t('Log in to {0}', printable(host)),
      };
      return vscode.window.showInputBox({ title: titles[kind], prompt: printable(prompt), password: echo !== true, ignoreFocusOut: true });
    },
  };
}
