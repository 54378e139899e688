import type { HostAddress, HostId } from '../core/model/address';
import type { NamespaceKey, ReadError, Snapshot } from '../core/model/snapshot';
import type { Topology } from '../core/model/topology';
import type { EngineClient } from '../host/engine';
import type { Transport } from '../host/transport';

/** Hosts, their connections, and the topology that their last scans make. What the sidebar, the diagram and the command line read. */
export interface Explorer {
  /** The merged model of every host that was read. A new object after each change. */
  readonly topology: Topology;
  /** In the order in which they were added. */
  readonly hosts: readonly HostStatus[];
  onDidChange(listener: (change: ExplorerChange) => void): Unsubscribe;

  /** Adds a host without connecting to it; the same address twice is one host. */
  add(address: HostAddress, options?: { readonly label?: string; readonly origin?: HostOrigin }): HostId;
  /** Forgets a host and closes its connection. */
  remove(id: HostId): void;
  /**
   * Reads a host, or all of them in parallel. Calls that overlap for one host share one scan, and one more follows where
   * something changed meanwhile. Never rejects for a host's fault: that becomes its status and errors; the last good
   * snapshot stays. Rejects only when `signal` aborts.
   */
  refresh(id?: HostId, signal?: AbortSignal): Promise<void>;
  /**
   * Reads these namespaces of a host again, those that are new, and the engine's records; what else was read in full stays as it is.
   * Coalesced, and failing, as `refresh`; everything is read where the host was not read before or could not be reached the last time.
   */
  refreshSandboxes(id: HostId, keys: readonly NamespaceKey[], signal?: AbortSignal): Promise<void>;
  /** Follows the engine's events of every host that has been read; a burst of events becomes one scan. Returns how to stop. */
  watch(): Unsubscribe;

  transport(id: HostId): Transport;
  engine(id: HostId): Promise<EngineClient>;
  snapshot(id: HostId): Snapshot | undefined;
  dispose(): void;
}

export type Unsubscribe = () => void;

export interface HostStatus {
  readonly id: HostId;
  readonly address: HostAddress;
  readonly label: string;
  readonly state: 'new' | 'connecting' | 'scanning' | 'ready' | 'failed';
  /** Why the last scan failed as a whole; faults of parts are in the snapshot. */
  readonly error?: ReadError;
  /** How it is reached, as a sentence, where there is something to say. */
  readonly way?: string;
  readonly origin?: HostOrigin;
}

/** Where an imported host came from. */
export interface HostOrigin {
  /** As `formatImportSource` writes it. */
  readonly source: string;
  /** Groups of the source that it is in, nearest first. */
  readonly groups: readonly string[];
}

export interface ExplorerChange {
  readonly kind: 'status' | 'topology' | 'hosts';
  readonly hostIds: readonly HostId[];
}
