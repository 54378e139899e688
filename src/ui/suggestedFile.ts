import { homedir } from 'node:os';
import * as vscode from 'vscode';
import { pathSegment } from './text';

/** Where a save dialog begins: in the first folder that is open, else at home; without a name there it offers none. `title` is hostile text. */
export function suggestedFile(title: string, extension: string): vscode.Uri {
  return vscode.Uri.joinPath(vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.file(homedir()), `${pathSegment(title)}${extension}`);
}
