// Takes an instance down, whatever state it is in: also one whose `up` was killed half-way, or whose state is lost.
import { readFile, rm, rmdir } from 'node:fs/promises';
import { groupProcesses, removeGroup, thawGroup } from './cgroups.mjs';
import { marker } from './hosts.mjs';
import { labRoot, removeDeadLocks } from './instance.mjs';
import { killAll, processesWith, run } from './processes.mjs';
import { waitFor } from './wait.mjs';

/** Without the lock; the caller holds it. Leaves nothing of the instance. */
export async function takeDown(lab) {
  await thawGroup(lab.cgroup);
  await killAll(`the processes of lab ${lab.name} to end`, async () => [
    ...(await groupProcesses(lab.cgroup)),
    ...(await processesWith(marker, lab.name)),
  ]);
  // Namespaces, and the devices in them, went with their processes, but the kernel clears them away in its own time.
  await waitFor(`${lab.rootDevice} to go away`, async () => {
    if ((await run(['ip', 'link', 'show', lab.rootDevice], { check: false })).code !== 0) return true;
    await run(['ip', 'link', 'del', lab.rootDevice], { check: false });
    return false;
  }, 10_000);
  await removeGroup(lab.cgroup);
  await unmountBelow(lab.state);
  await rm(lab.state, { recursive: true, force: true });
  await removeDeadLocks();
  await rmdir(labRoot).catch(() => undefined);
}

async function unmountBelow(folder) {
  const mounted = (await readFile('/proc/self/mountinfo', 'utf8'))
    .split('\n')
    .map((line) => line.split(' ')[4])
    .filter((path) => path?.startsWith(`${folder}/`));
  for (const path of mounted.reverse()) await run(['umount', '-n', '-l', path]);
}
