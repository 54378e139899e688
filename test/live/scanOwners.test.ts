import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { buildTopology } from '../../src/core/topology/buildTopology';
import { atEnd, describeAsRoot, inodeOf } from './commandSupport';
import { local, scan } from './scanSupport';

/** Where a control group of this machine can be made: the hierarchy of version 2, else one of version 1. */
function hierarchy(): string | undefined {
  const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n').map((line) => line.split(' '));
  return (mounts.find(([, , type, options]) => type === 'cgroup' && options?.split(',').includes('pids')) ?? mounts.find(([, , type]) => type === 'cgroup2'))?.[1];
}

describeAsRoot('the owner of a namespace (stand-ins: real control groups that bear the names which engines give)', () => {
  const id = String(process.pid).padStart(64, 'a');
  it.each([
    [`libpod-${id}.scope`, 'container', `podman ${id.slice(0, 12)}`],
    [`lxc.payload.netns-explorer-${String(process.pid)}`, 'container', `netns-explorer-${String(process.pid)}`],
  ])('%s', async (name, role, title) => {
    const root = hierarchy();
    if (root === undefined) throw new Error('No hierarchy of control groups is mounted here.');
    const folder = join(root, name);
    mkdirSync(folder);
    const child = spawn('unshare', ['--net', 'sh', '-c', 'echo ready; exec sleep 300'], { stdio: ['ignore', 'pipe', 'inherit'] });
    const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
    atEnd(() => void child.kill());
    try {
      await new Promise((resolve) => child.stdout.once('data', resolve));
      writeFileSync(join(folder, 'cgroup.procs'), String(child.pid));
      const inode = inodeOf(`/proc/${String(child.pid)}/ns/net`);
      const topology = buildTopology([{ id: 'local', label: 'here', snapshot: await scan(local()) }]);
      expect(topology.hosts[0]!.sandboxes.find((sandbox) => sandbox.inode === inode)).toMatchObject({ role, title });
    } finally {
      child.kill();
      await closed;
      rmdirSync(folder);
    }
  });
});
