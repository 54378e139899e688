import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Topology } from '../../src/core/model/topology';
import { bridgeDeletePlan, bridgePlan, portRemovePlan, vlanPlan } from '../../src/core/plan/bridgePlans';
import { removalPlan } from '../../src/core/plan/madePlans';
import type { Plan } from '../../src/core/plan/plan';
import { wirePlan } from '../../src/core/plan/wirePlan';
import { buildTopology } from '../../src/core/topology/buildTopology';
import { applyPlan, removePlan, type RunOptions } from '../../src/discovery/plans/runPlan';
import { scanHost } from '../../src/discovery/scan';
import { openTransport } from '../../src/host/openTransport';
import type { Transport } from '../../src/host/transport';
import { startMachines, type Machines } from '../lab/machines/machines.mjs';
import { describeInLab } from './commandSupport';
import { noQuestions } from './hostQuestions';
import { faultHead, provePlan } from './planSupport';

const hostId = 'ssh://vm1';

describeInLab('plans with VLANs on a virtual machine, whose kernel filters them, over SSH', () => {
  let machines: Machines | undefined;
  let transport: Transport;
  const options: RunOptions = { transport: () => transport, retryMs: [50, 200, 500, 1000, 2000] };
  const table: string[] = [];

  const sh = async (script: string): Promise<{ readonly stdout: string; readonly code: number | undefined }> => transport.run({ argv: ['sh', '-c', script], privilege: 'root' }, { limitMs: 30_000 });
  const topology = async (): Promise<Topology> => buildTopology([{ id: hostId, label: 'vm1', snapshot: await scanHost(transport, undefined, { limitMs: 60_000 }) }]);
  const state = async (): Promise<string> =>
    (await sh("links() { ip -d link | sed 's/_timer *[0-9.]*/_timer/g'; ip addr | sed 's/valid_lft.*//'; ip route show table all | sed 's/expires [^ ]*//'; }; links; bridge vlan; for n in one two three; do nsenter --net=/run/netns/$n -- sh -c 'ip -d link; ip addr; ip route' | sed 's/valid_lft.*//; s/_timer *[0-9.]*/_timer/g'; done")).stdout;
  const wire = (read: Topology, name: string, address: string, vlan: number): Plan =>
    wirePlan({ hostId, sandboxId: [...read.sandbox.values()].find(({ title }) => title === name)?.id ?? '', to: { kind: 'bridge', name: 'vbr0' }, address, vlan }, read);

  beforeAll(async () => {
    machines = await startMachines();
    transport = openTransport({ kind: 'ssh', host: 'vm1' }, { questions: noQuestions, sshConfigFile: machines.sshConfig });
    // A port that is always up, and one change of it: the state of a bridge is UNKNOWN before its first port has come or gone, and not after.
    const made = await sh('for n in one two three; do ip netns add $n; done; ip link add vbr0 type bridge vlan_filtering 1 && echo 1 > /proc/sys/net/ipv6/conf/vbr0/disable_ipv6 && ip link set vbr0 up && ip link add vp0 type veth peer name vp1 && ip link set vp0 master vbr0 && ip link add vq0 type veth peer name vq1 && for l in vq0 vq1; do echo 1 > /proc/sys/net/ipv6/conf/$l/disable_ipv6; ip link set $l up; done && ip link set vq0 master vbr0 && ip link set vq0 down && ip link set vq0 up && timeout 10 sh -c "until grep -q up /sys/class/net/vbr0/operstate; do sleep 0.1; done" && bridge vlan add dev vp0 vid 40 && bridge vlan add dev vp0 vid 41 untagged && command -v nsenter bridge');
    if (made.code !== 0) throw new Error(`The machine was not prepared: ${JSON.stringify(made)}`);
  }, 240_000);
  afterAll(async () => {
    transport.dispose();
    await machines?.stop();
    if (table.length > 0) process.stdout.write(`\n${faultHead}\n${table.join('\n')}\n`);
  });

  const kinds: readonly (readonly [string, (read: Topology) => Plan])[] = [
    ['wire, VLAN', (read) => wire(read, 'one', '10.86.0.1/24', 20)],
    ['port-remove', (read) => portRemovePlan({ hostId, device: 'vp0' }, read)],
    ['vlan', (read) => vlanPlan({ hostId, device: 'vp0', vlan: 30 }, read)],
  ];
  describe.each(kinds)('%s', (kind, make) => {
    provePlan(kind, make, { options: () => options, topology, state, table });
  });

  it('make a bridge that filters VLANs, and take it back to the last byte', async () => {
    const before = await state();
    const plan = bridgePlan({ hostId, name: 'vbr9', vlanFiltering: true, address: '10.87.0.1/24' }, await topology());
    expect((await applyPlan(plan, options)).outcome).toBe('applied');
    expect((await sh('cat /sys/class/net/vbr9/bridge/vlan_filtering')).stdout).toBe('1\n');
    expect((await removePlan(plan, options)).outcome).toBe('removed');
    expect(await state()).toBe(before);
  }, 120_000);

  it('are undone last first: the one before is refused while a later one is there', { retry: 0, timeout: 120_000 }, async () => {
    const before = await state();
    const plans = [vlanPlan({ hostId, device: 'vp0', vlan: 30 }, await topology()), vlanPlan({ hostId, device: 'vp0', vlan: 35 }, await topology())] as const;
    for (const plan of plans) expect((await applyPlan(plan, options)).outcome).toBe('applied');
    const early = await removePlan(plans[0], options);
    expect(early.outcome).toBe('left');
    expect(early.steps.map(({ said }) => said ?? '').join(' ')).toContain('vp0 has VLAN 35 untagged by now: undo first what gave it that');
    for (const plan of plans.toReversed()) expect((await removePlan(plan, options)).outcome).toBe('removed');
    expect(await state()).toBe(before);
  });

  it('bring back a bridge with VLANs of its own, and the VLANs of a port from its id alone', { retry: 0, timeout: 120_000 }, async () => {
    await sh('ip link add vbr8 address 02:00:00:00:88:08 type bridge vlan_filtering 1 vlan_default_pvid 7 && bridge vlan add dev vbr8 vid 9 self');
    try {
      const before = await state();
      const plans = [bridgeDeletePlan({ hostId, name: 'vbr8' }, await topology()), vlanPlan({ hostId, device: 'vp0', vlan: 33 }, await topology())];
      for (const plan of plans) expect((await applyPlan(plan, options)).outcome).toBe('applied');
      expect((await sh('bridge vlan show dev vp0 | tail -n +2 | tr -s " \\t\\n" " "')).stdout).toBe('vp0 33 PVID Egress Untagged 40 41 Egress Untagged ');
      for (const plan of plans) expect(await removePlan(removalPlan(await topology(), plan.id, [hostId]), options)).toMatchObject({ outcome: 'removed' });
      expect(await state()).toBe(before);
    } finally {
      await sh('ip link del vbr8');
    }
  });

  it('let namespaces in one VLAN reach each other, and not those of another one', async () => {
    const plans: Plan[] = [];
    for (const [name, address, vlan] of [['one', '10.85.0.1/24', 20], ['two', '10.85.0.2/24', 20], ['three', '10.85.0.3/24', 30]] as const) {
      const plan = wire(await topology(), name, address, vlan);
      expect((await applyPlan(plan, options)).outcome).toBe('applied');
      plans.push(plan);
    }
    const ping = async (to: string): Promise<number | undefined> => (await sh(`nsenter --net=/run/netns/one -- ping -c 2 -W 2 ${to}`)).code;
    expect(await ping('10.85.0.2')).toBe(0);
    expect(await ping('10.85.0.3')).not.toBe(0);
    for (const plan of plans.toReversed()) expect((await removePlan(plan, options)).outcome).toBe('removed');
  }, 120_000);
});
