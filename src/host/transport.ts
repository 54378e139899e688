import type { Duplex } from 'node:stream';
import type { Command, CommandOutput } from '../core/command/command';
import type { HostAddress, HostId } from '../core/model/address';
import type { ReadError, Snapshot } from '../core/model/snapshot';

/** How a host is spoken to. Every implementation passes test/live/transportContract. */
export interface Transport {
  readonly id: HostId;
  readonly address: HostAddress;
  /** False for recorded hosts: nothing can be run, `recorded()` has the answer. */
  readonly live: boolean;

  /** Opens the connection, or joins the one that is open or being opened. @throws TransportError */
  connect(signal?: AbortSignal): Promise<void>;

  /** Runs a command to its end. A non-zero exit is a result, not an error. @throws TransportError */
  run(command: Command, options: RunOptions): Promise<CommandOutput>;

  /**
   * A byte stream to a UNIX socket on the host, to a TCP port as the host reaches it, or to a command's standard input and output. A TCP port that cannot be
   * reached may be told by the stream, which is then destroyed with a TransportError; `no-permission` where the host passes on no connections. @throws TransportError
   */
  openStream(target: StreamTarget, signal?: AbortSignal): Promise<Duplex>;

  /** Starts a command on a terminal. Local ones hand back what to spawn, for the editor's own pty. @throws TransportError */
  openTerminal(command: Command, size: TerminalSize, signal?: AbortSignal): Promise<TerminalSession>;

  /** The snapshot of a recorded host. @throws TransportError where the host is live, or the file is bad. */
  recorded(): Promise<Snapshot>;

  /** How this connection becomes root. Known after `connect`. Where it is `user`, `run` and `openStream` refuse a command that wants root with `no-permission`; a terminal lets sudo ask. */
  readonly privilege: 'root' | 'sudo' | 'user';

  /** How the host is reached, as a sentence, where there is something to say. Known after `connect`. */
  readonly way?: string | undefined;

  /** A byte stream to the host's engine, where the connection is one to an engine and not to its machine. @throws TransportError */
  openEngine?(signal?: AbortSignal): Promise<Duplex>;

  /** Whether nothing can be run: then `run`, `openStream` and `openTerminal` refuse. Known after `connect`. */
  readonly engineOnly?: boolean;

  /** Called when an open connection is lost; not on `dispose`. Returns the un-registration. */
  onDidClose(listener: (error: TransportError) => void): () => void;
  dispose(): void;
}

export interface RunOptions {
  /** Then the command is ended, and a `time-limit` error thrown that carries what came until then. */
  readonly limitMs: number;
  readonly signal?: AbortSignal;
  /** Of standard output; default 64 MiB; more is `truncated`. */
  readonly maxBytes?: number;
  /** More for standard input, which stays open until it is known. Where it rejects, nothing more comes. */
  readonly later?: Promise<string>;
}

export type StreamTarget =
  | { readonly kind: 'unixSocket'; readonly path: string }
  /** `host`: a name or address that the host itself resolves, an IPv6 one without brackets. */
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'command'; readonly command: Command };

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

export type TerminalSession =
  /** Spawn this on a pty of your own. */
  | { readonly kind: 'spawn'; readonly argv: readonly [string, ...string[]] }
  /** The pty is on the host; bytes are UTF-8. */
  | {
      readonly kind: 'remote';
      write(data: string): void;
      resize(size: TerminalSize): void;
      close(): void;
      onData(listener: (data: string) => void): void;
      /** Exit status, or undefined where the connection was lost or a signal ended it. */
      onExit(listener: (code: number | undefined) => void): void;
    };

/** `message` is one clear sentence that says what to do next; `partial` what had come when it failed. */
export class TransportError extends Error {
  override readonly name = 'TransportError';
  constructor(
    readonly code: ReadError['code'] | 'cancelled' | 'recorded',
    message: string,
    options?: { cause?: unknown; readonly partial?: CommandOutput },
  ) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause });
    this.partial = options?.partial;
  }
  readonly partial: CommandOutput | undefined;
}

/** What a transport must ask a person. `undefined` means the person declined. Secrets are never stored by the asker's implementation in plain text. */
export interface Questions {
  unknownHostKey(question: {
    readonly host: string;
    readonly keyType: string;
    /** SHA256:…, as `ssh-keygen -l` prints it. */
    readonly fingerprint: string;
    /** What else is to be known before answering. */
    readonly note?: string;
  }): Promise<boolean>;
  secret(question: { readonly kind: 'password' | 'passphrase' | 'sudo' | 'keyboard-interactive'; readonly prompt: string; readonly host: string; readonly echo?: boolean }): Promise<string | undefined>;
  /** Something that a person must do elsewhere, such as touching a key; to be shown until the signal aborts. */
  inform?(notice: { readonly host: string; readonly message: string; readonly until: AbortSignal }): void;
}
