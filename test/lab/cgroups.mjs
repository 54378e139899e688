// Each lab host is in a cgroup of its own in every hierarchy, and sees it as the root: its engine's groups lie below it,
// every process that ever starts there is found through it, and all of it can be removed again.
import { mkdir, mkdtemp, readdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { run } from './processes.mjs';
import { waitFor } from './wait.mjs';

const wantedV1 = ['cpu', 'cpuacct', 'cpuset', 'memory', 'devices', 'freezer', 'blkio', 'pids'];

async function mounts() {
  const text = await readFile('/proc/self/mountinfo', 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [left, right] = line.split(' - ');
      const fields = left.split(' ');
      const [type, , superOptions] = right.split(' ');
      return { root: fields[3], path: fields[4], type, options: superOptions.split(',') };
    });
}

/** The hierarchies that a lab host uses; `options` is what mount(8) needs to reach one. */
async function hierarchies() {
  const mounted = await mounts();
  if (mounted.some((mount) => mount.path === '/sys/fs/cgroup' && mount.type === 'cgroup2')) {
    return [{ version: 2, options: '', path: '/sys/fs/cgroup' }];
  }
  const list = [];
  for (const line of (await readFile('/proc/self/cgroup', 'utf8')).trimEnd().split('\n')) {
    const controllers = line.split(':')[1];
    if (controllers) list.push(controllers);
  }
  const there = new Set(list.flatMap((controllers) => controllers.split(',')));
  const known = (await readFile('/proc/cgroups', 'utf8')).split('\n').map((line) => line.split('\t'));
  for (const controller of wantedV1) {
    if (!there.has(controller) && known.some(([name, , , enabled]) => name === controller && enabled === '1')) list.push(controller);
  }
  // runc looks for it even where no systemd runs.
  if (!there.has('name=systemd')) list.push('name=systemd');
  return list.map((controllers) => ({
    version: 1,
    options: controllers.startsWith('name=') ? `none,${controllers}` : controllers,
    path: mounted.find(
      (mount) => mount.type === 'cgroup' && mount.root === '/' && controllers.split(',').every((name) => mount.options.includes(name)),
    )?.path,
  }));
}

/** Gives `work` the hierarchies with a path each; one that is mounted nowhere is mounted for that long. */
async function withHierarchies(work) {
  const list = await hierarchies();
  let folder;
  const temporary = [];
  try {
    for (const hierarchy of list) {
      if (hierarchy.path !== undefined) continue;
      folder ??= await mkdtemp(join(tmpdir(), 'netns-explorer-lab-cgroup-'));
      const path = join(folder, String(temporary.length));
      await mkdir(path);
      await run(['mount', '-n', '-t', 'cgroup', '-o', hierarchy.options, 'cgroup', path]);
      temporary.push(path);
      hierarchy.path = path;
    }
    return await work(list);
  } finally {
    for (const path of temporary) await run(['umount', '-n', path]);
    if (folder !== undefined) await rm(folder, { recursive: true });
  }
}

async function makeGroup(hierarchy, relative) {
  let path = hierarchy.path;
  for (const part of relative.split('/')) {
    const parent = path;
    path = join(path, part);
    if (hierarchy.version === 2) {
      const controllers = (await readFile(join(parent, 'cgroup.controllers'), 'utf8')).trim();
      if (controllers) await writeFile(join(parent, 'cgroup.subtree_control'), controllers.replace(/(^| )/g, '$1+'));
    }
    await mkdir(path, { recursive: true });
    // A new cpuset has no processors and no memory nodes until it is told, and takes no process.
    for (const file of ['cpuset.mems', 'cpuset.cpus']) {
      if (hierarchy.version !== 1) continue;
      const own = await readFile(join(path, file), 'utf8').catch(() => undefined);
      if (own !== undefined && own.trim() === '') await writeFile(join(path, file), await readFile(join(dirname(path), file)));
    }
  }
  return path;
}

/** Makes the group in every hierarchy and gives `work` the `cgroup.procs` files by which a process enters it. */
export function withGroup(relative, work) {
  return withHierarchies(async (list) => {
    const files = [];
    for (const hierarchy of list) files.push(join(await makeGroup(hierarchy, relative), 'cgroup.procs'));
    return work(files);
  });
}

async function subgroups(path) {
  const found = [];
  for (const entry of await readdir(path, { withFileTypes: true }).catch(() => [])) {
    if (entry.isDirectory()) found.push(...(await subgroups(join(path, entry.name))));
  }
  found.push(path);
  return found;
}

/** The processes in the group and below it, in any hierarchy. */
export function groupProcesses(relative) {
  return withHierarchies(async (list) => {
    const pids = new Set();
    for (const hierarchy of list) {
      for (const path of await subgroups(join(hierarchy.path, relative))) {
        const text = await readFile(join(path, 'cgroup.procs'), 'utf8').catch(() => '');
        for (const line of text.split('\n')) if (line !== '') pids.add(Number(line));
      }
    }
    return [...pids];
  });
}

/**
 * Lets what is frozen in the group and below it go on (`docker pause`): in a frozen group of version 1 not even SIGKILL ends a process (freezer-subsystem.rst, "states").
 * A group whose parent is frozen stays so until that one is thawed, hence from the top on.
 */
export function thawGroup(relative) {
  return withHierarchies(async (list) => {
    for (const hierarchy of list) {
      const [file, value] = hierarchy.version === 2 ? ['cgroup.freeze', '0'] : ['freezer.state', 'THAWED'];
      for (const path of (await subgroups(join(hierarchy.path, relative))).reverse()) {
        // Only the freezer's hierarchy has it, and a group may go meanwhile.
        await writeFile(join(path, file), value, { flag: 'r+' }).catch((error) => {
          if (error.code !== 'ENOENT' && error.code !== 'ENODEV') throw error;
        });
      }
    }
  });
}

/** Removes the group and all below it, and its parents where nobody else uses them. Its processes must be gone. */
export function removeGroup(relative) {
  return withHierarchies(async (list) => {
    for (const hierarchy of list) {
      const top = join(hierarchy.path, relative);
      for (const path of await subgroups(top)) {
        // A group stays busy for a moment after its last process.
        await waitFor(`${path} to be removable`, async () => {
          try {
            await rmdir(path);
          } catch (error) {
            if (error.code !== 'ENOENT') throw error;
          }
          return true;
        }, 10_000);
      }
      for (let parent = dirname(relative); parent !== '.'; parent = dirname(parent)) {
        await rmdir(join(hierarchy.path, parent)).catch(() => undefined);
      }
    }
  });
}
