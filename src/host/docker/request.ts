import { request as startRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { StringDecoder } from 'node:string_decoder';
import { printable } from '../command/words';
import { TransportError } from '../transport';
import type { ContextEndpoint } from './contextFiles';
import { dial, dialFault, placeOf } from './dial';

/** Answers here are small; what sends more is no engine. */
const maxBytes = 1024 * 1024;

export interface EngineRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** With its query. */
  readonly path: string;
  readonly body?: unknown;
  readonly limitMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Takes the body of an answer with status 200, however long; it is then not in the answer. */
  readonly onData?: (text: string) => void;
}

export interface EngineAnswer {
  readonly status: number;
  readonly text: string;
}

/** One request on a connection of its own. A status is an answer, whatever it is. @throws TransportError */
export async function request(endpoint: ContextEndpoint, given: EngineRequest): Promise<EngineAnswer> {
  return limited(endpoint, given, async (signal) => {
    const started = await start(endpoint, given, {}, signal);
    const response = await new Promise<IncomingMessage>((resolve, reject) => started.once('response', resolve).once('error', reject));
    const chunks: Buffer[] = [];
    let size = 0;
    const { onData } = given;
    const decoder = new StringDecoder('utf8');
    for await (const chunk of response as AsyncIterable<Buffer>) {
      if (onData && response.statusCode === 200) {
        onData(decoder.write(chunk));
        continue;
      }
      size += chunk.length;
      if (size > maxBytes) {
        started.destroy();
        throw new TransportError('truncated', `${placeOf(endpoint)} answered ${given.path} with more than ${String(maxBytes / 1024)} KiB.`);
      }
      chunks.push(chunk);
    }
    return { status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') };
  });
}

/**
 * One request after whose answer the connection is a byte stream both ways (Docker Engine API, "attach to a container": status 101).
 * @throws TransportError; a refusal is an answer.
 */
export async function upgrade(endpoint: ContextEndpoint, given: EngineRequest): Promise<{ readonly stream: Socket } | { readonly refused: EngineAnswer }> {
  return limited(endpoint, given, async (signal) => {
    const started = await start(endpoint, given, { Connection: 'Upgrade', Upgrade: 'tcp' }, signal);
    const first = await new Promise<{ response: IncomingMessage; head?: Buffer }>((resolve, reject) => {
      started.once('upgrade', (response, _socket, head) => resolve({ response, head }));
      started.once('response', (response) => resolve({ response }));
      started.once('error', reject);
    });
    if (first.head !== undefined) {
      const { socket } = first.response;
      if (first.head.length > 0) socket.unshift(first.head);
      return { stream: socket };
    }
    const chunks: Buffer[] = [];
    for await (const chunk of first.response as AsyncIterable<Buffer>) if (chunks.length < 64) chunks.push(chunk);
    return { refused: { status: first.response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') } };
  });
}

/** What an engine says of a request that it refused: its JSON's message, else its first line. */
export function said({ text }: EngineAnswer): string {
  try {
    const value = JSON.parse(text) as unknown;
    if (typeof value === 'object' && value !== null && 'message' in value && typeof value.message === 'string') return printable(value.message).slice(0, 300).replace(/\.$/, '');
  } catch {
    // Not every refusal is JSON.
  }
  return printable(text.split('\n')[0] ?? '').slice(0, 300).replace(/\.$/, '');
}

async function start(endpoint: ContextEndpoint, { method, path, body }: EngineRequest, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<ClientRequest> {
  const socket = await dial(endpoint, signal);
  const end = () => socket.destroy();
  signal.addEventListener('abort', end, { once: true });
  const text = body === undefined ? '' : JSON.stringify(body);
  const started = startRequest({
    method,
    path,
    headers: { Host: 'docker', ...(body !== undefined && { 'Content-Type': 'application/json' }), 'Content-Length': String(Buffer.byteLength(text)), ...headers },
    createConnection: () => socket,
    // Never opened, for the connection is there; but where it is given, VS Code leaves a request alone, which it otherwise sends by an agent of its own.
    socketPath: 'engine',
  });
  // What has become a stream outlives the request's limit.
  started.once('upgrade', () => signal.removeEventListener('abort', end));
  started.end(text);
  return started;
}

/** Holds the work to its limit, and puts its faults into words. */
async function limited<T>(endpoint: ContextEndpoint, { path, limitMs, signal: given }: EngineRequest, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const limit = AbortSignal.timeout(limitMs);
  const signal = given ? AbortSignal.any([given, limit]) : limit;
  try {
    return await work(signal);
  } catch (error) {
    if (given?.aborted === true) throw new TransportError('cancelled', `The request ${path} to ${placeOf(endpoint)} was cancelled.`, { cause: error });
    if (limit.aborted) throw new TransportError('time-limit', `${placeOf(endpoint)} takes connections, but did not answer within ${String(limitMs / 1000)} s. See whether the engine hangs there.`, { cause: error });
    if (error instanceof TransportError) throw error;
    const { code = '', message } = error as NodeJS.ErrnoException;
    if (code.startsWith('HPE_')) throw new TransportError('garbled', `What listens on ${placeOf(endpoint)} is no container engine: it does not speak HTTP.`, { cause: error });
    throw dialFault(error instanceof Error ? error : new Error(message), endpoint);
  }
}
