import type { HostId } from '../core/model/address';
import type { HostStores, StoreFault } from '../core/model/store';
import type { HostNode } from '../core/model/topology';
import { flannelOf } from '../core/topology/flannel';
import type { StoreTree } from '../core/topology/storeTree';
import { errorWords, isTransportError } from './errorWords';
import type { Explorer, HostStatus, Unsubscribe } from './explorer';

/** What the key-value stores of a host held when somebody asked for them. */
export interface StoreReadingOfHost {
  readonly tree: StoreTree;
  readonly readAt: Date;
}

/** Which record, or all. */
export interface StoreQuestion {
  /** StoreAnswer.address of the one store that is asked. */
  readonly address?: string;
  /** StoreRecord.key of the one that is asked for. */
  readonly key?: string;
  readonly signal?: AbortSignal;
}

/** The stores that hosts keep their networks in: read when they are asked for, never with a scan, and kept until they are read again. */
export class StoreBook {
  readonly #read = new Map<HostId, StoreReadingOfHost>();
  readonly #reading = new Map<HostId, Promise<StoreTree>>();
  readonly #listeners = new Set<() => void>();
  readonly #unsubscribe: Unsubscribe;

  /** @param addresses that a person gave for a host */
  constructor(
    private readonly explorer: Explorer,
    private readonly addresses: (host: HostStatus) => readonly string[],
  ) {
    this.#unsubscribe = explorer.onDidChange(({ kind, hostIds }) => {
      if (kind !== 'hosts') return;
      for (const id of hostIds) if (!explorer.hosts.some((host) => host.id === id)) this.#read.delete(id);
    });
  }

  /** Whether there is a reason to think that a host has a store: its engine's, flannel, a setting, or that somebody asked. */
  isKnown(host: HostNode): boolean {
    if (this.#read.has(host.id) || this.#reading.has(host.id) || host.snapshot.engine?.clusterStore !== undefined || flannelOf(this.explorer.topology, host) !== undefined) return true;
    const status = this.explorer.hosts.find(({ id }) => id === host.id);
    return status !== undefined && this.addresses(status).length > 0;
  }

  of(id: HostId): StoreReadingOfHost | undefined {
    return this.#read.get(id);
  }

  isReading(id: HostId): boolean {
    return this.#reading.has(id);
  }

  onDidChange(listener: () => void): Unsubscribe {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Reads a host's stores, all of them. What could not be read is in the tree's faults. */
  read(id: HostId): Promise<StoreTree> {
    const running = this.#reading.get(id);
    if (running) return running;
    const reading = this.#readTree(id);
    this.#reading.set(id, reading);
    this.#changed();
    return reading;
  }

  /** Asks the stores now. @throws TransportError, StoreError */
  async ask(id: HostId, { address, key, signal }: StoreQuestion): Promise<HostStores> {
    const { readStores } = await import('./readStores');
    const status = this.explorer.hosts.find((host) => host.id === id);
    const node = this.explorer.topology.host.get(id);
    return readStores(this.explorer.transport(id), {
      hostLabel: node?.label ?? status?.label ?? id,
      clusterStore: node?.snapshot.engine?.clusterStore,
      own: node?.underlay ?? [],
      settings: status === undefined ? [] : this.addresses(status),
      ...(address !== undefined && { address }),
      ...(key !== undefined && { key }),
      signal,
    });
  }

  dispose(): void {
    this.#unsubscribe();
    this.#listeners.clear();
  }

  async #readTree(id: HostId): Promise<StoreTree> {
    try {
      const { treeOf } = await import('./readStores');
      const tree = treeOf(id, await this.ask(id, {}).catch((error: unknown): HostStores => ({ stores: [], faults: [faultOf(error)] })));
      // One that was removed meanwhile is not kept.
      if (this.explorer.hosts.some((host) => host.id === id)) this.#read.set(id, { tree, readAt: new Date() });
      return tree;
    } finally {
      this.#reading.delete(id);
      this.#changed();
    }
  }

  #changed(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

function faultOf(error: unknown): StoreFault {
  if (isTransportError(error)) {
    const { code, message } = errorWords(error);
    return { code, message };
  }
  return { code: 'failed', message: error instanceof Error ? error.message : String(error) };
}
