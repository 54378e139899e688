import type { Duplex } from 'node:stream';
import type { Command, CommandOutput } from '../core/command/command';
import { formatHostAddress, type HostAddress } from '../core/model/address';
import type { Snapshot } from '../core/model/snapshot';
import { CloseSignal } from './closeSignal';
import { elevate, type Elevated, type Elevation } from './command/elevation';
import { negotiateElevation } from './command/negotiate';
import { commandTitle } from './command/words';
import { noLog, type HostLog } from './hostLog';
import { SharedAttempt } from './sharedAttempt';
import { TransportError, type Questions, type RunOptions, type StreamTarget, type TerminalSession, type TerminalSize, type Transport } from './transport';
import type { Sessions } from './sessions';

/** How long a session that is there to stay may take to open. */
export const openLimitMs = 20_000;
/** For ending a command on the host. */
export const endLimitMs = 5000;
/** How long a refused session waits for another to be given back before it is tried again. */
export const retryMs = 250;

/** A connection to a host, logged in, whichever client made it. */
export interface HostConnection {
  readonly sessions: Sessions;
  elevation: Elevation;
  /** Why it is no more, where it is not. */
  readonly gone: TransportError | undefined;
  close(): void;
}

/**
 * A host over one connection: connects when it is first needed, once for all who wait; finds out how commands become root; keeps what was told for the
 * next connection. How one logs in and runs a command is the client's.
 */
export abstract class OneConnection<Connection extends HostConnection, Address extends HostAddress> implements Transport {
  readonly id: string;
  readonly live = true;
  protected readonly log: HostLog;
  protected disposed = false;
  readonly #closed = new CloseSignal();
  #attempt: SharedAttempt<Connection> | undefined;
  #connection: Connection | undefined;
  /** Kept for the next connection, in memory alone. */
  #sudoPassword: string | undefined;
  #sudoDeclined = false;

  constructor(
    readonly address: Address,
    /** For sentences. */
    protected readonly label: string,
    private readonly given: { readonly questions: Questions; readonly log?: HostLog },
  ) {
    this.id = formatHostAddress(address);
    this.log = given.log ?? noLog;
  }

  /** @throws TransportError */
  protected abstract login(signal: AbortSignal): Promise<Connection>;
  protected abstract runOn(connection: Connection, command: Command, options: RunOptions): Promise<CommandOutput>;
  /** Secrets of the login that are kept for the next one. */
  protected abstract forgetSecrets(): void;
  abstract openStream(target: StreamTarget, signal?: AbortSignal): Promise<Duplex>;
  abstract openTerminal(command: Command, size: TerminalSize, signal?: AbortSignal): Promise<TerminalSession>;

  get privilege(): Transport['privilege'] {
    const kind = this.#connection?.elevation.kind ?? 'user';
    return kind === 'sudoPassword' ? 'sudo' : kind;
  }

  async connect(signal?: AbortSignal): Promise<void> {
    await this.connected(signal);
  }

  async run(command: Command, options: RunOptions): Promise<CommandOutput> {
    return this.runOn(await this.connected(options.signal), command, options);
  }

  recorded(): Promise<Snapshot> {
    return Promise.reject(new TransportError('failed', `${this.label} is read live; there is no recording of it here.`));
  }

  onDidClose(listener: (error: TransportError) => void): () => void {
    return this.#closed.add(listener);
  }

  dispose(): void {
    this.disposed = true;
    this.#closed.clear();
    this.#attempt?.abort();
    const connection = this.#connection;
    this.#connection = undefined;
    connection?.close();
    this.forgetSecrets();
    this.#sudoPassword = undefined;
  }

  protected async connected(signal: AbortSignal | undefined): Promise<Connection> {
    if (this.disposed) throw this.#cancelled();
    if (this.#connection) return this.#connection;
    if (this.#attempt === undefined || this.#attempt.abandoned) this.#attempt = this.#begin();
    return this.#attempt.join(signal, () => this.#cancelled());
  }

  /** To be called by the client once a connection is gone, however it went. */
  protected lost(connection: Connection, error: TransportError): void {
    if (this.#connection !== connection) return;
    this.#connection = undefined;
    this.log.warn(error.message);
    this.#closed.fire(error);
  }

  protected elevate(connection: Connection, command: Command, mark: string): Elevated {
    if (command.privilege === 'root' && connection.elevation.kind === 'user') {
      throw new TransportError('no-permission', `${this.title(command)} needs root. Log in as root there, or allow sudo for the user.`);
    }
    return elevate(command, connection.elevation, mark, true);
  }

  protected allSessions({ sessions }: Connection): string {
    return `all sessions that ${this.label} allows on one connection are in use (${String(sessions.open)}${this.address.kind === 'ssh' ? '; MaxSessions in its sshd_config' : ''}). Close a terminal there.`;
  }

  /** For a client that cannot tell whether the host still answers. */
  protected busySessions({ sessions }: Connection): string {
    return `the ${String(sessions.open)} sessions that are open to ${this.label} have not ended. Check that it still answers, or close a terminal there.`;
  }

  protected title(command: Command): string {
    return commandTitle(command.argv, this.label);
  }

  #begin(): SharedAttempt<Connection> {
    const attempt: SharedAttempt<Connection> = new SharedAttempt(async (signal) => {
      try {
        return await this.#open(signal);
      } finally {
        // A connection stands on its own from here; a failure leaves the way free for another attempt.
        if (this.#attempt === attempt) this.#attempt = undefined;
      }
    });
    return attempt;
  }

  async #open(signal: AbortSignal): Promise<Connection> {
    // Let `#attempt` be set before anything can fail.
    await Promise.resolve();
    const connection = await this.login(signal);
    try {
      const negotiated = await negotiateElevation({
        runAsUser: (command, bounds) => this.runOn(connection, command, { ...bounds, signal }),
        questions: this.given.questions,
        hostLabel: this.label,
        password: this.#sudoPassword,
        mayAsk: !this.#sudoDeclined,
      });
      connection.elevation = negotiated.elevation;
      this.#sudoPassword = negotiated.elevation.kind === 'sudoPassword' ? negotiated.elevation.password : undefined;
      this.#sudoDeclined = negotiated.declined;
      if (negotiated.reason !== undefined) this.log.info(`No root on ${this.label}: ${negotiated.reason}.`);
      if (this.disposed || signal.aborted) throw this.#cancelled();
      if (connection.gone) throw connection.gone;
    } catch (error) {
      connection.close();
      throw error;
    }
    this.#connection = connection;
    return connection;
  }

  #cancelled(): TransportError {
    return new TransportError('cancelled', `Connecting to ${this.label} was cancelled.`);
  }
}
