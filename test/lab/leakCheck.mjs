// Reads everything that a lab could leave behind, before `up`, while it is up, and after `down`, and prints it as JSON:
//   node test/lab/leakCheck.mjs [MILLISECONDS…]
// Each number is one more round, in which `up` is killed (SIGKILL) after that time. All of it happens in namespaces of its own
// (network, mount, PID, IPC, UTS), a machine within the machine, so that nothing that others do is taken for a leak.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { execIn } from './hosts.mjs';
import { instance, readHosts } from './instance.mjs';
import { run } from './processes.mjs';

const name = 'leakcheck';
const self = fileURLToPath(import.meta.url);
const lab = fileURLToPath(new URL('lab.mjs', import.meta.url));

async function output(argv) {
  return (await run(argv)).stdout.split('\n').filter((line) => line !== '');
}

async function processes() {
  const list = [];
  for (const pid of (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry))) {
    const command = (await readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '')).replaceAll('\0', ' ').trim();
    const state = /\) (\w)/.exec(await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => ''))?.[1];
    if (command !== '' || state === 'Z') list.push(`${command || 'zombie'}`);
  }
  return list.sort();
}

async function checksum(path) {
  return `${path} ${createHash('sha256').update(await readFile(path).catch(() => 'absent')).digest('hex')}`;
}

/** Lines, each one thing that is on the machine now. */
async function readings() {
  const cgroups = await output(['find', '/sys/fs/cgroup', '-mindepth', '1', '-type', 'd']);
  return {
    links: await output(['ip', '-br', 'link']),
    addresses: (await output(['ip', '-br', 'addr'])).map((line) => line.replace(/fe80::\S+/g, '')),
    routes: await output(['ip', 'route', 'show', 'table', 'all']),
    namedNamespaces: await output(['ip', 'netns']),
    namespaces: (await output(['lsns', '--raw', '--noheadings', '--type', 'net', '--output', 'COMMAND'])).filter((line) => !/lsns|node /.test(line)),
    mounts: (await readFile('/proc/self/mountinfo', 'utf8')).trim().split('\n'),
    iptables: (await output(['iptables-save'])).concat(await output(['ip6tables-save'])).filter((line) => !line.startsWith('#')),
    processes: (await processes()),
    // Cgroups are the whole machine's: of these, what this lab makes and what an engine outside of a lab would make.
    cgroups: cgroups.filter((path) => path.includes(`/netns-explorer-lab/${name}`) || (/docker|containerd|moby/.test(path) && !path.includes('/netns-explorer-lab/'))).sort(),
    run: (await output(['find', '/run', '-mindepth', '1'])).sort(),
    temporary: (await readdir('/tmp')).filter((entry) => /netns-explorer-lab/.test(entry)),
    data: await output(['sh', '-c', 'find /var/lib/docker /var/lib/containerd /etc/docker -maxdepth 2 2>/dev/null || :']),
    etc: await Promise.all(
      ['passwd', 'shadow', 'group', 'sudoers', 'hosts', 'resolv.conf', 'ssh/sshd_config', 'pam.d/sshd', 'pam.d/sudo'].map((file) => checksum(`/etc/${file}`)),
    ),
    sysctl: await output(['sysctl', 'net.ipv4.ip_forward', 'net.ipv4.conf.all.forwarding']),
    hostname: await output(['hostname']),
  };
}

/** What is left once what `down` ended is reaped, which is init's to do and takes a moment; what stays for 5 s is a leak. */
async function settledReadings(before) {
  const until = performance.now() + 5_000;
  for (;;) {
    const now = await readings();
    if (isDeepStrictEqual(now, before) || performance.now() > until) return now;
    await pause(100);
  }
}

async function inside(killAfter) {
  const rounds = [];
  const before = await readings();
  await run(['node', lab, 'up', '--name', name]);
  const during = await readings();
  const again = performance.now();
  await run(['node', lab, 'up', '--name', name]);
  const secondUpMs = performance.now() - again;
  // A paused container's processes end by no signal until they are let go on.
  const { hosts } = await readHosts(instance(name));
  await execIn(hosts.node1.process.pid, ['docker', 'pause', 'docker1n']);
  await run(['node', lab, 'down', '--name', name]);
  rounds.push({ what: 'up, up, pause, down', after: await settledReadings(before) });
  await run(['node', lab, 'down', '--name', name]);
  rounds.push({ what: 'down on what is down', after: await settledReadings(before) });
  for (const ms of killAfter) {
    const child = spawn('node', [lab, 'up', '--name', name], { stdio: 'ignore' });
    const gone = new Promise((resolve) => child.once('close', resolve));
    const timer = setTimeout(() => child.kill('SIGKILL'), ms);
    await gone;
    clearTimeout(timer);
    const left = await readings();
    await run(['node', lab, 'down', '--name', name]);
    rounds.push({ what: `up killed after ${ms} ms, down`, left: left.cgroups.length - before.cgroups.length, after: await settledReadings(before) });
  }
  process.stdout.write(JSON.stringify({ before, during, secondUpMs, rounds }));
}

const numbers = process.argv.slice(2).filter((word) => /^\d+$/.test(word)).map(Number);
if (process.argv.includes('--inside')) {
  await inside(numbers);
} else {
  // The shell stays as the first process there: orphans are its to reap, as they are init's on a whole machine.
  const script = 'mount -n -t tmpfs -o mode=755 none /run && ip link set lo up && { "$@" & wait "$!"; }';
  const apart = ['unshare', '--net', '--mount', '--pid', '--ipc', '--uts', '--fork', '--kill-child', '--mount-proc', '--propagation', 'private'];
  const child = spawn('unshare', [...apart.slice(1), '--', 'sh', '-c', script, 'sh', process.execPath, self, '--inside', ...numbers.map(String)], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  child.once('close', (code) => (process.exitCode = code ?? 1));
}
