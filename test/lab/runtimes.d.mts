import type { Lab } from './client.mjs';

export type RuntimeHost = 'node1' | 'node2';

/** Makes what LXC, systemd-nspawn, Podman and containerd need on a host: configuration, a root file system, an image `localhost/box:lab`; starts containerd with its CRI plug-in. */
export function startRuntimes(lab: Lab, host: RuntimeHost): Promise<void>;

/** Ends all containers and machines of them, containerd, and removes their files. */
export function stopRuntimes(lab: Lab, host: RuntimeHost): Promise<void>;

/** Path at which this machine reaches containerd's socket. */
export function containerdSocket(lab: Lab, host: RuntimeHost): string;
