/** What a manager tells of its swarm (GET /info, /nodes, /services, /tasks; Docker Engine API 1.24 or newer). */
export interface SwarmFacts {
  readonly nodeId: string;
  /** The address that other nodes reach this one at: its VTEP address for overlays. */
  readonly nodeAddress: string;
  readonly manager: boolean;
  /** Every node that answered the API's node list; only a manager has more than itself. */
  readonly nodes: readonly SwarmNode[];
  /** Absent where the host is no manager. */
  readonly services?: readonly SwarmService[];
  /** Those that should run, and of a place where none does the last one that failed. */
  readonly tasks?: readonly SwarmTask[];
}

export interface SwarmNode {
  readonly id: string;
  readonly hostname: string;
  readonly address: string;
  readonly state: string;
  /** manager, worker */
  readonly role?: string;
  /** active, pause, drain */
  readonly availability?: string;
  /** Of a manager. */
  readonly leader?: boolean;
  /** Of a manager: reachable, unreachable. */
  readonly reachability?: string;
}

/** Names are hostile text. What a service runs, its arguments and environment, is not kept. */
export interface SwarmService {
  readonly id: string;
  readonly name: string;
  /** replicated, global, replicated-job, global-job */
  readonly mode: string;
  /** Of the mode replicated. */
  readonly replicas?: number;
  /** vip: one virtual address for all tasks; dnsrr: their own ones by name. */
  readonly endpointMode: string;
  readonly image: string;
  readonly ports: readonly PublishedPort[];
  /** The virtual address on each network of it, with prefix length. */
  readonly virtualAddresses: readonly { readonly networkId: string; readonly address: string }[];
  readonly labels: Readonly<Record<string, string>>;
}

export interface PublishedPort {
  /** tcp, udp, sctp */
  readonly protocol: string;
  readonly targetPort: number;
  /** Absent where the swarm chose none. */
  readonly publishedPort?: number;
  /** ingress: on every node, balanced; host: on the node of each task. */
  readonly publishMode: string;
}

export interface SwarmTask {
  readonly id: string;
  readonly serviceId: string;
  /** Of a replicated service. */
  readonly slot?: number;
  /** "" while it is on no node. */
  readonly nodeId: string;
  /** new, pending, assigned, preparing, starting, running, complete, failed, rejected, … */
  readonly state: string;
  /** What it should be: running, ready, shutdown. */
  readonly desired: string;
  /** Why it is not running: the engine's words; hostile text. */
  readonly message?: string;
  readonly containerId?: string;
  /** With prefix length. */
  readonly addresses: readonly { readonly networkId: string; readonly address: string }[];
  /** Published on its node alone. */
  readonly ports: readonly PublishedPort[];
}
