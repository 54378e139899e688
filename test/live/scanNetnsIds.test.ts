import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { Snapshot } from '../../src/core/model/snapshot';
import type { Topology } from '../../src/core/model/topology';
import type { Transport } from '../../src/host/transport';
import { buildTopology } from '../../src/core/topology/buildTopology';
import { atEnd, describeAsRoot } from './commandSupport';
import { local, prefixed, programs, scan, through } from './scanSupport';

const machineSetup = 'set -e; mount -t tmpfs none /run; mkdir /run/netns; eval "$1"; echo ready; exec sleep infinity';

/** A machine within the machine, whose root namespace is empty; it goes with its first process. */
async function machine(script: string, change: (transport: Transport) => Transport = (transport) => transport): Promise<Topology> {
  return (await machineAndTransport(script, change)).topology;
}

async function machineAndTransport(script: string, change: (transport: Transport) => Transport = (transport) => transport): Promise<{ topology: Topology; transport: Transport }> {
  const child = spawn('unshare', ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc', '--propagation', 'private', 'sh', '-c', machineSetup, 'machine', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  atEnd(() => void child.kill('SIGKILL'));
  await new Promise<void>((resolve, reject) => {
    child.stdout.once('data', () => {
      resolve();
    });
    child.once('close', (code) => {
      reject(new Error(`The machine was not made (status ${String(code)}).`));
    });
  });
  const pid = String(child.pid);
  const inside = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  const transport = change(through(local(), prefixed('nsenter', '-t', inside, '-m', '-p', '-n', '--')));
  const snapshot = await scan(transport);
  expect(snapshot.errors.filter(({ code }) => code !== 'tool-too-old')).toEqual([]);
  return { topology: topologyOf(snapshot), transport };
}

const topologyOf = (snapshot: Snapshot): Topology => buildTopology([{ id: 'machine', label: 'machine', snapshot }]);

const nameOf = (topology: Topology, id: string | undefined): string => {
  const sandbox = topology.sandbox.get(id ?? '');
  return sandbox === undefined ? '' : sandbox.role === 'root' ? 'root' : (sandbox.paths[0] ?? '').replace('/run/netns/', '');
};

/** "NAMESPACE/DEVICE" of the other device, or what is said instead, for each device that names one. */
function peers(topology: Topology): Record<string, string> {
  return Object.fromEntries(
    [...topology.link.values()].flatMap(({ sandboxId, link, peer }) => {
      if (peer === undefined) return [];
      const other = peer.state === 'resolved' ? topology.link.get(peer.linkId) : undefined;
      return [[`${nameOf(topology, sandboxId)}/${link.name}`, other ? `${nameOf(topology, other.sandboxId)}/${other.link.name}` : peer.state]];
    }),
  );
}

const pairs = `for n in a b c d; do ip netns add $n; done
ip -n a link add veth0 type veth peer name veth0 netns b
ip -n c link add veth0 type veth peer name veth0 netns d`;

describeAsRoot("other namespaces' numbers, by ip netns list-id", () => {
  it('tell which veths belong together whose indexes and numbers all are equal', async () => {
    expect(peers(await machine(pairs))).toEqual({ 'a/veth0': 'b/veth0', 'b/veth0': 'a/veth0', 'c/veth0': 'd/veth0', 'd/veth0': 'c/veth0' });
  });

  it('tell what a lone macvlan or macvtap sits on, in a named namespace or in the one that has no name', async () => {
    const { topology, transport } = await machineAndTransport(`for n in a b c d; do ip netns add $n; done
ip link add up0 index 7 type veth peer name up1
for n in a b; do ip -n $n link add up0 index 7 type veth peer name up1; done
ip link add link up0 name mv0 netns c type macvlan mode bridge
ip netns exec a ip link add link up0 name mv1 netns d type macvlan mode bridge
ip netns exec b ip link add link up0 name tap0 netns c type macvtap mode bridge`);
    const truth = { 'c/mv0': 'root/up0', 'd/mv1': 'a/up0', 'c/tap0': 'b/up0' };
    expect(peers(topology)).toMatchObject(truth);
    // What is kept of an earlier reading keeps it; a namespace that was named since is not left out by it.
    const { snapshot } = topology.hosts[0]!;
    const root = snapshot.host.ownNamespace!;
    const others = snapshot.namespaces.flatMap(({ key }) => (key === root ? [] : [key]));
    expect(peers(topologyOf(await scan(transport, { keep: { snapshot, keys: others } })))).toMatchObject(truth);
    await transport.run({ argv: ['sh', '-c', 'ln -s /proc/1/ns/net /run/netns/late; ip link add name mv2 link up0 netns a type macvlan'], privilege: 'root' }, { limitMs: 10_000 });
    const a = snapshot.namespaces.find(({ paths }) => paths.includes('/run/netns/a'))!.key;
    expect(peers(topologyOf(await scan(transport, { keep: { snapshot, keys: others.filter((key) => key !== a) } })))).toMatchObject({ ...truth, 'a/mv2': 'root/up0' });
  });

  it('follow the symbolic links of namespaces that only a process is in', async () => {
    const topology = await machine(`for n in a c; do ip netns add $n; done
for n in b d; do unshare --net sleep infinity & ln -s /proc/$!/ns/net /run/netns/$n; until [ "$(stat -L -c %i /run/netns/$n)" != "$(stat -L -c %i /proc/self/ns/net)" ]; do :; done; done
ip -n a link add veth0 type veth peer name veth0 netns b
ip -n c link add veth0 type veth peer name veth0 netns d`);
    const found = peers(topology);
    const [b, d] = ['a', 'c'].map((name) => [...topology.link.values()].find(({ sandboxId, link }) => nameOf(topology, sandboxId) === name && link.name === 'veth0')?.peer);
    expect(found).toMatchObject({ 'a/veth0': '/veth0', 'c/veth0': '/veth0' });
    expect(b).not.toEqual(d);
  });

  it('say it is ambiguous where nothing has a name', async () => {
    const found = peers(await machine(`${pairs}
for n in a b c d; do mkdir -p /run/elsewhere; touch /run/elsewhere/$n; mount --bind /run/netns/$n /run/elsewhere/$n; umount /run/netns/$n; rm /run/netns/$n; done`));
    expect(Object.values(found)).toEqual(['ambiguous', 'ambiguous', 'ambiguous', 'ambiguous']);
  });

  it('take names for data: line breaks, quotes, and a symbolic link that leads elsewhere than the name of another mount', async () => {
    const found = peers(await machine(`for n in 'a
nsid 0 (iproute2 netns name: d' 'b"\\' "c')" d; do ip netns add "$n"; done
ip -n 'b"\\' link add veth0 type veth peer name veth0 netns 'a
nsid 0 (iproute2 netns name: d'
ip -n "c')" link add veth0 type veth peer name veth0 netns d`));
    expect(found).toEqual({ 'a\nnsid 0 (iproute2 netns name: d/veth0': 'b"\\/veth0', 'b"\\/veth0': 'a\nnsid 0 (iproute2 netns name: d/veth0', "c')/veth0": 'd/veth0', 'd/veth0': "c')/veth0" });
  });

  for (const shell of [['dash'], ['bash'], ['busybox', 'sh']] as const) {
    it(`are the same in ${shell.join(' ')}, where links are many, and where single commands are read because the batch failed (a stand-in refuses it)`, async () => {
      const folder = programs({ ip: '#!/bin/sh\ncase " $* " in *" -d -batch "*) exit 1;; esac\nexec /usr/sbin/ip "$@"\n' });
      const many = `${pairs}; i=0; while [ $i -lt 40 ]; do echo "link add v$i index $((1000 + i)) type veth peer name v$i index $((1000 + i)) netns a"; i=$((i + 1)); done | ip -batch -`;
      for (const words of [[], [`PATH=${folder}:${process.env['PATH'] ?? ''}`]]) {
        const found = peers(await machine(many, (transport) => through(transport, (command) => ({ ...command, argv: ['env', ...words, ...shell, ...command.argv.slice(1)] }))));
        expect(found).toMatchObject({ 'a/veth0': 'b/veth0', 'b/veth0': 'a/veth0', 'c/veth0': 'd/veth0', 'd/veth0': 'c/veth0', 'a/v39': 'root/v39' });
      }
    });
  }

  it('are found in the one folder that there is, and not taken from a folder of two that ip may not read', async () => {
    const truth = { 'a/veth0': 'b/veth0', 'c/veth0': 'd/veth0' };
    // /var/run is a link here; a folder in its place hides one of the two.
    expect(peers(await machine(`${pairs}; mount -t tmpfs none /var`))).toMatchObject(truth);
    expect(peers(await machine(`${pairs}; mount -t tmpfs none /var; mkdir -p /var/run/netns`))).toMatchObject({ 'a/veth0': 'ambiguous' });
    const moved = 'for n in a b c d; do touch /var/run/netns/$n; mount --bind /run/netns/$n /var/run/netns/$n; done; umount -l /run/netns || :; rm -r /run/netns || mv /run/netns /run/gone';
    const elsewhere = peers(await machine(`${pairs}; mount -t tmpfs none /var; mkdir -p /var/run/netns; ${moved}`));
    expect(Object.values(elsewhere)).toEqual(['ambiguous', 'ambiguous', 'ambiguous', 'ambiguous']);
  });

  it('are not asked for where links tell it, nor without names; asked for in one answer with the rest', async () => {
    const folder = programs({ ip: '#!/bin/sh\ncase " $* " in *" list-id "*) echo asked >>"${0%/*}/log" ;; esac\nexec /usr/sbin/ip "$@"\n', log: '' });
    const counted = (transport: Transport): Transport => through(transport, (command) => ({ ...command, argv: ['env', `PATH=${folder}:${process.env['PATH'] ?? ''}`, ...command.argv] }));
    const asked = (): number => readFileSync(`${folder}/log`, 'utf8').split('\n').length - 1;
    await machine('for n in a b; do ip netns add $n; done; ip -n a link add veth0 index 5 type veth peer name veth0 index 6 netns b', counted);
    expect(asked()).toBe(0);
    await machine(pairs, counted);
    expect(asked()).toBe(4);
  });
});
