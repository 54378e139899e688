import type { Socket } from 'node:net';
import { PassThrough, Writable, type Readable } from 'node:stream';
import { finished } from 'node:stream';
import { TransportError } from '../transport';
import type { ContextEndpoint } from './contextFiles';
import { placeOf } from './dial';
import { request, said, upgrade, type EngineAnswer, type EngineRequest } from './request';

/** A command that runs in a container, and its streams. */
export interface ContainerExec {
  readonly stdin: Writable;
  /** Of a terminal everything. */
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Exit status once it has ended and its output was read, or undefined for a signal. Rejects where the engine does not say. */
  readonly ended: Promise<number | undefined>;
  /** In the process id namespace of the engine, once it runs. */
  pid(): Promise<number | undefined>;
  /** Resolves once the terminal has that size. */
  resize(size: { readonly columns: number; readonly rows: number }): Promise<void>;
  /** Lets go of the streams; the command goes on. */
  release(): void;
}

export interface ExecOptions {
  readonly tty: boolean;
  readonly environment: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

const limitMs = 20_000;
/** Between the end of a command's output and the engine's knowing of its end. */
const endTries = 50;
const endPauseMs = 100;
/** Above it a shell's and an engine's status is 128 and a signal's number (signal(7) has 64). */
const signalStatus = { from: 129, to: 192 } as const;

/** POST /containers/{id}/exec and /exec/{id}/start (Docker Engine API 1.24 and newer). As root. @throws TransportError */
export async function startExec(endpoint: ContextEndpoint, container: string, argv: readonly string[], { tty, environment, signal }: ExecOptions): Promise<ContainerExec> {
  const ask = (given: Omit<EngineRequest, 'limitMs' | 'signal'>, more?: { readonly signal?: AbortSignal | undefined }) => request(endpoint, { ...given, limitMs, ...more });
  const body = { AttachStdin: true, AttachStdout: true, AttachStderr: true, Tty: tty, User: '0:0', Env: environment, Cmd: argv };
  const created = await ask({ method: 'POST', path: `/containers/${container}/exec`, body }, { signal });
  const id = created.status === 201 ? idOf(created) : undefined;
  if (id === undefined) throw refusal(endpoint, created);
  const opened = await upgrade(endpoint, { method: 'POST', path: `/exec/${id}/start`, body: { Detach: false, Tty: tty }, limitMs, signal });
  if ('refused' in opened) throw refusal(endpoint, opened.refused);
  const { stream } = opened;
  const inspect = () => ask({ method: 'GET', path: `/exec/${id}/json` });
  const { stdout, stderr, over } = tty ? whole(stream) : demultiplexed(stream);
  const ended = over.then(async (broken) => {
    for (let tries = 0; tries < endTries; tries++) {
      const state = stateOf(await inspect());
      if (state === undefined) break;
      if (!state.running && state.code !== undefined) return state.code >= signalStatus.from && state.code <= signalStatus.to ? undefined : state.code;
      // It goes on without its streams: the connection was lost, or the engine has not seen its end yet.
      await pause();
    }
    throw broken ?? new TransportError('unreachable', `The engine at ${placeOf(endpoint)} does not say how a command ended. See whether it still runs there.`);
  });
  // Told to whoever waits for it.
  ended.catch(() => undefined);
  return {
    stdin: new Writable({
      write: (chunk: Buffer, _encoding, callback) => void stream.write(chunk, () => callback()),
      final: (callback) => {
        stream.end();
        callback();
      },
    }),
    stdout,
    stderr,
    ended,
    pid: async () => {
      // Known a moment after the start; with its status it has ended.
      for (let tries = 0; tries < endTries; tries++) {
        const state = stateOf(await inspect());
        if (state === undefined || state.code !== undefined) return undefined;
        if (state.pid !== undefined) return state.pid;
        await pause();
      }
      return undefined;
    },
    resize: async ({ columns, rows }) => {
      await ask({ method: 'POST', path: `/exec/${id}/resize?h=${String(rows)}&w=${String(columns)}` });
    },
    release: () => stream.destroy(),
  };
}

function pause(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, endPauseMs);
  });
}

interface Outputs {
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Resolves once both were read to their end; with what broke the connection, where something did. */
  readonly over: Promise<Error | undefined>;
}

function whole(stream: Socket): Outputs {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  stderr.end();
  stderr.resume();
  const broken = endOf(stream);
  stream.pipe(stdout);
  void broken.then(() => stdout.end());
  return { stdout, stderr, over: read([stdout]).then(() => broken) };
}

/** Frames of eight bytes (stream, three zeros, length as big-endian) and their payload: Docker Engine API, "stream format". */
function demultiplexed(stream: Socket): Outputs {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  let header = Buffer.alloc(0);
  let left = 0;
  let target = stdout;
  stream.on('data', (given: Buffer) => {
    let chunk = given;
    while (chunk.length > 0) {
      if (left === 0) {
        const missing = 8 - header.length;
        header = Buffer.concat([header, chunk.subarray(0, missing)]);
        chunk = chunk.subarray(missing);
        if (header.length < 8) return;
        target = header[0] === 2 ? stderr : stdout;
        left = header.readUInt32BE(4);
        header = Buffer.alloc(0);
        continue;
      }
      const part = chunk.subarray(0, left);
      left -= part.length;
      chunk = chunk.subarray(part.length);
      if (!target.write(part)) {
        stream.pause();
        target.once('drain', () => stream.resume());
      }
    }
  });
  const broken = endOf(stream);
  void broken.then(() => {
    stdout.end();
    stderr.end();
  });
  return { stdout, stderr, over: read([stdout, stderr]).then(() => broken) };
}

function endOf(stream: Socket): Promise<Error | undefined> {
  return new Promise((resolve) => {
    let broken: Error | undefined;
    stream.on('error', (error) => {
      broken = error;
    });
    stream.once('end', () => resolve(undefined));
    stream.once('close', () => resolve(broken));
  });
}

async function read(streams: readonly Readable[]): Promise<void> {
  await Promise.all(streams.map((stream) => new Promise<void>((resolve) => finished(stream, { writable: false }, () => resolve()))));
}

function idOf({ text }: EngineAnswer): string | undefined {
  const { Id: id } = json(text);
  return typeof id === 'string' && /^[0-9a-f]{1,128}$/.test(id) ? id : undefined;
}

function stateOf({ status, text }: EngineAnswer): { readonly running: boolean; readonly code?: number; readonly pid?: number } | undefined {
  if (status !== 200) return undefined;
  const { Running, ExitCode, Pid } = json(text);
  return { running: Running === true, ...(typeof ExitCode === 'number' && { code: ExitCode }), ...(typeof Pid === 'number' && Pid > 0 && { pid: Pid }) };
}

function json(text: string): Readonly<Record<string, unknown>> {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function refusal(endpoint: ContextEndpoint, answer: EngineAnswer): TransportError {
  return new TransportError('failed', `The engine at ${placeOf(endpoint)} does not run a command in the helper container: ${said(answer)}.`);
}
