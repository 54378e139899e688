// All of a virtual machine's file system: busybox, bash, iproute2, iptables, wg, ipvsadm and sshd of this machine with their libraries, and the modules.
import { chmodSync, copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { run } from './kernel.mjs';

const programs = ['/bin/bash', '/bin/dash', '/bin/ip', '/sbin/bridge', '/bin/ss', '/sbin/sysctl', '/usr/sbin/nft', '/usr/sbin/xtables-nft-multi', '/usr/sbin/sshd', '/usr/sbin/ethtool', '/usr/bin/wg', '/sbin/ipvsadm', '/usr/bin/nsenter', '/usr/bin/unshare', '/bin/ping', '/usr/bin/timeout', '/usr/bin/stat', '/usr/bin/ovs-dpctl'];
/** Loaded one after another, each with what it depends on. What a kernel has built in, or not at all, is left out. */
const modules = [
  'virtio_pci', 'virtio_net', 'virtio_rng', 'bridge', 'br_netfilter', 'veth', 'vxlan', 'ip_gre', 'ip6_gre', 'ipip', 'ip6_tunnel', 'sit', 'ip_vti', 'geneve', 'dummy', '8021q', 'bonding',
  'macvlan', 'macvtap', 'ipvlan', 'ipvtap', 'tun', 'wireguard', 'vrf', 'xfrm_interface', 'xfrm_user', 'esp4', 'nf_tables', 'nft_compat', 'nft_chain_nat', 'nf_nat', 'nf_conntrack', 'nf_conntrack_netlink',
  'xt_comment', 'xt_MASQUERADE', 'xt_conntrack', 'xt_tcpudp', 'nft_masq', 'nft_ct', 'ip_vs', 'ip_vs_rr', 'openvswitch',
];

const init = `#!/bin/busybox sh
/bin/busybox --install -s /opt/busybox
export PATH=/usr/sbin:/usr/bin:/sbin:/bin:/opt/busybox
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev
mkdir -p /dev/pts /dev/shm /run/sshd /run/netns /tmp /var/log; mount -t devpts pts /dev/pts; mount -t tmpfs run /run; mkdir -p /run/sshd /run/netns
while read -r module; do insmod "$module" 2>/dev/null; done < /modules.list
for word in $(cat /proc/cmdline); do case "$word" in machine=*) number=\${word#machine=} ;; esac; done
hostname "vm$number"; echo "127.0.0.1 localhost vm$number" > /etc/hosts
# No address that comes or changes by itself: what a test compares stays as it is.
for all in all default; do sysctl -qw "net.ipv6.conf.$all.accept_dad=0" "net.ipv6.conf.$all.accept_ra=0"; done
for device in eth0 eth1; do sysctl -qw "net.ipv6.conf.$device.accept_ra=0" "net.ipv6.conf.$device.accept_dad=0"; done
ip link set lo up
ip link set eth0 up; ip addr add 10.0.2.15/24 dev eth0; ip route add default via 10.0.2.2
ip link set eth1 up; ip addr add "192.168.57.1$number/24" dev eth1
sysctl -qw net.ipv4.ip_forward=1
/usr/sbin/sshd
echo MACHINE-READY
while :; do sleep 3600; done
`;

/** @returns nothing; writes the compressed archive to `file`. `authorizedKey`: who may log in as root; `hostKey`: path of the private host key. */
export function makeInitramfs({ file, folder, modulesFolder, authorizedKey, hostKey }) {
  const root = join(folder, 'root');
  for (const path of ['bin', 'sbin', 'usr/bin', 'usr/sbin', 'etc/ssh', 'root/.ssh', 'proc', 'sys', 'dev', 'run', 'tmp', 'var/empty', 'opt/busybox', 'lib/modules', 'usr/lib']) mkdirSync(join(root, path), { recursive: true });
  const libraries = new Set();
  for (const program of programs) {
    const source = realpathSync(program);
    put(root, source, program);
    for (const library of librariesOf(source)) libraries.add(library);
  }
  const extensions = ['/usr/lib/x86_64-linux-gnu/xtables'].filter((path) => existsSync(path));
  for (const path of extensions) cpSync(path, join(root, path), { recursive: true });
  for (const library of libraries) put(root, realpathSync(library), library);
  put(root, realpathSync('/bin/busybox'), '/bin/busybox');
  // Not busybox: its own \`ip\` would come before iproute2's. Not bash: it takes several times as long to start, which counts on an emulated processor.
  symlinkSync('/bin/dash', join(root, 'bin/sh'));
  for (const name of ['iptables', 'iptables-save', 'iptables-restore', 'ip6tables', 'ip6tables-save']) symlinkSync('xtables-nft-multi', join(root, 'usr/sbin', name));
  const own = run('find', [modulesFolder, '-name', '*.ko*']).trim().split('\n');
  const list = moduleOrder(modulesFolder, own);
  for (const path of list) put(root, path, `/lib/modules/${basename(path)}`);
  writeFileSync(join(root, 'modules.list'), `${list.map((path) => `/lib/modules/${basename(path)}`).join('\n')}\n`);
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\nsshd:x:100:65534::/run/sshd:/bin/false\nnobody:x:65534:65534:nobody:/nonexistent:/bin/false\n');
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\nnogroup:x:65534:\n');
  writeFileSync(join(root, 'etc/shadow'), 'root:*:19000:0:99999:7:::\nsshd:*:19000:0:99999:7:::\n', { mode: 0o600 });
  writeFileSync(join(root, 'etc/nsswitch.conf'), 'passwd: files\ngroup: files\nshadow: files\nhosts: files\n');
  writeFileSync(join(root, 'etc/os-release'), readFileSync('/etc/os-release'));
  copyFileSync(hostKey, join(root, 'etc/ssh/host_key'));
  chmodSync(join(root, 'etc/ssh/host_key'), 0o600);
  writeFileSync(join(root, 'etc/ssh/sshd_config'), 'HostKey /etc/ssh/host_key\nPermitRootLogin prohibit-password\nPasswordAuthentication no\nUsePAM no\nUseDNS no\nStrictModes no\nMaxStartups 100\nSetEnv PATH=/usr/sbin:/usr/bin:/sbin:/bin:/opt/busybox\n');
  writeFileSync(join(root, 'root/.ssh/authorized_keys'), `${authorizedKey.trim()}\n`, { mode: 0o600 });
  writeFileSync(join(root, 'init'), init, { mode: 0o755 });
  run('sh', ['-c', 'cd "$1" && find . -print0 | cpio --null -o -H newc --quiet -R 0:0 | gzip -1 > "$2"', 'sh', root, file]);
}

function put(root, source, target) {
  const place = join(root, target);
  mkdirSync(dirname(place), { recursive: true });
  if (!existsSync(place)) copyFileSync(source, place);
}

function librariesOf(program) {
  return run('ldd', [program]).split('\n').flatMap((line) => /(?:=> )?(\/\S+) \(0x/.exec(line)?.[1] ?? []);
}

/** The modules' files, each after those that it depends on (modules.dep, which depmod writes). */
function moduleOrder(folder, files) {
  const nameOf = (path) => basename(path).replace(/\.ko.*$/, '').replaceAll('-', '_');
  const byName = new Map(files.map((path) => [nameOf(path), path]));
  const needs = new Map(readFileSync(join(folder, 'modules.dep'), 'utf8').split('\n').flatMap((line) => {
    const [file, rest] = line.split(':');
    return rest === undefined ? [] : [[nameOf(file), rest.trim().split(/\s+/).filter((each) => each !== '').map(nameOf)]];
  }));
  const order = [];
  const add = (name) => {
    const path = byName.get(name);
    if (path === undefined || order.includes(path)) return;
    for (const need of (needs.get(name) ?? []).toReversed()) add(need);
    if (!order.includes(path)) order.push(path);
  };
  for (const name of modules) add(name.replaceAll('-', '_'));
  return order;
}
