import type { Duplex } from 'node:stream';
import type { Command, CommandOutput } from '../core/command/command';
import { formatHostAddress, type HostAddress } from '../core/model/address';
import type { Snapshot } from '../core/model/snapshot';
import { CloseSignal } from './closeSignal';
import { commandTitle, printable } from './command/words';
import { readContext, type ContextEndpoint } from './docker/contextFiles';
import { dial, placeOf } from './docker/dial';
import { request, said } from './docker/request';
import { noLog, type HostLog } from './hostLog';
import { SharedAttempt } from './sharedAttempt';
import { portTitle, unreachable } from './tcp';
import { TransportError, type StreamTarget, type TerminalSession, type Transport } from './transport';

export type DockerAddress = Extract<HostAddress, { kind: 'docker' }>;

export interface DockerTransportOptions {
  readonly log?: HostLog;
  /** In place of DOCKER_CONFIG or ~/.docker. */
  readonly dockerFolder?: string;
}

const limitMs = 10_000;

/** The engine of a Docker context: over TCP with TLS, or a socket of this machine. Nothing runs on its machine; what is known is what the engine says. */
export function createDockerTransport(address: DockerAddress, options: DockerTransportOptions): Transport {
  return new DockerTransport(address, options);
}

class DockerTransport implements Transport {
  readonly id: string;
  readonly live = true;
  readonly engineOnly = true;
  readonly privilege = 'user';
  readonly #closed = new CloseSignal();
  readonly #log: HostLog;
  readonly #disposed = new AbortController();
  #attempt: SharedAttempt<void> | undefined;
  #way: string | undefined;

  constructor(
    readonly address: DockerAddress,
    private readonly options: DockerTransportOptions,
  ) {
    this.id = formatHostAddress(address);
    this.#log = options.log ?? noLog;
  }

  get way(): string | undefined {
    return this.#way;
  }

  async connect(signal?: AbortSignal): Promise<void> {
    if (this.#disposed.signal.aborted) throw this.#cancelled();
    if (this.#way !== undefined) return;
    if (this.#attempt === undefined || this.#attempt.abandoned) this.#attempt = this.#begin();
    await this.#attempt.join(signal, () => this.#cancelled());
  }

  #begin(): SharedAttempt<void> {
    const attempt: SharedAttempt<void> = new SharedAttempt(async (signal) => {
      try {
        const endpoint = await this.#endpoint();
        await ping(endpoint, AbortSignal.any([signal, this.#disposed.signal]));
        this.#way = wayTo(endpoint);
        this.#log.info(`${this.id}: ${this.#way}`);
      } finally {
        if (this.#attempt === attempt) this.#attempt = undefined;
      }
    });
    return attempt;
  }

  /** Read anew for each connection: certificates are renewed, and no key is kept. */
  #endpoint(): Promise<ContextEndpoint> {
    return readContext(this.address.context, this.options.dockerFolder);
  }

  async openEngine(signal?: AbortSignal): Promise<Duplex> {
    const all = signal ? AbortSignal.any([signal, this.#disposed.signal]) : this.#disposed.signal;
    try {
      return await dial(await this.#endpoint(), all);
    } catch (error) {
      // The next connection says what is wrong, or that it is right again.
      this.#way = undefined;
      throw error;
    }
  }

  run(command: Command): Promise<CommandOutput> {
    return Promise.reject(this.#nothingRuns(command.argv));
  }

  openStream(target: StreamTarget): Promise<Duplex> {
    if (target.kind === 'command') return Promise.reject(this.#nothingRuns(target.command.argv));
    if (target.kind === 'tcp') return Promise.reject(unreachable(portTitle(target.host, target.port, this.address.context), 'only the engine is reached there. Add the machine itself over SSH'));
    return Promise.reject(new TransportError('no-permission', `${printable(target.path)} on ${this.address.context} cannot be opened: only the engine is reached there.`));
  }

  openTerminal(command: Command): Promise<TerminalSession> {
    return Promise.reject(this.#nothingRuns(command.argv));
  }

  recorded(): Promise<Snapshot> {
    return Promise.reject(new TransportError('failed', `${this.address.context} is read live; there is no recording of it here.`));
  }

  onDidClose(listener: (error: TransportError) => void): () => void {
    return this.#closed.add(listener);
  }

  dispose(): void {
    this.#closed.clear();
    this.#disposed.abort();
    this.#way = undefined;
  }

  #nothingRuns(argv: Command['argv']): TransportError {
    if (this.#disposed.signal.aborted) return this.#cancelled();
    return new TransportError('no-permission', `${commandTitle(argv, this.address.context)} cannot be run: only the engine is reached there, and no shell. Add the machine itself over SSH.`);
  }

  #cancelled(): TransportError {
    return new TransportError('cancelled', `Connecting to ${this.address.context} was cancelled.`);
  }
}

/** GET /_ping: "OK" (Docker Engine API 1.24 and newer; Podman). @throws TransportError */
async function ping(endpoint: ContextEndpoint, signal: AbortSignal): Promise<void> {
  const answer = await request(endpoint, { method: 'GET', path: '/_ping', limitMs, signal });
  if (answer.status === 200 && answer.text.trim() === 'OK') return;
  const place = placeOf(endpoint);
  // net/http of Go, in front of dockerd.
  if (answer.status === 400 && /HTTP request to an HTTPS server/.test(answer.text)) throw new TransportError('authentication', `The engine at ${place} wants TLS, and the context has none. Make the context with "ca", "cert" and "key".`);
  if (answer.status === 401 || answer.status === 403) throw new TransportError('no-permission', `The engine at ${place} refuses this user: ${said(answer)}.`);
  throw new TransportError('garbled', `What listens on ${place} is no container engine: it answered /_ping with status ${String(answer.status)}.`);
}

function wayTo(endpoint: ContextEndpoint): string {
  const place = placeOf(endpoint);
  if (endpoint.kind === 'socket') return `The engine at ${place} is asked; nothing runs on its machine.`;
  if (!endpoint.tls) return `The engine at ${place} is asked without TLS: whoever is in between can read and change everything. Nothing runs on its machine.`;
  return `The engine at ${place} is asked over TLS${endpoint.tls.verify ? '' : ', without looking at its certificate, as the context says'}; nothing runs on its machine.`;
}
