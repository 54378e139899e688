// Where an instance of the lab keeps what it knows of itself, and who may work on it at a time.
import { mkdir, readdir, readFile, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isAlive, selfIdentity } from './processes.mjs';
import { waitFor } from './wait.mjs';

export const labRoot = '/run/netns-explorer-lab';

/** A fault that a person can act on: printed as its message alone. */
export class LabError extends Error {
  name = 'LabError';
}

/**
 * The names and paths of one instance. The name becomes part of a device name (15 bytes at most), hence its limits.
 * @throws LabError for a name that cannot be one.
 */
export function instance(name) {
  if (!/^[a-z][a-z0-9-]{0,9}$/.test(name)) {
    throw new LabError(`"${name}" is no name for a lab: one lower-case letter, then up to nine letters, digits or dashes.`);
  }
  const state = join(labRoot, name);
  return {
    name,
    state,
    /** The root namespace's end of the cable into the lab. */
    rootDevice: `nel-${name}`,
    hostsFile: join(state, 'hosts.json'),
    sshConfig: join(state, 'ssh_config'),
    knownHosts: join(state, 'known_hosts'),
    clientKey: join(state, 'client_key'),
    cgroup: `netns-explorer-lab/${name}`,
  };
}

/** Written at once and whole, so that a reader never sees half of it. */
export async function writeWhole(path, text, mode = 0o600) {
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, text, { mode });
  await rename(draft, path);
}

/** The description of a lab that is up, or undefined. */
export async function readHosts(lab) {
  try {
    return JSON.parse(await readFile(lab.hostsFile, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT' || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

async function removeIfDead(lock) {
  const text = await readFile(lock, 'utf8').catch(() => '');
  // An empty file is a holder between creating and writing, or one that died there: its age tells.
  const age = text === '' ? Date.now() - ((await stat(lock).catch(() => undefined))?.mtimeMs ?? Date.now()) : 0;
  if (text === '' ? age > 2_000 : !(await isAlive(JSON.parse(text)))) await rm(lock, { force: true });
}

/** Locks whose holders were killed: nobody may come for them any more. */
export async function removeDeadLocks() {
  const names = await readdir(labRoot).catch(() => []);
  await Promise.all(names.filter((name) => name.endsWith('.lock')).map((name) => removeIfDead(join(labRoot, name))));
}

/**
 * Runs `work` while nobody else holds the lock of that name. A holder that died without letting go is found by its
 * process id and start time. @throws LabError after the limit.
 */
export async function withLock(name, work, limitMs = 180_000) {
  await mkdir(labRoot, { recursive: true, mode: 0o755 });
  const path = join(labRoot, `${name}.lock`);
  const mine = JSON.stringify(await selfIdentity());
  const free = async () => {
    try {
      await mkdir(labRoot, { recursive: true, mode: 0o755 });
      await writeFile(path, mine, { flag: 'wx' });
      return true;
    } catch (error) {
      if (error.code === 'ENOENT') return false;
      if (error.code !== 'EEXIST') throw error;
      await removeIfDead(path);
      return false;
    }
  };
  await waitFor(`another run to let go of ${path}`, free, limitMs);
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
    // Fails while another instance is there, which is right.
    await rmdir(labRoot).catch(() => undefined);
  }
}
