import type { Lab } from './client.mjs';

export const podmanSocket: string;
/** Podman on a lab host, with the network `podnet`, the containers `pod1` on it (port 18090) and `pod2` on its own network. Resolves when its API answers. */
export function startPodman(lab: Lab, host: 'node1' | 'node2'): Promise<void>;
export function startPodmanService(lab: Lab, host: 'node1' | 'node2'): Promise<void>;
/** Ends the API alone; the containers go on. */
export function stopPodmanService(lab: Lab, host: 'node1' | 'node2'): Promise<void>;
export function removePodman(lab: Lab, host: 'node1' | 'node2'): Promise<void>;
/** Of the user `vagrant`, whose own Podman has `home1` on the network `homenet`, and `home2` behind slirp4netns (port 18091). */
export const rootlessSocket: string;
/** Resolves when its API answers. */
export function startRootlessPodman(lab: Lab, host: 'node1' | 'node2'): Promise<void>;
/** Runs `podman ARGV` as that user. @returns what it prints */
export function rootlessPodman(lab: Lab, host: 'node1' | 'node2', ...argv: string[]): Promise<string>;
export function removeRootlessPodman(lab: Lab, host: 'node1' | 'node2'): Promise<void>;
