import type { SwarmFacts } from './swarm';

/** What a container engine's API said (Docker Engine API 1.24 or newer; Podman's compatible API). */
export interface EngineSnapshot {
  readonly kind: 'docker' | 'podman';
  readonly version: string;
  readonly apiVersion: string;
  readonly name: string;
  /** Engines beside it, of another kind or of another user, whose networks and containers are among these, marked. */
  readonly further?: readonly (Pick<EngineSnapshot, 'kind' | 'version' | 'apiVersion' | 'name'> & Pick<EngineMark, 'engineUid'>)[];
  readonly swarm?: SwarmFacts;
  /** What the engine says of the machine that it runs on. */
  readonly machine?: EngineMachine;
  /** Address of the key-value store that it shares networks by, without a login: engines before 23.0 that were given one. */
  readonly clusterStore?: string;
  readonly networks: readonly EngineNetwork[];
  readonly containers: readonly EngineContainer[];
}

/** Whose a record is, where that is a further engine. */
export interface EngineMark {
  readonly engine?: EngineSnapshot['kind'];
  /** User id of who runs it, where that tells it from another one of its kind or it runs without root: ids of its networks then end in `@` and this. */
  readonly engineUid?: number;
}

export interface EngineMachine {
  /** System, kernel's release and architecture, joined by blanks, as `uname -s -r -m` of a host. */
  readonly kernel: string;
  readonly os?: string;
  readonly cpus: number;
}

/** GET /networks/{id}?verbose=true */
export interface EngineNetwork extends EngineMark {
  readonly id: string;
  readonly name: string;
  readonly driver: string;
  readonly scope: string;
  readonly internal: boolean;
  readonly attachable: boolean;
  readonly ingress: boolean;
  readonly subnets: readonly EngineSubnet[];
  /** Option com.docker.network.driver.overlay.vxlanid_list: one VNI per subnet. */
  readonly vnis: readonly number[];
  readonly options: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  /** This node's endpoints: containers, and the load balancer's `lb-…` and ingress' `…-sbox` entries. */
  readonly endpoints: readonly EngineEndpoint[];
  /** Nodes that run a task of this network; engine-internal gossip, so only those that have one themselves are told. */
  readonly peers: readonly { readonly name: string; readonly address: string }[];
  /** Endpoints anywhere in the swarm, by `network inspect -v`. */
  readonly tasks: readonly EngineTask[];
  /** Services with tasks on it, as this node knows them. */
  readonly services?: readonly EngineService[];
  readonly raw: unknown;
}

/** IPAM.Config */
export interface EngineSubnet {
  readonly subnet: string;
  readonly gateway?: string;
  /** The part of it that containers get addresses of. */
  readonly range?: string;
  /** Addresses that the engine leaves alone, by the names that were given them. */
  readonly auxiliary?: Readonly<Record<string, string>>;
}

export interface EngineEndpoint {
  /** Full container id, or a name such as `lb-mynet01` or `ingress-sbox` where the engine itself owns it. */
  readonly containerId: string;
  readonly name: string;
  readonly endpointId: string;
  readonly mac?: string;
  /** With prefix length. */
  readonly ipv4?: string;
  readonly ipv6?: string;
}

export interface EngineTask {
  readonly service: string;
  readonly name: string;
  readonly endpointId: string;
  readonly ip: string;
  /** The underlay address of the node that runs it. */
  readonly hostAddress: string;
}

/** "Services" of `network inspect -v`: of a network without one absent. */
export interface EngineService {
  readonly name: string;
  /** Without prefix length; absent with endpoint mode dnsrr. */
  readonly virtualAddress?: string;
  /** As the engine prints them: "Target: 80, Publish: 8081". */
  readonly ports: readonly string[];
  /** The firewall mark by which this node's IPVS knows it (LocalLBIndex; its fwMarkCtr begins at 256). */
  readonly mark?: number;
}

/** GET /containers/json?all=true, and GET /containers/{id}/json for what the list leaves out. */
export interface EngineContainer extends EngineMark {
  readonly id: string;
  /** Without the leading slash; hostile text. */
  readonly name: string;
  readonly image: string;
  /** created, running, paused, restarting, removing, exited, dead */
  readonly state: string;
  readonly status: string;
  /** "bridge", "host", "none", "container:<id>", or a network's name. */
  readonly networkMode: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly networks: readonly {
    readonly networkId: string;
    readonly networkName: string;
    readonly endpointId: string;
    readonly ipv4?: string;
    readonly ipv6?: string;
    readonly mac?: string;
    readonly aliases?: readonly string[];
  }[];
  readonly ports: readonly { readonly privatePort: number; readonly publicPort?: number; readonly ip?: string; readonly type: string }[];
  /** From inspect, where it was needed or asked for. */
  readonly pid?: number;
  readonly sandboxKey?: string;
  /** The list entry without its command line. */
  readonly raw: unknown;
}
