import * as vscode from 'vscode';
import type { TerminalSession, TerminalSize } from '../../host/transport';

type RemoteSession = Extract<TerminalSession, { kind: 'remote' }>;

/** What a new session is given until the editor tells the size of its panel. */
export const firstSize: TerminalSize = { columns: 80, rows: 24 };

/** An editor's terminal that shows a pty on another host. What comes before the editor is ready to show it is kept. */
export class RemotePty implements vscode.Pseudoterminal {
  private readonly written = new vscode.EventEmitter<string>();
  private readonly ended = new vscode.EventEmitter<number>();
  readonly onDidWrite = this.written.event;
  readonly onDidClose = this.ended.event;
  private early: string[] | undefined = [];
  private exit: { readonly code: number | undefined } | undefined;
  private opened = false;

  /** @param lost one sentence for the terminal where the session ends without an exit status. */
  constructor(
    private readonly session: RemoteSession,
    private readonly lost: string,
  ) {
    session.onData((data) => {
      if (this.early === undefined) this.written.fire(data);
      else this.early.push(data);
    });
    session.onExit((code) => {
      this.exit = { code };
      if (this.opened) this.finish(code);
    });
  }

  open(dimensions: vscode.TerminalDimensions | undefined): void {
    this.opened = true;
    if (dimensions !== undefined) this.setDimensions(dimensions);
    const early = this.early ?? [];
    this.early = undefined;
    for (const data of early) this.written.fire(data);
    if (this.exit !== undefined) this.finish(this.exit.code);
  }

  setDimensions(dimensions: vscode.TerminalDimensions): void {
    if (dimensions.columns > 0 && dimensions.rows > 0) this.session.resize({ columns: dimensions.columns, rows: dimensions.rows });
  }

  handleInput(data: string): void {
    if (this.exit === undefined) this.session.write(data);
  }

  /** The person closed the terminal. */
  close(): void {
    if (this.exit === undefined) this.session.close();
    this.written.dispose();
    this.ended.dispose();
  }

  private finish(code: number | undefined): void {
    if (code === undefined) this.written.fire(`\r\n${this.lost}\r\n`);
    else this.ended.fire(code);
  }
}
