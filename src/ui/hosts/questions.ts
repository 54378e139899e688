import * as vscode from 'vscode';
import type { Questions } from '../../host/transport';
import { messageSafe, printable } from '../text';
import { inTurn } from './inTurn';

/**
 * What a connection must ask: modal for trust in a host key, an input box for a secret. Nothing that is typed is kept here.
 * Hosts connect in parallel, and the editor has one input box: a question waits for the one before it.
 */
export function createQuestions(): Questions {
  const turn = inTurn();
  return {
    unknownHostKey: (question) => turn(() => trustKey(question)),
    secret: (question) => turn(() => askSecret(question)),
    inform: show,
  };
}

/** A notification that goes by itself once the host has what it wanted. */
function show({ host, message, until }: Parameters<NonNullable<Questions['inform']>>[0]): void {
  const title = messageSafe(`${host}: ${message}`);
  void vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title }, () => new Promise<void>((resolve) => {
    if (until.aborted) resolve();
    else until.addEventListener('abort', () => resolve(), { once: true });
  }));
}

async function trustKey({ host, keyType, fingerprint, note }: Parameters<Questions['unknownHostKey']>[0]): Promise<boolean> {
  const trust = vscode.l10n.t('Trust and Connect');
  const detail = [
    vscode.l10n.t('It shows this {0} key:', printable(keyType)),
    printable(fingerprint),
    '',
    ...(note === undefined ? [] : [printable(note), '']),
    vscode.l10n.t('Compare it with the fingerprint that its administrator gives. If you trust it, it is added to your known hosts.'),
  ].join('\n');
  const answer = await vscode.window.showWarningMessage(messageSafe(vscode.l10n.t('The host {0} is not known yet. Connect to it?', host)), { modal: true, detail }, trust);
  return answer === trust;
}

async function askSecret({ kind, prompt, host, echo }: Parameters<Questions['secret']>[0]): Promise<string | undefined> {
  const titles = {
    password: vscode.l10n.t('Password for {0}', printable(host)),
    passphrase: vscode.l10n.t('Passphrase of a Key for {0}', printable(host)),
    sudo: vscode.l10n.t('sudo Password on {0}', printable(host)),
    'keyboard-interactive': vscode.l10n.t('Log in to {0}', printable(host)),
  };
  return vscode.window.showInputBox({ title: titles[kind], prompt: printable(prompt), password: echo !== true, ignoreFocusOut: true });
}
