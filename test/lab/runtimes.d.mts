import type { Lab } from './client.mjs';

export type RuntimeHost = 'node1' | 'node2';

/** Makes what LXC, systemd-nspawn, Podman and containerd need on a host: configuration, a root file system, an image `localhost/box:lab`; starts containerd with its CRI plug-in. */
export function startRuntimes(lab: Lab, host: RuntimeHost): Promise<unknown>;

/** Ends all containers and machines of them, containerd, and removes their files. */
export function stopRuntimes(lab: Lab, host: RuntimeHost): Promise<unknown>;

/**
 * Runs one of each: LXC `lxcbox`, systemd-nspawn `nspawnbox`, Podman `podbox` and `podside` in its namespace, containerd `ctrbox`, and by CRI the pod `shop/web-1` with the
 * containers `app` and `log`. Those that take an environment have `s3cret` in it.
 * @returns of the pod: its uid, the id of the container that holds its namespaces, the others' ids by name
 */
export function runOfEach(lab: Lab, host: RuntimeHost): Promise<{ readonly id: string; readonly uid: string; readonly containers: Readonly<Record<string, string>> }>;

/** Path at which this machine reaches containerd's socket. */
export function containerdSocket(lab: Lab, host: RuntimeHost): string;

/**
 * Boots Debian's systemd in a machine within a host, with the service `vpn@a\\x2db.service` that has a network of its own and the systemd-nspawn machine `deb-12`.
 * @param groups `unified`: with control groups of version 2 alone; else as the host has them. `lxc`: in the LXC container `sysbox` instead of a machine.
 * @returns the id of its first process on the host
 */
export function bootSystemd(lab: Lab, host: RuntimeHost, groups?: 'unified' | 'lxc'): Promise<number>;

/** Powers it off and removes its files. */
export function haltSystemd(lab: Lab, host: RuntimeHost): Promise<unknown>;
