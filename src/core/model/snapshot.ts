import type { HostId } from './address';
import type { FdbEntry, Link, Neighbour, Route } from './link';
import type { ComposeProject } from './compose';
import type { EngineSnapshot } from './engine';
import type { FlannelFacts } from './flannel';
import type { OvsFacts } from './ovs';
import type { RuntimeContainer } from './runtime';

/** Raised when a field changes its meaning or goes away; new optional fields do not raise it. */
export const snapshotVersion = 1;

/** `device:inode` of a namespace's nsfs file, both decimal. Unique on one host while the namespace lives. */
export type NamespaceKey = string;

/** Where namespaces are looked for only when that was asked for, because it takes long: open descriptors, threads. */
export const dearSources = ['fds', 'threads'] as const;
export type DearSource = (typeof dearSources)[number];

/** Everything read from one host at one moment. Plain JSON: it is also the file format of a recorded host. */
export interface Snapshot {
  readonly version: typeof snapshotVersion;
  readonly hostId: HostId;
  /** ISO 8601, the reader's clock. */
  readonly takenAt: string;
  readonly durationMs: number;
  readonly host: HostFacts;
  readonly namespaces: readonly NamespaceRecord[];
  readonly engine?: EngineSnapshot;
  /** Of each Compose project whose containers name its files. */
  readonly compose?: readonly ComposeProject[];
  /** Where the host has an Open vSwitch whose database answered. */
  readonly ovs?: OvsFacts;
  /** Where flannel has written its file. */
  readonly flannel?: FlannelFacts;
  /** Engines inside containers and other namespaces of the host. */
  readonly nested?: readonly NestedEngine[];
  /** Where runtimes beside the engine keep account of containers in files. */
  readonly runtimes?: readonly RuntimeContainer[];
  readonly errors: readonly ReadError[];
}

/** A container engine whose network or process ids are not the host's: Docker in Docker, a node of kind, a machine made of namespaces. */
export interface NestedEngine {
  readonly engine: 'docker' | 'podman' | 'containerd' | 'cri-o';
  readonly process: ProcessFacts;
  /** Its network namespace. */
  readonly namespace: NamespaceKey;
  /** Inodes of its mount and process id namespaces' nsfs files. */
  readonly mountNamespace: number;
  readonly pidNamespace: number;
  /** Of its UTS namespace; hostile text. */
  readonly hostname?: string;
  /** Where its API listens, absolute in its mount namespace; hostile text. */
  readonly sockets: readonly string[];
}

export interface HostFacts {
  readonly hostname: string;
  /** `uname -s -r -m` joined by blanks. */
  readonly kernel: string;
  /** PRETTY_NAME of os-release, where there is one. */
  readonly os?: string;
  readonly cpus: number;
  /** Only what its engine says is known: nothing was run on the host itself. Then `uid` is nobody's (65534) and `ip` is `none`. */
  readonly engineOnly?: true;
  /** Effective uid of the probe. */
  readonly uid: number;
  readonly privilege: 'root' | 'sudo' | 'user';
  /** What `ip` can do here: JSON needs iproute2 4.16 or newer for every record we read. */
  readonly ip: 'json' | 'text' | 'busybox' | 'none';
  /** First line of `ip -V`, or of busybox's help. */
  readonly ipVersion?: string;
  /** Programs found on PATH, of those the extension may offer to run. */
  readonly tools: readonly string[];
  /** The dear sources that were looked into. */
  readonly sources?: readonly DearSource[];
  /** Processes that hold a TUN or TAP device open, and its name, which is one of the namespace that the process had opened it in (source `fds`). */
  readonly tuns?: readonly TunHolder[];
  /** Key of the namespace that the probe itself ran in, and of process 1. Either may be unreadable. */
  readonly ownNamespace?: NamespaceKey;
  readonly initNamespace?: NamespaceKey;
}

export interface TunHolder {
  readonly pid: number;
  readonly comm?: string;
  /** Of the device; hostile text. */
  readonly name: string;
  /** The namespace that the process is in, not always the device's. */
  readonly namespace?: NamespaceKey;
}

export interface NamespaceRecord {
  readonly key: NamespaceKey;
  readonly inode: number;
  readonly device: number;
  /** Every path at which it is bind-mounted in the mount namespaces of the probe and of process 1, absolute, unescaped; hostile text. */
  readonly paths: readonly string[];
  /** Where else it is bind-mounted; what another mount namespace shows at the same path as an earlier one is left out. */
  readonly mounts?: readonly ForeignMount[];
  /** A few of the open descriptors that hold it (source `fds`). */
  readonly descriptors?: readonly Holder[];
  /** A few of the threads that are in it while their process is not (source `threads`). */
  readonly threads?: readonly Holder[];
  readonly processCount: number;
  /** A few of its processes, those of the lowest ids, longest-running first. */
  readonly processes: readonly ProcessFacts[];
  /** What some of this namespace's own numbers for others (`linkNetnsId`) mean; asked for only where the links alone do not tell. */
  readonly netnsIds?: readonly NetnsId[];
  /** A name of `ip netns` was this namespace's all the while that the numbers were asked for. */
  readonly named?: true;
  readonly links: readonly Link[];
  readonly routes: readonly Route[];
  readonly neighbours: readonly Neighbour[];
  /** Read where there is a bridge or a VXLAN device; elsewhere only the devices' own multicast addresses would be in it. */
  readonly fdb: readonly FdbEntry[];
  /** `none`: only its existence is known (an error entry says why). */
  readonly read: 'full' | 'partial' | 'none';
}

/** One row of a namespace's table of others (RTM_GETNSID), as `ip netns list-id` tells it. */
export interface NetnsId {
  readonly id: number;
  /** Absent: it is none of the namespaces that are `named`. */
  readonly key?: NamespaceKey;
}

/** A bind mount that only processes of another mount namespace see. */
export interface ForeignMount {
  /** Absolute in that mount namespace; hostile text. */
  readonly path: string;
  /** Inode of that mount namespace's nsfs file. */
  readonly mountNamespace: number;
  /** A process in it: /proc/PID/root leads there while it lives. */
  readonly pid: number;
}

/** A process that holds a namespace without being in it. */
export interface Holder {
  readonly pid: number;
  /** Of the process; hostile text. Absent where it has ended meanwhile. */
  readonly comm?: string;
  /** The descriptor's number or the thread's id. */
  readonly id: number;
}

export interface ProcessFacts {
  readonly pid: number;
  /** /proc/PID/comm; hostile text. */
  readonly comm: string;
  /** Field 22 of /proc/PID/stat, clock ticks after boot (proc(5)). */
  readonly startTicks: number;
  /** Field 4 of /proc/PID/stat. */
  readonly parent?: number;
  /** The lines of /proc/PID/cgroup joined by newlines. */
  readonly cgroup: string;
}

/** What could not be read, where, and what to do about it. */
export interface ReadError {
  readonly place:
    | { readonly kind: 'host' }
    | { readonly kind: 'engine' }
    | { readonly kind: 'namespace'; readonly key: NamespaceKey };
  readonly code:
    | 'no-permission'
    | 'vanished'
    | 'tool-missing'
    | 'tool-too-old'
    | 'time-limit'
    | 'garbled'
    | 'truncated'
    | 'no-engine'
    | 'engine-failed'
    | 'unreachable'
    | 'authentication'
    | 'host-key'
    | 'failed';
  /** One sentence, or two: what happened, and what to do next. No trailing newline, printable. */
  readonly message: string;
  /** What the tool itself printed, printable, at most a few lines. */
  readonly detail?: string;
}
