import { nestedName, type HostAddress, type HostId } from '../core/model/address';
import type { DearSource, NamespaceKey, ReadError, Snapshot } from '../core/model/snapshot';
import type { EngineClient } from '../host/engine';
import type { Transport } from '../host/transport';
import type { HostOrigin, HostStatus } from './explorer';
import type { Log } from './log';
import { errorWords, isTransportError } from './errorWords';

export interface SessionServices {
  readonly openEngine: (transport: Transport) => Promise<EngineClient>;
  readonly log: Log;
  readonly scanLimitMs: number;
  readonly sources: () => readonly DearSource[];
  readonly now: () => Date;
  /**
   * Namespaces that a scan for these reasons may leave as they are; undefined: none.
   * `changed` is undefined where nothing is told to have changed and some namespaces were asked for.
   */
  readonly keep: (changed: readonly unknown[] | undefined, asked: ReadonlySet<NamespaceKey>) => readonly NamespaceKey[] | undefined;
  /** Ids of the networks that the engine has to be asked about for these reasons; undefined: everything. */
  readonly changedNetworks: (changed: readonly unknown[]) => readonly string[] | undefined;
  /** Whether the engine's records are to be shown as soon as they are read, while the namespaces still are. */
  readonly recordsFirst: (changed: readonly unknown[]) => boolean;
  readonly statusChanged: () => void;
  readonly snapshotChanged: () => void;
}

/** A scan that runs, and who waits for it. */
interface Running {
  readonly done: Promise<void>;
  readonly abort: AbortController;
  waiting: number;
  /** What it leaves as it was; undefined: nothing. */
  readonly part: Part | undefined;
}

interface Part {
  readonly keep: readonly NamespaceKey[];
  /** Ids of the networks that the engine is asked about; undefined: everything. */
  readonly networks: readonly string[] | undefined;
  readonly recordsFirst: boolean;
}

/** One host: its connection, its engine, its last good snapshot, and never more than one scan at a time. */
export class HostSession {
  readonly id: HostId;
  readonly address: HostAddress;
  snapshot: Snapshot | undefined;
  #state: HostStatus['state'] = 'new';
  #error: ReadError | undefined;
  #engine: Promise<EngineClient> | undefined;
  #client: EngineClient | undefined;
  #running: Running | undefined;
  #changed: unknown[] = [];
  #asked: Set<NamespaceKey> | undefined;
  #again = false;
  #fullWanted = false;
  #disposed = false;
  readonly #unregister: () => void;

