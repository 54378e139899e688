import type { ReadError } from './snapshot';

/** Which protocol a key-value store is spoken to with. `etcd` is version 2, version 3, or both: only the server knows. */
export type StoreKind = 'etcd' | 'etcd3' | 'consul' | 'zookeeper';

/** Where a key-value store is, as the host that uses it sees it. */
export interface StoreAddress {
  readonly kind: StoreKind;
  /** Members of one cluster: one of them is asked. `host` is a name or an address, of IPv6 without brackets. */
  readonly endpoints: readonly { readonly host: string; readonly port: number }[];
  /** Without slashes at its ends; "" is everything. */
  readonly prefix: string;
  /** Spoken to by TLS, with keys that only its users have. */
  readonly encrypted: boolean;
  /** A secret: never shown, logged or stored. */
  readonly login?: { readonly user: string; readonly password: string };
  /** How it is shown: without the login. */
  readonly text: string;
}

/** A store, and who says that it is there. */
export interface StoreSource {
  readonly address: StoreAddress;
  /** Such as "docker info". Hostile text. */
  readonly from: string;
}

/** One key with its value. Hostile text. */
export interface StoreRecord {
  /** As the store has it: with or without slashes at its ends. */
  readonly key: string;
  /** Absent: there is none, or it is no text, and `base64` has its bytes. */
  readonly value?: string;
  readonly base64?: string;
  /** Seconds until the store forgets it, where it is to. */
  readonly ttlSeconds?: number;
}

export type StoreApi = 'etcd v2' | 'etcd v3' | 'Consul';

/** What one interface of a store answered. */
export interface StoreReading {
  readonly api: StoreApi;
  /** Sorted by key. */
  readonly records: readonly StoreRecord[];
}

export interface StoreFault {
  readonly code: ReadError['code'];
  /** A sentence: what happened, where, what to do next. */
  readonly message: string;
}

/** A store as it was read. What could not be read of it is in `faults`, and the rest in `readings`. */
export interface StoreAnswer {
  /** StoreAddress.text */
  readonly address: string;
  readonly from: string;
  readonly readings: readonly StoreReading[];
  readonly faults: readonly StoreFault[];
}

/** All that is known of a host's stores. */
export interface HostStores {
  readonly stores: readonly StoreAnswer[];
  /** What kept stores from being found. */
  readonly faults: readonly StoreFault[];
}
