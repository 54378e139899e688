import type { EngineMark, EngineSnapshot } from '../core/model/engine';
import type { EngineApi } from './engineApi/engineApi';
import { EngineError, type EngineClient, type EngineEvent, type EngineReading } from './engine';

type Records = Awaited<ReturnType<EngineClient['read']>>;

/** An engine beside the first one, by the path of its socket. */
interface Further {
  readonly path: string;
  readonly client: EngineClient;
  /** Of who runs it, where it is told by that: see EngineMark. */
  uid?: number | undefined;
}

/** Sockets of users without root, whoever they are, beyond which none is asked. */
const maxUsers = 8;

/** The user id in the path of a user's own socket (XDG_RUNTIME_DIR, as pam_systemd(8) sets it). */
const uidOf = (path: string | undefined): number | undefined => {
  const [, uid] = /^\/run\/user\/(\d{1,10})\//.exec(path ?? '') ?? [];
  return uid === undefined ? undefined : Number(uid);
};

/**
 * All engines of a host as one: the first that is found, as ever, one of another kind beside it, Podman beside Docker, and those that users run without root. What a further
 * one has is marked with its kind, and where that is not enough with its user. Of a kind and a user one engine is read: the same engine may have two sockets.
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
    const own = uidOf(await this.api.path());
    const seen = new Set([markOf(snapshot.kind, own)]);
    const all: (EngineSnapshot & EngineMark)[] = [];
    const found = await Promise.all(this.#further.map((each) => readFurther(each, snapshot.kind, since, signal)));
    for (const { uid, path, records: more } of found) {
      if (more.snapshot && seen.has(markOf(more.snapshot.kind, uidOf(path)))) continue;
      // A socket that nobody listens at any more is no engine.
      errors.push(...more.errors.filter(({ code }) => code !== 'no-engine'));
      if (!more.snapshot) continue;
      seen.add(markOf(more.snapshot.kind, uidOf(path)));
      all.push(marked(more.snapshot, uid));
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
      for (const { client, uid } of this.#further) {
        try {
          return await client.inspect(kind, bareId(id, uid), signal);
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
        () => this.#further.forEach((each) => void follow(markedEvents(each, all)).catch(() => undefined)),
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
    let users = 0;
    this.#further = found.filter(({ path }) => uidOf(path) === undefined || ++users <= maxUsers).map((endpoint) => before.find(({ path }) => path === endpoint.path) ?? { path: endpoint.path, client: this.open(this.api.beside(endpoint)) });
    for (const each of before) if (!this.#further.includes(each)) each.client.dispose();
  }
}

async function readFurther(each: Further, first: EngineSnapshot['kind'], since: EngineReading | undefined, signal: AbortSignal | undefined): Promise<Pick<Further, 'uid' | 'path'> & { readonly records: Records }> {
  const of = uidOf(each.path);
  const known = since?.snapshot.further?.find(({ kind, engineUid }) => (of === undefined ? (engineUid ?? 0) === 0 : engineUid === of) && (each.uid === undefined ? kind !== first : true));
  const records = await each.client.read(signal, since && known && { snapshot: ofEngine(since.snapshot, known), changedNetworks: since.changedNetworks.map((id) => bareId(id, known.engineUid)) });
  // Two of one kind: the system's beside a user's own, which was found first.
  each.uid = of ?? (records.snapshot?.kind === first ? 0 : undefined);
  return { uid: each.uid, path: each.path, records };
}

const markOf = (kind: EngineSnapshot['kind'], uid: number | undefined): string => `${kind} ${String(uid ?? 0)}`;

async function* markedEvents({ client, path, uid }: Further, signal: AbortSignal): AsyncIterable<EngineEvent> {
  for await (const event of client.events(signal)) yield event.type === 'network' ? { ...event, id: markedId(event.id, uid ?? uidOf(path)) } : event;
}

/** Podman makes a network's id of its name, so that two users' networks have one. */
const markedId = (id: string, uid: number | undefined): string => (uid === undefined || id === '' ? id : `${id}@${String(uid)}`);
const bareId = (id: string, uid: number | undefined): string => (uid !== undefined && id.endsWith(`@${String(uid)}`) ? id.slice(0, id.lastIndexOf('@')) : id);

function withIds(snapshot: EngineSnapshot, change: (id: string) => string): EngineSnapshot {
  return {
    ...snapshot,
    networks: snapshot.networks.map((network) => ({ ...network, id: change(network.id) })),
    containers: snapshot.containers.map((container) => ({ ...container, networks: container.networks.map((each) => ({ ...each, networkId: change(each.networkId) })) })),
  };
}

/** A further engine's records, each with whose it is. */
function marked(snapshot: EngineSnapshot, uid: number | undefined): EngineSnapshot & EngineMark {
  const mark: EngineMark = { engine: snapshot.kind, ...(uid !== undefined && { engineUid: uid }) };
  const { networks, containers, ...head } = withIds(snapshot, (id) => markedId(id, uid));
  return { ...head, ...(uid !== undefined && { engineUid: uid }), networks: networks.map((each) => ({ ...each, ...mark })), containers: containers.map((each) => ({ ...each, ...mark })) };
}

/** What one engine has of a joined reading, as it tells it itself. `further`: one beside the first. */
function ofEngine({ further: _all, ...first }: EngineSnapshot, further: NonNullable<EngineSnapshot['further']>[number] | undefined): EngineSnapshot {
  const own = <T extends EngineMark>(items: readonly T[]): T[] => items.filter(({ engine, engineUid }) => engine === further?.kind && engineUid === further?.engineUid);
  const { kind, version, apiVersion, name } = further ?? first;
  const snapshot = { ...(further === undefined ? first : { kind, version, apiVersion, name }), networks: own(first.networks), containers: own(first.containers) };
  return withIds(snapshot, (id) => bareId(id, further?.engineUid));
}

/** The first engine's records with the others' behind them. Ids are the engines' own; should two have one, the first's counts. */
function joined(first: EngineSnapshot, others: readonly (EngineSnapshot & EngineMark)[]): EngineSnapshot {
  if (others.length === 0) return first;
  return {
    ...first,
    further: others.map(({ kind, version, apiVersion, name, engineUid }) => ({ kind, version, apiVersion, name, ...(engineUid !== undefined && { engineUid }) })),
    networks: [...first.networks, ...others.flatMap(({ networks }) => networks)],
    containers: [...first.containers, ...others.flatMap(({ containers }) => containers)],
  };
}
