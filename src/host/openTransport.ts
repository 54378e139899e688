import type { Duplex } from 'node:stream';
import type { Command, CommandOutput } from '../core/command/command';
import { formatHostAddress, type HostAddress } from '../core/model/address';
import type { Snapshot } from '../core/model/snapshot';
import { CloseSignal } from './closeSignal';
import { createFileTransport } from './fileTransport';
import { createLocalTransport } from './localTransport';
import type { SshTransportOptions } from './sshTransport';
import type { RunOptions, StreamTarget, TerminalSession, TerminalSize, Transport, TransportError } from './transport';

/** Beside `questions`, all of it concerns SSH: the configuration file, the known-hosts files and the `ssh` program to use instead of the usual ones. */
export type OpenTransportOptions = SshTransportOptions;

/** The transport for an address. Connects to nothing yet; the SSH client is loaded by the first `connect`. */
export function openTransport(address: HostAddress, options: OpenTransportOptions): Transport {
  switch (address.kind) {
    case 'local':
      return createLocalTransport(options);
    case 'file':
      return createFileTransport(address);
    case 'ssh':
      return new LazySshTransport(address, options);
  }
}

type SshAddress = Extract<HostAddress, { kind: 'ssh' }>;

/** Stands for the SSH transport until its bundle, which is larger than all the rest, is needed. */
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

  async connect(signal?: AbortSignal): Promise<void> {
    await (await this.#load()).connect(signal);
  }

  async run(command: Command, options: RunOptions): Promise<CommandOutput> {
    return (await this.#load()).run(command, options);
  }

  async openStream(target: StreamTarget, signal?: AbortSignal): Promise<Duplex> {
    return (await this.#load()).openStream(target, signal);
  }

  async openTerminal(command: Command, size: TerminalSize, signal?: AbortSignal): Promise<TerminalSession> {
    return (await this.#load()).openTerminal(command, size, signal);
  }

  async recorded(): Promise<Snapshot> {
    return (await this.#load()).recorded();
  }

  onDidClose(listener: (error: TransportError) => void): () => void {
    return this.#closed.add(listener);
  }

  dispose(): void {
    this.#disposed = true;
    this.#closed.clear();
    this.#loaded?.dispose();
  }

  #load(): Promise<Transport> {
    this.#loading ??= import('./sshTransport').then(({ createSshTransport }) => {
      const transport = createSshTransport(this.address, this.options);
      transport.onDidClose((error) => this.#closed.fire(error));
      this.#loaded = transport;
      if (this.#disposed) transport.dispose();
      return transport;
    });
    return this.#loading;
  }
}
