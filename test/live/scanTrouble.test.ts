import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { Transport } from '../../src/host/transport';
import { ask, describeAsRoot, eventually, inodeOf, makeNamespace } from './commandSupport';
import { local, namespaceAt, prefixed, processesMarked, programs, scan, through } from './scanSupport';

const ip = '/usr/sbin/ip';
let marks = 0;

/** The machine with other programs in front of its own, and a word in the environment of every process that a scan starts. */
function machineWith(files: Readonly<Record<string, string>>): { readonly transport: Transport; readonly mark: string; readonly folder: string } {
  const folder = programs(files);
  const mark = `NETNS_EXPLORER_TEST=${String(process.pid)}.${String(marks++)}`;
  const transport = through(local(), prefixed('env', `PATH=${folder}:${process.env['PATH'] ?? '/usr/bin:/bin'}`, mark));
  return { transport, mark, folder };
}

/** ip as it is, but in one namespace something else happens first. */
const ipThat = (inode: number, does: string): string => `#!/bin/sh
case $(readlink /proc/self/ns/net) in "net:[${String(inode)}]") ${does};; esac
exec ${ip} "$@"
`;

describeAsRoot('a scan that meets', () => {
  it('a command that hangs ends at its limit, with what it has, and leaves no process (ip is a stand-in that hangs in one namespace)', async () => {
    const [stuck, fine] = [makeNamespace(), makeNamespace()];
    const { transport, mark } = machineWith({ ip: ipThat(inodeOf(stuck), 'sleep 600') });
    const started = Date.now();
    const snapshot = await scan(transport, { limitMs: 5000 });
    expect(Date.now() - started).toBeLessThan(5000);
    expect(namespaceAt(snapshot, fine).read).toBe('full');
    const record = namespaceAt(snapshot, stuck);
    expect(record.read).toBe('none');
    expect(snapshot.errors).toContainEqual(expect.objectContaining({ place: { kind: 'namespace', key: record.key }, code: 'time-limit' }));
    expect(snapshot.errors).toContainEqual(expect.objectContaining({ place: { kind: 'host' }, code: 'time-limit' }));
    await eventually('every process of the scan to be gone', () => processesMarked(mark).length === 0, 3000);
  });

  it('a pipe in place of os-release reads everything but the name of the system', async () => {
    // In this mount namespace alone, and nothing is ever written into it.
    const setup = 'folder=$(mktemp -d); mkfifo "$folder/pipe"; mount --bind "$folder/pipe" "$(readlink -f /etc/os-release)"; rm -r "$folder"; exec "$@"';
    const snapshot = await scan(through(local(), prefixed('unshare', '--mount', '--propagation', 'private', 'sh', '-ec', setup, 'piped')), { limitMs: 5000 });
    expect(snapshot.errors.filter(({ place }) => place.kind === 'host')).toEqual([]);
    expect(snapshot.namespaces.length).toBeGreaterThan(0);
  });

  it('nothing unusual leaves no process', async () => {
    const { transport, mark } = machineWith({});
    await scan(transport);
    await eventually('every process of the scan to be gone', () => processesMarked(mark).length === 0, 1500);
  });

  it('a cancellation ends at once and leaves no process (ip is a stand-in that hangs)', async () => {
    const stuck = makeNamespace();
    const { transport, mark } = machineWith({ ip: ipThat(inodeOf(stuck), 'sleep 600') });
    const abort = new AbortController();
    const scanning = scan(transport, { signal: abort.signal });
    await eventually('the scan to hang', () => processesMarked(mark).length > 2);
    abort.abort();
    await expect(scanning).rejects.toMatchObject({ code: 'cancelled' });
    await eventually('every process of the scan to be gone', () => processesMarked(mark).length === 0, 3000);
  });

  it('the death of its shell leaves no process (ip is a stand-in that hangs)', async () => {
    const stuck = makeNamespace();
    const { transport, mark } = machineWith({ ip: ipThat(inodeOf(stuck), 'sleep 600') });
    const scanning = scan(transport, { limitMs: 20_000 }).catch((error: unknown) => error);
    await eventually('the scan to hang', () => processesMarked(mark).some((pid) => /sleep 600/.test(commandOf(pid))));
    // The watchdog has looked at least once by then.
    await delay(1500);
    const shell = processesMarked(mark).find((pid) => /^(?:dash|sh) -s/.test(commandOf(pid)));
    process.kill(shell!, 'SIGKILL');
    await eventually('every process of the scan to be gone', () => processesMarked(mark).length === 0, 5000);
    await scanning;
  });

  it('a namespace that goes away before it is entered says so, and reads the others', async () => {
    const paths = Array.from({ length: 12 }, () => makeNamespace());
    const doomed = makeNamespace();
    const inode = inodeOf(doomed);
    const { transport, folder } = machineWith({
      nsenter: `#!/bin/sh\ncase $1 in --net=${doomed}) umount ${doomed} 2>/dev/null;; esac\nexec /usr/bin/nsenter "$@"\n`,
    });
    expect(existsSync(folder)).toBe(true);
    const snapshot = await scan(transport);
    const record = snapshot.namespaces.find((found) => found.inode === inode);
    expect(record?.read).toBe('none');
    expect(snapshot.errors).toContainEqual(expect.objectContaining({ place: { kind: 'namespace', key: record?.key }, code: 'vanished' }));
    for (const path of paths) expect(namespaceAt(snapshot, path).read).toBe('full');
  });

  it('a command that fails in one namespace says what it complained of (ip is a stand-in)', async () => {
    const broken = makeNamespace();
    const { transport } = machineWith({ ip: ipThat(inodeOf(broken), 'case "$*" in *route*|*batch*) echo "RTNETLINK answers: No buffer space available" >&2; exit 2;; esac') });
    const snapshot = await scan(transport);
    const record = namespaceAt(snapshot, broken);
    expect(record.read).toBe('partial');
    expect(record.links.map(({ name }) => name)).toEqual(['lo']);
    expect(snapshot.errors).toContainEqual({
      place: { kind: 'namespace', key: record.key },
      code: 'failed',
      message: expect.stringContaining('routes') as string,
      detail: 'RTNETLINK answers: No buffer space available',
    });
  });

  it('garbage says so, and keeps what is readable (ip is a stand-in)', async () => {
    const spoilt = makeNamespace();
    const garbage = `printf '%s' '[{"ifindex":1,"ifname":"lo","flags":[],"mtu":1,"link_type":"loopback"},{"ifind'; exit 0`;
    const { transport } = machineWith({ ip: ipThat(inodeOf(spoilt), garbage) });
    const snapshot = await scan(transport);
    const record = namespaceAt(snapshot, spoilt);
    expect(record).toMatchObject({ read: 'partial', links: [{ name: 'lo' }] });
    expect(snapshot.errors).toContainEqual(expect.objectContaining({ place: { kind: 'namespace', key: record.key }, code: 'garbled' }));
  });

  it('a shell that is none says so (a stand-in that prints something else)', async () => {
    const transport = through(local(), (command) => ({ ...command, argv: ['echo', 'This account is currently not available.'] }));
    await expect(scan(transport)).rejects.toMatchObject({ name: 'TransportError', code: 'garbled' });
  });

  it('a host without bridge or nsenter says so once (both taken out of sight)', async () => {
    const path = makeNamespace();
    const name = path.slice('/run/netns/'.length);
    ask('ip', '-n', name, 'link', 'add', 'br0', 'type', 'bridge');
    const without = (tool: string): Transport => {
      const setup = `for folder in /usr/sbin /usr/bin /sbin /bin; do if [ -x $folder/${tool} ]; then mount --bind /dev/null $folder/${tool}; fi; done\nexec "$@"`;
      return through(local(), prefixed('unshare', '--mount', '--propagation', 'private', 'sh', '-ec', setup, 'without'));
    };
    const noBridge = await scan(without('bridge'));
    expect(namespaceAt(noBridge, path)).toMatchObject({ read: 'partial', links: [{ name: 'lo' }, { name: 'br0' }] });
    expect(noBridge.errors).toEqual([expect.objectContaining({ place: { kind: 'host' }, code: 'tool-missing', message: expect.stringContaining('bridge') as string })]);
    const noNsenter = await scan(without('nsenter'));
    expect(namespaceAt(noNsenter, path).read).toBe('none');
    expect(noNsenter.errors).toEqual([expect.objectContaining({ place: { kind: 'host' }, code: 'tool-missing', message: expect.stringContaining('nsenter') as string })]);
  });
});

function commandOf(pid: number): string {
  try {
    return ask('ps', '-o', 'args=', '-p', String(pid)).trim();
  } catch {
    return '';
  }
}
