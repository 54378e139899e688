import { spawn } from 'node:child_process';
import { expect, it } from 'vitest';
import { enterCommand } from '../../src/core/command/enter';
import { enterTarget } from '../../src/core/command/enterTarget';
import type { NamespaceRecord, Snapshot } from '../../src/core/model/snapshot';
import { buildTopology } from '../../src/core/topology/buildTopology';
import { atEnd, describeAsRoot, inodeOf } from './commandSupport';
import { local, prefixed, programs, scan, through, withPath } from './scanSupport';

/** Starts a program that prints a line when it is ready, and stays. */
async function running(...argv: [string, ...string[]]): Promise<{ pid: number; printed: string }> {
  const child = spawn(argv[0], argv.slice(1), { stdio: ['ignore', 'pipe', 'inherit'] });
  atEnd(() => void child.kill());
  const printed = await new Promise<string>((resolve, reject) => {
    let text = '';
    child.stdout.on('data', (data: Buffer) => {
      text += data.toString();
      if (text.endsWith('\n')) resolve(text.trim());
    });
    child.once('close', () => reject(new Error(`${argv[0]} ended.`)));
  });
  return { pid: child.pid ?? 0, printed };
}

const byInode = (snapshot: Snapshot, inode: number): NamespaceRecord | undefined => snapshot.namespaces.find((record) => record.inode === inode);

async function enters(snapshot: Snapshot, inode: number): Promise<string> {
  const topology = buildTopology([{ id: 'local', label: 'here', snapshot }]);
  const sandbox = topology.hosts[0]!.sandboxes.find((found) => found.inode === inode)!;
  return (await local().run(enterCommand(enterTarget(topology, sandbox), { run: ['readlink', '/proc/self/ns/net'] }), { limitMs: 10_000 })).stdout.trim();
}

/** Its main thread stays where it was. */
const threadElsewhere = `
import ctypes, os, threading, time
def other():
    if ctypes.CDLL(None, use_errno=True).unshare(0x40000000) != 0: os._exit(1)
    print(os.stat("/proc/thread-self/ns/net").st_ino, threading.get_native_id(), flush=True)
    time.sleep(300)
threading.Thread(target=other, daemon=True).start()
time.sleep(300)`;

/** TUNSETIFF with IFF_TAP | IFF_NO_PI (linux/if_tun.h). */
const tapOwner = `
import fcntl, os, struct, sys, time
device = os.open("/dev/net/tun", os.O_RDWR)
fcntl.ioctl(device, 0x400454ca, struct.pack("16sH22x", sys.argv[1].encode(), 0x1002))
print("ready", flush=True)
time.sleep(300)`;

