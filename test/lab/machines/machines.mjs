// Two virtual machines with a wire between them, for device kinds that the lab's own kernel may lack. They are reached over SSH on loopback alone.
//   node test/lab/machines/machines.mjs     boots them, prints the SSH configuration and runs until Ctrl-C
import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensurePackages } from '../../../scripts/systemPackages.mjs';
import { makeInitramfs } from './initramfs.mjs';
import { machineKernel, run } from './kernel.mjs';

const bootLimitMs = 120_000;
const names = ['vm1', 'vm2'];

/**
 * Boots both. `vm1` has 192.168.57.11 on eth1, `vm2` 192.168.57.12; eth0 of each is the way in from here.
 * @returns {Promise<{ sshConfig: string, names: string[], run: (name: string, script: string) => string, stop: () => Promise<void> }>} `stop` ends them and removes all files
 * @throws Error with a sentence
 */
export async function startMachines() {
  const missing = ensurePackages(['machines']);
  if (missing !== undefined) throw new Error(missing);
  const kernel = await machineKernel();
  const folder = await mkdtemp(join(tmpdir(), 'netns-machines-'));
  const children = [];
  const stop = async () => {
    await Promise.all(children.map(end));
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const key = join(folder, 'id');
    const hostKey = join(folder, 'host_key');
    for (const file of [key, hostKey]) run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'netns-explorer-lab', '-f', file]);
    const archive = join(folder, 'initramfs.gz');
    makeInitramfs({ file: archive, folder, modulesFolder: kernel.modules, authorizedKey: await readFile(`${key}.pub`, 'utf8'), hostKey });
    const ports = await freePorts(names.length);
    const booted = names.map((_name, at) => boot({ kernel, archive, number: at + 1, port: ports[at], folder }));
    children.push(...booted.map(({ child }) => child));
    const [type, text] = (await readFile(`${hostKey}.pub`, 'utf8')).split(' ');
    const known = join(folder, 'known_hosts');
    await writeFile(known, ports.map((port) => `[127.0.0.1]:${port} ${type} ${text}\n`).join(''));
    const sshConfig = join(folder, 'ssh_config');
    const hosts = names.map((name, at) => `Host ${name}\n  HostName 127.0.0.1\n  Port ${ports[at]}\n`);
    await writeFile(sshConfig, `${hosts.join('')}Host *\n  User root\n  IdentityFile ${key}\n  IdentitiesOnly yes\n  UserKnownHostsFile ${known}\n  StrictHostKeyChecking yes\n`, { mode: 0o600 });
    await Promise.all(booted.map(({ ready }) => ready));
    for (const name of names) await answers(sshConfig, name);
    return { sshConfig, names, stop, run: (name, script) => runThere(sshConfig, name, script) };
  } catch (error) {
    await stop();
    throw error;
  }
}

function boot({ kernel, archive, number, port, folder }) {
  const wire = (end, of) => `${end}.type=unix,${end}.path=${join(folder, `wire${of}`)}`;
  const child = spawn('qemu-system-x86_64', [
    '-accel', 'tcg', '-m', '384', '-smp', '1', '-nographic', '-no-reboot', '-nodefaults', '-serial', 'stdio',
    '-kernel', kernel.image, '-initrd', archive, '-append', `console=ttyS0 quiet panic=1 machine=${number}`,
    '-object', 'rng-random,filename=/dev/urandom,id=rng0', '-device', 'virtio-rng-pci,rng=rng0',
    '-netdev', `user,id=in,restrict=on,hostfwd=tcp:127.0.0.1:${port}-:22`, '-device', `virtio-net-pci,netdev=in,mac=52:54:00:00:00:0${number}`,
    '-netdev', `dgram,id=wire,${wire('local', number)},${wire('remote', names.length + 1 - number)}`, '-device', `virtio-net-pci,netdev=wire,mac=52:54:00:00:01:0${number}`,
  ], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  const ready = new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`vm${number} did not boot within ${bootLimitMs / 1000} s; it said: ${said.slice(-500)}`)), bootLimitMs);
    const listen = (data) => {
      said = (said + data.toString('latin1')).slice(-20_000);
      if (!said.includes('MACHINE-READY')) return;
      clearTimeout(late);
      resolve();
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    child.once('error', (error) => {
      clearTimeout(late);
      reject(new Error(`qemu-system-x86_64 cannot be started: ${error.message}`));
    });
    child.once('exit', (code) => {
      clearTimeout(late);
      reject(new Error(`vm${number} ended with status ${code}: ${said.slice(-500)}`));
    });
  });
  // Told to whoever waits for it.
  ready.catch(() => undefined);
  return { child, ready };
}

/** Its network is up a moment after the machine says so. */
function runThere(sshConfig, name, script) {
  const { status, stdout, stderr } = spawnSync('ssh', ['-F', sshConfig, name, 'sh', '-s'], { input: script, encoding: 'utf8', timeout: 60_000 });
  if (status !== 0) throw new Error(`${name}: ${stderr}`);
  return stdout;
}

async function answers(sshConfig, name) {
  const until = Date.now() + 20_000;
  for (;;) {
    const { status, stderr } = spawnSync('ssh', ['-F', sshConfig, '-o', 'BatchMode=yes', '-o', 'ConnectTimeout=5', name, 'true'], { encoding: 'utf8', timeout: 10_000 });
    if (status === 0) return;
    if (Date.now() > until) throw new Error(`${name} lets nobody in over SSH: ${stderr.trim()}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

function end(child) {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', resolve);
    child.kill('SIGKILL');
  });
}

/** Ports that nobody listens on now; all are held until the last one is known. */
async function freePorts(count) {
  const servers = await Promise.all(Array.from({ length: count }, () => new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(server));
  })));
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const machines = await startMachines();
  console.log(`ssh -F ${machines.sshConfig} vm1`);
  const done = () => machines.stop().then(() => process.exit(0));
  process.once('SIGINT', done);
  process.once('SIGTERM', done);
}
