// Docker in Docker on a lab host: a container of its engine in which another engine runs, of the host's own programs.
import { execOn } from './client.mjs';
import { waitFor } from './wait.mjs';

// Instead of --privileged, which gives all capabilities: a machine that has not all of them (CAP_SYS_RESOURCE, in some sandboxes) cannot give that.
const capabilities = 'CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID IPC_LOCK KILL MKNOD NET_ADMIN NET_BIND_SERVICE NET_RAW SETFCAP SETGID SETPCAP SETUID SYSLOG SYS_ADMIN SYS_CHROOT SYS_NICE SYS_PTRACE'.split(' ');

const inside = [
  'mount -o remount,rw /sys',
  'for d in /sys/fs/cgroup /sys/fs/cgroup/*/; do mount -o remount,rw "$d"; done',
  'mount -o remount,rw /proc/sys',
  // On a busy machine its containerd may not be up within the 15 s that the engine gives it; then it ends.
  'until dockerd --storage-driver vfs --iptables=false --ip-forward=false --bridge=none --pidfile /run/dind.pid; do sleep 1; done',
].join('; ');

/** Starts the container `name` with an engine in it, and waits until that answers. @returns the container's id */
export async function startDind(lab, host, name) {
  await removeDind(lab, host, name);
  const argv = [
    'docker', 'run', '--detach', '--name', name, '--hostname', `${name}-host`, '--network', 'appnet',
    ...capabilities.flatMap((capability) => ['--cap-add', capability]),
    '--security-opt', 'seccomp=unconfined', '--security-opt', 'apparmor=unconfined',
    ...['/usr', '/bin', '/lib', '/lib64', '/etc/alternatives', '/etc/os-release'].flatMap((path) => ['--volume', `${path}:${path}:ro`]),
    '--tmpfs', '/var/lib/docker:exec', '--tmpfs', '/run', '--tmpfs', '/var/log',
    'net-tools', '/bin/sh', '-c', inside,
  ];
  const { stdout } = await execOn(lab, host, argv);
  await dindAnswers(lab, host, name);
  return stdout.trim();
}

export async function dindAnswers(lab, host, name) {
  await waitFor(`the engine in ${name} to answer`, async () => (await execOn(lab, host, ['docker', 'exec', name, 'docker', 'version'], { check: false })).code === 0, 55_000, 100);
}

export async function removeDind(lab, host, name) {
  await execOn(lab, host, ['docker', 'rm', '--force', '--volumes', name], { check: false });
}
