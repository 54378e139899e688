// Debian packages that the lab and the browser-served VS Code need: which are missing, and their installation.
//   node scripts/systemPackages.mjs [lab] [browser] [editor]
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Of what a group needs, one entry: the package, and a program or file that shows that it (or an equal) is there. */
const groups = {
  lab: [
    { name: 'docker.io', program: 'dockerd' },
    { name: 'iproute2', program: 'ip' },
    { name: 'iptables', program: 'iptables' },
    { name: 'nftables', program: 'nft' },
    { name: 'busybox-static', program: 'busybox' },
    { name: 'openssh-server', program: 'sshd' },
    { name: 'openssh-client', program: 'ssh' },
    { name: 'sudo', program: 'sudo' },
    { name: 'bridge-utils', program: 'brctl' },
    { name: 'openvswitch-switch', program: 'ovs-vswitchd' },
    { name: 'etcd-server', program: 'etcd' },
    { name: 'etcd-client', program: 'etcdctl' },
    { name: 'ethtool', program: 'ethtool' },
    { name: 'conntrack', program: 'conntrack' },
    { name: 'wireguard-tools', program: 'wg' },
    { name: 'ipvsadm', program: 'ipvsadm' },
    { name: 'procps', program: 'sysctl' },
    { name: 'jq', program: 'jq' },
    { name: 'docker-compose', program: 'docker-compose' },
    { name: 'podman', program: 'podman' },
    // A user's own Podman.
    { name: 'uidmap', program: 'newuidmap' },
    { name: 'slirp4netns', program: 'slirp4netns' },
    { name: 'openssl', program: 'openssl' },
    { name: 'bind9-dnsutils', program: 'dig' },
    { name: 'iputils-ping', program: 'ping' },
    { name: 'curl', program: 'curl' },
    { name: 'wget', program: 'wget' },
    // Owners of namespaces that are not Docker's: test/lab/runtimes.mjs.
    { name: 'lxc', program: 'lxc-start' },
    { name: 'lxc-templates', file: '/usr/share/lxc/templates/lxc-busybox' },
    { name: 'systemd-container', program: 'systemd-nspawn' },
    { name: 'crun', program: 'crun' },
    { name: 'containernetworking-plugins', file: '/usr/lib/cni/bridge' },
  ],
  /** Two virtual machines: see test/lab/machines. */
  machines: [
    { name: 'qemu-system-x86', program: 'qemu-system-x86_64' },
    { name: 'cpio', program: 'cpio' },
    { name: 'kmod', program: 'depmod' },
    { name: 'wireguard-tools', program: 'wg' },
    { name: 'ipvsadm', program: 'ipvsadm' },
    { name: 'openvswitch-switch', program: 'ovs-dpctl' },
    { name: 'busybox-static', program: 'busybox' },
    { name: 'openssh-server', program: 'sshd' },
    { name: 'openssh-client', program: 'ssh' },
    { name: 'iproute2', program: 'ip' },
    { name: 'iptables', program: 'iptables' },
    { name: 'nftables', program: 'nft' },
    { name: 'ethtool', program: 'ethtool' },
    { name: 'iputils-ping', program: 'ping' },
  ],
  browser: [
    { name: 'chromium', program: 'chromium' },
    { name: 'fonts-dejavu-core', file: '/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf' },
  ],
  editor: [
    { name: 'g++', program: 'g++' },
    { name: 'make', program: 'make' },
    { name: 'python3', program: 'python3' },
    { name: 'pkg-config', program: 'pkg-config' },
    { name: 'libkrb5-dev', file: '/usr/include/gssapi/gssapi.h' },
    { name: 'libsecret-1-dev', file: '/usr/include/libsecret-1/libsecret/secret.h' },
    { name: 'libx11-dev', file: '/usr/include/X11/Xlib.h' },
    { name: 'libxkbfile-dev', file: '/usr/include/X11/extensions/XKBfile.h' },
  ],
};

/** The folders of root's PATH: an ordinary user's often lacks the sbin ones, where most of these programs are. */
const folders = [...new Set([...(process.env.PATH ?? '').split(delimiter), '/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'])];

function hasProgram(name) {
  return folders.some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Names of the packages of these groups that are missing here. */
export function missingPackages(names) {
  return names
    .flatMap((name) => groups[name])
    .filter((entry) => !(entry.program === undefined ? existsSync(entry.file) : hasProgram(entry.program)))
    .map((entry) => entry.name);
}

function isDebian() {
  try {
    return /^(ID|ID_LIKE)=.*\b(debian|ubuntu)\b/m.test(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return false;
  }
}

function apt(argv) {
  const result = spawnSync('apt-get', argv, {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 64 * 1024 * 1024,
  });
  return { ok: result.status === 0, output: `${result.stdout ?? ''}${result.stderr ?? ''}`.trim() };
}

/**
 * Installs while no service may start: an engine or an SSH server on the machine itself is not what was asked for
 * (policy-rc.d is how invoke-rc.d and deb-systemd-invoke are told so). A policy that is there already stays.
 */
function withoutServices(work) {
  const policy = '/usr/sbin/policy-rc.d';
  if (existsSync(policy)) return work();
  writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    return work();
  } finally {
    rmSync(policy, { force: true });
  }
}

/**
 * Makes sure that the packages of these groups are there: as root on Debian or Ubuntu it installs what is missing.
 * @returns undefined where all is there, else one sentence that says what is missing and what to do.
 */
export function ensurePackages(names, say = () => undefined) {
  const missing = missingPackages(names);
  if (missing.length === 0) return undefined;
  const command = `apt-get install --no-install-recommends ${missing.join(' ')}`;
  if (!isDebian()) {
    return `These programs are missing (by the names of their Debian packages): ${missing.join(', ')}. Install your system's equivalents and run this again.`;
  }
  if (process.getuid() !== 0) return `System packages are missing. Install them with: sudo ${command}`;
  say(`installing system packages: ${missing.join(', ')}`);
  return withoutServices(() => {
    const install = ['install', '--yes', '--no-install-recommends', ...missing];
    let result = apt(install);
    if (!result.ok) {
      // Package lists that are absent or old name files that no server has any more.
      const update = apt(['update']);
      if (update.ok) result = apt(install);
      else result = update;
    }
    const still = missingPackages(names);
    if (result.ok && still.length === 0) return undefined;
    const tail = result.output.split('\n').slice(-5).join('\n');
    return `${still.join(', ')} could not be installed. Try "${command}" by hand; apt-get said:\n${tail}`;
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const names = process.argv.slice(2).length > 0 ? process.argv.slice(2) : Object.keys(groups);
  const unknown = names.find((name) => groups[name] === undefined);
  const problem = unknown === undefined ? ensurePackages(names, console.log) : `There is no group "${unknown}", only ${Object.keys(groups).join(', ')}.`;
  console.log(problem ?? 'All system packages are there.');
  process.exitCode = problem === undefined ? 0 : 1;
}
