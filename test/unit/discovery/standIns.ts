import { EventEmitter, on } from 'node:events';
import type { CommandOutput } from '../../../src/core/command/command';
import { formatHostAddress, type HostAddress } from '../../../src/core/model/address';
import type { EngineSnapshot } from '../../../src/core/model/engine';
import type { Snapshot } from '../../../src/core/model/snapshot';
import { EngineError, type EngineClient, type EngineEvent, type EngineReading } from '../../../src/host/engine';
import { TransportError, type RunOptions, type Transport } from '../../../src/host/transport';
import { anEngine } from '../topology/builders';

/** A namespace that the stand-in host reports. */
export interface StandInNamespace {
  readonly inode: number;
  readonly path: string;
  readonly link: string;
}

/** A host that answers the probe from a list. It stands in for a machine where a test is about what happens when. */
export class StandInTransport implements Transport {
  readonly id: string;
  readonly live: boolean = true;
  readonly privilege = 'root' as const;
  namespaces: StandInNamespace[] = [];
  /** What `connect` or `run` fails with. */
  failure: TransportError | undefined;
  scans = 0;
  running = 0;
  atOnce = 0;
  disposed = false;
  /** Namespaces that the last scan was told to leave alone. */
  kept: readonly string[] = [];
  /** Waits that a test lets go of. */
  gate: Promise<void> | undefined;
  readonly #closed = new Set<(error: TransportError) => void>();
  readonly #happened = new EventEmitter();

  constructor(readonly address: HostAddress) {
    this.id = formatHostAddress(address);
  }

  connect(): Promise<void> {
    return this.failure ? Promise.reject(this.failure) : Promise.resolve();
  }

  async run(command: { readonly stdin?: string }, options: RunOptions): Promise<CommandOutput> {
    this.scans++;
    this.running++;
    this.atOnce = Math.max(this.atOnce, this.running);
    this.#happened.emit('scan');
    const nonce = /^nonce=(\w+)$/m.exec(command.stdin ?? '')?.[1] ?? '';
    this.kept = (/^keep='?([^'\n]*)'?$/m.exec(command.stdin ?? '')?.[1] ?? '').split(' ').filter((key) => key !== '');
    const namespaces = this.namespaces;
    try {
      await new Promise<void>((resolve, reject) => {
        options.signal?.addEventListener('abort', () => reject(new TransportError('cancelled', 'Cancelled.')));
        void (this.gate ?? Promise.resolve()).then(resolve);
      });
    } finally {
      this.running--;
    }
    if (this.failure) throw this.failure;
    return { stdout: this.#answer(nonce, namespaces), stderr: '', code: 0 };
  }

  #answer(nonce: string, namespaces: readonly StandInNamespace[]): string {
    const keyOf = ({ inode }: StandInNamespace): string => `4:${String(inode)}`;
    const frames = [
      `host\nkernel Linux\nhostname stand-in\ncpus 1\nuid 0\nip json\ntools`,
      `mounts self\n${namespaces.map(({ inode, path }) => `1 1 0:4 net:[${String(inode)}] ${path} rw - nsfs nsfs rw`).join('\n')}`,
      `index 4:1\n4:1 1${this.kept.includes('4:1') ? ' =' : ''} 1\n${namespaces.map((one) => `${keyOf(one)} 0${this.kept.includes(keyOf(one)) ? ' =' : ''}`).join('\n')}`,
      'processes\n/proc/1/stat:1 (init) S 0 1 1 0 -1 4194560 0 0 0 0 0 0 0 0 20 0 1 0 5 0\n/proc/1/cgroup:0::/init.scope',
      ...(this.kept.includes('4:1') ? [] : ['all 4:1\n[]\n[]\n[]']),
      ...namespaces.filter((one) => !this.kept.includes(keyOf(one))).map((one) => `all ${keyOf(one)}\n[{"ifindex":2,"ifname":"${one.link}"}]\n[]\n[]`),
      'end 0',
    ];
    return frames.map((frame) => `${nonce} ${frame}\n`).join('');
  }

  /** Resolves when the next scan begins. */
  async nextScan(): Promise<void> {
    await new Promise((resolve) => this.#happened.once('scan', resolve));
  }

  close(error: TransportError): void {
    for (const listener of this.#closed) listener(error);
  }

  openStream(): never {
    throw new Error('not used');
  }

  openTerminal(): never {
    throw new Error('not used');
  }

  recorded(): Promise<Snapshot> {
    return Promise.reject(new TransportError('failed', 'live'));
  }

  onDidClose(listener: (error: TransportError) => void): () => void {
    this.#closed.add(listener);
    return () => this.#closed.delete(listener);
  }

  dispose(): void {
    this.disposed = true;
  }
}

/** An engine that says what a test tells it to. */
export class StandInEngine implements EngineClient {
  snapshot: EngineSnapshot | undefined = anEngine([], []);
  reads = 0;
  listeners = 0;
  /** What the last reading was told that it need not ask for. */
  since: EngineReading | undefined;
  disposed = false;
  failure: Error | undefined;
  /** What the stream of events waits for before it opens. */
  opening: Promise<void> | undefined;
  readonly #events = new EventEmitter();

  read(_signal?: AbortSignal, since?: EngineReading): ReturnType<EngineClient['read']> {
    this.reads++;
    this.since = since;
    return this.failure ? Promise.reject(this.failure) : Promise.resolve({ snapshot: this.snapshot, errors: [] });
  }

  inspect(): Promise<unknown> {
    return Promise.resolve({});
  }

  async *events(signal: AbortSignal, onOpen?: () => void): AsyncIterable<EngineEvent> {
    await this.opening;
    if (this.failure) throw this.failure;
    this.listeners++;
    onOpen?.();
    this.#events.emit('listening');
    try {
      const disposed = new AbortController();
      this.#events.once('dispose', () => disposed.abort());
      for await (const [event] of on(this.#events, 'event', { signal: AbortSignal.any([signal, disposed.signal]), close: ['end'] }) as AsyncIterable<[EngineEvent | undefined]>) {
        if (event === undefined) return;
        yield event;
      }
    } catch (error) {
      if (!signal.aborted) throw new EngineError('cancelled', 'The client was closed.', { cause: error });
    } finally {
      this.listeners--;
    }
  }

  async listened(): Promise<void> {
    if (this.listeners === 0) await new Promise((resolve) => this.#events.once('listening', resolve));
    // The generator's first wait begins with the next turn.
    await new Promise((resolve) => setImmediate(resolve));
  }

  say(event: Partial<EngineEvent>): void {
    this.#events.emit('event', { type: 'container', action: 'start', id: '', attributes: {}, ...event });
  }

  end(): void {
    this.#events.emit('end');
  }

  dispose(): void {
    this.disposed = true;
    this.#events.emit('dispose');
  }
}
