import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Topology } from '../../src/core/model/topology';
import { ovsBridgeDeletePlan, ovsBridgePlan, ovsPortPlan, ovsPortRemovePlan, ovsVlanPlan } from '../../src/core/plan/ovsBridgePlans';
import { ovsTunnelPlan, type OvsMember, type OvsTunnelRequest } from '../../src/core/plan/ovsTunnelPlan';
import type { Plan } from '../../src/core/plan/plan';
import { wirePlan } from '../../src/core/plan/wirePlan';
import { removalPlan } from '../../src/core/plan/madePlans';
import { buildTopology } from '../../src/core/topology/buildTopology';
import { applyPlan, removePlan, verifyPlan, type RunOptions } from '../../src/discovery/plans/runPlan';
import { scanHost } from '../../src/discovery/scan';
import { openEngine } from '../../src/host/engineClient';
import { openTransport } from '../../src/host/openTransport';
import type { Transport } from '../../src/host/transport';
import { currentLab, type Lab } from '../lab/client.mjs';
import { killOvs, startOvs, underlay, unwireOvs, wireOvs } from '../lab/ovs.mjs';
import { cli } from './cliSupport';
import { askOn, describeInLab, runOn, theLab } from './commandSupport';
import { noQuestions } from './hostQuestions';
import { faultHead, provePlan } from './planSupport';

const nodes = ['node1', 'node2'] as const;
const ids = ['ssh://node1', 'ssh://node2'] as const;

