import type { CgroupOwner } from '../facts/cgroup';
import type { HostId } from './address';
import type { EngineContainer, EngineNetwork, EngineTask } from './engine';
import type { Link } from './link';
import type { OvsBridge, OvsInterface, OvsPort } from './ovs';
import type { RuntimeContainer } from './runtime';
import type { NamespaceKey, NamespaceRecord, NestedEngine, ReadError, Snapshot, TunHolder } from './snapshot';
import type { SwarmNode, SwarmService, SwarmTask } from './swarm';

/*
 * The model that every view reads: snapshots of any number of hosts, merged. Immutable; a new scan makes a new one.
 * Ids are paths of stable keys joined by '|' (see ids.ts), the same from scan to scan while the thing lives.
 */

export type SandboxId = string;
export type NetworkId = string;
export type ContainerId = string;
export type LinkId = string;
export type EndpointId = string;
export type OvsBridgeId = string;
export type OvsPortId = string;
export type NestedId = string;
/** A device's id, or an Open vSwitch port's. */
export type TunnelId = string;

export interface Topology {
  readonly hosts: readonly HostNode[];
  readonly host: ReadonlyMap<HostId, HostNode>;
  readonly sandbox: ReadonlyMap<SandboxId, Sandbox>;
  readonly network: ReadonlyMap<NetworkId, Network>;
  readonly container: ReadonlyMap<ContainerId, Container>;
  readonly endpoint: ReadonlyMap<EndpointId, Endpoint>;
  readonly link: ReadonlyMap<LinkId, LinkNode>;
  /** Networks that are one across hosts (same engine id of swarm or global scope), first host's id first. */
  readonly shared: ReadonlyMap<string, readonly NetworkId[]>;
  readonly ovsBridge: ReadonlyMap<OvsBridgeId, OvsBridgeNode>;
  readonly ovsPort: ReadonlyMap<OvsPortId, OvsPortNode>;
  readonly nested: ReadonlyMap<NestedId, NestedNode>;
  /** Nodes, services and tasks of swarms, and networks' peers with what they have there. */
  readonly swarmPart: ReadonlyMap<string, SwarmPart>;
  /** Devices and Open vSwitch ports that send to one far address, by their id, host after host. */
  readonly tunnel: ReadonlyMap<TunnelId, Tunnel>;
  /** Who has this MAC or IP (lower case, no prefix length), on any host. More than one where they collide. */
  readonly known: ReadonlyMap<string, readonly KnownAddress[]>;
}

export interface HostNode {
  readonly id: HostId;
  /** What the user called it, else its hostname. */
  readonly label: string;
  readonly snapshot: Snapshot;
  readonly rootSandbox?: SandboxId;
  /** Sorted for display: root, then containers', overlays', others, by title. */
  readonly sandboxes: readonly Sandbox[];
  readonly networks: readonly Network[];
  readonly containers: readonly Container[];
  /** Bridges of its Open vSwitch, by name. */
  readonly ovs?: readonly OvsBridgeNode[];
  /** Engines inside its containers and other namespaces. */
  readonly nested?: readonly NestedNode[];
  /** What it knows of its swarm, where it is a manager. */
  readonly swarm?: { readonly nodes: readonly SwarmNodeNode[]; readonly services: readonly ServiceNode[] };
  /** Underlay addresses of this host, most likely VTEP first (swarm's node address, then global addresses of the root namespace). */
  readonly underlay: readonly string[];
  readonly errors: readonly ReadError[];
}

/**
 * What a namespace is for; decides its icon, its place and its title.
 * `leaked`: the engine made it, and has neither a network nor a container for it any more.
 */
export type SandboxRole = 'root' | 'container' | 'overlay' | 'loadBalancer' | 'ingress' | 'process' | 'named' | 'leaked' | 'unowned';

