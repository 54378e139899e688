import type { Lab } from './client.mjs';

export type OvsHost = 'node1' | 'node2';
export type OvsDaemon = 'ovsdb-server' | 'ovs-vswitchd';

/** Starts both daemons where they do not run; resolves when the switch has taken in the database. Bridges need `datapath_type=netdev`. */
export function startOvs(lab: Lab, host: OvsHost): Promise<void>;

/** Deletes all bridges, ends both daemons and removes their files. */
export function stopOvs(lab: Lab, host: OvsHost): Promise<void>;

/** Ends one daemon at once (SIGKILL); its files, sockets and bridges stay. `startOvs` starts it again. */
export function killOvs(lab: Lab, host: OvsHost, daemon: OvsDaemon): Promise<void>;

/** Makes a daemon answer nothing (SIGSTOP), until `resumeOvs`. */
export function hangOvs(lab: Lab, host: OvsHost, daemon: OvsDaemon): Promise<void>;
export function resumeOvs(lab: Lab, host: OvsHost, daemon: OvsDaemon): Promise<void>;

/** Addresses of the hosts' own wire. */
export const underlay: Readonly<Record<OvsHost, string>>;

/** Starts Open vSwitch on both hosts and joins them by a wire on a bridge `br-phy`, by which tunnels of user space leave. */
export function wireOvs(lab: Lab): Promise<void>;

/** Undoes `wireOvs`, and whatever else is on the switches. */
export function unwireOvs(lab: Lab): Promise<void>;

export interface OvsContainer {
  readonly name: string;
  readonly node: OvsHost;
  readonly id: string;
  readonly pid: number;
  /** The veth's end on the host. */
  readonly port: string;
  readonly address: string;
  readonly tag?: number;
}

/** Needs `wireOvs`. 1: docker0 with br0 as a port, and GRE. 2: containers on br0. 3: the same with VLANs 10 and 20. Resolves when containers of one network reach each other. */
export function buildOvsExperiment(lab: Lab, number: 1 | 2 | 3): Promise<{ readonly containers: readonly OvsContainer[] }>;
export function removeOvsExperiment(lab: Lab, number: 1 | 2 | 3): Promise<void>;
