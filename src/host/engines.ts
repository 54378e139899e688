import type { EngineContainer, EngineNetwork, EngineSnapshot } from '../core/model/engine';
import type { EngineApi } from './engineApi/engineApi';
import { EngineError, type EngineClient, type EngineEvent, type EngineReading } from './engine';

type Records = Awaited<ReturnType<EngineClient['read']>>;

/** An engine beside the first one, by the path of its socket. */
interface Further {
  readonly path: string;
  readonly client: EngineClient;
}

/**
 * All engines of a host as one: the first that is found, as ever, and one of another kind beside it, Podman beside Docker. What the further one has is marked
 * with its kind. Of a kind one engine is read: two Podmans give their default network one id, and the same engine may have two sockets.
 */
export class Engines implements EngineClient {
  #further: readonly Further[] = [];
  #looked = false;
  #news = false;
  #sockets: string | undefined;

  constructor(
    private readonly api: EngineApi,
    private readonly open: (api: EngineApi) => EngineClient,
    private readonly first: EngineClient = open(api),
  ) {}

  async read(signal?: AbortSignal, since?: EngineReading): Promise<Records> {
    const records = await this.first.read(signal, since && { ...since, snapshot: ofEngine(since.snapshot, undefined) });
    const { snapshot } = records;
    // Without a first one there is no further one: the first socket that answers is the first engine.
    if (!snapshot) return records;
    await this.#look(!this.#looked || this.#news, signal);
    const errors = [...records.errors];
    const kinds = new Set([snapshot.kind]);
    const all: EngineSnapshot[] = [];
    for (const { client } of this.#further) {
      const known = since?.snapshot.further?.find(({ kind }) => !kinds.has(kind));
      const found = await client.read(signal, since && known && { ...since, snapshot: ofEngine(since.snapshot, known.kind) });
      if (found.snapshot && kinds.has(found.snapshot.kind)) continue;
      // A socket that nobody listens at any more is no engine.
      errors.push(...found.errors.filter(({ code }) => code !== 'no-engine'));
      if (!found.snapshot) continue;
      kinds.add(found.snapshot.kind);
      all.push(found.snapshot);
    }
    return { snapshot: joined(snapshot, all), errors };
  }

  /** What a scan sees of sockets costs no command of its own, and no look for further engines that are where they were. */
  told(sockets: readonly string[]): boolean {
    const before = this.#sockets;
    this.#sockets = sockets.join('\n');
    this.#news = before !== undefined && before !== this.#sockets;
    return this.#news;
  }

  async inspect(kind: 'network' | 'container', id: string, signal?: AbortSignal): Promise<unknown> {
    try {
      return await this.first.inspect(kind, id, signal);
    } catch (error) {
      if (!(error instanceof EngineError) || error.code !== 'vanished') throw error;
      await this.#look(!this.#looked, signal);
      for (const { client } of this.#further) {
        try {
          return await client.inspect(kind, id, signal);
        } catch (other) {
          if (signal?.aborted === true) throw other;
        }
      }
      throw error;
    }
  }

  /** Of all engines, until the first one's end: where a further one's end, or cannot be had, the next scan shows what it has. */
  async *events(signal: AbortSignal, onOpen?: () => void): AsyncIterable<EngineEvent> {
    const stop = new AbortController();
    const all = AbortSignal.any([signal, stop.signal]);
    const waiting: EngineEvent[] = [];
    let over: { readonly error?: unknown } | undefined;
    let wake = (): void => undefined;
    const follow = async (events: AsyncIterable<EngineEvent>): Promise<void> => {
      for await (const event of events) {
        waiting.push(event);
        wake();
      }
    };
    const end = (error?: unknown): void => {
      over ??= error === undefined ? {} : { error };
      wake();
    };
    const opened = (): void => {
      onOpen?.();
      void this.#look(!this.#looked, all).then(
        () => this.#further.forEach(({ client }) => void follow(client.events(all)).catch(() => undefined)),
        () => undefined,
      );
    };
    follow(this.first.events(all, opened)).then(() => end(), end);
    try {
      for (;;) {
        const event = waiting.shift();
        if (event) yield event;
        else if (over) break;
        else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
      if (over.error !== undefined) throw over.error instanceof Error ? over.error : new Error('The events ended.');
    } finally {
      stop.abort();
    }
  }

  dispose(): void {
    for (const { client } of this.#further) client.dispose();
    this.first.dispose();
  }

  /** Looks which further sockets there are; `now`: even where that is known from before. */
  async #look(now: boolean, signal: AbortSignal | undefined): Promise<void> {
    if (!now) return;
    const found = await this.api.others(this.#looked, signal);
    this.#looked = true;
    this.#news = false;
    const before = this.#further;
    this.#further = found.map((endpoint) => before.find(({ path }) => path === endpoint.path) ?? { path: endpoint.path, client: this.open(this.api.beside(endpoint)) });
    for (const each of before) if (!this.#further.includes(each)) each.client.dispose();
  }
}

/** What one engine has of a joined reading. `kind`: of a further one. */
function ofEngine({ further = [], ...first }: EngineSnapshot, kind: EngineNetwork['engine']): EngineSnapshot {
  const own = <T extends EngineNetwork | EngineContainer>(items: readonly T[]): readonly T[] => items.filter(({ engine }) => engine === kind);
  const head = kind === undefined ? first : further.find((each) => each.kind === kind);
  const { kind: of, version, apiVersion, name } = head ?? first;
  return { ...(kind === undefined ? first : { kind: of, version, apiVersion, name }), networks: own(first.networks), containers: own(first.containers) };
}

/** The first engine's records with the others' behind them, each marked. Ids are the engines' own; should two have one, the first's counts. */
function joined(first: EngineSnapshot, others: readonly EngineSnapshot[]): EngineSnapshot {
  if (others.length === 0) return first;
  const marked = <T extends EngineNetwork | EngineContainer>(of: (snapshot: EngineSnapshot) => readonly T[]): T[] => others.flatMap((other) => of(other).map((item) => ({ ...item, engine: other.kind })));
  return {
    ...first,
    further: others.map(({ kind, version, apiVersion, name }) => ({ kind, version, apiVersion, name })),
    networks: [...first.networks, ...marked(({ networks }) => networks)],
    containers: [...first.containers, ...marked(({ containers }) => containers)],
  };
}