export interface Sandbox {
  readonly id: SandboxId;
  readonly hostId: HostId;
  readonly key: NamespaceKey;
  readonly inode: number;
  readonly role: SandboxRole;
  /** Name first: container names, network name, `ip netns` name, process, else the inode. Hostile text. */
  readonly title: string;
  /** Every name it goes by: bind-mount paths, in full. */
  readonly paths: readonly string[];
  readonly containers: readonly ContainerId[];
  /** Whose it is by the control group of its oldest process, where the engine does not say it. */
  readonly owner?: CgroupOwner;
  /** Containers in it that are not the engine's, by what their runtime's files say. */
  readonly runtimeContainers?: readonly RuntimeContainer[];
  /** The pod whose containers are in it, by their labels. */
  readonly pod?: PodName;
  /** The overlay, load-balanced or ingress network it serves. */
  readonly networkId?: NetworkId;
  readonly record: NamespaceRecord;
  readonly links: readonly LinkNode[];
  readonly errors: readonly ReadError[];
}

/** An engine inside a host, which can be a host of its own. */
export interface NestedNode {
  readonly id: NestedId;
  readonly hostId: HostId;
  readonly engine: NestedEngine;
  /** The container's name, the machine's, the host name that it has, else the process. Hostile text. */
  readonly title: string;
  /** What it runs in, by its control group. */
  readonly owner?: CgroupOwner;
  /** That container, where the host's engine knows it. */
  readonly containerId?: ContainerId;
  readonly sandboxId?: SandboxId;
  /** By which it is added as a host; undefined where its host is a recording. */
  readonly address?: HostId;
}

/** A Kubernetes pod's name and namespace; hostile text. */
export interface PodName {
  readonly name: string;
  readonly namespace: string;
}

export interface LinkNode {
  readonly id: LinkId;
  readonly sandboxId: SandboxId;
  readonly link: Link;
  readonly peer?: Peer;
  /** Processes that hold a TUN or TAP device open, where that was read. */
  readonly holders?: readonly TunHolder[];
  /** The port of an Open vSwitch bridge that it is, by its name: of a bridge's own device the port of that name. */
  readonly ovs?: { readonly bridgeId: OvsBridgeId; readonly portId: OvsPortId; /** Names; hostile text. */ readonly bridge: string; readonly port: string; readonly type: string };
}

/** An Open vSwitch bridge, in the host's root namespace, where its daemon runs. */
export interface OvsBridgeNode {
  readonly id: OvsBridgeId;
  readonly hostId: HostId;
  readonly sandboxId?: SandboxId;
  readonly bridge: OvsBridge;
  /** Its own network device, where there is one. */
  readonly linkId?: LinkId;
  readonly ports: readonly OvsPortNode[];
}

export interface OvsPortNode {
  readonly id: OvsPortId;
  readonly hostId: HostId;
  readonly bridgeId: OvsBridgeId;
  readonly sandboxId?: SandboxId;
  readonly port: OvsPort;
  /** More than one: a bond. */
  readonly interfaces: readonly { readonly facts: OvsInterface; /** The network device of that name. */ readonly linkId?: LinkId }[];
}

/**
 * A veth's other end, or the lower device of a macvlan or vxlan. Matched by mutual ifindex and namespace id, never by name.
 * `ambiguous`: several devices fit equally well. `unseen`: it lies in a namespace that was not read.
 */
export type Peer =
  | { readonly state: 'resolved'; readonly linkId: LinkId }
  | { readonly state: 'ambiguous'; readonly candidates: readonly LinkId[] }
  | { readonly state: 'unseen' };

/** One side of a tunnel: a GRE, IPIP, SIT, VTI, Geneve or VXLAN device or Open vSwitch port with one far address. Addresses in canonical form, no prefix length. */
export interface TunnelEnd {
  /** Of an Open vSwitch port that port's id. */
  readonly linkId: TunnelId;
  readonly hostId: HostId;
  /** IFLA_INFO_KIND, or the type of an Open vSwitch interface. */
  readonly kind: string;
  /** Absent: any address of its namespace. */
  readonly local?: string;
  readonly remote: string;
}

/**
 * The device at a tunnel's far end. `mismatched`: the addresses mirror each other, and something that must be equal is not, as sentences' parts.
 * `missing`: a host has the far address, and no such device. `unknown`: no added host has that address, or several have.
 */
