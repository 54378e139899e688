import * as vscode from 'vscode';
import type { NetnsExplorerApi } from '../../../../src/ui/api';
import { driver } from '../driver';

export const extensionId = 'netns-explorer.netns-explorer';

/** Opens the sidebar, which starts the first scan, waits for its end, and closes every row. */
export async function openExplorer(): Promise<NetnsExplorerApi> {
  await driver.openSidebar('Netns Explorer');
  const api = await extensionApi();
  await api.ready();
  // The rows reach the screen a moment after the model has them.
  await until(async () => {
    await vscode.commands.executeCommand('workbench.actions.treeView.netnsExplorer.hosts.collapseAll');
    const rows = await driver.treeRows();
    return rows.length === api.explorer.hosts.length && rows.every((row) => row.expanded === false);
  }, 'the hosts in the tree');
  return api;
}

/** What the extension gives to tests. */
export async function extensionApi(): Promise<NetnsExplorerApi> {
  const extension = vscode.extensions.getExtension<NetnsExplorerApi>(extensionId);
  if (extension === undefined) throw new Error(`${extensionId} is not installed.`);
  return extension.activate();
}

/** Closes every editor and terminal, so that a test starts from a clean bench. */
export async function clearBench(): Promise<void> {
  for (const terminal of vscode.window.terminals) terminal.dispose();
  await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  await vscode.commands.executeCommand('workbench.action.closePanel');
  await vscode.commands.executeCommand('notifications.clearAll');
}

/** The text of the editor in front, as soon as its document satisfies the test. */
export async function editorText(fits: (document: vscode.TextDocument) => boolean, limitMs = 20_000): Promise<string> {
  const front = (): vscode.TextDocument | undefined => {
    const document = vscode.window.activeTextEditor?.document;
    return document !== undefined && fits(document) ? document : undefined;
  };
  const document = front() ?? (await nextDocument(front, limitMs));
  return document.getText();
}

function nextDocument(front: () => vscode.TextDocument | undefined, limitMs: number): Promise<vscode.TextDocument> {
  return new Promise((resolve, reject) => {
    const done = (): void => {
      for (const each of listeners) each.dispose();
      clearTimeout(limit);
    };
    const look = (): void => {
      const document = front();
      if (document === undefined) return;
      done();
      resolve(document);
    };
    const listeners = [vscode.window.onDidChangeActiveTextEditor(look), vscode.workspace.onDidChangeTextDocument(look)];
    const limit = setTimeout(() => {
      done();
      const now = vscode.window.activeTextEditor?.document;
      reject(new Error(`Waited ${String(limitMs / 1000)} s in vain for a document; in front is ${now === undefined ? 'none' : `${now.uri.path}:\n${now.getText().slice(0, 2000)}`}`));
    }, limitMs);
  });
}

/** Changes a user setting, and puts it back when `action` is through. */
export async function withSetting<T>(name: string, value: unknown, action: () => Promise<T>): Promise<T> {
  const settings = vscode.workspace.getConfiguration();
  const before = settings.inspect(name)?.globalValue;
  await settings.update(name, value, vscode.ConfigurationTarget.Global);
  try {
    return await action();
  } finally {
    await settings.update(name, before, vscode.ConfigurationTarget.Global);
  }
}

/** For states on a host, which no event announces. */
export async function until(holds: () => Promise<boolean>, what: string, limitMs = 15_000): Promise<void> {
  const end = Date.now() + limitMs;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`Waited ${String(limitMs / 1000)} s in vain for ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

export function nextClosedTerminal(): Promise<vscode.Terminal> {
  return new Promise((resolve) => {
    const listener = vscode.window.onDidCloseTerminal((terminal) => {
      listener.dispose();
      resolve(terminal);
    });
  });
}
