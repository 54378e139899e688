// What tests and scripts do with a lab. Types: client.d.mts.
import { engineOf, overlayWorks, reviveContainers } from './engineObjects.mjs';
import { execIn } from './hosts.mjs';
import { instance, LabError, readHosts, withLock } from './instance.mjs';
import { bringUp, obstacle } from './up.mjs';
import { takeDown } from './down.mjs';

export { LabError };
export const labObstacle = obstacle;

/** The state folder names the lab: NETNS_LAB_STATE, else that of the instance `dev`. */
export async function currentLab() {
  const state = process.env.NETNS_LAB_STATE ?? instance('dev').state;
  const hosts = await readHosts({ hostsFile: `${state}/hosts.json` });
  if (hosts === undefined) throw new LabError(`No lab is up in ${state}; "node test/lab/lab.mjs up" starts one.`);
  return hosts;
}

export function labUp(name, options) {
  return bringUp(instance(name), options);
}

export function labDown(name) {
  const lab = instance(name);
  return withLock(lab.name, () => takeDown(lab));
}

export function execOn(lab, host, argv, options) {
  return execIn(lab.hosts[host].process.pid, argv, options);
}

/**
 * `stop` and `kill` resolve when the engine's process is gone; `start` when it answers, its containers run again, and the
 * overlay is whole (some 5 s; up to a minute where a swarm has yet to notice that an engine was killed).
 */
export async function controlEngine(lab, host, action) {
  await execIn(lab.hosts[host].process.pid, ['lab-engine', action]);
  if (action !== 'start') return;
  await revive(lab, host);
  if (host === 'node1') {
    // A worker of this engine's version does not find back to a manager that was away; starting it anew makes it join again.
    await execIn(lab.hosts.node2.process.pid, ['lab-engine', 'stop']);
    await execIn(lab.hosts.node2.process.pid, ['lab-engine', 'start']);
    await revive(lab, 'node2');
  }
  await overlayWorks(lab.hosts.node1.process.pid, lab.hosts.node2.process.pid, 120_000);
}

async function revive(lab, host) {
  const call = await engineOf(host, lab.hosts[host].process.pid);
  await reviveContainers(call, Object.values(lab.containers).filter((container) => container.host === host && !container.stopped));
}
