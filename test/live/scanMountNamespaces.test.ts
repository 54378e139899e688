import { spawn } from 'node:child_process';
import { expect, it } from 'vitest';
import { enterCommand } from '../../src/core/command/enter';
import { enterTarget } from '../../src/core/command/enterTarget';
import { buildTopology } from '../../src/core/topology/buildTopology';
import { scanTable } from '../../src/core/report/scanTable';
import type { NamespaceRecord, Snapshot } from '../../src/core/model/snapshot';
import { ask, atEnd, describeAsRoot, inodeOf } from './commandSupport';
import { local, namespacesHere, prefixed, programs, scan, through, withPath } from './scanSupport';

/** A process in a mount namespace with a /run of its own, in which `ip netns add` and these lines were run. */
async function secondRun(name: string, ...lines: string[]): Promise<{ pid: number; mountNamespace: number; inode: number; end: () => Promise<void> }> {
  const setup = ['set -e', 'mount -t tmpfs none /run', 'mkdir /run/netns', 'ip netns add "$1"', ...lines, 'stat -L -c %i "/run/netns/$1"', 'exec sleep 300'].join('\n');
  const child = spawn('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', setup, 'second', name], { stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  atEnd(() => void child.kill());
  const printed = await new Promise<string>((resolve) => {
    let text = '';
    child.stdout.on('data', (data: Buffer) => {
      text += data.toString();
      if (text.endsWith('\n')) resolve(text);
    });
  });
  const pid = child.pid ?? 0;
  return {
    pid,
    inode: Number(printed),
    mountNamespace: inodeOf(`/proc/${String(pid)}/ns/mnt`),
    end: () => {
      child.kill();
      return closed;
    },
  };
}

const byInode = (snapshot: Snapshot, inode: number): NamespaceRecord | undefined => snapshot.namespaces.find((record) => record.inode === inode);
const unique = (word: string): string => `netns-explorer-test-${String(process.pid)}-${word}`;

describeAsRoot('a namespace that is bind-mounted in another mount namespace alone', () => {
  it('is found, read, shown and entered there', async () => {
    const name = unique('second');
    const { pid, mountNamespace, inode } = await secondRun(name, 'ip -n "$1" link add d0 type dummy 2>/dev/null || ip -n "$1" link add d0 type bridge');
    expect(namespacesHere()).not.toContain(inode);
    const snapshot = await scan(local());
    const record = byInode(snapshot, inode);
    expect(record).toMatchObject({ paths: [], mounts: [{ path: `/run/netns/${name}`, mountNamespace, pid }], processCount: 0, read: 'full' });
    expect(record?.links.map((link) => link.name)).toEqual(['lo', 'd0']);
    const topology = buildTopology([{ id: 'local', label: 'here', snapshot }]);
    const sandbox = topology.hosts[0]!.sandboxes.find((found) => found.inode === inode)!;
    expect(sandbox).toMatchObject({ role: 'named', title: name });
    expect(scanTable(topology)).toContain(`mnt:[${String(mountNamespace)}]/run/netns/${name}`);
    const entered = await local().run(enterCommand(enterTarget(topology, sandbox), { run: ['readlink', '/proc/self/ns/net'] }), { limitMs: 10_000 });
    expect(entered).toMatchObject({ stdout: `net:[${String(inode)}]\n`, code: 0 });
  });

  it('has one record for all its names, and copies of a mount table add none', async () => {
    const name = unique('names');
    const { pid, mountNamespace, inode } = await secondRun(name, 'mkdir "/run/two words"; touch "/run/two words/100%1"', 'mount --bind "/run/netns/$1" "/run/two words/100%1"');
    const copy = spawn('nsenter', [`--mount=/proc/${String(pid)}/ns/mnt`, 'unshare', '--mount', '--propagation', 'private', 'sh', '-c', 'echo ready; exec sleep 300'], { stdio: ['ignore', 'pipe', 'inherit'] });
    atEnd(() => void copy.kill());
    await new Promise((resolve) => copy.stdout.once('data', resolve));
    const found = (await scan(local())).namespaces.filter((record) => record.inode === inode);
    expect(found).toEqual([expect.objectContaining({
      mounts: [{ path: `/run/netns/${name}`, mountNamespace, pid }, { path: '/run/two words/100%1', mountNamespace, pid }],
      read: 'full',
    })]);
  });

  it('is entered by a name that needs quoting, even when the process that led there has ended', async () => {
    const odd = `${unique('odd')} 1%s$(x)`;
    const { pid, inode, end } = await secondRun(odd);
    const other = spawn('nsenter', [`--mount=/proc/${String(pid)}/ns/mnt`, 'sleep', '300'], { stdio: 'ignore' });
    atEnd(() => void other.kill());
    const snapshot = await scan(local());
    expect(byInode(snapshot, inode)).toMatchObject({ read: 'full', mounts: [{ path: `/run/netns/${odd}`, pid }] });
    const topology = buildTopology([{ id: 'local', label: 'here', snapshot }]);
    const target = enterTarget(topology, topology.hosts[0]!.sandboxes.find((found) => found.inode === inode)!);
    await end();
    const entered = await local().run(enterCommand(target, { run: ['readlink', '/proc/self/ns/net'] }), { limitMs: 10_000 });
    expect(entered).toMatchObject({ stdout: `net:[${String(inode)}]\n`, code: 0 });
  });

  it('under another mount there is known, and said to be out of reach', async () => {
    const { mountNamespace, inode } = await secondRun(unique('covered'));
    const covered = byInode(await scan(local()), inode);
    expect(covered).toMatchObject({ read: 'full' });
    ask('nsenter', `--mount=/proc/${String(covered?.mounts?.[0]?.pid)}/ns/mnt`, 'mount', '-t', 'tmpfs', 'none', '/run');
    const snapshot = await scan(local());
    expect(byInode(snapshot, inode)).toMatchObject({ read: 'none', mounts: [{ mountNamespace }] });
    expect(snapshot.errors).toContainEqual(expect.objectContaining({ place: { kind: 'host' }, code: 'failed', message: expect.stringContaining('other mounts cover') as string }));
  });

  it('is not looked for without awk, which is said', async () => {
    const { inode } = await secondRun(unique('awk'));
    const hide = 'for folder in /usr/bin /bin; do if [ -e $folder/awk ]; then mount --bind /dev/null $folder/awk; fi; done';
    const snapshot = await scan(through(local(), prefixed('unshare', '--mount', '--propagation', 'private', 'sh', '-ec', `${hide}\nexec "$@"`, 'no-awk')));
    expect(byInode(snapshot, inode)).toBeUndefined();
    expect(snapshot.errors).toContainEqual(expect.objectContaining({ place: { kind: 'host' }, code: 'tool-missing', message: expect.stringContaining('awk') as string }));
  });

  for (const awk of ['mawk', 'gawk', 'busybox']) {
    it(`is found with ${awk}'s awk`, async (context) => {
      const path = ask('sh', '-c', `command -v ${awk} || :`).trim();
      if (path === '') context.skip(`${awk} is not installed`);
      const { inode } = await secondRun(unique(awk));
      const folder = programs({ awk: `#!/bin/sh\nexec ${path}${awk === 'busybox' ? ' awk' : ''} "$@"\n` });
      expect(byInode(await scan(through(local(), withPath(folder))), inode)).toMatchObject({ read: 'full' });
    });
  }
});
