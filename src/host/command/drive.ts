import type { Readable, Writable } from 'node:stream';
import type { CommandOutput } from '../../core/command/command';
import { TransportError, type RunOptions } from '../transport';
import { reportedPid, withoutReport } from './words';

/** A started command, wherever it runs. */
export interface Running {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Resolves once it has ended and all its output was handed out: exit status, or undefined for a signal. Rejects where its connection was lost. */
  readonly ended: Promise<number | undefined>;
  /** Ends its process group; `ended` follows. `pid` is what the wrapper reported, where there is one. */
  kill(pid: number | undefined): void;
}

export interface DriveOptions extends RunOptions {
  /** For messages: 'ip -V on lab1'. */
  readonly title: string;
  /** How much of `limitMs` is left, where something came before the start. */
  readonly leftMs?: number;
  /** Written before the command's own standard input. */
  readonly input: string;
  /** The word that begins the wrapper's first line on standard error; undefined where there is no wrapper. */
  readonly mark: string | undefined;
}

const defaultMaxBytes = 64 * 1024 * 1024;
const maxErrorBytes = 1024 * 1024;
/** After TERM (and KILL one second later) nothing is waited for longer than this. */
const endLimitMs = 3000;
/** A command that is ended as soon as it was started may not have told its process id yet. */
const reportLimitMs = 1000;

/** Feeds a started command, gathers what it prints, and holds it to its limits. @throws TransportError time-limit, cancelled, truncated, unreachable */
export async function drive(running: Running, options: DriveOptions): Promise<CommandOutput> {
  const stdout = gather(running.stdout, options.maxBytes ?? defaultMaxBytes);
  const stderr = gather(running.stderr, maxErrorBytes);
  // A command may well end without having read its input.
  running.stdin.on('error', () => undefined);
  if (options.later === undefined) {
    running.stdin.end(options.input);
  } else {
    running.stdin.write(options.input);
    options.later.then((more) => running.stdin.end(more), () => running.stdin.end());
  }

  const output = (code: number | undefined): CommandOutput => ({
    stdout: stdout.text(),
    stderr: withoutReport(stderr.text(), options.mark) + (stderr.full() ? '\n(more was printed on standard error than is kept)\n' : ''),
    code,
  });

  let stop: (() => void) | undefined;
  const stopped = new Promise<TransportError['code']>((resolve) => {
    const timer = setTimeout(() => resolve('time-limit'), options.leftMs ?? options.limitMs);
    const abort = () => resolve('cancelled');
    options.signal?.addEventListener('abort', abort, { once: true });
    if (options.signal?.aborted === true) abort();
    stdout.onFull(() => resolve('truncated'));
    stop = () => {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', abort);
    };
  });
  try {
    const first = await Promise.race([running.ended.then((code) => ({ code })), stopped]);
    if (typeof first === 'object') {
      if (stdout.full()) throw failure('truncated', options, output(first.code));
      return output(first.code);
    }
    if (options.mark !== undefined) await Promise.race([stderr.until((text) => reportedPid(text, options.mark) !== undefined), running.ended.catch(() => undefined), delay(reportLimitMs)]);
    running.kill(reportedPid(stderr.text(), options.mark));
    await Promise.race([running.ended.catch(() => undefined), delay(endLimitMs)]);
    throw failure(first, options, output(undefined));
  } catch (error) {
    if (!(error instanceof TransportError) || error.partial) throw error;
    throw new TransportError(error.code, error.message, { cause: error.cause, partial: output(undefined) });
  } finally {
    stop?.();
  }
}

function failure(code: TransportError['code'], options: DriveOptions, partial: CommandOutput): TransportError {
  const kibibytes = Math.round((options.maxBytes ?? defaultMaxBytes) / 1024);
  const message =
    code === 'time-limit'
      ? `${options.title} did not finish within ${String(options.limitMs / 1000)} s and was ended.`
      : code === 'truncated'
        ? `${options.title} printed more than ${String(kibibytes)} KiB and was ended.`
        : `${options.title} was cancelled.`;
  return new TransportError(code, message, { partial });
}

interface Gathered {
  text(): string;
  full(): boolean;
  onFull(listener: () => void): void;
  /** Resolves once the text so far passes the test. */
  until(test: (text: string) => boolean): Promise<void>;
}

/** Keeps the first `maxBytes` of a stream and goes on reading, so that the other side never blocks. */
function gather(stream: Readable, maxBytes: number): Gathered {
  const chunks: Buffer[] = [];
  let size = 0;
  let full = false;
  let tell: (() => void) | undefined;
  // Decoded as a whole: a character may be cut between two chunks.
  const text = () => Buffer.concat(chunks).toString('utf8');
  stream.on('data', (chunk: Buffer) => {
    if (full) return;
    const room = maxBytes - size;
    chunks.push(chunk.length > room ? chunk.subarray(0, room) : chunk);
    size += Math.min(chunk.length, room);
    if (chunk.length > room) {
      full = true;
      tell?.();
    }
  });
  // What a broken stream means is told by `ended`.
  stream.on('error', () => undefined);
  return {
    text,
    full: () => full,
    onFull: (listener) => {
      tell = listener;
      if (full) listener();
    },
    until: (test) =>
      new Promise((resolve) => {
        const look = () => {
          if (!test(text())) return;
          stream.off('data', look);
          resolve();
        };
        stream.on('data', look);
        look();
      }),
  };
}

function delay(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds).unref();
  });
}
