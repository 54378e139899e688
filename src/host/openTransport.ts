import type { Duplex } from 'node:stream';
import type { Command, CommandOutput } from '../core/command/command';
import { formatHostAddress, type HostAddress } from '../core/model/address';
import type { Snapshot } from '../core/model/snapshot';
import { CloseSignal } from './closeSignal';
import { createFileTransport } from './fileTransport';
import { createLocalTransport } from './localTransport';
import { createNestedTransport } from './nestedTransport';
import { rejectOn } from './abort';
import type { DockerTransportOptions } from './dockerTransport';
import type { SshClientChoice } from './ssh/chooseClient';
import type { SshTransportOptions } from './sshTransport';
import { TransportError, type RunOptions, type StreamTarget, type TerminalSession, type TerminalSize, type Transport } from './transport';

/** Beside `questions` and `dockerFolder`, all of it concerns SSH: the client, the configuration file, the known-hosts files and the `ssh` program to use instead of the usual ones. */
export interface OpenTransportOptions extends SshTransportOptions, DockerTransportOptions {
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
      return new LazyTransport(address, address.host, () => openSsh(address, options));
    case 'docker':
      return new LazyEngineTransport(address, address.context, async () => (await import('./dockerTransport')).createDockerTransport(address, options));
    case 'nested':
      return createNestedTransport(address, openTransport(address.parent, options));
  }
}

type SshAddress = Extract<HostAddress, { kind: 'ssh' }>;

/** Stands for a transport until it is needed: then it is chosen, and its bundle loaded, which may be larger than all the rest. */
class LazyTransport implements Transport {
  readonly id: string;
  readonly live = true;
  readonly #closed = new CloseSignal();
  #loading: Promise<Transport> | undefined;
  #loaded: Transport | undefined;
  #disposed = false;

  constructor(
    readonly address: HostAddress,
    private readonly label: string,
    private readonly create: () => Promise<Transport>,
  ) {
    this.id = formatHostAddress(address);
  }

  get privilege(): Transport['privilege'] {
    return this.#loaded?.privilege ?? 'user';
  }

  get way(): string | undefined {
    return this.#loaded?.way;
  }

  get engineOnly(): boolean {
    return this.#loaded?.engineOnly === true;
  }

  async connect(signal?: AbortSignal): Promise<void> {
    await (await this.load(signal)).connect(signal);
  }

  async run(command: Command, options: RunOptions): Promise<CommandOutput> {
    return (await this.load(options.signal)).run(command, options);
  }

  async openStream(target: StreamTarget, signal?: AbortSignal): Promise<Duplex> {
    return (await this.load(signal)).openStream(target, signal);
  }

  async openTerminal(command: Command, size: TerminalSize, signal?: AbortSignal): Promise<TerminalSession> {
    return (await this.load(signal)).openTerminal(command, size, signal);
  }

  async recorded(): Promise<Snapshot> {
    return (await this.load(undefined)).recorded();
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
  protected async load(signal: AbortSignal | undefined): Promise<Transport> {
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
      throw new TransportError('cancelled', `Connecting to ${this.label} was cancelled.`, { cause: error });
    }
  }

  async #choose(): Promise<Transport> {
    const transport = await this.create();
    transport.onDidClose((error) => this.#closed.fire(error));
    this.#loaded = transport;
    if (this.#disposed) transport.dispose();
    return transport;
  }
}

/** Its connection is one to an engine. */
class LazyEngineTransport extends LazyTransport {
  async openEngine(signal?: AbortSignal): Promise<Duplex> {
    const transport = await this.load(signal);
    if (transport.openEngine === undefined) throw new TransportError('failed', `${transport.id} is no engine's address.`);
    return transport.openEngine(signal);
  }
}

async function openSsh(address: SshAddress, { client = 'auto', ...options }: OpenTransportOptions): Promise<Transport> {
  const needed = client === 'auto' ? await (await import('./ssh/chooseClient')).needsOpenssh(address, options) : undefined;
  if (client === 'builtin' || (client === 'auto' && needed === undefined)) return (await import('./sshTransport')).createSshTransport(address, options);
  const reason = `The system's ssh is used: ${needed ?? 'the settings say so'}.`;
  options.log?.info(`${address.host}: ${reason}`);
  return (await import('./opensshTransport')).createOpensshTransport(address, { ...options, reason });
}