describeAsRoot('a namespace that', () => {
  it('a descriptor alone holds is found where that is asked for, and entered', async () => {
    const name = `netns-explorer-test-${String(process.pid)}-held`;
    const { pid, printed } = await running('sh', '-c', 'ip netns add "$1" && exec 5<"/run/netns/$1" && stat -L -c %i "/run/netns/$1" && ip netns del "$1" && exec sleep 300', 'held', name);
    const inode = Number(printed);
    await expect.poll(async () => byInode(await scan(local(), { sources: ['fds'] }), inode)?.descriptors, { timeout: 20_000 }).toEqual([{ pid, comm: 'sleep', id: 5 }]);
    const snapshot = await scan(local(), { sources: ['fds'] });
    expect(byInode(snapshot, inode)).toMatchObject({ paths: [], processCount: 0, read: 'full', links: [{ name: 'lo' }] });
    expect(snapshot.host.sources).toEqual(['fds']);
    expect(await enters(snapshot, inode)).toBe(`net:[${String(inode)}]`);
    const without = await scan(local());
    expect(byInode(without, inode)).toBeUndefined();
    expect(without.host.sources).toBeUndefined();
  });

  it('a process and a descriptor hold is one, with both ways; other kinds of namespaces are none', async () => {
    const { pid, printed } = await running('unshare', '--net', '--uts', '--ipc', 'sh', '-c', 'exec 5</proc/self/ns/net 6</proc/self/ns/uts 7</proc/self/ns/ipc; echo $(stat -L -c %i /proc/self/ns/net /proc/self/ns/uts /proc/self/ns/ipc); exec sleep 300');
    const [net = 0, uts = 0, ipc = 0] = printed.split(' ').map(Number);
    const snapshot = await scan(local(), { sources: ['fds'] });
    expect(snapshot.namespaces.filter(({ inode }) => inode === net)).toEqual([expect.objectContaining({ processCount: 1, descriptors: [expect.objectContaining({ pid, id: 5 })] })]);
    expect([byInode(snapshot, uts), byInode(snapshot, ipc)]).toEqual([undefined, undefined]);
  });

  it('a thread alone is in is found where that is asked for, and entered', async () => {
    const { pid, printed } = await running('python3', '-c', threadElsewhere);
    const [inode = 0, tid = 0] = printed.split(' ').map(Number);
    const snapshot = await scan(local(), { sources: ['threads'] });
    expect(byInode(snapshot, inode)).toMatchObject({ threads: [{ pid, comm: 'python3', id: tid }], processCount: 0, read: 'full' });
    expect(await enters(snapshot, inode)).toBe(`net:[${String(inode)}]`);
    expect(byInode(await scan(local(), { sources: ['fds'] }), inode)).toBeUndefined();
  });

  for (const shell of [['dash'], ['bash'], ['busybox', 'sh']] as const) {
    it(`is found in ${shell.join(' ')} by both sources`, async () => {
      const thread = await running('python3', '-c', threadElsewhere);
      const descriptor = await running('unshare', '--net', 'sh', '-c', 'exec 5</proc/self/ns/net; stat -L -c %i /proc/self/ns/net; exec nsenter "--net=$1" sleep 300', 'held', `/proc/${String(process.pid)}/ns/net`);
      const transport = through(local(), (command) => ({ ...command, argv: [...shell, ...command.argv.slice(1)] }));
      const snapshot = await scan(transport, { sources: ['fds', 'threads'] });
      expect(snapshot.host.sources).toEqual(['fds', 'threads']);
      expect(byInode(snapshot, Number(thread.printed.split(' ')[0]))?.threads).toHaveLength(1);
      expect(byInode(snapshot, Number(descriptor.printed))?.descriptors).toHaveLength(1);
    });
  }
});

describeAsRoot('a TAP device', () => {
  it('is told with the process that holds it', async () => {
    const { pid } = await running('unshare', '--net', 'python3', '-c', tapOwner, 'tap*$(x)');
    const snapshot = await scan(local(), { sources: ['fds'] });
    expect(snapshot.host.tuns).toContainEqual({ pid, comm: 'python3', name: 'tap*$(x)', namespace: `4:${String(inodeOf(`/proc/${String(pid)}/ns/net`))}` });
    const topology = buildTopology([{ id: 'local', label: 'here', snapshot }]);
    const link = [...topology.link.values()].find((node) => node.link.name === 'tap*$(x)');
    expect(link).toMatchObject({ link: { kind: 'tun', tun: { layer: 'tap', persistent: false } }, holders: [{ pid, comm: 'python3' }] });
  });
});

describeAsRoot('a source that cannot be looked into', () => {
  it('is said to be missing: a kernel that tells no inode of a descriptor (a stand-in: grep does not find it)', async () => {
    const folder = programs({ grep: '#!/bin/sh\nif [ "$2" = "^ino:" ]; then exit 1; fi\nPATH=${PATH#*:} exec grep "$@"\n' });
    const snapshot = await scan(through(local(), withPath(folder)), { sources: ['fds'] });
    expect(snapshot.errors).toContainEqual(expect.objectContaining({ place: { kind: 'host' }, code: 'tool-too-old', message: expect.stringContaining('5.14') as string }));
    expect(snapshot.host.sources).toBeUndefined();
  });

  it('is said to be missing: threads without awk', async () => {
    const hide = 'for folder in /usr/bin /bin; do if [ -e $folder/awk ]; then mount --bind /dev/null $folder/awk; fi; done';
    const snapshot = await scan(through(local(), prefixed('unshare', '--mount', '--propagation', 'private', 'sh', '-ec', `${hide}\nexec "$@"`, 'no-awk')), { sources: ['threads'] });
    expect(snapshot.errors).toContainEqual(expect.objectContaining({ place: { kind: 'host' }, code: 'tool-missing', message: expect.stringContaining('thread') as string }));
  });
});
