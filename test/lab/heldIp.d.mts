import type { Lab, LabHostName } from './client.mjs';

/** From now on `ip link set … alias …` on that host waits until `release`, and then fails: it has done nothing. `reached` resolves once somebody waits. */
export function holdIp(lab: Lab, host: LabHostName): Promise<{ reached(): Promise<unknown>; release(): Promise<void> }>;

/** Ends every SSH connection of a host and lets no new one in, as a machine that is switched off, but at once. @returns what lets them in again */
export function refuseSsh(lab: Lab, host: LabHostName): Promise<() => Promise<unknown>>;
