import { formatHostAddress, type HostAddress, type HostId } from '../core/model/address';
import type { DearSource, NamespaceKey, Snapshot } from '../core/model/snapshot';
import type { Topology } from '../core/model/topology';
import { buildTopology } from '../core/topology/buildTopology';
import type { EngineClient, EngineEvent } from '../host/engine';
import type { Transport } from '../host/transport';
import { changedNetworkIds, concernsModel, concernsRecordsFirst, readInFull, unaffected } from './affected';
import { Burst } from './burst';
import { watchEngine } from './engineWatch';
import type { Explorer, ExplorerChange, HostOrigin, HostStatus, Unsubscribe } from './explorer';
import { HostSession } from './hostSession';
import type { Log } from './log';
import { changedNetworks, sharedMembers } from './sharedMembers';
import { TaskFollower } from './swarmTasks';

export interface ExplorerOptions {
  readonly openTransport: (address: HostAddress) => Transport;
  readonly openEngine: (transport: Transport) => Promise<EngineClient>;
  readonly log: Log;
  /** Where to look for namespaces beside the cheap sources, asked before each scan. */
  readonly sources?: () => readonly DearSource[];
  readonly limits?: ExplorerLimits;
}

export interface ExplorerLimits {
  /** For one scan of one host. Default 30 s. */
  readonly scanMs?: number;
  /** How long events are gathered from the first one of a burst. Default 30 ms. */
  readonly burstMs?: number;
  /**
   * How long after a member came to or left a shared network on one host the others are read again. Default 1 s: libnetwork's
   * NetworkDB gossips every 200 ms, and to a few nodes at a time.
   */
  readonly gossipMs?: number;
  /** Waits before listening to an engine again. */
  readonly retryMs?: readonly number[];
}

const defaults = { scanMs: 30_000, burstMs: 30, gossipMs: 1000, retryMs: [1000, 2000, 5000, 15_000, 30_000, 60_000] } as const;

export function createExplorer(options: ExplorerOptions): Explorer {
  return new SessionExplorer(options);
}

class SessionExplorer implements Explorer {
  readonly #sessions = new Map<HostId, HostSession>();
  readonly #listeners = new Set<(change: ExplorerChange) => void>();
  readonly #watches = new Map<HostId, AbortController>();
  readonly #bursts = new Map<HostId, Burst<EngineEvent>>();
  readonly #followers = new Map<HostId, TaskFollower>();
  readonly #members = new Map<HostId, ReadonlyMap<string, string>>();
  readonly #gossip: Burst<{ readonly from: HostId; readonly networks: ReadonlySet<string> }>;
  readonly #limits: Required<ExplorerLimits>;
  #watchers = 0;
  #topology: Topology | undefined;
  #disposed = false;

  constructor(private readonly options: ExplorerOptions) {
    this.#limits = { ...defaults, ...options.limits };
    this.#gossip = new Burst(this.#limits.gossipMs, (told) => this.#readOthers(told));
  }

  get topology(): Topology {
    this.#topology ??= buildTopology(
      [...this.#sessions.values()].flatMap(({ id, label, snapshot }) => (snapshot ? [{ id, label, snapshot }] : [])),
    );
    return this.#topology;
  }

