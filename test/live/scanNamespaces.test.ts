import { spawn } from 'node:child_process';
import { symlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { buildTopology } from '../../src/core/topology/buildTopology';
import { ask, atEnd, describeAsRoot, inodeOf, makeNamespace } from './commandSupport';
import { local, namespaceAt, namespacesHere, prefixed, programs, scan, through, withPath } from './scanSupport';

const linkNames = (path: string): string[] => (JSON.parse(ask('ip', '-n', path.slice(path.lastIndexOf('/') + 1), '-j', 'link', 'show')) as { ifname: string }[]).map(({ ifname }) => ifname);

describeAsRoot('a scan of this machine', () => {
  it('has every namespace that findmnt and lsns see', async () => {
    const before = namespacesHere();
    const snapshot = await scan(local());
    const after = namespacesHere();
    const found = new Set(snapshot.namespaces.map(({ inode }) => inode));
    // Others may make and take away namespaces meanwhile.
    for (const inode of before) if (after.has(inode)) expect(found).toContain(inode);
    expect(snapshot.host).toMatchObject({ ip: 'json', uid: 0, privilege: 'root', hostname: ask('hostname').trim(), kernel: ask('uname', '-s', '-r', '-m').trim() });
    expect(snapshot.host.ownNamespace).toBe(`${String(statSync('/proc/self/ns/net').dev)}:${String(inodeOf('/proc/self/ns/net'))}`);
    expect(snapshot.host.tools).toEqual(expect.arrayContaining(['ip', 'bridge', 'nsenter', 'sh']));
  });

  it('reads links, addresses, routes, neighbours and forwarding databases', async () => {
    const path = makeNamespace();
    const name = path.slice(path.lastIndexOf('/') + 1);
    for (const line of [
      'link set lo up',
      'link add br0 type bridge',
      'link add vx type vxlan id 77 dstport 4789 dev lo local 127.0.0.1 nolearning',
      'link set vx master br0 up',
      'link set br0 up',
      'addr add 10.77.0.1/24 dev br0',
      'route add 10.78.0.0/16 via 10.77.0.9 table 99',
      'neigh add 10.77.0.9 lladdr 02:00:00:00:00:09 dev br0 nud permanent',
    ]) {
      ask('ip', '-n', name, ...line.split(' '));
    }
    ask('ip', 'netns', 'exec', name, 'bridge', 'fdb', 'add', '02:00:00:00:00:0a', 'dev', 'vx', 'dst', '192.0.2.9');
    const record = namespaceAt(await scan(local()), path);
    expect(record).toMatchObject({ inode: inodeOf(path), read: 'full', processCount: 0 });
    expect(record.links.map((link) => link.name)).toEqual(linkNames(path));
    expect(record.links.find((link) => link.name === 'vx')?.vxlan).toMatchObject({ vni: 77, port: 4789, local: '127.0.0.1', learning: false });
    expect(record.links.find((link) => link.name === 'br0')?.addresses).toContainEqual({ family: 'inet', address: '10.77.0.1', prefixLength: 24, scope: 'global' });
    expect(record.routes).toContainEqual(expect.objectContaining({ destination: '10.78.0.0/16', table: '99', gateway: '10.77.0.9' }));
    expect(record.neighbours).toContainEqual(expect.objectContaining({ address: '10.77.0.9', mac: '02:00:00:00:00:09', states: ['PERMANENT'] }));
    expect(record.fdb).toContainEqual(expect.objectContaining({ mac: '02:00:00:00:00:0a', device: 'vx', destination: '192.0.2.9' }));
    expect(record.fdb).toHaveLength(ask('ip', 'netns', 'exec', name, 'bridge', 'fdb', 'show').trim().split('\n').length);
  });

  it('takes names that hold blanks, quotes, commands, newlines and escape sequences for what they are', async () => {
    const paths = ['two  words', `it's "quoted"`, '$(touch netns-explorer-executed)', 'new\nline', 'esc\u001b[31m', 'back\\slash%s', '*'].map((suffix) => makeNamespace(suffix));
    const link = '`id`;$(x)';
    for (const path of paths) ask('ip', '-n', path.slice('/run/netns/'.length), 'link', 'add', link, 'type', 'bridge');
    const snapshot = await scan(local());
    for (const path of paths) {
      const record = namespaceAt(snapshot, path);
      expect({ path, inode: record.inode, read: record.read, names: record.links.map(({ name }) => name) }).toEqual({ path, inode: inodeOf(path), read: 'full', names: ['lo', link] });
    }
    expect(() => statSync('netns-explorer-executed')).toThrow('ENOENT');
  });

  it('finds a namespace that only a process is in, and says which', async () => {
    const child = spawn('unshare', ['--net', 'sh', '-c', 'ip link set lo up; echo ready; exec sleep 60'], { stdio: ['ignore', 'pipe', 'inherit'] });
    atEnd(() => void child.kill());
    await new Promise((resolve) => child.stdout.once('data', resolve));
    const inode = inodeOf(`/proc/${String(child.pid)}/ns/net`);
    const record = (await scan(local())).namespaces.find((found) => found.inode === inode);
    expect(record).toMatchObject({ paths: [], processCount: 1, read: 'full', processes: [{ pid: child.pid, comm: 'sleep' }] });
    expect(record?.links[0]?.flags).toContain('UP');
  });

  it.each([
    ['as the first of a session', []],
    ['through sudo, which is given a session of its own (a stand-in, by its name)', ['sh', '-c', 'cp "$(command -v setsid)" "$0/sudo" && exec "$0/sudo" --fork --wait "$@"', '']],
  ] as const)('does not count its own processes, started %s', async (_how, way) => {
    const child = spawn('unshare', ['--net', 'sh', '-c', 'echo ready; exec sleep 60'], { stdio: ['ignore', 'pipe', 'inherit'] });
    atEnd(() => void child.kill());
    await new Promise((resolve) => child.stdout.once('data', resolve));
    const words = way.map((word) => (word === '' ? programs({}) : word));
    const inside = through(local(), prefixed('nsenter', `--net=/proc/${String(child.pid)}/ns/net`, '--', ...words));
    const snapshot = await scan(inside);
    const own = snapshot.namespaces.find(({ key }) => key === snapshot.host.ownNamespace);
    expect(own).toMatchObject({ inode: inodeOf(`/proc/${String(child.pid)}/ns/net`), processCount: 1, processes: [{ pid: child.pid }] });
  });

  it('says of a namespace whose path is covered by another mount that nothing leads to it', async () => {
    const folder = programs({});
    const lower = makeNamespace();
    const upper = makeNamespace();
    const setup = `touch '${folder}/spot'; mount --bind ${lower} '${folder}/spot'; mount --bind ${upper} '${folder}/spot'`;
    // No mounts of them but these: the originals are taken away first, which their inodes outlive by an open file.
    // Processes of other mount namespaces, which still have them, are out of sight.
    const words = ['unshare', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc', '--propagation', 'private', 'sh', '-ec', `${setup}\numount ${lower} ${upper}\nexec "$@"`, 'covered'] as const;
    const snapshot = await scan(through(local(), prefixed(...(words as unknown as [string, ...string[]]))));
    const [low, high] = [inodeOf(lower), inodeOf(upper)];
    const covered = snapshot.namespaces.find(({ inode }) => inode === low);
    expect(covered).toMatchObject({ paths: [join(folder, 'spot')], read: 'none' });
    expect(snapshot.namespaces.find(({ inode }) => inode === high)).toMatchObject({ read: 'full' });
    expect(snapshot.errors).toContainEqual(expect.objectContaining({ code: 'failed', place: { kind: 'namespace', key: covered?.key } }));
  });

  for (const shell of [['dash'], ['bash'], ['busybox', 'sh']] as const) {
    it(`is the same in ${shell.join(' ')}`, async () => {
      const path = makeNamespace(' x');
      const transport = through(local(), (command) => ({ ...command, argv: [...shell, ...command.argv.slice(1)] }));
      const snapshot = await scan(transport);
      expect(snapshot.errors.filter(({ place }) => place.kind === 'host')).toEqual([]);
      expect(namespaceAt(snapshot, path)).toMatchObject({ read: 'full', inode: inodeOf(path), links: [{ name: 'lo' }] });
      expect(snapshot.namespaces.find(({ key }) => key === snapshot.host.ownNamespace)?.links.length).toBeGreaterThan(0);
    });
  }

  it("reads as far as busybox's own ip goes, and says what is missing", async () => {
    const folder = programs({});
    symlinkSync(ask('sh', '-c', 'command -v busybox').trim(), join(folder, 'ip'));
    const path = makeNamespace();
    ask('ip', '-n', path.slice('/run/netns/'.length), 'link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v1');
    const snapshot = await scan(through(local(), withPath(folder)));
    expect(snapshot.host.ip).toBe('busybox');
    expect(namespaceAt(snapshot, path).links.map(({ name, peerName }) => [name, peerName])).toEqual([['lo', undefined], ['v1', 'v0'], ['v0', 'v1']]);
    expect(snapshot.errors).toContainEqual(expect.objectContaining({ place: { kind: 'host' }, code: 'tool-missing' }));
  });

  it('reads text where ip knows no JSON (a stand-in that refuses -j before the real one), and says so', async () => {
    const folder = programs({ ip: '#!/bin/sh\ncase " $* " in *" -j "*) echo \'Option "-j" is unknown, try "ip -help".\' >&2; exit 255;; esac\nexec /usr/sbin/ip "$@"\n' });
    const path = makeNamespace();
    const name = path.slice('/run/netns/'.length);
    ask('ip', '-n', name, 'link', 'add', 'br0', 'type', 'bridge', 'ageing_time', '1000');
    ask('ip', '-n', name, 'link', 'set', 'br0', 'up');
    const snapshot = await scan(through(local(), withPath(folder)));
    expect(snapshot.host.ip).toBe('text');
    const record = namespaceAt(snapshot, path);
    expect(record.links.find((link) => link.name === 'br0')).toMatchObject({ kind: 'bridge', bridge: { ageingTimeS: 10 } });
    expect(record.fdb.map(({ device }) => device)).toContain('br0');
    expect(record.read).toBe('full');
    expect(snapshot.errors).toContainEqual(expect.objectContaining({ code: 'tool-too-old' }));
  });

  it('reads text where ip prints some records as JSON and others not, as iproute2 4.14 to 4.16 do (a stand-in before the real one), and says so', async () => {
    const standIn = `#!/bin/sh
case " $* " in
  *" -batch - "*) while read -r line; do [ -z "$line" ] || "$0" -j -d $line; done ;;
  *" -j "*" route "* | *" -j "*" neigh "*) while [ "$1" != route ] && [ "$1" != neigh ]; do shift; done; exec /usr/sbin/ip -d "$@" ;;
  *) exec /usr/sbin/ip "$@" ;;
esac
`;
    const path = makeNamespace();
    const name = path.slice('/run/netns/'.length);
    ask('ip', '-n', name, 'addr', 'add', '10.200.1.1/24', 'dev', 'lo');
    ask('ip', '-n', name, 'link', 'set', 'lo', 'up');
    const snapshot = await scan(through(local(), withPath(programs({ ip: standIn }))));
    expect(snapshot.host.ip).toBe('text');
    const record = namespaceAt(snapshot, path);
    expect(record.routes.map(({ destination, table }) => `${destination} ${table}`)).toContain('10.200.1.1 local');
    expect(record.read).toBe('full');
    expect(snapshot.errors).toContainEqual(expect.objectContaining({ code: 'tool-too-old' }));
  });

  it('without any ip still lists the namespaces', async () => {
    const path = makeNamespace();
    // ip is taken out of sight, in this mount namespace alone.
    const setup = 'for folder in /usr/sbin /usr/bin /sbin /bin; do if [ -x $folder/ip ]; then mount --bind /dev/null $folder/ip; fi; done';
    const transport = through(local(), prefixed('unshare', '--mount', '--propagation', 'private', 'sh', '-ec', `${setup}\nexec "$@"`, 'no-ip'));
    const snapshot = await scan(transport);
    expect(snapshot.host.ip).toBe('none');
    expect(namespaceAt(snapshot, path)).toMatchObject({ read: 'none', links: [] });
    expect(snapshot.errors).toEqual([expect.objectContaining({ place: { kind: 'host' }, code: 'tool-missing' })]);
  });

  it('by an ordinary user shows what may be seen, with one error', async () => {
    const path = makeNamespace();
    const snapshot = await scan(through(local(), prefixed('setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--'), 'user'));
    expect(snapshot.host.uid).toBe(65534);
    expect(namespaceAt(snapshot, path)).toMatchObject({ read: 'none' });
    expect(snapshot.namespaces.find(({ key }) => key === snapshot.host.ownNamespace)).toMatchObject({ read: 'full' });
    expect(snapshot.errors.map(({ code, place }) => [code, place.kind])).toEqual([['no-permission', 'host']]);
    const closed = snapshot.namespaces.filter(({ read }) => read === 'none').length;
    expect(snapshot.errors[0]?.message).toMatch(new RegExp(`^Only root may enter ${closed === 1 ? 'one network namespace' : `${String(closed)} network namespaces`} of this host`));
  });

  it('tolerates what a login prints first', async () => {
    const transport = through(local(), prefixed('sh', '-c', 'printf "Welcome!\\nLast login: now"; exec "$@"', 'login'));
    const snapshot = await scan(transport);
    expect(snapshot.errors.filter(({ place }) => place.kind === 'host')).toEqual([]);
  });

  it('matches veth ends whose numbers collide by all the facts', async () => {
    const paths = Array.from({ length: 6 }, () => makeNamespace());
    const [a, b, c, d, e, f] = paths.map((path) => path.slice('/run/netns/'.length)) as [string, string, string, string, string, string];
    // Two pairs with the same numbers on both sides: only the names of their numbers tell them apart.
    ask('ip', 'link', 'add', 'x', 'index', '9001', 'netns', a, 'type', 'veth', 'peer', 'name', 'y', 'index', '9002', 'netns', b);
    ask('ip', 'link', 'add', 'x', 'index', '9001', 'netns', c, 'type', 'veth', 'peer', 'name', 'y', 'index', '9002', 'netns', d);
    // The same collision, but a second pair between the same two namespaces settles it.
    ask('ip', 'link', 'add', 'x1', 'index', '9101', 'netns', a, 'type', 'veth', 'peer', 'name', 'y1', 'index', '9102', 'netns', e);
    ask('ip', 'link', 'add', 'x2', 'index', '9201', 'netns', a, 'type', 'veth', 'peer', 'name', 'y2', 'index', '9202', 'netns', e);
    ask('ip', 'link', 'add', 'x1', 'index', '9101', 'netns', c, 'type', 'veth', 'peer', 'name', 'y1', 'index', '9102', 'netns', f);
    const snapshot = await scan(local());
    const { hosts, link } = buildTopology([{ id: 'local', label: 'here', snapshot }]);
    const peerOf = (path: string | undefined, index: number): unknown => {
      const sandbox = hosts[0]!.sandboxes.find((found) => found.paths.includes(path!))!;
      const peer = sandbox.links.find((found) => found.link.ifindex === index)!.peer!;
      if (peer.state !== 'resolved') return peer.state;
      const other = link.get(peer.linkId)!;
      return [hosts[0]!.sandboxes.find(({ id }) => id === other.sandboxId)!.paths[0], other.link.ifindex];
    };
    expect(peerOf(paths[0], 9001)).toEqual([paths[1], 9002]);
    expect(peerOf(paths[3], 9002)).toEqual([paths[2], 9001]);
    expect(peerOf(paths[0], 9101)).toEqual([paths[4], 9102]);
    expect(peerOf(paths[4], 9202)).toEqual([paths[0], 9201]);
    expect(peerOf(paths[2], 9101)).toEqual([paths[5], 9102]);
  });
});
