import * as vscode from 'vscode';
import type { Command } from '../../core/command/command';
import type { Explorer } from '../../discovery/explorer';
import type { HostId } from '../../core/model/address';
import { terminalName } from '../text';
import { firstSize, RemotePty } from './remotePty';
import { spawnArguments } from './spawnArguments';

export interface TerminalRequest {
  readonly hostId: HostId;
  readonly command: Command;
  /** Hostile text. */
  readonly title: string;
  readonly icon: string;
  /** Beside this one, split. */
  readonly beside?: vscode.Terminal;
  /** Called once with the exit status; undefined where the connection was lost. */
  readonly onExit?: (code: number | undefined) => void;
}

/** Opens integrated terminals on any host: the editor's own pty here, the connection's pty elsewhere. */
export class Terminals {
  constructor(private readonly explorer: Explorer) {}

  /** @throws TransportError where the host is not reached. */
  async open(request: TerminalRequest): Promise<vscode.Terminal> {
    const session = await this.explorer.transport(request.hostId).openTerminal(request.command, firstSize);
    const looks = {
      name: terminalName(request.title),
      iconPath: new vscode.ThemeIcon(request.icon),
      isTransient: true,
      ...(request.beside !== undefined && { location: { parentTerminal: request.beside } }),
    };
    let terminal: vscode.Terminal;
    if (session.kind === 'spawn') {
      terminal = vscode.window.createTerminal({ ...looks, ...spawnArguments(session.argv) });
      const closing = vscode.window.onDidCloseTerminal((closed) => {
        if (closed !== terminal) return;
        closing.dispose();
        request.onExit?.(closed.exitStatus?.code);
      });
    } else {
      const lost = vscode.l10n.t('The connection to the host was lost; this session is over.');
      terminal = vscode.window.createTerminal({ ...looks, pty: new RemotePty(session, lost, (code) => request.onExit?.(code)) });
    }
    terminal.show();
    return terminal;
  }
}
