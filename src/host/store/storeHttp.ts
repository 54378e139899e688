import { request, type IncomingHttpHeaders } from 'node:http';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import type { StoreFault } from '../../core/model/store';
import { rejectOn } from '../abort';
import { printable } from '../command/words';
import { StreamAgent } from '../engineApi/streamAgent';

export interface StoreRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** For the Host header. */
  readonly authority: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly limitMs: number;
  readonly maxBytes: number;
  readonly signal: AbortSignal | undefined;
}

export interface StoreResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** `message` is one clear sentence that says what to do next, and holds no login. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  constructor(
    readonly code: StoreFault['code'] | 'cancelled',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The connection ended before there was an answer. */
export class HangUp extends StoreError {}

/**
 * One request over a connection of its own. Nothing is followed, tried again or kept.
 * @param title of the store, for messages: `etcd at 192.168.56.1:2379, as node1 reaches it,`
 * @throws StoreError; TransportError where the connection failed
 */
export async function askStore(open: (signal: AbortSignal) => Promise<Duplex>, title: string, asked: StoreRequest): Promise<StoreResponse> {
  const stop = new AbortController();
  const cancel = (): void => stop.abort(new StoreError('cancelled', `Reading ${title} was cancelled.`));
  asked.signal?.addEventListener('abort', cancel, { once: true });
  if (asked.signal?.aborted === true) cancel();
  const timer = setTimeout(() => stop.abort(new StoreError('time-limit', `${title} gave no whole answer within ${String(asked.limitMs / 1000)} s. See whether it hangs, and read it again.`)), asked.limitMs);
  let connection: Duplex | undefined;
  const connect = async (): Promise<Duplex> => {
    connection = await open(stop.signal);
    // Whoever has the answer does not hear how its connection ends.
    connection.on('error', () => undefined);
    if (stop.signal.aborted) connection.destroy();
    return connection;
  };
  const work = send(connect, title, asked, stop.signal);
  // It fails once more, unheard, when its connection is taken away.
  work.catch(() => undefined);
  try {
    return await Promise.race([work, rejectOn(stop.signal)]);
  } catch (error) {
    throw stop.signal.aborted ? stop.signal.reason : explain(error, title);
  } finally {
    clearTimeout(timer);
    asked.signal?.removeEventListener('abort', cancel);
    connection?.destroy();
  }
}

function send(connect: () => Promise<Duplex>, title: string, { method, path, authority, headers, body, maxBytes }: StoreRequest, signal: AbortSignal): Promise<StoreResponse> {
  return new Promise((resolve, reject) => {
    const agent = new StreamAgent(connect, { keepAlive: false });
    // The socket's path is never opened by node:http, whose connection is the agent's; but where it is given, VS Code leaves a request alone (see engineApi.ts).
    const sent = request({ socketPath: '/', agent, method, path, signal, headers: { host: authority, accept: 'application/json', ...headers, ...(body !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }) } });
    sent.on('error', reject);
    sent.once('response', (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        chunks.push(chunk);
        if (size > maxBytes) response.destroy(new StoreError('truncated', `${title} answered with more than ${String(maxBytes / 1024 / 1024)} MiB.`));
      });
      response.on('error', reject);
      response.once('close', () => reject(new Error('the connection was closed half-way')));
      response.once('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(chunks).toString('utf8') }));
    });
    sent.end(body);
  });
}

/** The first bytes of an alert or handshake of TLS (RFC 8446, section 5.1). */
function isTls(packet: Buffer): boolean {
  return (packet[0] === 0x15 || packet[0] === 0x16) && packet[1] === 3;
}

export function encryptedFault(title: string): StoreError {
  return new StoreError('failed', `${title} is encrypted (TLS) and is not read: the keys and certificates for it are its users' own. Ask it there with its own client.`);
}

const tlsLimitMs = 3000;

/** Whether who listens there begins to speak TLS: a server that does may hang up on all else without a word, as etcd's does. Nothing is sent over it. */
export async function speaksTls(open: (signal: AbortSignal) => Promise<Duplex>, signal: AbortSignal | undefined): Promise<boolean> {
  const limit = AbortSignal.any([AbortSignal.timeout(tlsLimitMs), ...(signal ? [signal] : [])]);
  let connection: Duplex | undefined;
  const work = (async () => {
    connection = await open(limit);
    connection.on('error', () => undefined);
    const socket = connection;
    return new Promise<boolean>((resolve) => {
      // Who it is does not matter: it is asked for nothing.
      const secure = connectTls({ socket, rejectUnauthorized: false }, () => resolve(true));
      // One that wants a certificate of its client's says so by an alert.
      secure.on('error', (error: NodeJS.ErrnoException) => resolve(/ALERT/.test(error.code ?? '')));
      secure.on('close', () => resolve(false));
    });
  })();
  try {
    return await Promise.race([work, rejectOn(limit)]);
  } catch {
    return false;
  } finally {
    connection?.destroy();
  }
}

function explain(error: unknown, title: string): unknown {
  if (error instanceof StoreError || (error instanceof Error && error.name === 'TransportError')) return error;
  const { code, message, rawPacket } = error as NodeJS.ErrnoException & { rawPacket?: unknown };
  if (Buffer.isBuffer(rawPacket) && isTls(rawPacket)) return encryptedFault(title);
  if (code?.startsWith('HPE_') === true) return new StoreError('garbled', `${title} answered with something that is no HTTP. Check the address: the port may be another service's.`, { cause: error });
  return new HangUp('failed', `${title} closed the connection before it had answered (${printable(message)}). See whether it is running there, and read it again.`, { cause: error });
}
