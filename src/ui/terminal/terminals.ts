import * as vscode from 'vscode';
import type { Command } from '../../core/command/command';
import type { Explorer } from '../../discovery/explorer';
import type { HostId } from '../../core/model/address';
import type { TerminalSession } from '../../host/transport';
import { terminalName } from '../text';
import { firstSize, RemotePty } from './remotePty';
import { spawnArguments } from './spawnArguments';

export interface TerminalRequest {
  readonly hostId: HostId;
  readonly command: Command;
  /** Hostile text. */
  readonly title: string;
  readonly icon: string;
}

/** Opens integrated terminals on any host: the editor's own pty here, the connection's pty elsewhere. */
export class Terminals {
  constructor(private readonly explorer: Explorer) {}

  /** @throws TransportError where the host is not reached. */
  async open(request: TerminalRequest): Promise<void> {
    this.show(request, await this.session(request)).show();
  }

  /**
   * Opens terminals side by side in one group. All are created in one go: VS Code finds the terminal to split by a number that it
   * gives up once that terminal is open ($createTerminal in mainThreadTerminalService.ts).
   * @throws TransportError where the host is not reached; then none is opened.
   */
  async openSplit(requests: readonly TerminalRequest[]): Promise<void> {
    const sessions: TerminalSession[] = [];
    try {
      for (const request of requests) sessions.push(await this.session(request));
    } catch (error) {
      for (const session of sessions) if (session.kind === 'remote') session.close();
      throw error;
    }
    let beside: vscode.Terminal | undefined;
    for (const [index, request] of requests.entries()) {
      const session = sessions[index];
      if (session !== undefined) beside = this.show(request, session, beside);
    }
    beside?.show();
  }

  private session(request: TerminalRequest): Promise<TerminalSession> {
    return this.explorer.transport(request.hostId).openTerminal(request.command, firstSize);
  }

  private show(request: TerminalRequest, session: TerminalSession, beside?: vscode.Terminal): vscode.Terminal {
    const looks = {
      name: terminalName(request.title),
      iconPath: new vscode.ThemeIcon(request.icon),
      isTransient: true,
      ...(beside !== undefined && { location: { parentTerminal: beside } }),
    };
    if (session.kind === 'spawn') return vscode.window.createTerminal({ ...looks, ...spawnArguments(session.argv) });
    const lost = vscode.l10n.t('The connection to the host was lost; this session is over.');
    return vscode.window.createTerminal({ ...looks, pty: new RemotePty(session, lost) });
  }
}
