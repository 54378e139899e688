import { StringDecoder } from 'node:string_decoder';
import type { Readable } from 'node:stream';
import type { TerminalSession, TerminalSize } from '../transport';

/** A terminal on a host, whatever opened it. */
export interface Pty {
  readonly outputs: readonly Readable[];
  write(data: string): void;
  resize(size: TerminalSize): void;
  /** Ends what runs there. */
  close(): void;
}

/** Stands between a terminal and the user. */
export interface PtyDialogue {
  input(data: string): void;
  output(text: string): string;
}

type RemoteTerminal = Extract<TerminalSession, { kind: 'remote' }>;

/** A pty on the host. `dialogue` stands between it and the user, where there is one. Output that comes before a listener does is kept for it. */
export function remoteTerminal(pty: Pty, end: Promise<number | undefined>, dialogue?: PtyDialogue): RemoteTerminal {
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
  for (const output of pty.outputs) output.on('data', hand).on('error', () => undefined);
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
      else pty.write(data);
    },
    resize: (size) => {
      if (!ended) pty.resize(size);
    },
    close: () => pty.close(),
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
