import { describe, expect, it, vi } from 'vitest';
import type { TerminalSize } from '../../../../src/host/transport';
import { RemotePty } from '../../../../src/ui/terminal/remotePty';

vi.mock('vscode', () => ({
  /** Stands in for the editor's. */
  EventEmitter: class<T> {
    private readonly listeners = new Set<(value: T) => void>();
    readonly event = (listener: (value: T) => void) => {
      this.listeners.add(listener);
      return { dispose: () => this.listeners.delete(listener) };
    };
    fire(value: T): void {
      for (const listener of this.listeners) listener(value);
    }
    dispose(): void {
      this.listeners.clear();
    }
  },
}));

/** Stands in for a pty on another host. */
function remoteSession() {
  let data: (text: string) => void = () => undefined;
  let exit: (code: number | undefined) => void = () => undefined;
  const log: string[] = [];
  return {
    log,
    say: (text: string) => data(text),
    end: (code: number | undefined) => exit(code),
    session: {
      kind: 'remote' as const,
      write: (text: string) => log.push(`write ${text}`),
      resize: ({ columns, rows }: TerminalSize) => log.push(`resize ${String(columns)}x${String(rows)}`),
      close: () => log.push('close'),
      onData: (listener: (text: string) => void) => (data = listener),
      onExit: (listener: (code: number | undefined) => void) => (exit = listener),
    },
  };
}

function terminal() {
  const remote = remoteSession();
  const pty = new RemotePty(remote.session, 'The connection was lost.');
  const shown: string[] = [];
  const closed: unknown[] = [];
  pty.onDidWrite((text) => shown.push(text));
  pty.onDidClose((code) => closed.push(code));
  return { ...remote, pty, shown, closed };
}

describe('a terminal on another host', () => {
  it('shows what came before it was open, once, and has the panel\'s size', () => {
    const { pty, say, shown, log } = terminal();
    say('early ');
    expect(shown).toEqual([]);
    pty.open({ columns: 120, rows: 40 });
    say('later');
    expect(shown).toEqual(['early ', 'later']);
    expect(log).toEqual(['resize 120x40']);
  });

  it('passes keys and sizes on, but no size of a hidden panel', () => {
    const { pty, log } = terminal();
    pty.open(undefined);
    pty.handleInput('ö\x03');
    pty.setDimensions({ columns: 0, rows: 0 });
    pty.setDimensions({ columns: 100, rows: 30 });
    expect(log).toEqual(['write ö\x03', 'resize 100x30']);
  });

  it('ends with the command\'s status, also where that came before it was open', () => {
    const later = terminal();
    later.pty.open(undefined);
    later.end(3);
    expect(later.closed).toEqual([3]);
    const early = terminal();
    early.end(4);
    expect(early.closed).toEqual([]);
    early.pty.open(undefined);
    expect(early.closed).toEqual([4]);
  });

  it('stays, and says why, where the connection was lost; typing into it goes nowhere', () => {
    const { pty, end, shown, closed, log } = terminal();
    pty.open(undefined);
    end(undefined);
    expect(shown.join('')).toContain('The connection was lost.');
    expect(closed).toEqual([]);
    pty.handleInput('x');
    expect(log).toEqual([]);
  });

  it('ends the session where a person closes it, and only then', () => {
    const running = terminal();
    running.pty.open(undefined);
    running.pty.close();
    expect(running.log).toEqual(['close']);
    const over = terminal();
    over.pty.open(undefined);
    over.end(0);
    over.pty.close();
    expect(over.log).toEqual([]);
  });
});
