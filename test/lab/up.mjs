// Brings an instance up, or finds that it is up already.
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { takeDown } from './down.mjs';
import { createNetwork, engineOf, importImage, makeSwarm, overlayWorks, startContainer, startCrowd, startService, swarmReady } from './engineObjects.mjs';
import { addressesIn, hostKinds, markedEnvironment, startHost, startSwitch, wire } from './hosts.mjs';
import { LabError, labRoot, readHosts, withLock, writeWhole } from './instance.mjs';
import { addOddities } from './oddities.mjs';
import { isAlive, run } from './processes.mjs';
import { aliasOf, hostFiles, makeSecrets, users, writeSshFiles } from './sshFiles.mjs';
import { freeSubnet } from './subnet.mjs';
import { waitFor } from './wait.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));

const programs = ['ip', 'bridge', 'unshare', 'nsenter', 'mount', 'pivot_root', 'busybox', 'dockerd', 'containerd', 'iptables', 'ssh-keygen', 'sudo', 'ldd', 'tar'];

/** What stands against a lab on this machine, as a sentence; undefined where nothing does. */
export async function obstacle() {
  if (process.platform !== 'linux') return 'The lab needs Linux.';
  if (process.getuid() !== 0) return 'The lab needs root, because it makes network namespaces and runs container engines.';
  const missing = [];
  for (const program of [...programs, '/usr/sbin/sshd']) {
    if ((await run(['sh', '-c', 'command -v "$1"', 'sh', program], { check: false })).code !== 0) missing.push(program);
  }
  if (missing.length > 0) return `The lab needs ${missing.join(', ')}, which this machine lacks; "node scripts/systemPackages.mjs lab" installs them.`;
  return undefined;
}

/** Whether everything that `hosts.json` describes is there and answers. */
export async function verify(hosts) {
  if (!(await isAlive(hosts.switch))) return 'the switch is gone';
  for (const [name, host] of Object.entries(hosts.hosts)) {
    if (!(await isAlive(host.process))) return `${name} is gone`;
    try {
      await sshAnswers(name, host.address, 2_000);
      if (host.engine) await engineOf(name, host.process.pid, 2_000);
    } catch (error) {
      return error.message;
    }
  }
  return undefined;
}

/** Waits for sshd's greeting (RFC 4253, 4.2). */
function sshAnswers(name, address, limitMs) {
  return waitFor(`sshd of ${name} to answer at ${address}`, () => new Promise((resolve, reject) => {
    const socket = createConnection({ host: address, port: 22, timeout: 1_000 });
    socket.once('data', (data) => {
      socket.destroy();
      resolve(data.toString('latin1').startsWith('SSH-2.0-'));
    });
    socket.once('error', reject);
    socket.once('timeout', () => {
      socket.destroy();
      reject(new Error('no answer'));
    });
  }), limitMs);
}