  constructor(
    readonly transport: Transport,
    private readonly given: { readonly label?: string; readonly origin?: HostOrigin },
    private readonly services: SessionServices,
  ) {
    this.id = transport.id;
    this.address = transport.address;
    this.#unregister = transport.onDidClose((error) => {
      this.forgetEngine();
      this.#set('failed', { place: { kind: 'host' }, ...errorWords(error) });
    });
  }

  get label(): string {
    return this.given.label ?? (this.snapshot?.host.hostname || addressLabel(this.address));
  }

  get status(): HostStatus {
    const { way } = this.transport;
    return { id: this.id, address: this.address, label: this.label, state: this.#state, ...(this.#error && { error: this.#error }), ...(way !== undefined && { way }), ...(this.given.origin && { origin: this.given.origin }) };
  }

  /** The engine's client, opened at first use and again after it failed. */
  engine(): Promise<EngineClient> {
    if (this.#disposed) return Promise.reject(new Error(`${this.label} was removed.`));
    if (!this.#engine) {
      const opening = this.services.openEngine(this.transport);
      this.#engine = opening;
      opening.then(
        (client) => {
          if (this.#engine === opening) this.#client = client;
        },
        () => {
          if (this.#engine === opening) this.#engine = undefined;
        },
      );
    }
    return this.#engine;
  }

  /** Reads everything, or joins the scan that is doing so. Rejects only for the signal. */
  async refresh(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (this.#running?.part !== undefined) {
      // What it leaves out is asked for now: one of everything follows it.
      this.#fullWanted = true;
      await this.#join(this.#running, signal);
    }
    await this.#join(this.#running ?? this.#start(undefined), signal);
  }

  /** Reads these namespaces and the engine, or joins a scan that is doing so. Rejects only for the signal. */
  async refreshNamespaces(keys: readonly NamespaceKey[], signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (!this.snapshot || this.#state === 'failed') return this.refresh(signal);
    const running = this.#running;
    if (running && reads(running, keys)) return this.#join(running, signal);
    this.#asked = new Set([...(this.#asked ?? []), ...keys]);
    if (running) await this.#join(running, signal);
    const next = running ? this.#running : this.#next();
    if (next) await this.#join(next, signal);
  }

  /** Reads what changed: now, or once the scan that is running has ended. */
  refreshChanged(changed: readonly unknown[]): void {
    this.#changed.push(...changed);
    this.#again = true;
    if (!this.#running) this.#startNext();
  }

  /** Closes the engine's client, if it is the given one or none is given; the next use opens another. */
  forgetEngine(given?: EngineClient): void {
    if (given && given !== this.#client) return;
    const engine = this.#engine;
    this.#engine = undefined;
    this.#client = undefined;
    engine?.then(
      (client) => {
        client.dispose();
      },
      () => undefined,
    );
  }

  dispose(): void {
    this.#disposed = true;
    this.#unregister();
    this.#running?.abort.abort();
    this.forgetEngine();
    this.transport.dispose();
  }

  #startNext(): void {
    const next = this.#next();
    // Nobody waits for it, so nobody can cancel it.
    if (next) next.waiting++;
  }

  /** Starts a scan of all that was put off until now, if anything was. */
  #next(): Running | undefined {
    if (this.#disposed || !(this.#again || this.#fullWanted || this.#asked)) return undefined;
    const part = this.#fullWanted ? undefined : this.#part();
    this.#changed = [];
    this.#asked = undefined;
    this.#again = false;
    this.#fullWanted = false;
    return this.#start(part);
  }

  #part(): Part | undefined {
    const keep = this.services.keep(this.#again ? this.#changed : undefined, this.#asked ?? new Set());
    return keep && { keep, networks: this.#asked ? undefined : this.services.changedNetworks(this.#changed), recordsFirst: this.services.recordsFirst(this.#changed) };
  }

  #start(part: Part | undefined): Running {
    const abort = new AbortController();
    const running: Running = {
      abort,
      waiting: 0,
      part,
      done: this.#scan(part, abort.signal).finally(() => {
        if (this.#running === running) this.#running = undefined;
        this.#startNext();
      }),
    };
    this.#running = running;
    return running;
  }

  /** Waits for a scan; the last one to give up ends it. */
  async #join(running: Running, signal: AbortSignal | undefined): Promise<void> {
    running.waiting++;
    if (!signal) return running.done;
    let giveUp: (() => void) | undefined;
    const given = new Promise<never>((_, reject) => {
      giveUp = () => {
        running.waiting--;
        if (running.waiting === 0) running.abort.abort();
        reject(signal.reason instanceof Error ? signal.reason : new DOMException('The scan was cancelled.', 'AbortError'));
      };
      signal.addEventListener('abort', giveUp, { once: true });
      if (signal.aborted) giveUp();
    });
    try {
      await Promise.race([running.done, given]);
    } finally {
      if (giveUp) signal.removeEventListener('abort', giveUp);
    }
  }

  async #scan(part: Part | undefined, signal: AbortSignal): Promise<void> {
    const before = { state: this.#state, error: this.#error };
    try {
      if (this.transport.live) {
        this.#set('connecting', undefined);
        await this.transport.connect(signal);
      }
      this.#set('scanning', undefined);
      const { scanHost } = await import('./scan');
      const snapshot = await scanHost(this.transport, this.transport.live ? this.#lateEngine(part?.recordsFirst === true) : undefined, {
        signal,
        limitMs: this.services.scanLimitMs,
        now: this.services.now,
        sources: this.services.sources(),
        ...(part && this.snapshot && { keep: { snapshot: this.snapshot, keys: part.keep } }),
        // What an earlier reading failed at is asked for again.
        ...(part?.networks && this.snapshot?.engine && !this.snapshot.errors.some(({ place }) => place.kind === 'engine') && { engineSince: { snapshot: this.snapshot.engine, changedNetworks: part.networks } }),
      });
      if (this.#disposed) return;
      this.snapshot = snapshot;
      // Listeners that are told of the model see the status that belongs to it.
      this.#state = 'ready';
      this.#error = undefined;
      this.services.snapshotChanged();
      this.services.statusChanged();
    } catch (error) {
      if (this.#disposed) return;
      if (signal.aborted) {
        this.#set(before.state === 'failed' || before.state === 'ready' ? before.state : 'new', before.error);
        return;
      }
      this.forgetEngine();
      this.#set('failed', failureOf(error, this.label));
      this.services.log.error(`${this.label} could not be read.`, error);
    }
  }

  /** The engine is looked for while the namespaces are being read. */
  #lateEngine(recordsFirst: boolean): Pick<EngineClient, 'read' | 'told'> {
    return {
      told: (sockets) => this.#client?.told?.(sockets) ?? false,
      read: async (signal, since) => {
        try {
          const records = await (await this.engine()).read(signal, since);
          if (recordsFirst) this.#showRecords(records);
          return records;
        } catch (error) {
          if (signal?.aborted === true) throw error;
          return { snapshot: undefined, errors: [engineFailure(error)] };
        }
      },
    };
  }

  #showRecords({ snapshot: engine, errors }: Awaited<ReturnType<EngineClient['read']>>): void {
    if (this.#disposed || !this.snapshot || !engine || errors.length > 0) return;
    this.snapshot = { ...this.snapshot, engine };
    this.services.snapshotChanged();
  }

  #set(state: HostStatus['state'], error: ReadError | undefined): void {
    if (this.#state === state && this.#error === error) return;
    this.#state = state;
    this.#error = error;
    if (!this.#disposed) this.services.statusChanged();
  }
}

/** Whether a scan reads these namespaces and the whole engine. */
function reads({ part }: Running, keys: readonly NamespaceKey[]): boolean {
  return part === undefined || (part.networks === undefined && !keys.some((key) => part.keep.includes(key)));
}

function addressLabel(address: HostAddress): string {
  switch (address.kind) {
    case 'local':
      return 'this machine';
    case 'ssh':
      return address.host;
    case 'docker':
      return address.context;
    case 'nested':
      return `${nestedName(address.target)} on ${addressLabel(address.parent)}`;
    case 'file':
      return address.path.slice(Math.max(address.path.lastIndexOf('/'), address.path.lastIndexOf('\\')) + 1);
  }
}

function failureOf(error: unknown, label: string): ReadError {
  const place = { kind: 'host' } as const;
  if (isTransportError(error)) return { place, ...errorWords(error) };
  return { place, code: 'failed', message: `${label} could not be read: ${error instanceof Error ? error.message : String(error)}` };
}

const codes = new Set<unknown>([
  'no-permission', 'vanished', 'tool-missing', 'tool-too-old', 'time-limit', 'garbled', 'truncated', 'no-engine', 'engine-failed', 'unreachable', 'authentication', 'host-key', 'failed',
] satisfies ReadError['code'][]);

/** Errors of the engine's client say what they are by `code`, as the transport's do. */
function engineFailure(error: unknown): ReadError {
  const code = error instanceof Error && 'code' in error && codes.has(error.code) ? (error.code as ReadError['code']) : 'engine-failed';
  return { place: { kind: 'engine' }, code, message: error instanceof Error ? error.message : String(error) };
}
