import type { HostId } from '../model/address';
import type { TunnelDevice } from './tunnelDevice';

/*
 * A plan is data: what is to be run where, in which order, how it is seen that it was done, and how it is undone. Nothing runs here.
 */

export type Argv = readonly [string, ...string[]];

export interface Plan {
  /** The same for the same request, so that applying twice finds what is there. */
  readonly id: string;
  /** What is planned, as the command line names it: `gre`, `wire`, `bridge`. */
  readonly kind: string;
  /** One line: `GRE tunnel between node1 and node2`. Hostile text. */
  readonly title: string;
  readonly hosts: readonly PlanHost[];
  readonly preconditions: readonly Precondition[];
  /** In the order in which they run, over all hosts. All run as root. */
  readonly steps: readonly PlanStep[];
  readonly checks: readonly TrafficCheck[];
  /** What else one should know before applying, a sentence each. */
  readonly notes: readonly string[];
  /** What is there afterwards, and what of it now. */
  readonly picture?: PlanPicture;
  /** Files that are changed, for a diff. */
  readonly files?: readonly PlanFile[];
  /** The tunnel's devices, where they can be written down for the host's own network configuration. */
  readonly devices?: readonly TunnelDevice[];
}

/** Text of a host's file; hostile. */
export interface PlanFile {
  readonly hostId: HostId;
  readonly path: string;
  /** Absent: it is not there. */
  readonly before?: string;
  readonly after: string;
}

/** A small diagram: hosts beside each other, things in rows within them. */
export interface PlanPicture {
  readonly things: readonly PlanThing[];
  readonly joins: readonly PlanJoin[];
}

export interface PlanThing {
  readonly id: string;
  /** Absent: outside of every host that is read. */
  readonly hostId?: HostId;
  /** Row within the host, 0 on top. What joins hosts stands in the same row on both. */
  readonly row: number;
  /** The first one is its name. Hostile text. */
  readonly lines: readonly string[];
  /** The plan makes it. */
  readonly made?: true;
}

export interface PlanJoin {
  readonly from: string;
  readonly to: string;
  readonly label?: string;
  readonly made?: true;
}

export interface PlanHost {
  readonly hostId: HostId;
  readonly label: string;
}

/** Holds where its command ends with status 0; what it prints where it does not is said after `mend`. */
export interface Precondition {
  readonly hostId: HostId;
  /** `the name nx-gre-12ab is free`. */
  readonly what: string;
  readonly argv: Argv;
  /** What to do where it does not hold, as a sentence. */
  readonly mend: string;
}

export interface PlanStep {
  readonly hostId: HostId;
  /** `make the device nx-gre-12ab`. */
  readonly what: string;
  readonly argv: Argv;
  readonly undo: Argv;
  /** Ends with status 0 where the step's work is there. */
  readonly done: Argv;
  /** Ends with status 0 where there is something of this plan's to undo; absent: `done` tells that. */
  readonly made?: Argv;
  /** For what takes longer than commands usually may, as a restart of an engine: the limit of `argv` and `undo`. */
  readonly limitMs?: number;
}

/** Traffic from an address to another one. */
export interface TrafficCheck {
  readonly hostId: HostId;
  /** What the ping is run through where it does not start in the host's own namespace, such as `nsenter --net=…`. Runs as root. */
  readonly inside?: readonly string[];
  /** `node1 → node2`. */
  readonly direction: string;
  /** Absent: the address that the routes choose. */
  readonly from?: string;
  readonly to: string;
  /** Bytes of the largest IP packet that must pass whole; one byte more must not. Absent: only whether anything passes is asked. */
  readonly mtuBytes?: number;
  /** In place of a ping's answer, for bridges without addresses: frames that `from`, a bridge, sends to all must be received by `device` of that host. `to` is the group that they are sent to. */
  readonly arrivesAt?: { readonly hostId: HostId; readonly device: string };
}

/** A plan that cannot be made: one sentence that says why and what to do. */
export class PlanRefused extends Error {
  override readonly name = 'PlanRefused';
}

/** What the alias of every made link and the comment of every made rule is. */
export const planMark = (id: string): string => `netns-explorer ${id}`;
