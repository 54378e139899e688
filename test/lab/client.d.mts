/** hosts.json: a lab that is up. */
export interface Lab {
  readonly name: string;
  /** Folder of the instance: ssh_config, known_hosts, client_key, hosts.json, log/. */
  readonly state: string;
  readonly sshConfig: string;
  readonly knownHosts: string;
  readonly clientKey: string;
  /** a.b.c.0/24 */
  readonly subnet: string;
  readonly rootAddress: string;
  readonly rootDevice: string;
  readonly gateway: string;
  /** By user: `sudopw` (for sudo), `pwonly` (for the login). */
  readonly passwords: { readonly sudopw: string; readonly pwonly: string };
  /** How many containers were asked for with --scale. */
  readonly scale: number;
  readonly features: {
    readonly macvlan: boolean;
    /** Names of node1 that nobody should trust, each as base64 of its bytes; the interfaces are in the namespace `odd`. */
    readonly odd: { readonly namespaces: readonly string[]; readonly interfaces: readonly string[] };
  };
  /** Engine ids by network name. */
  readonly networks: Readonly<Record<string, string>>;
  readonly containers: Readonly<Record<string, LabContainer>>;
  /** Ids of swarm services by name; their containers are not among `containers`, because the engine names them. */
  readonly services: Readonly<Record<string, string>>;
  readonly hosts: { readonly node1: LabHost; readonly node2: LabHost; readonly bare: LabHost };
}

export interface LabContainer {
  readonly id: string;
  readonly host: 'node1' | 'node2';
  readonly name: string;
  readonly hostname?: string;
  /** A network's name, `host`, `none` or `container:NAME`. */
  readonly network: string;
  readonly ip?: string;
  readonly alsoOn?: readonly string[];
  readonly stopped?: boolean;
}

export interface LabHost {
  readonly address: string;
  readonly port: number;
  /** Whether it has a Docker engine. */
  readonly engine: boolean;
  /** Its first process, as this machine sees it. */
  readonly process: { readonly pid: number; readonly startTicks: number };
  /** What ssh_config calls each user of it. */
  readonly aliases: { readonly root: string; readonly vagrant: string; readonly nosudo: string; readonly sudopw: string; readonly pwonly: string };
  /** Public keys by type: ed25519, ecdsa, rsa. */
  readonly hostKeys: Readonly<Record<'ed25519' | 'ecdsa' | 'rsa', string>>;
}

export type LabHostName = keyof Lab['hosts'];

/** What a person can do something about. */
export class LabError extends Error {}

/** The lab that NETNS_LAB_STATE names, else the instance `dev`. @throws LabError where it is not up. */
export function currentLab(): Promise<Lab>;

/** Why there can be no lab on this machine, as a sentence; undefined where there can. */
export function labObstacle(): Promise<string | undefined>;

/** Brings an instance up, or finds it up; an abort takes down what was started. @throws LabError */
export function labUp(name: string, options?: { readonly scale?: number; readonly say?: (text: string) => void; readonly signal?: AbortSignal }): Promise<Lab>;

/** Leaves nothing of an instance, whatever state it is in. */
export function labDown(name: string): Promise<void>;

/** Runs a command on a host, as its root and in all of its namespaces. Throws on a non-zero exit unless `check` is false. */
export function execOn(
  lab: Lab,
  host: LabHostName,
  argv: readonly [string, ...string[]],
  options?: { readonly input?: string; readonly check?: boolean },
): Promise<{ readonly stdout: string; readonly stderr: string; readonly code: number | null }>;

/**
 * `stop` and `kill` resolve when the engine's process is gone; `start` when it answers, its containers run again, and the
 * overlay is whole: some 5 s, up to a minute where the swarm has yet to notice a kill. Starting node1's engine starts node2's anew as well.
 */
export function controlEngine(lab: Lab, host: 'node1' | 'node2', action: 'start' | 'stop' | 'kill'): Promise<void>;
