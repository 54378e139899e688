import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Link } from '../../src/core/model/link';
import type { Snapshot } from '../../src/core/model/snapshot';
import { otherHalfText } from '../../src/core/report/tunnelText';
import { buildTopology } from '../../src/core/topology/buildTopology';
import { scanHost } from '../../src/discovery/scan';
import { openTransport } from '../../src/host/openTransport';
import { everyDevice } from '../lab/machines/everyDevice.mjs';
import { startMachines, type Machines } from '../lab/machines/machines.mjs';
import { describeInLab } from './commandSupport';
import { noQuestions } from './hostQuestions';

const [one, two] = ['192.168.57.11', '192.168.57.12'];

/** The other halves of some of them, one with another key. */
const others = `
set -e
ip link add gre5 type gre local ${two} remote ${one} ikey 7 okey 5
ip link add gt type gretap local ${two} remote ${one} key 10
ip link add ii type ipip local ${two} remote ${one}
ip link add gnv type geneve id 77 remote ${one} dstport 6081
`;

/** Each alone in its namespace, on a device whose index another namespace's device has, too. */
const above = `
set -e
for n in upper lower; do ip netns add $n; done
ip -n lower link add d0 index "$(cat /sys/class/net/d0/ifindex)" type dummy
ip link add link d0 name ipv2 netns upper type ipvlan mode l3s
ip netns exec lower ip link add link d0 name ipv3 netns upper type ipvlan mode l2
ip link add link d0 name v.6 netns upper type vlan id 6
ip netns exec lower ip link add link d0 name v.7 netns upper type vlan id 7
`;