export type OtherHalf =
  | { readonly state: 'matched'; readonly linkId: TunnelId }
  | { readonly state: 'ambiguous'; readonly candidates: readonly TunnelId[] }
  | { readonly state: 'mismatched'; readonly linkId: TunnelId; readonly differs: readonly string[] }
  | { readonly state: 'missing'; readonly hostId: HostId }
  | { readonly state: 'unknown' };

export interface Tunnel extends TunnelEnd {
  readonly other: OtherHalf;
}

export interface Network {
  readonly id: NetworkId;
  readonly hostId: HostId;
  readonly engine: EngineNetwork;
  readonly name: string;
  readonly driver: string;
  /** Its own namespace; overlays have one on a host as soon as a container there uses them. */
  readonly sandboxId?: SandboxId;
  /** The Linux bridge in the root namespace that serves it (bridge driver). */
  readonly bridgeLinkId?: LinkId;
  readonly loadBalancerSandboxId?: SandboxId;
  readonly endpoints: readonly Endpoint[];
  /** Other nodes that have something on it. */
  readonly peers?: readonly NetworkPeer[];
  /** The Compose project that made it. */
  readonly compose?: ComposeName;
  /** How it differs from what its Compose files say now: parts of a sentence; hostile text. */
  readonly differs?: readonly string[];
  readonly errors: readonly ReadError[];
}

/** Ids and names are unique to the host that told of it: two managers tell of one node. */
export type SwarmPart = SwarmNodeNode | ServiceNode | SwarmTaskNode | NetworkPeer | PeerTask;

export interface SwarmNodeNode {
  readonly kind: 'swarmNode';
  readonly id: string;
  readonly hostId: HostId;
  readonly node: SwarmNode;
  /** Whether it is the host that tells of it. */
  readonly own: boolean;
  /** The host that it is, where that was read. */
  readonly at?: HostId;
}

export interface ServiceNode {
  readonly kind: 'service';
  readonly id: string;
  readonly hostId: HostId;
  readonly service: SwarmService;
  readonly tasks: readonly SwarmTaskNode[];
}

export interface SwarmTaskNode {
  readonly kind: 'task';
  readonly id: string;
  readonly hostId: HostId;
  readonly task: SwarmTask;
  /** `web.1`; hostile text. */
  readonly name: string;
  readonly nodeName?: string;
  /** Its container, where its node was read. */
  readonly container?: ContainerId;
}

/** Another node that has something on a network, by its underlay address. */
export interface NetworkPeer {
  readonly kind: 'peer';
  readonly id: string;
  readonly hostId: HostId;
  readonly networkId: NetworkId;
  readonly address: string;
  /** Where a manager told it; hostile text. */
  readonly nodeName?: string;
  readonly tasks: readonly PeerTask[];
}

export interface PeerTask {
  readonly kind: 'peerTask';
  readonly id: string;
  readonly hostId: HostId;
  readonly peerId: string;
  readonly task: EngineTask;
}

export interface Endpoint {
  readonly id: EndpointId;
  readonly networkId: NetworkId;
  readonly hostId: HostId;
  /** Container or engine-internal name. */
  readonly name: string;
  /** False for load balancers and other engine-owned endpoints. */
  readonly isContainer: boolean;
  readonly containerId?: ContainerId;
  readonly sandboxId?: SandboxId;
  /** The device in the sandbox that carries it, found by MAC, else by address. */
  readonly linkId?: LinkId;
  /** Without prefix length. */
  readonly ipv4?: string;
  readonly ipv6?: string;
  readonly mac?: string;
}

export interface Container {
  readonly id: ContainerId;
  readonly hostId: HostId;
  readonly engine: EngineContainer;
  readonly name: string;
  readonly running: boolean;
  readonly sandboxId?: SandboxId;
  readonly compose?: ComposeName;
  readonly endpoints: readonly EndpointId[];
}

/** A Compose project, and a container's service in it; hostile text. */
export interface ComposeName {
  readonly project: string;
  readonly service?: string;
}

export interface KnownAddress {
  readonly hostId: HostId;
  readonly name: string;
  readonly containerId?: ContainerId;
  readonly sandboxId?: SandboxId;
  readonly networkName?: string;
}