async function buildImage(lab) {
  const folder = join(lab.state, 'image');
  const archive = join(lab.state, 'image.tar');
  const child = spawn('sh', [join(here, 'image.sh'), folder], { env: markedEnvironment(lab), stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  await pipeline(child.stdout, createWriteStream(archive, { mode: 0o600 }));
  const code = await ended;
  if (code !== 0) throw new Error(`image.sh exited with ${code}`);
  await rm(folder, { recursive: true });
  return archive;
}

/**
 * Brings the instance up. `scale`: that many more containers on node1. `say` is told what is going on. When `signal` aborts
 * meanwhile, what was started is taken down again.
 * @returns the contents of hosts.json. @throws LabError where the lab cannot be here; the signal's reason.
 */
export async function bringUp(lab, { scale = 0, say = () => undefined, signal } = {}) {
  const against = await obstacle();
  if (against !== undefined) throw new LabError(against);
  return withLock(lab.name, async () => {
    const present = await readHosts(lab);
    if (present !== undefined && present.scale >= scale) {
      const fault = await verify(present);
      if (fault === undefined) return present;
      say(`${fault}; starting the lab anew`);
    }
    await takeDown(lab);
    try {
      const step = (text) => {
        signal?.throwIfAborted();
        say(text);
      };
      const description = await build(lab, scale, step, signal);
      signal?.throwIfAborted();
      return description;
    } catch (error) {
      // Kept for a look at its logs would be a leak on a machine that is not ours; the message carries what matters.
      await takeDown(lab);
      throw error;
    }
  });
}

async function build(lab, scale, say, signal) {
  await mkdir(join(lab.state, 'log'), { recursive: true, mode: 0o700 });
  say('making keys, image and switch');
  const [secrets, archive, switchProcess] = await Promise.all([makeSecrets(lab), buildImage(lab), startSwitch(lab)]);

  say('starting the hosts');
  // A free subnet stays free only until it is used: choosing and using it is one step for all instances.
  const { subnet, hosts } = await withLock('subnet', async () => {
    const subnet = await freeSubnet();
    const hosts = await Promise.all(
      hostKinds.map(async (host) => {
        const identity = await startHost(lab, host, hostFiles(host, secrets, subnet));
        return { host, identity, pid: identity.pid, address: addressesIn(subnet).of(host) };
      }),
    );
    await wire(lab, subnet, switchProcess.pid, hosts);
    return { subnet, hosts };
  });
  await writeSshFiles(lab, subnet, secrets);
  const [node1, node2] = hosts;

  say('starting engines and swarm');
  const [first, second] = await Promise.all([node1, node2].map(({ host, pid }) => engineOf(host.name, pid)));
  await Promise.all([importImage(first, archive), importImage(second, archive), makeSwarm(first, node1.address, second, node2.address)]);
  await Promise.all([node1, node2].map(({ host, pid }) => swarmReady(host.name, pid)));
  await rm(archive);

  say('starting networks and containers');
  const networks = {
    mynet01: await createNetwork(first, 'mynet01', 'overlay', '10.13.17.0/24', { Attachable: true, Internal: true }),
    mynet02: await createNetwork(first, 'mynet02', 'overlay', '10.13.18.0/24', { Attachable: true }),
    appnet: await createNetwork(first, 'appnet', 'bridge', '172.28.0.0/24'),
  };
  const features = { macvlan: true };
  try {
    networks.macnet = await createNetwork(first, 'macnet', 'macvlan', '10.13.19.0/24', { Options: { parent: 'eth0' } });
  } catch (error) {
    features.macvlan = false;
    say(`no macvlan network: ${error.message}`);
  }
  const httpd = ['httpd', '-f', '-p', '80', '-h', '/www'];
  const onFirst = [
    { name: 'docker1n', hostname: 'docker1h', network: 'mynet01', ip: '10.13.17.7', cmd: httpd },
    { name: 'twonets', network: 'mynet01', ip: '10.13.17.9', alsoOn: ['mynet02'] },
    { name: 'web1', network: 'appnet', ip: '172.28.0.11', cmd: httpd, ports: { '80/tcp': 8080 } },
    { name: 'web2', network: 'appnet', ip: '172.28.0.12', labels: { 'note<b>': '<img src=x onerror="alert(1)">', quotes: `it's "$(id)"; \u001b[31mred` } },
    ...(features.macvlan ? [{ name: 'lanbox', network: 'macnet', ip: '10.13.19.5' }] : []),
    { name: 'hosted', network: 'host' },
    { name: 'lonely', network: 'none' },
    { name: 'stopped', network: 'appnet', stopped: true },
  ];
  const onSecond = [
    { name: 'docker2n', hostname: 'docker2h', network: 'mynet01', ip: '10.13.17.8', cmd: httpd },
    // No fixed address: the service's tasks are on that network too, and would be given it while this container is stopped.
    { name: 'docker2m', network: 'mynet02' },
  ];
  const containers = {};
  const start = (call, host) => async (spec) => {
    containers[spec.name] = { id: await startContainer(call, spec), host, ...spec };
  };
  await Promise.all([
    Promise.all(onFirst.map(start(first, 'node1'))).then(() => start(first, 'node1')({ name: 'sidecar', network: 'container:docker1n' })),
    Promise.all(onSecond.map(start(second, 'node2'))),
    addOddities(node1.pid).then((odd) => (features.odd = odd)),
  ]);
  const services = { svc: await startService(first, 'svc', networks.mynet02, 2) };
  if (scale > 0) {
    say(`starting ${scale} more containers`);
    await startCrowd(first, scale, signal);
  }

  say('waiting for the overlay');
  await Promise.all(hosts.map(({ host, address }) => sshAnswers(host.name, address, 15_000)));
  await overlayWorks(node1.pid, node2.pid);

  const { root, gateway } = addressesIn(subnet);
  const description = {
    name: lab.name,
    state: lab.state,
    sshConfig: lab.sshConfig,
    knownHosts: lab.knownHosts,
    clientKey: lab.clientKey,
    subnet,
    rootAddress: root,
    rootDevice: lab.rootDevice,
    gateway,
    switch: switchProcess,
    passwords: secrets.passwords,
    scale,
    features,
    networks,
    containers,
    services,
    hosts: Object.fromEntries(
      hosts.map(({ host, identity, address }) => [
        host.name,
        {
          address,
          port: 22,
          engine: host.kind === 'engine',
          process: identity,
          aliases: Object.fromEntries(users.map((user) => [user, aliasOf(host, user)])),
          hostKeys: Object.fromEntries(Object.entries(secrets.hostKeys[host.name]).map(([type, key]) => [type, key.public])),
        },
      ]),
    ),
  };
  await writeWhole(lab.hostsFile, `${JSON.stringify(description, null, 2)}\n`);
  return description;
}

/** The instances whose state exists. */
export async function instances() {
  const entries = await readdir(labRoot, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}