describeInLab('every kind of device, made and read on virtual machines with Debian\'s own kernel', () => {
  let machines: Machines | undefined;
  const snapshots = new Map<string, Snapshot>();

  const run = (machine: string, script: string): string => machines!.run(machine, script);

  beforeAll(async () => {
    machines = await startMachines();
    run('vm1', everyDevice(one, two));
    run('vm1', above);
    run('vm2', others);
    await Promise.all(
      machines.names.map(async (name) => {
        const transport = openTransport({ kind: 'ssh', host: name }, { questions: noQuestions, sshConfigFile: machines?.sshConfig ?? '' });
        try {
          snapshots.set(name, await scanHost(transport, undefined, { limitMs: 60_000 }));
        } finally {
          transport.dispose();
        }
      }),
    );
  }, 240_000);

  afterAll(() => machines?.stop());

  const link = (name: string): Link => {
    const found = snapshots.get('vm1')?.namespaces.flatMap(({ links }) => links).find((each) => each.name === name);
    if (found === undefined) throw new Error(`no device ${name} was read`);
    return found;
  };

  it('has every device that ip lists, of the kind that it lists, and no other', () => {
    const truth = ['', '-n upper', '-n lower'].flatMap((where) => JSON.parse(run('vm1', `ip ${where} -j -d link show`)) as { readonly ifname: string; readonly linkinfo?: { readonly info_kind?: string } }[]);
    const read = snapshots.get('vm1')?.namespaces.flatMap(({ links }) => links) ?? [];
    const listed = (names: readonly (readonly [string, string | undefined])[]) => names.map(([name, kind]) => `${name} ${kind ?? '-'}`).sort();
    expect(listed(read.map(({ name, kind }) => [name, kind]))).toEqual(listed(truth.map(({ ifname, linkinfo }) => [ifname, linkinfo?.info_kind])));
    expect(snapshots.get('vm1')?.errors).toEqual([]);
  });

  it.each<[string, Partial<Link>]>([
    ['e.5', { kind: 'vlan', vlan: { id: 5, protocol: '802.1ad' } }],
    ['mv', { kind: 'macvlan', macvlan: { mode: 'private' } }],
    ['mvt', { kind: 'macvtap', macvlan: { mode: 'bridge' } }],
    ['ipv', { kind: 'ipvlan' }],
    ['vrf5', { kind: 'vrf', vrf: { table: '1005' } }],
    ['wg5', { kind: 'wireguard', linkType: 'none' }],
    ['d0', { kind: 'dummy' }],
    ['br7', { kind: 'bridge' }],
  ])('reads %s', (name, facts) => {
    expect(link(name)).toMatchObject(facts);
  });

  it.each([
    ['ipv2', undefined],
    ['ipv3', '/run/netns/lower'],
    ['v.6', undefined],
    ['v.7', '/run/netns/lower'],
  ])('tells the namespace of the device under %s, which is in another one', (name, path) => {
    const topology = buildTopology([{ id: 'ssh://vm1', label: 'vm1', snapshot: snapshots.get('vm1')! }]);
    const upper = [...topology.link.values()].find(({ link }) => link.name === name);
    const lower = upper?.peer?.state === 'resolved' ? topology.link.get(upper.peer.linkId) : undefined;
    const sandbox = topology.sandbox.get(lower?.sandboxId ?? '');
    expect([upper?.peer?.state, lower?.link.name, sandbox?.role, sandbox?.paths[0]]).toEqual(['resolved', 'd0', path === undefined ? 'root' : 'named', path]);
  });

  it('reads modes, ports, owners and ends', () => {
    expect(link('ipv').ipvlan?.mode).toBe('l3s');
    expect(link('bnd').bond).toMatchObject({ mode: 'active-backup', miiMonitorMs: 100, activePort: 'p0' });
    expect(link('p0').master).toBe('bnd');
    expect(link('tap9').tun).toMatchObject({ layer: 'tap', persistent: true, user: 'nobody' });
    expect(link('br7').bridge).toMatchObject({ stp: true, vlanFiltering: true });
    expect(link('v0').vlans).toEqual([{ id: 1, untagged: true }, { id: 10, pvid: true, untagged: true }, { id: 20, lastId: 22 }]);
    expect(link('xf').xfrm?.interfaceId).toMatch(/^0x2a$/);
    expect(link('gre5').tunnel).toMatchObject({ local: one, remote: two, ttl: 64, inputKey: '0.0.0.5', outputKey: '0.0.0.7' });
    expect(link('gt').tunnel).toMatchObject({ local: one, remote: two, inputKey: '0.0.0.9', outputKey: '0.0.0.9' });
    expect(link('er').tunnel).toMatchObject({ local: one, remote: two, erspanVersion: 1 });
    expect(link('g6').tunnel).toMatchObject({ local: 'fd57::1', remote: 'fd57::2' });
    for (const name of ['ii', 's4', 'vt']) expect(link(name).tunnel).toMatchObject({ local: one, remote: two });
    expect(link('gnv').tunnel).toMatchObject({ id: 77, remote: two, port: 6081 });
    expect(link('vx').vxlan).toMatchObject({ vni: 88, port: 4789, local: one, remote: two });
  });

  it('finds both halves of the tunnels between the machines, and what differs', () => {
    const topology = buildTopology([...snapshots].map(([name, snapshot]) => ({ id: `ssh://${name}`, label: name, snapshot })).sort((a, b) => (a.id < b.id ? -1 : 1)));
    const told = new Map([...topology.tunnel.values()].filter(({ hostId }) => hostId === 'ssh://vm1').map((tunnel) => [topology.link.get(tunnel.linkId)?.link.name, otherHalfText(tunnel, topology)]));
    expect(told.get('gre5')).toBe('gre5 on vm2');
    expect(told.get('ii')).toBe('ii on vm2');
    expect(told.get('gnv')).toBe('gnv on vm2');
    expect(told.get('gt')).toBe('gt on vm2 does not fit: key sent 0.0.0.9 here, 0.0.0.10 there; key received 0.0.0.9 here, 0.0.0.10 there');
    expect(told.get('vx')).toBe(`missing: vm2 has ${two} and no such device`);
    expect(told.has('gre0')).toBe(false);
  });
});
