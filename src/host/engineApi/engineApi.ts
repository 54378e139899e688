import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import Docker from 'dockerode';
import { rejectOn } from '../abort';
import { printable } from '../command/words';
import { EngineError } from '../engine';
import type { Transport } from '../transport';
import { findEngine, isTransportError, openEngineStream, silentSocket, type EngineEndpoint } from './endpoint';
import { StreamAgent } from './streamAgent';

/** Over SSH every connection is a channel, and with sudo a process: few, and none kept for long. */
const maxConnections = 4;
const maxPassedOn = 2;
const idleMs = 3000;
const maxBytes = 64 * 1024 * 1024;

export interface RequestOptions {
  readonly query?: Readonly<Record<string, unknown>>;
  readonly limitMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** dockerode over a transport's streams, with a time limit for each request and one kind of error. */
export class EngineApi {
  readonly #host: string;
  /** Without the socket. */
  readonly #machine: string;
  #endpoint: Promise<EngineEndpoint> | undefined;
  #way = 0;
  /** Another socket of the host, where nobody answered at the one that was found first. */
  #instead: EngineEndpoint | undefined;
  #client: { readonly docker: Docker; readonly agent: StreamAgent } | undefined;
  #inFlight = 0;
  #idle: NodeJS.Timeout | undefined;
  readonly #disposed = new AbortController();

  /** @param given which engine, where it is not the one that is found first. */
  constructor(
    private readonly transport: Transport,
    private readonly given?: EngineEndpoint,
  ) {
    const { address } = transport;
    const host = address.kind === 'ssh' ? printable(address.host) : address.kind === 'nested' || address.kind === 'docker' ? transport.id : 'this machine';
    this.#machine = host;
    this.#host = given === undefined ? host : `${host} (${printable(given.path)})`;
  }

  /** The JSON that the engine answers. @throws EngineError */
  async get(path: string, options: RequestOptions): Promise<unknown> {
    try {
      return await this.#getOnce(path, options);
    } catch (error) {
      // A connection that was kept may have been closed by an engine that has restarted since; a new one tells.
      const instead = this.#instead;
      this.#instead = undefined;
      if (!(error instanceof EngineError) || (instead === undefined && !isBrokenConnection(error))) throw error;
      this.#client?.agent.closeIdle();
      // Docker's socket may have been left behind by an engine that was killed, and Podman be well beside it.
      if (instead) this.#endpoint = Promise.resolve(instead);
      return this.#getOnce(path, options);
    }
  }

