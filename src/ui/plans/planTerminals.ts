import * as vscode from 'vscode';
import { shownArgv } from '../../core/command/quote';
import type { Plan } from '../../core/plan/plan';
import { printableText } from '../../core/report/printable';
import { terminalName } from '../text';
import type { StepListener } from './planRun';

const bold = '\x1b[1m';
const faint = '\x1b[2m';
const green = '\x1b[32m';
const red = '\x1b[31m';
const plain = '\x1b[0m';

/** A terminal for each of the plan's hosts, in which its commands are seen to run, one by one. Nothing can be typed into them. */
export function planTerminals(plan: Plan): StepListener {
  const shown = new Map<string, CommandPty>();
  for (const { hostId, label } of plan.hosts) {
    const pty = new CommandPty();
    shown.set(hostId, pty);
    const terminal = vscode.window.createTerminal({ name: terminalName(`${plan.title} · ${label}`), iconPath: new vscode.ThemeIcon('radio-tower'), isTransient: true, pty });
    if (shown.size === 1) terminal.show(true);
    pty.line(`${faint}# ${printableText(plan.title)}, on ${printableText(label)}, as root${plain}`);
  }
  return (step, state, said) => {
    const pty = shown.get(step.hostId);
    if (pty === undefined) return;
    const command = `${bold}# ${shownArgv(step.argv)}${plain}`;
    if (state === 'running') pty.line(`${faint}# ${printableText(step.what)}${plain}\r\n${command}`);
    else if (state === 'already') pty.line(`${faint}# ${printableText(step.what)}: was there already${plain}`);
    else {
      for (const line of (said ?? '').split('\n')) if (line !== '') pty.line(printableText(line));
      pty.line(state === 'done' ? `${green}✓${plain}` : `${red}✗ stopped here${plain}`);
    }
  };
}

/** What is written before the editor is ready to show it is kept. */
class CommandPty implements vscode.Pseudoterminal {
  private readonly written = new vscode.EventEmitter<string>();
  readonly onDidWrite = this.written.event;
  private early: string[] | undefined = [];

  line(text: string): void {
    const data = `${text}\r\n`;
    if (this.early === undefined) this.written.fire(data);
    else this.early.push(data);
  }

  open(): void {
    const early = this.early ?? [];
    this.early = undefined;
    for (const data of early) this.written.fire(data);
  }

  close(): void {
    this.written.dispose();
  }
}
