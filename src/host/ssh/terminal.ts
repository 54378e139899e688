import { StringDecoder } from 'node:string_decoder';
import type { ClientChannel } from 'ssh2';
import type { SudoDialogue } from './sudoDialogue';
import type { TerminalSession, TerminalSize } from '../transport';

type RemoteTerminal = Extract<TerminalSession, { kind: 'remote' }>;

/** A pty on the host. `dialogue` stands between it and the user, where there is one. Output that comes before a listener does is kept for it. */
export function remoteTerminal(channel: ClientChannel, end: Promise<number | undefined>, dialogue?: Pick<SudoDialogue, 'input' | 'output'>): RemoteTerminal {
  const decoder = new StringDecoder('utf8');
  const dataListeners: ((data: string) => void)[] = [];
  const exitListeners: ((code: number | undefined) => void)[] = [];
  let early = '';
  let code: number | undefined;
  let ended = false;

  const hand = (bytes: Buffer) => {
    const decoded = decoder.write(bytes);
    const text = dialogue ? dialogue.output(decoded) : decoded;
    if (text === '') return;
    if (dataListeners.length === 0) early += text;
    for (const listener of dataListeners) listener(text);
  };
  channel.on('data', hand);
  channel.stderr.on('data', hand);
  channel.on('error', () => undefined);
  const finish = (status: number | undefined) => {
    ended = true;
    code = status;
    for (const listener of exitListeners) listener(code);
  };
  // A connection that was lost gives no status.
  end.then(finish, () => finish(undefined));

  return {
    kind: 'remote',
    write: (data) => {
      if (ended) return;
      if (dialogue) dialogue.input(data);
      else channel.write(data);
    },
    resize: ({ columns, rows }) => {
      if (!ended) channel.setWindow(rows, columns, 0, 0);
    },
    // The server hangs up the terminal, and with it what runs there.
    close: () => channel.close(),
    onData: (listener) => {
      dataListeners.push(listener);
      if (early === '') return;
      const text = early;
      early = '';
      listener(text);
    },
    onExit: (listener) => {
      if (ended) listener(code);
      else exitListeners.push(listener);
    },
  };
}

/** What a server is told about the terminal (RFC 4254, 6.2). */
export function ptyOptions({ columns, rows }: TerminalSize): { term: string; cols: number; rows: number } {
  return { term: 'xterm-256color', cols: columns, rows };
}
