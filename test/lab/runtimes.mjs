// Container runtimes beside Docker on a lab host, each Debian's own program: LXC, systemd-nspawn, Podman, containerd with CRI. Types: runtimes.d.mts.
import { readFile } from 'node:fs/promises';
import { execOn } from './client.mjs';
import { listPods, removePod, runPod } from './cri.mjs';

async function control(lab, host, script, ...words) {
  const { stdout } = await execOn(lab, host, ['sh', '-s', ...words], { input: await readFile(new URL(`host/${script}.sh`, import.meta.url), 'utf8') });
  return stdout;
}

export const startRuntimes = (lab, host) => control(lab, host, 'runtimes', 'start');

export async function stopRuntimes(lab, host) {
  // Its CNI plug-in gives the pod's network back.
  for (const { id } of await listPods(containerdSocket(lab, host)).catch(() => [])) await removePod(containerdSocket(lab, host), id);
  await control(lab, host, 'runtimes', 'stop');
}

const image = 'localhost/box:lab';
const forever = ['/bin/sleep', '2147483647'];
// A machine is there when its first process is. Its parent ends at once, as a login shell does that is closed.
const startMachine = `setsid systemd-nspawn --quiet --register=no --keep-unit --private-network "$@" </dev/null >>/var/log/nspawn.log 2>&1 &
left=100
until [ "$(cat /proc/$!/comm)" = systemd-nspawn ] && [ -n "$(cat /proc/$!/task/$!/children)" ]; do
  left=$((left - 1))
  if [ "$left" -le 0 ]; then cat /var/log/nspawn.log >&2; exit 1; fi
  sleep 0.1
done`;

export async function runOfEach(lab, host) {
  const on = (...argv) => execOn(lab, host, argv);
  const uid = '01234567-89ab-cdef-0123-456789abcdef';
  await on('lxc-create', '--name', 'lxcbox', '--template', 'busybox');
  await on('lxc-start', '--name', 'lxcbox', '--daemon');
  await on('sh', '-c', startMachine, 'sh', '--setenv=TOKEN=s3cret', '--machine=nspawnbox', '--directory=/var/lib/machines/box', '--read-only', ...forever);
  await on('podman', 'run', '--detach', '--name', 'podbox', '--network', 'none', '--env', 'TOKEN=s3cret', image);
  await on('podman', 'run', '--detach', '--name', 'podside', '--network', 'container:podbox', image);
  await on('ctr', 'run', '--detach', '--snapshotter', 'native', '--env', 'TOKEN=s3cret', image, 'ctrbox');
  const pod = { name: 'web-1', namespace: 'shop', uid, cgroupParent: `/kubepods/besteffort/pod${uid}`, containers: ['app', 'log'].map((name) => ({ name, image, command: forever })) };
  return { ...(await runPod(containerdSocket(lab, host), pod)), uid };
}

export const bootSystemd = async (lab, host, groups) => Number(await control(lab, host, 'systemd', 'start', ...(groups === undefined ? [] : [groups])));
export const haltSystemd = (lab, host) => control(lab, host, 'systemd', 'stop');

/** A path through the host's own root folder. */
export const containerdSocket = (lab, host) => `/proc/${lab.hosts[host].process.pid}/root/run/containerd/containerd.sock`;
