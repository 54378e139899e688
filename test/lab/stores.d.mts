import type { Lab } from './client.mjs';

export interface LabStore {
  /** As the engine was given it; on node1 itself any of its addresses. */
  readonly address: string;
  /** The first process of the nested engine's namespaces, as node1 counts processes, and when it began, in ticks since node1's boot. */
  readonly engine: { readonly pid: number; readonly startTicks: number };
  /** The engine's id of the overlay `demonet`, 10.13.17.0/24, that its container `kvbox` is on with .11. */
  readonly network: string;
}

/** Some 3 s. One that is there is replaced. Needs Debian's etcd-server and etcd-client. */
export function startStore(lab: Lab): Promise<LabStore>;
export function stopStore(lab: Lab): Promise<void>;