  #getOnce(path: string, options: RequestOptions): Promise<unknown> {
    return this.#limited(path, options, async (signal) => {
      const response = await this.#dial(path, options.query, signal);
      const chunks: Buffer[] = [];
      let size = 0;
      for await (const chunk of response as AsyncIterable<Buffer>) {
        size += chunk.length;
        if (size > maxBytes) throw new EngineError('truncated', `The engine on ${this.#host} answered ${path} with more than ${String(maxBytes / 1024 / 1024)} MiB.`);
        chunks.push(chunk);
      }
      try {
        return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown;
      } catch (error) {
        throw new EngineError('garbled', `The engine on ${this.#host} answered ${path} with something that is no JSON.`, { cause: error });
      }
    });
  }

  /** An engine beside this one, of the same host. */
  beside(endpoint: EngineEndpoint): EngineApi {
    return new EngineApi(this.transport, endpoint);
  }

  /** Where its socket is, once it was found. */
  async path(): Promise<string | undefined> {
    return (await this.#endpoint?.catch(() => undefined))?.path;
  }

  /** Other sockets of the host at which an engine may be; `again`: looked for anew. Where that fails, those that were known. */
  async others(again: boolean, signal: AbortSignal | undefined): Promise<readonly EngineEndpoint[]> {
    const known = await this.#endpoint?.catch(() => undefined);
    if (known === undefined || !again || this.transport.openEngine) return known?.others ?? [];
    try {
      const found = await findEngine(this.transport, this.#host, signal ? AbortSignal.any([signal, this.#disposed.signal]) : this.#disposed.signal);
      const others = [found, ...(found.others ?? [])].filter(({ path }) => path !== known.path);
      this.#endpoint = Promise.resolve({ ...known, others });
      return others;
    } catch (error) {
      signal?.throwIfAborted();
      // It was found before: what keeps it from being found now, its own requests tell.
      if (error instanceof EngineError || isTransportError(error)) return known.others ?? [];
      throw error;
    }
  }

  /** An answer without end; `limitMs` holds for its beginning. Aborting `options.signal` ends it. @throws EngineError */
  async stream(path: string, options: RequestOptions): Promise<IncomingMessage> {
    return this.#limited(path, options, (signal) => this.#dial(path, options.query, signal), true);
  }

  /** The error of a broken answer. */
  explain(error: unknown, path: string): EngineError {
    if (error instanceof EngineError) return error;
    if (isTransportError(error)) {
      const code = error.code === 'recorded' || error.code === 'failed' || error.code === 'vanished' ? 'no-engine' : error.code;
      return new EngineError(code, code === 'no-engine' ? this.#noAnswer(error.message) : error.message, { cause: error });
    }
    const { message, statusCode, json } = error as Error & { statusCode?: number; json?: { message?: unknown } };
    if (statusCode !== undefined) {
      const said = printable(typeof json?.message === 'string' ? json.message : message).slice(0, 300);
      return new EngineError(statusCode === 404 ? 'vanished' : 'engine-failed', `The engine on ${this.#host} refused ${path}: ${said}.`, { cause: error });
    }
    return new EngineError('engine-failed', `Engine stopped answering on ${this.#host} (${printable(message)}). See whether it is running there, and read the host again.`, { cause: error });
  }

  dispose(): void {
    this.#disposed.abort();
    clearTimeout(this.#idle);
    this.#client?.agent.destroy();
  }

  #noAnswer(why: string): string {
    return `No engine answers on ${this.#host}: ${why.replace(/\.$/, '')}. Start it there (systemctl start docker), and read the host again.`;
  }

  async #limited<T>(path: string, options: RequestOptions, work: (signal: AbortSignal) => Promise<T>, keepsSignal = false): Promise<T> {
    try {
      // Outside the limit: a person may be asked for a password.
      await this.transport.connect(options.signal);
    } catch (error) {
      throw this.explain(error, path);
    }
    const stop = new AbortController();
    const seconds = String(options.limitMs / 1000);
    const given = AbortSignal.any([this.#disposed.signal, ...(options.signal ? [options.signal] : [])]);
    const cancel = () => stop.abort(new EngineError('cancelled', `The request ${path} to the engine on ${this.#host} was cancelled.`));
    given.addEventListener('abort', cancel, { once: true });
    if (given.aborted) cancel();
    const timer = setTimeout(() => stop.abort(new EngineError('time-limit', `Engine silent on ${this.#host}: no answer to ${path} within ${seconds} s. See whether it hangs.`)), options.limitMs);
    this.#inFlight++;
    try {
      // The library's promise does not settle for every way in which a connection can break.
      return await Promise.race([work(stop.signal), rejectOn(stop.signal)]);
    } catch (error) {
      const explained = await this.#whoIsThere(this.explain(stop.signal.aborted ? stop.signal.reason : error, path), given);
      // Whatever is left of the request goes, and its connection with it.
      stop.abort(explained);
      throw explained;
    } finally {
      clearTimeout(timer);
      if (!keepsSignal) given.removeEventListener('abort', cancel);
      this.#inFlight--;
      this.#closeWhenIdle();
    }
  }

  async #dial(path: string, query: RequestOptions['query'], signal: AbortSignal): Promise<IncomingMessage> {
    const { docker } = await this.#open();
    const options = {
      path: `${path}?`,
      method: 'GET',
      options: { ...query },
      abortSignal: signal,
      // The answer as a stream: read here, with a bound, and with an end even where the connection breaks half-way.
      isStream: true,
      statusCodes: { 200: true, 204: true },
    };
    return new Promise((resolve, reject) => {
      docker.modem.dial(options, (error: unknown, response: unknown) => {
        if (error) reject(error instanceof Error ? error : new Error('the request failed'));
        else resolve(response as IncomingMessage);
      });
    });
  }

  async #open(): Promise<{ docker: Docker; agent: StreamAgent }> {
    if (this.#client) return this.#client;
    const { transport } = this;
    this.#endpoint ??= this.given ? Promise.resolve(this.given) : transport.openEngine ? Promise.resolve({ path: 'engine', ways: [] }) : findEngine(transport, this.#host, this.#disposed.signal);
    let endpoint: EngineEndpoint;
    try {
      endpoint = await this.#endpoint;
    } catch (error) {
      this.#endpoint = undefined;
      throw error;
    }
    this.#client ??= this.#connect(endpoint);
    return this.#client;
  }

  #connect(endpoint: EngineEndpoint): { docker: Docker; agent: StreamAgent } {
    const open = (): Promise<Duplex> =>
      this.transport.openEngine?.(this.#disposed.signal) ??
      openEngineStream(this.transport, endpoint, this.#way, (index) => {
        this.#way = index;
      }, this.#disposed.signal);
    const maxSockets = endpoint.ways[0]?.kind === 'command' ? maxPassedOn : maxConnections;
    const agent = new StreamAgent(open, { keepAlive: true, maxSockets });
    // Host and protocol are named, the host as none, so that DOCKER_HOST and its companions, which are this machine's, say nothing here. The socket's path is
    // never opened by node:http, whose connections are the agent's; but where it is given, VS Code leaves a request alone, which it otherwise sends by an agent
    // of its own (createHttpPatch in @vscode/proxy-agent).
    const docker = new Docker({ host: undefined, port: undefined, socketPath: endpoint.path, protocol: 'http', agent } as Docker.DockerOptions & { agent: StreamAgent });
    refuseRedirects(docker);
    return { docker, agent };
  }

  /** No engine, or one that has left its socket behind: the sockets are looked for once more, for a refused connection does not tell. */
  async #whoIsThere(error: EngineError, signal: AbortSignal): Promise<EngineError> {
    if (error.code !== 'no-engine') return error;
    const endpoint = await this.#endpoint?.catch(() => undefined);
    this.#forget();
    if (endpoint === undefined || this.transport.openEngine !== undefined || !isTransportError(error.cause)) return error;
    try {
      const found = await findEngine(this.transport, this.#host, signal);
      const all = [found, ...(found.others ?? [])];
      if (!all.some(({ path }) => path === endpoint.path)) return error;
      const [next, ...others] = this.given ? [] : all.filter(({ path }) => path !== endpoint.path);
      if (next) this.#instead = { ...next, others: [...others, endpoint] };
      return await silentSocket(this.transport, endpoint.path, this.#machine, error, signal);
    } catch (failure) {
      // What keeps the host from being looked at is not why the engine did not answer.
      if (failure instanceof EngineError || isTransportError(failure)) return error;
      throw failure;
    }
  }

  /** Nothing answered: the next request looks again where the engine is, and how it is reached. */
  #forget(): void {
    this.#endpoint = undefined;
    this.#client = undefined;
    this.#way = 0;
  }

  #closeWhenIdle(): void {
    clearTimeout(this.#idle);
    if (this.#inFlight > 0) return;
    this.#idle = setTimeout(() => this.#client?.agent.closeIdle(), idleMs);
    this.#idle.unref();
  }
}

/** No answer came, or half of one. */
function isBrokenConnection({ code, cause }: EngineError): boolean {
  return code === 'engine-failed' && !(cause instanceof Error && 'statusCode' in cause);
}

interface Modem {
  buildRequest(options: object, ...rest: unknown[]): void;
}

/** docker-modem would follow a redirect to any address, and from this machine. No engine has a reason to send one. */
function refuseRedirects(docker: Docker): void {
  const modem = docker.modem as unknown as Modem;
  const build = modem.buildRequest.bind(modem);
  modem.buildRequest = (options, ...rest) => build({ ...options, maxRedirects: 0 }, ...rest);
}