  get hosts(): readonly HostStatus[] {
    return [...this.#sessions.values()].map(({ status }) => status);
  }

  onDidChange(listener: (change: ExplorerChange) => void): Unsubscribe {
    // One function registered twice is two registrations.
    const own = (change: ExplorerChange): void => listener(change);
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }

  add(address: HostAddress, options?: { readonly label?: string; readonly origin?: HostOrigin }): HostId {
    if (this.#disposed) throw new Error('The explorer was closed.');
    const id = formatHostAddress(address);
    if (this.#sessions.has(id)) return id;
    const session: HostSession = new HostSession(this.options.openTransport(address), options ?? {}, {
      openEngine: this.options.openEngine,
      log: this.options.log,
      scanLimitMs: this.#limits.scanMs,
      now: () => new Date(),
      sources: () => this.options.sources?.() ?? [],
      keep: (events, asked) => this.#keep(id, events as readonly EngineEvent[] | undefined, asked),
      changedNetworks: (events) => changedNetworkIds(events as readonly EngineEvent[]),
      recordsFirst: (events) => concernsRecordsFirst(events as readonly EngineEvent[]),
      statusChanged: () => this.#fire({ kind: 'status', hostIds: [id] }),
      snapshotChanged: () => this.#snapshotChanged(session),
    });
    this.#sessions.set(id, session);
    this.#fire({ kind: 'hosts', hostIds: [id] });
    return id;
  }

  remove(id: HostId): void {
    const session = this.#sessions.get(id);
    if (!session) return;
    this.#stopWatching(id);
    this.#sessions.delete(id);
    this.#members.delete(id);
    session.dispose();
    this.#topology = undefined;
    this.#fire({ kind: 'hosts', hostIds: [id] });
    if (session.snapshot) this.#fire({ kind: 'topology', hostIds: [id] });
  }

  async refresh(id?: HostId, signal?: AbortSignal): Promise<void> {
    const sessions = id === undefined ? [...this.#sessions.values()] : [this.#session(id)];
    await Promise.all(sessions.map((session) => session.refresh(signal)));
  }

  async refreshSandboxes(id: HostId, keys: readonly NamespaceKey[], signal?: AbortSignal): Promise<void> {
    await this.#session(id).refreshNamespaces(keys, signal);
  }

  watch(): Unsubscribe {
    this.#watchers++;
    for (const session of this.#sessions.values()) this.#watchSession(session);
    let stopped = false;
    return () => {
      if (stopped) return;
      stopped = true;
      this.#watchers--;
      if (this.#watchers === 0) for (const id of [...this.#watches.keys()]) this.#stopWatching(id);
    };
  }

  transport(id: HostId): Transport {
    return this.#session(id).transport;
  }

  engine(id: HostId): Promise<EngineClient> {
    const session = this.#sessions.get(id);
    if (!session) return Promise.reject(unknownHost(id));
    if (!session.transport.live) return Promise.reject(new Error(`${session.label} is a recording; there is no engine to ask.`));
    return session.engine();
  }

  snapshot(id: HostId): Snapshot | undefined {
    return this.#sessions.get(id)?.snapshot;
  }

  dispose(): void {
    this.#disposed = true;
    this.#listeners.clear();
    for (const id of [...this.#watches.keys()]) this.#stopWatching(id);
    this.#gossip.clear();
    for (const session of this.#sessions.values()) session.dispose();
    this.#sessions.clear();
    this.#topology = undefined;
  }

  #session(id: HostId): HostSession {
    const session = this.#sessions.get(id);
    if (!session) throw unknownHost(id);
    return session;
  }

  #snapshotChanged(session: HostSession): void {
    this.#topology = undefined;
    this.#fire({ kind: 'topology', hostIds: [session.id] });
    this.#watchSession(session);
    const before = this.#members.get(session.id);
    const after = sharedMembers(session.snapshot);
    this.#members.set(session.id, after);
    const networks = before ? changedNetworks(before, after) : new Set<string>();
    if (this.#watchers === 0) return;
    if (networks.size > 0) this.#gossip.add({ from: session.id, networks });
    this.#followers.get(session.id)?.follow(session.snapshot);
  }

  /** Reads the hosts again to whose overlays others have told a change. That changes no members there, so it ends here. */
  #readOthers(told: readonly { readonly from: HostId; readonly networks: ReadonlySet<string> }[]): void {
    for (const id of this.#watches.keys()) {
      const own = this.#members.get(id);
      if (told.some(({ from, networks }) => from !== id && [...networks].some((network) => own?.has(network)))) this.#sessions.get(id)?.refreshChanged([]);
    }
  }

  #watchSession(session: HostSession): void {
    if (this.#watchers === 0 || this.#disposed || !session.snapshot || !session.transport.live || this.#watches.has(session.id)) return;
    const abort = new AbortController();
    const burst = new Burst<EngineEvent>(this.#limits.burstMs, (events) => {
      session.refreshChanged(events);
    });
    this.#watches.set(session.id, abort);
    this.#followers.set(session.id, new TaskFollower(this.#limits.gossipMs, () => session.refreshChanged([])));
    this.#bursts.set(session.id, burst);
    void watchEngine(session, abort.signal, {
      log: this.options.log,
      retryMs: this.#limits.retryMs,
      onEvent: (event) => {
        if (concernsModel(event)) burst.add(event);
      },
    })
      .catch((error: unknown) => this.options.log.error(`The events of ${session.label} are no longer followed.`, error))
      .finally(() => {
        // It stopped by itself: the next scan that a person asks for and that succeeds starts it again.
        if (this.#watches.get(session.id) === abort) this.#stopWatching(session.id);
      });
  }

  #stopWatching(id: HostId): void {
    this.#watches.get(id)?.abort();
    this.#watches.delete(id);
    this.#bursts.get(id)?.clear();
    this.#bursts.delete(id);
    this.#followers.get(id)?.stop();
    this.#followers.delete(id);
  }

  #keep(id: HostId, events: readonly EngineEvent[] | undefined, asked: ReadonlySet<NamespaceKey>): readonly NamespaceKey[] | undefined {
    const host = this.topology.host.get(id);
    if (!host) return undefined;
    const kept = events ? unaffected(events, this.topology, host) : readInFull(host);
    return kept?.filter((key) => !asked.has(key));
  }

  #fire(change: ExplorerChange): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(change);
      } catch (error) {
        this.options.log.error('A listener of the explorer failed.', error);
      }
    }
  }
}

function unknownHost(id: HostId): Error {
  return new Error(`There is no host ${id}. Add it first.`);
}
