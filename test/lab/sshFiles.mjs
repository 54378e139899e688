// Keys, known_hosts and ssh_config of an instance.
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeWhole } from './instance.mjs';
import { run } from './processes.mjs';
import { addressesIn, hostKinds, markedEnvironment } from './hosts.mjs';

export const users = ['root', 'vagrant', 'nosudo', 'sudopw', 'pwonly'];
const keyTypes = ['ed25519', 'ecdsa', 'rsa'];

async function newKey(path, type, comment, env) {
  await run(['ssh-keygen', '-q', '-t', type, ...(type === 'rsa' ? ['-b', '2048'] : []), '-N', '', '-C', comment, '-f', path], { env });
}

/** Makes every key, and the passwords of the users that have one. */
export async function makeSecrets(lab) {
  const folder = join(lab.state, 'keys');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const env = markedEnvironment(lab);
  const jobs = [newKey(lab.clientKey, 'ed25519', `lab ${lab.name}`, env)];
  for (const host of hostKinds) {
    for (const type of keyTypes) jobs.push(newKey(join(folder, `${host.name}_${type}`), type, host.name, env));
  }
  await Promise.all(jobs);
  const hostKeys = {};
  for (const host of hostKinds) {
    hostKeys[host.name] = {};
    for (const type of keyTypes) {
      const path = join(folder, `${host.name}_${type}`);
      hostKeys[host.name][type] = { secret: await readFile(path, 'utf8'), public: (await readFile(`${path}.pub`, 'utf8')).trim() };
    }
  }
  await rm(folder, { recursive: true });
  return {
    hostKeys,
    clientPublicKey: (await readFile(`${lab.clientKey}.pub`, 'utf8')).trim(),
    passwords: { sudopw: randomBytes(9).toString('base64url'), pwonly: randomBytes(9).toString('base64url') },
  };
}

/** The files that a host's accounts.sh takes from its folder, by name. */
export function hostFiles(host, secrets, subnet) {
  const { of } = addressesIn(subnet);
  const files = {
    authorized_keys: `${secrets.clientPublicKey}\n`,
    passwords: Object.entries(secrets.passwords).map(([user, password]) => `${user}:${password}\n`).join(''),
    hosts: ['127.0.0.1 localhost', '::1 localhost', ...hostKinds.map((other) => `${of(other)} ${other.name}`), ''].join('\n'),
  };
  for (const [type, key] of Object.entries(secrets.hostKeys[host.name])) {
    files[`ssh_host_${type}_key`] = key.secret;
    files[`ssh_host_${type}_key.pub`] = `${key.public}\n`;
  }
  return files;
}

/** What `ssh` calls an alias: `node1` is its root, `node1-vagrant` the user of that name. */
export const aliasOf = (host, user) => (user === 'root' ? host.name : `${host.name}-${user}`);

/** Writes ssh_config and known_hosts. */
export async function writeSshFiles(lab, subnet, secrets) {
  const { of } = addressesIn(subnet);
  const known = [];
  const config = [];
  for (const host of hostKinds) {
    for (const key of Object.values(secrets.hostKeys[host.name])) known.push(`${of(host)} ${key.public.split(' ').slice(0, 2).join(' ')}`);
    for (const user of users) config.push(`Host ${aliasOf(host, user)}`, `  HostName ${of(host)}`, `  User ${user}`, '');
  }
  config.push('Host node2-jump', `  HostName ${of(hostKinds[1])}`, '  User root', '  ProxyJump node1', '');
  config.push(
    'Host *-pwonly',
    '  PubkeyAuthentication no',
    '',
    'Host *',
    '  Port 22',
    `  IdentityFile ${lab.clientKey}`,
    '  IdentitiesOnly yes',
    `  UserKnownHostsFile ${lab.knownHosts}`,
    '  GlobalKnownHostsFile none',
    '  StrictHostKeyChecking yes',
    '  ConnectTimeout 10',
    '',
  );
  await writeWhole(lab.knownHosts, `${known.join('\n')}\n`);
  await writeWhole(lab.sshConfig, config.join('\n'));
}
