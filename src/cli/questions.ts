import { closeSync, openSync, writeSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import { printable } from '../core/report/printable';
import type { Questions } from '../host/transport';

/** Asks a person one line, shown while it is typed only where `echo` is. Undefined where it was declined (Ctrl-C, Ctrl-D) or nobody is there. */
export type AskLine = (prompt: string, echo: boolean) => Promise<string | undefined>;

/** Questions are put on the terminal, one at a time, also where standard input and output are not it. Without a terminal every answer is no. */
export function cliQuestions(tell: (line: string) => void, askLine: AskLine | undefined = terminalLine()): Questions {
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(question: () => Promise<T>): Promise<T> => {
    const answer = last.then(question);
    last = answer.catch(() => undefined);
    return answer;
  };
  return {
    unknownHostKey: ({ host, keyType, fingerprint, note }) =>
      inTurn(async () => {
        const key = `The ${printable(keyType)} host key of ${printable(host)} is not known: ${printable(fingerprint)}.`;
        if (askLine === undefined) {
          tell(`${key} There is no terminal to ask on, so the connection is refused: connect once with ssh, or add the key to known_hosts.`);
          return false;
        }
        const more = note === undefined ? '' : `${printable(note)}\n`;
        for (;;) {
          const answer = await askLine(`${key}\n${more}Trust it and remember it? (yes/no) `, true);
          if (answer === undefined || /^no?$/i.test(answer.trim())) return false;
          // As ssh does: a "y" typed out of habit is not enough.
          if (/^yes$/i.test(answer.trim())) return true;
        }
      }),
    inform: ({ host, message }) => tell(`${printable(host)}: ${printable(message)}`),
    secret: ({ kind, prompt, host, echo }) =>
      inTurn(async () => {
        if (askLine === undefined) {
          tell(`${printable(host)} asks for a ${kind === 'passphrase' ? 'passphrase' : 'password'}, and there is no terminal to ask on: use an SSH agent or a key, or allow sudo without a password.`);
          return undefined;
        }
        const text = printable(prompt).trimEnd();
        return askLine(`${text}${/[:?]$/.test(text) ? '' : ':'} `, echo ?? false);
      }),
  };
}

/** Undefined where this process has no terminal. */
function terminalLine(): AskLine | undefined {
  if (process.platform === 'win32') {
    if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined;
    return (prompt, echo) => readLine(process.stdin, prompt, (text) => void process.stderr.write(text), echo);
  }
  const probe = openTerminal();
  if (probe === undefined) return undefined;
  closeSync(probe);
  return async (prompt, echo) => {
    const fd = openTerminal();
    if (fd === undefined) return undefined;
    const input = new ReadStream(fd);
    try {
      return await readLine(input, prompt, (text) => void writeSync(fd, text), echo);
    } finally {
      input.destroy();
    }
  };
}

function openTerminal(): number | undefined {
  try {
    return openSync('/dev/tty', 'r+');
  } catch {
    return undefined;
  }
}

/** One line in raw mode, so that the terminal echoes nothing by itself. */
function readLine(input: ReadStream, prompt: string, write: (text: string) => void, echo: boolean): Promise<string | undefined> {
  return new Promise((resolve) => {
    let line = '';
    const finish = (answer: string | undefined): void => {
      write('\n');
      for (const [event, listener] of listeners) input.off(event, listener);
      input.setRawMode(false);
      input.pause();
      resolve(answer);
    };
    input.setRawMode(true);
    input.setEncoding('utf8');
    const type = (data: string | Buffer): void => {
      for (const character of String(data)) {
        if (character === '\r' || character === '\n') {
          finish(line);
          return;
        }
        if (character === '\x03' || (character === '\x04' && line === '')) {
          finish(undefined);
          return;
        }
        if (character === '\x7f' || character === '\b') {
          if (echo && line !== '') write('\b \b');
          line = Array.from(line).slice(0, -1).join('');
        } else if (character === '\x15') {
          if (echo) write('\b \b'.repeat(Array.from(line).length));
          line = '';
        } else if (character >= ' ') {
          line += character;
          if (echo) write(character);
        }
      }
    };
    const giveUp = (): void => finish(undefined);
    const listeners = [['data', type], ['end', giveUp], ['error', giveUp]] as const;
    for (const [event, listener] of listeners) input.on(event, listener);
    write(prompt);
  });
}
