// The lab's machines: what they are called, how they are started and wired, and how a command is run in one.
import { spawn } from 'node:child_process';
import { copyFile, mkdir, open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withGroup } from './cgroups.mjs';
import { identityOf, run } from './processes.mjs';
import { waitFor } from './wait.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));

export const hostKinds = [
  { name: 'node1', kind: 'engine', last: 11 },
  { name: 'node2', kind: 'engine', last: 12 },
  { name: 'bare', kind: 'bare', last: 13 },
];

/** In the environment of every process that the lab starts; `down` finds by it what it finds no other way. */
export const marker = 'NETNS_EXPLORER_LAB';

/** The environment for programs that `up` runs: should it be killed, `down` ends them. */
export const markedEnvironment = (lab) => ({ ...process.env, [marker]: lab.name });

const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Addresses in a subnet `a.b.c.0/24`. */
export function addressesIn(subnet) {
  const prefix = subnet.replace(/\.0\/24$/, '');
  return { root: `${prefix}.1`, gateway: `${prefix}.254`, of: (host) => `${prefix}.${host.last}` };
}

/** Starts argv detached in the given cgroup, its output in a log file. @returns its process id. */
async function startDetached(lab, group, argv, env, log) {
  const output = await open(log, 'a', 0o600);
  try {
    return await withGroup(group, (files) => {
      const join = files.map((file) => `echo $$ >'${file}'`).join(' && ');
      const child = spawn('sh', ['-c', `${join} && exec "$@"`, 'sh', ...argv], {
        detached: true,
        cwd: '/',
        env: { PATH: path, HOME: '/root', LANG: 'C.UTF-8', [marker]: lab.name, ...env },
        stdio: ['ignore', output.fd, output.fd],
      });
      child.unref();
      // Hierarchies that are mounted for this moment only must stay until the process has entered them.
      return waitFor(`${argv[0]} to start`, async () => {
        if (child.exitCode !== null) throw new Error(`${argv[0]} ended at once; see ${log}`);
        const command = await readFile(`/proc/${child.pid}/comm`, 'utf8').catch(() => '');
        return command !== '' && !['node', 'sh', 'MainThread'].includes(command.trim()) ? child.pid : undefined;
      }, 5_000, 5);
    });
  } finally {
    await output.close();
  }
}

/** Starts the namespace that holds the switch between the hosts, and gives its process's identity. */
export async function startSwitch(lab) {
  const argv = ['unshare', '--net', '--', 'sleep', '2147483647'];
  const pid = await startDetached(lab, `${lab.cgroup}/switch`, argv, {}, join(lab.state, 'log', 'switch'));
  await waitFor('the switch to have its namespace', async () => (await readFile(`/proc/${pid}/comm`, 'utf8')).trim() === 'sleep', 5_000, 5);
  return identityOf(pid);
}

/** Starts a host and gives the identity of its first process, as the machine sees it. */
export async function startHost(lab, host, files) {
  const folder = join(lab.state, 'hosts', host.name);
  await mkdir(join(folder, 'root'), { recursive: true, mode: 0o700 });
  for (const name of ['init.sh', 'accounts.sh', 'lab-engine']) await copyFile(join(here, 'host', name), join(folder, name));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text, { mode: 0o600 });
  const argv = ['unshare', '--net', '--mount', '--uts', '--ipc', '--cgroup', '--pid', '--fork', '--', 'sh', join(folder, 'init.sh')];
  const env = { LAB_HOST: host.name, LAB_FOLDER: folder, LAB_KIND: host.kind };
  const log = join(lab.state, 'log', host.name);
  await startDetached(lab, `${lab.cgroup}/${host.name}`, argv, env, log);
  const pid = await waitFor(`${host.name} to start (its log is ${log})`, async () => {
    const text = await readFile(join(folder, 'pid'), 'utf8').catch(() => '');
    return text === '' ? undefined : Number(text);
  }, 10_000, 10);
  return identityOf(pid);
}

const inNetOf = (pid, argv) => ['nsenter', `--net=/proc/${pid}/ns/net`, ...argv];

/** Cables: root namespace to switch, switch to every host. */
export async function wire(lab, subnet, switchPid, hosts) {
  const { root, gateway, of } = addressesIn(subnet);
  const env = markedEnvironment(lab);
  await run(['ip', '-batch', '-'], {
    env,
    input: [
      `link add ${lab.rootDevice} type veth peer name uplink netns ${switchPid}`,
      `addr add ${root}/24 dev ${lab.rootDevice}`,
      `link set ${lab.rootDevice} up`,
    ].join('\n'),
  });
  await run(inNetOf(switchPid, ['ip', '-batch', '-']), {
    env,
    input: [
      'link set lo up',
      'link add lab0 type bridge',
      `addr add ${gateway}/24 dev lab0`,
      'link set lab0 up',
      'link set uplink master lab0 up',
      ...hosts.flatMap(({ host, pid }) => [`link add ${host.name} type veth peer name eth0 netns ${pid}`, `link set ${host.name} master lab0 up`]),
    ].join('\n'),
  });
  // The gateway leads nowhere: with forwarding on it says so at once, instead of letting hosts wait.
  await run(inNetOf(switchPid, ['sh', '-c', 'echo 1 >/proc/sys/net/ipv4/ip_forward']), { env });
  for (const { host, pid } of hosts) {
    await run(inNetOf(pid, ['ip', '-batch', '-']), {
      env,
      input: [`addr add ${of(host)}/24 dev eth0`, 'link set eth0 up', `route add default via ${gateway}`].join('\n'),
    });
  }
}

/** The argv that runs a command in a host as its root, in all of its namespaces and cgroups. */
export async function execArgv(pid, argv) {
  const script = await readFile(join(here, 'host', 'join.sh'), 'utf8');
  const environment = ['env', '-i', `PATH=${path}`, 'HOME=/root', 'LANG=C.UTF-8', `TERM=${process.env.TERM ?? 'dumb'}`];
  return ['nsenter', '--target', String(pid), '--mount', '--uts', '--ipc', '--net', '--cgroup', '--pid', '--', ...environment, 'sh', '-c', script, 'sh', ...argv];
}

/** Runs a command in a host. Options as `run` has them. */
export async function execIn(pid, argv, options) {
  return run(await execArgv(pid, argv), options);
}
