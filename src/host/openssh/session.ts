import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { lastLine, printable, reportedPid } from '../command/words';
import { SessionRefused } from '../ssh/exec';
import { TransportError } from '../transport';
import type { Argv } from './argv';
import { reportedStatus255 } from './exitStatus';

/** A session of the system's client: its process, and how it ends. */
export interface OpensshSession {
  readonly child: ChildProcessWithoutNullStreams;
  /** As `Running.ended`; rejects with SessionRefused where the host opened no session. */
  readonly ended: Promise<number | undefined>;
}

/** What an ssh that ended with 255 has to do with its connection. */
export interface Connection {
  /** The error where the connection is gone, else undefined. */
  lostNow(): Promise<TransportError | undefined>;
}

export interface SessionWords {
  /** For messages: 'ip -V on lab1'. */
  readonly title: string;
  readonly mark: string;
  /** Whether the command tells of a status of 255 itself. */
  readonly reportsStatus: boolean;
}

const keptCharacters = 4096;
/** mux.c and clientloop.c of OpenSSH. */
const refusal = /session request failed|open refused|open failed|disabling multiplexing/i;

export function startSession([file, ...rest]: Argv, connection: Connection, words: SessionWords): OpensshSession {
  // Detached: a Ctrl-C in the terminal that this process has is not for it.
  const child = spawn(file, rest, { detached: process.platform !== 'win32', stdio: 'pipe', shell: false, windowsHide: true });
  let head = '';
  let tail = '';
  child.stderr.on('data', (chunk: Buffer) => {
    const text = chunk.toString('utf8');
    if (head.length < keptCharacters) head += text;
    tail = (tail + text).slice(-keptCharacters);
  });
  const ended = new Promise<number | undefined>((resolve, reject) => {
    child.once('error', (error) => reject(new TransportError('failed', `${words.title}: the system's ssh cannot be started: ${printable(error.message)}.`, { cause: error })));
    child.once('close', (code) => {
      if (code !== 255) resolve(code ?? undefined);
      else judge(head, tail, connection, words).then(resolve, reject);
    });
  });
  // Told to whoever waits for it.
  ended.catch(() => undefined);
  return { child, ended };
}

async function judge(head: string, tail: string, connection: Connection, { title, mark, reportsStatus }: SessionWords): Promise<number | undefined> {
  if (reportedStatus255(tail, mark)) return 255;
  const lost = await connection.lostNow();
  if (lost !== undefined) throw lost;
  const began = reportedPid(head, mark) !== undefined;
  if (!began && refusal.test(tail)) throw new SessionRefused(lastLine(tail));
  if (!began) throw new TransportError('unreachable', `${title} was not started by the system's ssh: ${lastLine(tail) || 'it ended without a word'}.`);
  return reportsStatus ? undefined : 255;
}

/** Lets go of the session; what runs on the host is ended by its process id. */
export function endSession(child: ChildProcessWithoutNullStreams): void {
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
}
