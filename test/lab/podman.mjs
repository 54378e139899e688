// Podman beside a lab host's Docker: Debian's own, as root, with its compatible API at its usual socket.
import { execOn } from './client.mjs';
import { waitFor } from './wait.mjs';

export const podmanSocket = '/run/podman/podman.sock';

/** A lab host has an /etc of its own, which Debian's package has put nothing into; there is no systemd to hold control groups or the journal. */
const settings = `
mkdir -p /etc/containers /run/podman
echo '{"default":[{"type":"insecureAcceptAnything"}]}' > /etc/containers/policy.json
printf '[engine]\\ncgroup_manager = "cgroupfs"\\nevents_logger = "file"\\n[containers]\\nlog_driver = "k8s-file"\\n' > /etc/containers/containers.conf
docker rm -f podman-image >/dev/null 2>&1 || :
docker create --name podman-image net-tools true >/dev/null
docker export podman-image | podman import - net-tools >/dev/null
docker rm podman-image >/dev/null
podman network create --subnet 10.77.0.0/24 podnet
podman run --detach --name pod1 --network podnet --publish 18090:80 net-tools httpd -f -p 80
podman run --detach --name pod2 net-tools sleep 2147483647
`;

const service = `
setsid podman system service --time=0 unix://${podmanSocket} >/var/log/podman.log 2>&1 </dev/null &
echo $! >/run/podman/service.pid
`;

const clean = `
podman rm --all --force --time 0
podman network rm --force podnet
podman rmi --all --force
rm -rf /etc/containers /run/podman /var/lib/containers/cache
for bridge in cni-podman0 cni-podman1 podman0 podman1; do ip link del "$bridge" 2>/dev/null; done
# What CNI's plug-ins leave behind: their own chains, and the jumps to these.
for table in nat filter; do
	{
		echo "*$table"
		iptables-save -t "$table" | sed -n -e '/CNI-/s/^-A /-D /p' | grep '^-D '
		iptables-save -t "$table" | sed -n -e 's/^:\\(CNI-[^ ]*\\) .*/-X \\1/p'
		echo COMMIT
	} | iptables-restore --noflush
done
exit 0
`;

/** Makes the network `podnet` with the container `pod1`, which publishes port 18090, and `pod2` on Podman's own network; starts the API and waits until it answers. */
export async function startPodman(lab, host) {
  await removePodman(lab, host);
  await execOn(lab, host, ['sh', '-euc', settings]);
  await startPodmanService(lab, host);
}

export async function startPodmanService(lab, host) {
  await execOn(lab, host, ['sh', '-euc', service]);
  await waitFor('the API of Podman to answer', async () => (await execOn(lab, host, ['podman', '--url', `unix://${podmanSocket}`, 'version'], { check: false })).code === 0, 30_000, 100);
}

export async function stopPodmanService(lab, host) {
  await execOn(lab, host, ['sh', '-c', `pid=$(cat /run/podman/service.pid 2>/dev/null) || exit 0; kill "$pid"; while kill -0 "$pid" 2>/dev/null; do sleep 0.05; done; rm -f ${podmanSocket} /run/podman/service.pid`], { check: false });
}

export async function removePodman(lab, host) {
  await stopPodmanService(lab, host);
  await execOn(lab, host, ['sh', '-c', clean], { check: false });
}

const uid = 1000;
export const rootlessSocket = `/run/user/${uid}/podman/podman.sock`;

/** As the user `vagrant` would have it after a login: systemd, which is not here, makes the folder under /run/user. */
const asUser = `
as_user() { cd /home/vagrant; setpriv --reuid ${uid} --regid ${uid} --clear-groups env -i HOME=/home/vagrant USER=vagrant XDG_RUNTIME_DIR=/run/user/${uid} PATH="$PATH" "$@"; }
`;

/** /dev/net/tun is the machine's, root's alone: slirp4netns opens it as the user. Lazily unmounted: a switch in user space may have it open, and keeps it. */
const rootless = `
for file in /etc/subuid /etc/subgid; do grep -qs ^vagrant: $file || echo vagrant:100000:65536 >>$file; done
if [ "$(stat -c %a /dev/net/tun)" != 666 ]; then umount -l /dev/net/tun || :; rm -f /dev/net/tun; mkdir -p /dev/net; mknod -m 666 /dev/net/tun c 10 200; fi
chmod 1777 /dev/shm; chmod a+r /etc/hosts /etc/resolv.conf /etc/passwd /etc/group /etc/subuid /etc/subgid
mkdir -p /etc/containers /run/user/${uid}/podman /home/vagrant/.config/containers
[ -e /etc/containers/policy.json ] || echo '{"default":[{"type":"insecureAcceptAnything"}]}' > /etc/containers/policy.json
printf '[storage]\ndriver = "vfs"\n' >/home/vagrant/.config/containers/storage.conf
printf '[engine]\ncgroup_manager = "cgroupfs"\nevents_logger = "file"\n[containers]\nlog_driver = "k8s-file"\n' >/home/vagrant/.config/containers/containers.conf
chmod 700 /run/user/${uid}; chown -R ${uid}:${uid} /run/user/${uid} /home/vagrant/.config
docker rm -f rootless-image >/dev/null 2>&1 || :
docker create --name rootless-image net-tools true >/dev/null
docker export rootless-image >/run/rootless.tar
docker rm rootless-image >/dev/null
as_user podman import - net-tools </run/rootless.tar >/dev/null
rm /run/rootless.tar
as_user podman network create --subnet 10.78.0.0/24 homenet
{
	as_user podman run --detach --name home1 --network homenet net-tools sleep 2147483647 &&
	as_user podman run --detach --name home2 --publish 18091:80 net-tools httpd -f -p 80
} </dev/null >/run/rootless.log 2>&1 || { cat /run/rootless.log >&2; exit 1; }
# Nothing of what goes on holds this shell's own output open.
(as_user setsid podman system service --time=0 unix://${rootlessSocket}) >/var/log/podman-rootless.log 2>&1 </dev/null &
`;

/** The user `vagrant`'s own Podman with its API: `home1` on the network `homenet`, `home2` behind slirp4netns with the published port 18091. */
export async function startRootlessPodman(lab, host) {
  await removeRootlessPodman(lab, host);
  await execOn(lab, host, ['sh', '-euc', asUser + rootless]);
  await waitFor('the API of the rootless Podman to answer', async () => (await execOn(lab, host, ['podman', '--url', `unix://${rootlessSocket}`, 'version'], { check: false })).code === 0, 30_000, 100);
}

/** What the user has running, by its own Podman, as the user. */
export const rootlessPodman = async (lab, host, ...argv) => (await execOn(lab, host, ['sh', '-euc', `${asUser}as_user podman "$@"`, 'sh', ...argv])).stdout;

export async function removeRootlessPodman(lab, host) {
  // All of its processes are the user's, in user namespaces of its own too: no other test has any of this user that stays.
  await execOn(lab, host, ['sh', '-c', `${asUser}as_user podman rm --all --force --time 0; as_user podman network rm --force homenet
pkill -u ${uid} '^(podman|catatonit|slirp4netns|rootlessport)'
left=100; while pgrep -u ${uid} '^(podman|catatonit|slirp4netns|rootlessport)' >/dev/null && [ $left -gt 0 ]; do left=$((left - 1)); sleep 0.05; done
rm -rf /home/vagrant/.config/containers /home/vagrant/.local /run/user/${uid}`], { check: false });
}
