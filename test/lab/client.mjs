// What tests and scripts do with a lab. Types: client.d.mts.
import { engineOf } from './engineObjects.mjs';
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

/** `start` resolves when the engine answers, `stop` and `kill` when its process is gone. */
export async function controlEngine(lab, host, action) {
  const { pid } = lab.hosts[host].process;
  await execIn(pid, ['lab-engine', action]);
  if (action === 'start') await engineOf(host, pid);
}
