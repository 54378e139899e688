import type { Lab } from './client.mjs';

/** A container's end of a veth that no engine made. */
export interface PlaneMember {
  readonly host: 'node1' | 'node2';
  readonly container: string;
  readonly pid: number;
  /** The end on the host. */
  readonly outer: string;
  readonly address: string;
}

/** Weave's data plane on both hosts, joined; resolves when its containers reach each other. Not its daemon. */
export function buildWeave(lab: Lab): Promise<readonly PlaneMember[]>;
export function removeWeave(lab: Lab): Promise<void>;

/** flannel's vxlan backend on both hosts; resolves when they reach each other by it. Not its daemon. */
export function buildFlannel(lab: Lab): Promise<void>;
export function removeFlannel(lab: Lab): Promise<void>;

/** What pipework makes for one container, on the bridge br1. Not the script itself. */
export function buildPipework(lab: Lab, host: 'node1' | 'node2'): Promise<Omit<PlaneMember, 'host'>>;
export function removePipework(lab: Lab, host: 'node1' | 'node2'): Promise<void>;