describeInLab('plans for Open vSwitch between the lab\'s hosts, with its datapath in user space, over SSH', () => {
  let lab: Lab;
  const transports = new Map<string, Transport>();
  const table: string[] = [];
  const transport = (id: string): Transport => {
    const found = transports.get(id);
    if (found === undefined) throw new Error(`no transport to ${id}`);
    return found;
  };
  const options: RunOptions = { transport, retryMs: [50, 200, 500, 1000, 2000] };

  async function topology(): Promise<Topology> {
    const hosts = await Promise.all(ids.map(async (id) => {
      const engine = openEngine(transport(id));
      try {
        return { id, label: id.slice('ssh://'.length), snapshot: await scanHost(transport(id), engine, { limitMs: 30_000 }) };
      } finally {
        engine.dispose();
      }
    }));
    return buildTopology(hosts);
  }
  const member = (read: Topology, name: string, address: string, vlan?: number): OvsMember => ({ sandboxId: [...read.container.values()].find((container) => container.name === name)?.sandboxId ?? '', called: name, address, ...(vlan !== undefined && { vlan }) });

  /** What a plan could leave behind; but no counters, lifetimes or a bridge's running timers. A file of a container that has ended leads nowhere; the engine removes it some time later. */
  const state = async (): Promise<string> => {
    const script = [
      "ip -d link | sed 's/_timer *[0-9.]*/_timer/g'; ip addr | sed 's/valid_lft.*//; s/ tentative//'; ip route; iptables-save | grep -v '^#' | sed 's/\\[[0-9:]*\\]//'; ovs-vsctl --timeout=5 show; ovs-vsctl --timeout=5 --columns=name,tag,external_ids list Port; ovs-vsctl --timeout=5 --columns=name,mtu_request,external_ids list Interface; ovs-vsctl --timeout=5 --columns=name,external_ids list Bridge",
      'for n in /var/run/docker/netns/*; do case $n in */default) continue;; esac; nsenter --net="$n" -- true 2>/dev/null || continue; echo "$n"; nsenter --net="$n" -- sh -c \'ip -d link; ip addr; ip route\' | sed "s/valid_lft.*//; s/ tentative//; s/_timer *[0-9.]*/_timer/g"; done',
    ].join('\n');
    const outputs = await Promise.all(ids.map((id) => transport(id).run({ argv: ['sh', '-c', script], privilege: 'root' }, { limitMs: 30_000 })));
    return outputs.map(({ stdout }) => stdout).join('\n');
  };

  const sides = (more: readonly [object, object] = [{}, {}]): OvsTunnelRequest['sides'] => [{ hostId: ids[0], underlay: underlay.node1, ...more[0] }, { hostId: ids[1], underlay: underlay.node2, ...more[1] }];
  const experiment = (read: Topology, kind: 'docker-bridge' | 'direct' | 'direct-vlan'): Plan => {
    const [one, two, tagged] = [member(read, 'lonely', '172.15.42.100/24', kind === 'direct-vlan' ? 10 : undefined), member(read, 'docker2m', '172.15.42.101/24', kind === 'direct-vlan' ? 10 : undefined), member(read, 'web2', '172.15.42.102/24', 20)];
    // The switch itself has an address in one of them, and leads out of the first host.
    const [own, other] = kind === 'direct' ? [{ address: '172.15.42.1/24', out: 'iptables' }, { address: '172.15.42.2/24' }] : [{}, {}];
    return ovsTunnelPlan({ kind: 'gre', bridge: 'xbr0', make: 'netdev', sides: sides([{ ...own, members: kind === 'direct-vlan' ? [one, tagged] : [one] }, { ...other, members: [two] }]), ...(kind === 'docker-bridge' && { under: 'docker0' }) }, read);
  };

  beforeAll(async () => {
    lab = await currentLab();
    for (const node of nodes) transports.set(`ssh://${node}`, openTransport({ kind: 'ssh', host: node }, { questions: noQuestions, sshConfigFile: theLab().sshConfig }));
    await wireOvs(lab);
    // A bridge that is there, with a port (once up, a device keeps its queueing discipline); docker0 has a port that is always up, or its carrier comes and goes a moment later.
    for (const node of nodes) askOn(node, 'sh', '-c', 'ovs-vsctl --timeout=10 add-br pob0 -- set Bridge pob0 datapath_type=netdev -- add-port pob0 pop0 -- set Interface pop0 type=internal; ip link set pob0 up; ip link set pob0 down; ip link add pod0 type veth peer name pod1; ip link set pod0 up; ip link set pod1 up; ip link set pod0 master docker0; ip link add poe0 type veth peer name poe1; ip link add pof0 type veth peer name pof1');
    askOn('node1', 'sh', '-c', makeDeletable);
  }, 120_000);
  afterAll(async () => {
    for (const node of nodes) runOn(node, ['sh', '-c', 'ovs-vsctl --timeout=10 --if-exists del-br pob0; ip link del pod0; ip link del poe0; ip link del pof0; ovs-vsctl --timeout=10 --if-exists del-br pog0; ip link del poh0; true']);
    await unwireOvs(lab);
    for (const each of transports.values()) each.dispose();
    if (table.length > 0) process.stdout.write(`\n${faultHead}\n${table.join('\n')}\n`);
  }, 60_000);

  /** A bridge without ports, and a port, each with settings that are not the usual ones. */
  const makeDeletable = [
    'ovs-vsctl --timeout=10 add-br pog0 -- set Bridge pog0 datapath_type=netdev "external_ids:who=two words" other_config:mac-aging-time=77',
    'ip addr add 10.95.0.1/24 brd + dev pog0 && ip link set pog0 up && ip route add 10.96.0.0/16 via 10.95.0.9',
    'ip link add poh0 type veth peer name poh1 && ovs-vsctl --timeout=10 add-port pob0 poh0 tag=5 -- set Port poh0 "external_ids:who=a \\"quote\\"" -- set Interface poh0 ofport_request=33 external_ids:x=y',
  ].join(' && ');
  /** Without the interface index, which Open vSwitch gives, and in an order of its own: lists follow the index, or the identifier of a record, which is new. */
  const sortedState = async (): Promise<string> => (await state()).split('\n').map((line) => line.replace(/^\d+: /, '')).sort().join('\n');

  const kinds: readonly (readonly [string, (read: Topology) => Plan])[] = [
    ['ovs-gre', (read) => ovsTunnelPlan({ kind: 'gre', bridge: 'xbr0', make: 'netdev', sides: sides([{ address: '10.91.0.1/24' }, { address: '10.91.0.2/24' }]) }, read)],
    ['ovs-vxlan', (read) => ovsTunnelPlan({ kind: 'vxlan', bridge: 'pob0', key: 77, sides: sides([{ address: '10.91.0.1/24' }, { address: '10.91.0.2/24' }]) }, read)],
    ['ovs-geneve', (read) => ovsTunnelPlan({ kind: 'geneve', bridge: 'pob0', key: 78, sides: sides([{ address: '10.91.0.1/24' }, { address: '10.91.0.2/24' }]) }, read)],
    ['docker bridge', (read) => experiment(read, 'docker-bridge')],
    ['direct', (read) => experiment(read, 'direct')],
    ['direct, VLAN', (read) => experiment(read, 'direct-vlan')],
    ['ovs-bridge', (read) => ovsBridgePlan({ hostId: ids[0], name: 'xbr9', datapath: 'netdev', stp: true, address: '10.92.0.1/24' }, read)],
    ['ovs-port', (read) => ovsPortPlan({ hostId: ids[0], bridge: 'pob0', device: 'poe0', vlan: 12 }, read)],
    ['ovs-vlan', (read) => ovsVlanPlan({ hostId: ids[0], device: 'pop0', vlan: 33 }, read)],
    ['wire, ovs', (read) => wirePlan({ hostId: ids[0], sandboxId: member(read, 'lonely', '').sandboxId, called: 'lonely', to: { kind: 'ovs', name: 'pob0' }, address: '10.93.0.5/24', vlan: 44 }, read)],
  ];
  describe.each(kinds)('%s', (kind, make) => {
    provePlan(kind, make, { options: () => options, topology, state, table });
  });

  describe.each<(typeof kinds)[number]>([
    ['ovs-port-remove', (read) => ovsPortRemovePlan({ hostId: ids[0], device: 'poh0', undoing: true }, read)],
    ['ovs-bridge-delete', (read) => ovsBridgeDeletePlan({ hostId: ids[0], name: 'pog0', undoing: true }, read)],
  ])('%s, but for interface indexes and the order in which Open vSwitch lists records', (kind, make) => {
    provePlan(kind, make, { options: () => options, topology, state: sortedState, table });
  });

  it('take a bridge and a port that no plan made, and give them back by the plan\'s id with their MAC, number and settings', async () => {
    const look = (): string => askOn('node1', 'sh', '-c', 'ovs-vsctl --timeout=5 --columns=name,tag,external_ids list Port poh0; ovs-vsctl --timeout=5 --columns=ofport,ofport_request,external_ids list Interface poh0; ovs-vsctl --timeout=5 --columns=datapath_type,external_ids list Bridge pog0; ovs-vsctl --timeout=5 get Bridge pog0 other_config:mac-aging-time; cat /sys/class/net/pog0/address; ip -4 -o addr show dev pog0; ip route show dev pog0').replace(/^\d+: /gm, '');
    const before = look();
    expect(before).toContain('ofport              : 33');
    const plans = [ovsPortRemovePlan({ hostId: ids[0], device: 'poh0' }, await topology()), ovsBridgeDeletePlan({ hostId: ids[0], name: 'pog0' }, await topology())];
    for (const plan of plans) expect((await applyPlan(plan, options)).outcome).toBe('applied');
    expect(askOn('node1', 'ovs-vsctl', 'list-br').split('\n')).not.toContain('pog0');
    expect(askOn('node1', 'ovs-vsctl', 'list-ports', 'pob0').split('\n')).not.toContain('poh0');
    for (const { id } of plans) expect((await removePlan(removalPlan(await topology(), id, [ids[0]]), options)).outcome).toBe('removed');
    expect(look()).toBe(before);
  }, 60_000);

  it('do not delete what they could not make again: a bridge with ports, with a controller, with flows of its own', async () => {
    const read = await topology();
    expect(() => ovsBridgeDeletePlan({ hostId: ids[0], name: 'pob0' }, read)).toThrow(/^pob0 on node1 has ports: poh0, pop0\. Remove them first\.$/);
    expect(() => ovsPortRemovePlan({ hostId: ids[0], device: 'pop0' }, read)).toThrow(/^pop0 is an internal port/);
    const plan = ovsBridgeDeletePlan({ hostId: ids[0], name: 'pog0' }, read);
    for (const [add, remove] of [['ovs-vsctl --timeout=10 set-controller pog0 ptcp:6699:127.0.0.1', 'ovs-vsctl --timeout=10 del-controller pog0'], ['ovs-ofctl add-flow pog0 priority=7,arp,actions=drop', 'ovs-ofctl del-flows pog0 arp']] as const) {
      askOn('node1', 'sh', '-c', add);
      await expect(applyPlan(plan, options)).rejects.toThrow('pog0 on node1 has a controller, a mirror, an exporter or flows of its own, which could not be made again as they were.');
      askOn('node1', 'sh', '-c', remove);
    }
  });

  it('lead containers out of their host, from the switch, through its rules alone', async () => {
    const plan = experiment(await topology(), 'direct');
    const { bare } = lab.hosts;
    expect((await applyPlan(plan, options)).outcome).toBe('applied');
    const inside = plan.checks.find(({ direction }) => direction.startsWith('lonely'))?.inside ?? [];
    // That host has no route back to the switch's network.
    const ping = (): number | undefined => runOn('node1', [...inside, 'ping', '-c', '3', '-i', '0.2', '-W', '2', bare.address]).code;
    expect(ping()).toBe(0);
    const mark = `netns-explorer ${plan.id}`;
    askOn('node1', 'sh', '-c', 'iptables-save -t nat | grep -F -- "--comment \\"$1\\"" | sed "s/^-A /-D /" | while read -r r; do eval "iptables -t nat $r"; done', 'sh', mark);
    expect(ping()).not.toBe(0);
    expect((await removePlan(plan, options)).outcome).toBe('removed');
  }, 60_000);

  it('in one VLAN reach each other across the hosts, those of another one do not', async () => {
    const plan = experiment(await topology(), 'direct-vlan');
    expect((await applyPlan(plan, options)).outcome).toBe('applied');
    expect((await verifyPlan(plan, options)).map(({ check, fault }) => `${check.direction}: ${fault ?? 'passes'}`)).toEqual(['lonely → docker2m: passes', 'docker2m → lonely: passes']);
    const [, inside] = plan.checks.map((check) => check.inside ?? []);
    expect(runOn('node2', [...(inside ?? []), 'ping', '-c', '1', '-W', '1', '172.15.42.102']).code).not.toBe(0);
    const removed = await removePlan(removalPlan(await topology(), plan.id, ids), options);
    expect(removed.outcome, JSON.stringify(removed.steps)).toBe('removed');
    expect((await removePlan(plan, options)).outcome).toBe('unchanged');
  });

  it('leave a bridge that was there as it was: up, with the MTU and address that somebody gave it', async () => {
    const [set, restore] = ['ovs-vsctl --timeout=10 set Interface pob0 mtu_request=1400; ip link set pob0 up; ip addr add 10.94.0.1/24 dev pob0', 'ip addr del 10.94.0.1/24 dev pob0; ip link set pob0 down; ovs-vsctl --timeout=10 clear Interface pob0 mtu_request; ip link set pob0 mtu 1500'];
    for (const node of nodes) askOn(node, 'sh', '-c', set);
    try {
      const before = await state();
      const make = async (): Promise<Plan> => ovsTunnelPlan({ kind: 'gre', bridge: 'pob0', sides: sides([{ address: '10.91.0.1/24' }, { address: '10.91.0.2/24' }]) }, await topology());
      const plan = await make();
      expect((await applyPlan(plan, options)).outcome).toBe('applied');
      expect((await verifyPlan(plan, options)).map(({ fault }) => fault)).toEqual([undefined, undefined]);
      // By who asks for the same later, and by who knows its id alone.
      expect((await removePlan(await make(), options)).outcome).toBe('removed');
      expect(await state()).toBe(before);
      expect((await applyPlan(plan, options)).outcome).toBe('applied');
      expect((await removePlan(removalPlan(await topology(), plan.id, ids), options)).outcome).toBe('removed');
      expect(await state()).toBe(before);
    } finally {
      for (const node of nodes) askOn(node, 'sh', '-c', restore);
    }
  }, 120_000);

  it('are refused where Open vSwitch has only half started, before anything is changed', async () => {
    const make = async (): Promise<Plan> => ovsBridgePlan({ hostId: ids[0], name: 'xbr8', datapath: 'netdev' }, await topology());
    const before = await state();
    await expect(applyPlan(ovsBridgePlan({ hostId: ids[0], name: 'xbr8', datapath: 'system' }, await topology()), options)).rejects.toThrow('The kernel of node1 has no openvswitch module. Take the datapath netdev, in user space, or install the module.');
    expect(await state()).toBe(before);
    const plan = await make();
    await killOvs(lab, 'node1', 'ovs-vswitchd');
    try {
      await expect(applyPlan(plan, options)).rejects.toThrow(/node1 answers, but ovs-vswitchd does not run: nothing would be switched/);
      await killOvs(lab, 'node1', 'ovsdb-server');
      await expect(applyPlan(plan, options)).rejects.toThrow(/The database of Open vSwitch on node1 does not answer/);
    } finally {
      await startOvs(lab, 'node1');
    }
  });

  it('from the command line: printed, applied with a verdict, undone', async () => {
    const argv = ['plan', 'ovs-gre', '--host', 'node1', '--host', 'node2', '--ssh-config', theLab().sshConfig, '--bridge', 'xbr0', '--datapath', 'netdev', '--underlay', underlay.node1, '--underlay', underlay.node2, '--address', '10.91.0.1/24', '--address', '10.91.0.2/24'];
    expect((await cli(argv)).stdout).toMatch(/^ {2}ovs-vsctl --timeout=10 add-br xbr0 -- set Bridge xbr0 datapath_type=netdev external_ids:netns-explorer=\w{8}$/m);
    expect(await cli([...argv, '--apply'])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Applied: plan [0-9a-f]{8}\.\nnode1 → node2: passes, up to 1462 bytes\nnode2 → node1: passes, up to 1462 bytes\n$/) as string });
    expect(await cli([...argv, '--undo'])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Removed: plan [0-9a-f]{8}\.\n$/) as string });
  });
});
