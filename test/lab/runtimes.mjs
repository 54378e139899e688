// Container runtimes beside Docker on a lab host, each Debian's own program: LXC, systemd-nspawn, Podman, containerd with CRI. Types: runtimes.d.mts.
import { readFile } from 'node:fs/promises';
import { execOn } from './client.mjs';

async function control(lab, host, script, word) {
  const { stdout } = await execOn(lab, host, ['sh', '-s', word], { input: await readFile(new URL(`host/${script}.sh`, import.meta.url), 'utf8') });
  return stdout;
}

export const startRuntimes = (lab, host) => control(lab, host, 'runtimes', 'start');
export const stopRuntimes = (lab, host) => control(lab, host, 'runtimes', 'stop');

export const bootSystemd = async (lab, host) => Number(await control(lab, host, 'systemd', 'start'));
export const haltSystemd = (lab, host) => control(lab, host, 'systemd', 'stop');

/** A path through the host's own root folder. */
export const containerdSocket = (lab, host) => `/proc/${lab.hosts[host].process.pid}/root/run/containerd/containerd.sock`;
