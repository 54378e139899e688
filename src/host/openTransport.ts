import type { Duplex } from 'node:stream';
import type { Command, CommandOutput } from '../core/command/command';
import { formatHostAddress, type HostAddress } from '../core/model/address';
import type { Snapshot } from '../core/model/snapshot';
import { CloseSignal } from './closeSignal';
import { createFileTransport } from './fileTransport';
import { createLocalTransport } from './localTransport';
import { createNestedTransport } from './nestedTransport';
import { rejectOn } from './abort';
import type { SshClientChoice } from './ssh/chooseClient';
import type { SshTransportOptions } from './sshTransport';
import { TransportError, type RunOptions, type StreamTarget, type TerminalSession, type TerminalSize, type Transport } from './transport';

/** Beside `questions`, all of it concerns SSH: the client, the configuration file, the known-hosts files and the `ssh` program to use instead of the usual ones. */
export interface OpenTransportOptions extends SshTransportOptions {
  /** Default: `auto`. */
  readonly client?: SshClientChoice;
}

/** The transport for an address. Connects to nothing yet; the SSH client is loaded by the first `connect`. */
export function openTransport(address: HostAddress, options: OpenTransportOptions): Transport {
  switch (address.kind) {
    case 'local':
      return createLocalTransport(options);
    case 'file':
      return createFileTransport(address);
    case 'ssh':
      return new LazySshTransport(address, options);
    case 'nested':
      return createNestedTransport(address, openTransport(address.parent, options));
  }
}

type SshAddress = Extract<HostAddress, { kind: 'ssh' }>;

/** Stands for the SSH transport until it is needed: then the client is chosen, and its bundle loaded, which may be larger than all the rest. */
class LazySshTransport implements Transport {
  readonly id: string;
  readonly live = true;
  readonly #closed = new CloseSignal();
  #loading: Promise<Transport> | undefined;
  #loaded: Transport | undefined;
  #disposed = false;

  constructor(
    readonly address: SshAddress,
    private readonly options: OpenTransportOptions,
  ) {
    this.id = formatHostAddress(address);
  }

  get privilege(): Transport['privilege'] {
    return this.#loaded?.privilege ?? 'user';
  }

  get way(): string | undefined {
    return this.#loaded?.way;
  }

  async connect(signal?: AbortSignal): Promise<void> {
    await (await this.#load(signal)).connect(signal);
  }

  async run(command: Command, options: RunOptions): Promise<CommandOutput> {
    return (await this.#load(options.signal)).run(command, options);
  }

  async openStream(target: StreamTarget, signal?: AbortSignal): Promise<Duplex> {
    return (await this.#load(signal)).openStream(target, signal);
  }

  async openTerminal(command: Command, size: TerminalSize, signal?: AbortSignal): Promise<TerminalSession> {
    return (await this.#load(signal)).openTerminal(command, size, signal);
  }

  async recorded(): Promise<Snapshot> {
    return (await this.#load(undefined)).recorded();
  }

  onDidClose(listener: (error: TransportError) => void): () => void {
    return this.#closed.add(listener);
  }

  dispose(): void {
    this.#disposed = true;
    this.#closed.clear();
    this.#loaded?.dispose();
  }

  /** Shared by all callers; one that gives up leaves the others to it. */
  async #load(signal: AbortSignal | undefined): Promise<Transport> {
    if (this.#loading === undefined) {
      const loading = this.#choose();
      this.#loading = loading;
      loading.catch(() => {
        // A configuration that could not be read may have been mended by the next time.
        if (this.#loading === loading) this.#loading = undefined;
      });
    }
    if (signal === undefined || this.#loaded !== undefined) return this.#loading;
    try {
      return await Promise.race([this.#loading, rejectOn(signal)]);
    } catch (error) {
      if (!signal.aborted) throw error;
      throw new TransportError('cancelled', `Connecting to ${this.address.host} was cancelled.`, { cause: error });
    }
  }

  async #choose(): Promise<Transport> {
    const transport = await this.#create();
    transport.onDidClose((error) => this.#closed.fire(error));
    this.#loaded = transport;
    if (this.#disposed) transport.dispose();
    return transport;
  }

  async #create(): Promise<Transport> {
    const { client = 'auto', ...options } = this.options;
    const needed = client === 'auto' ? await (await import('./ssh/chooseClient')).needsOpenssh(this.address, options) : undefined;
    if (client === 'builtin' || (client === 'auto' && needed === undefined)) return (await import('./sshTransport')).createSshTransport(this.address, options);
    const reason = `The system's ssh is used: ${needed ?? 'the settings say so'}.`;
    options.log?.info(`${this.address.host}: ${reason}`);
    return (await import('./opensshTransport')).createOpensshTransport(this.address, { ...options, reason });
  }
}
