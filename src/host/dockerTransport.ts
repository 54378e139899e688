import type { Duplex } from 'node:stream';
import type { Command, CommandOutput } from '../core/command/command';
import { formatHostAddress, type HostAddress } from '../core/model/address';
import type { Snapshot } from '../core/model/snapshot';
import { CloseSignal } from './closeSignal';
import { commandTitle, printable } from './command/words';
import { readContext, type ContextEndpoint } from './docker/contextFiles';
import { dial } from './docker/dial';
import { ping, wayTo } from './docker/ping';
import type { HelperOptions } from './docker/helper';
import { HelperTransport } from './docker/helperTransport';
import { noLog, type HostLog } from './hostLog';
import { SharedAttempt } from './sharedAttempt';
import { TransportError, type Questions, type StreamTarget, type TerminalSession, type Transport } from './transport';
import { portTitle, unreachable } from './tcp';

export type DockerAddress = Extract<HostAddress, { kind: 'docker' }>;

export interface DockerTransportOptions {
  readonly questions: Questions;
  readonly log?: HostLog;
  /** In place of DOCKER_CONFIG or ~/.docker. */
  readonly dockerFolder?: string;
  /** Only where a person has agreed to it. */
  readonly helper?: HelperOptions | undefined;
}

/**
 * The engine of a Docker context: over TCP with TLS, or a socket of this machine. What is known is what the engine says; nothing runs on its machine, but where a person has agreed to
 * a helper container.
 */
export function createDockerTransport(address: DockerAddress, options: DockerTransportOptions): Transport {
  const { helper } = options;
  return helper ? new HelperTransport(address, { ...options, helper }) : new DockerTransport(address, options);
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
        this.#way = `${wayTo(endpoint)} Nothing runs on its machine.`;
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
    return new TransportError('no-permission', `${commandTitle(argv, this.address.context)} cannot be run: only the engine is reached there, and no shell. Add the machine itself over SSH, or allow a helper container for it.`);
  }

  #cancelled(): TransportError {
    return new TransportError('cancelled', `Connecting to ${this.address.context} was cancelled.`);
  }
}
