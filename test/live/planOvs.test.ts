import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Topology } from '../../src/core/model/topology';
import { ovsBridgePlan, ovsPortPlan, ovsTunnelPlan, ovsVlanPlan, type OvsMember, type OvsTunnelRequest } from '../../src/core/plan/ovsPlans';
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
    return ovsTunnelPlan({ kind: 'gre', bridge: 'xbr0', make: 'netdev', sides: sides([{ members: kind === 'direct-vlan' ? [one, tagged] : [one] }, { members: [two] }]), ...(kind === 'docker-bridge' && { under: 'docker0' }) }, read);
  };

  beforeAll(async () => {
    lab = await currentLab();
    for (const node of nodes) transports.set(`ssh://${node}`, openTransport({ kind: 'ssh', host: node }, { questions: noQuestions, sshConfigFile: theLab().sshConfig }));
    await wireOvs(lab);
    // A bridge that is there, with a port (once up, a device keeps its queueing discipline); docker0 has a port that is always up, or its carrier comes and goes a moment later.
    for (const node of nodes) askOn(node, 'sh', '-c', 'ovs-vsctl --timeout=10 add-br pob0 -- set Bridge pob0 datapath_type=netdev -- add-port pob0 pop0 -- set Interface pop0 type=internal; ip link set pob0 up; ip link set pob0 down; ip link add pod0 type veth peer name pod1; ip link set pod0 up; ip link set pod1 up; ip link set pod0 master docker0; ip link add poe0 type veth peer name poe1; ip link add pof0 type veth peer name pof1');
  }, 120_000);
  afterAll(async () => {
    for (const node of nodes) runOn(node, ['sh', '-c', 'ovs-vsctl --timeout=10 --if-exists del-br pob0; ip link del pod0; ip link del poe0; ip link del pof0; true']);
    await unwireOvs(lab);
    for (const each of transports.values()) each.dispose();
    if (table.length > 0) process.stdout.write(`\n${faultHead}\n${table.join('\n')}\n`);
  }, 60_000);

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
    expect(await cli([...argv, '--apply'])).toMatchObject({ code: 0, stdout: 'Applied.\nnode1 → node2: passes, up to 1462 bytes\nnode2 → node1: passes, up to 1462 bytes\n' });
    expect(await cli([...argv, '--undo'])).toMatchObject({ code: 0, stdout: 'Removed.\n' });
  });
});
