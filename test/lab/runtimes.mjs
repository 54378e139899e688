// Container runtimes beside Docker on a lab host, each Debian's own program: LXC, systemd-nspawn, Podman, containerd with CRI. Types: runtimes.d.mts.
import { readFile } from 'node:fs/promises';
import { execOn } from './client.mjs';

const script = new URL('host/runtimes.sh', import.meta.url);

async function control(lab, host, word) {
  await execOn(lab, host, ['sh', '-s', word], { input: await readFile(script, 'utf8') });
}

export const startRuntimes = (lab, host) => control(lab, host, 'start');
export const stopRuntimes = (lab, host) => control(lab, host, 'stop');

/** A path through the host's own root folder. */
export const containerdSocket = (lab, host) => `/proc/${lab.hosts[host].process.pid}/root/run/containerd/containerd.sock`;
