import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Plan, PlanStep } from '../../src/core/plan/plan';
import { tunnelKinds, type TunnelKind } from '../../src/core/plan/tunnelDevice';
import { tunnelPlan, type TunnelRequest } from '../../src/core/plan/tunnelPlan';
import { planScript } from '../../src/core/plan/planScript';
import type { Topology } from '../../src/core/model/topology';
import { buildTopology } from '../../src/core/topology/buildTopology';
import { applyPlan, removePlan, verifyPlan, type RunOptions } from '../../src/discovery/plans/runPlan';
import { scanHost } from '../../src/discovery/scan';
import { openTransport } from '../../src/host/openTransport';
import type { Transport } from '../../src/host/transport';
import { startMachines, type Machines } from '../lab/machines/machines.mjs';
import { cli } from './cliSupport';
import { describeInLab } from './commandSupport';
import { noQuestions } from './hostQuestions';
import { applyBroken, faultHead, faultLine, planFaults, type PlanFault } from './planSupport';

const ids = ['ssh://vm1', 'ssh://vm2'] as const;

describeInLab('tunnels between two virtual machines with Debian\'s own kernel, over SSH', () => {
  let machines: Machines | undefined;
  const transports = new Map<string, Transport>();
  const table: string[] = [];

  const transport = (id: string): Transport => {
    const found = transports.get(id);
    if (found === undefined) throw new Error(`no transport to ${id}`);
    return found;
  };
  const options: RunOptions = { transport, retryMs: [50, 200, 500, 1000, 2000] };

  const run = (machine: string, script: string): string => machines!.run(machine, script);
  /** What a plan could leave behind; but not the lifetimes that router advertisements renew, and neither counters nor a bridge's running timers. */
  const state = async (): Promise<string> => {
    const script = "ip -d link | sed 's/_timer *[0-9.]*/_timer/g'; ip addr | sed 's/valid_lft.*//'; ip route show table all | sed 's/expires [^ ]*//'; iptables-save | grep -v '^#' | sed 's/\\[[0-9:]*\\]//'; sysctl net.ipv4.ip_forward";
    const outputs = await Promise.all(ids.map((id) => transport(id).run({ argv: ['sh', '-c', script], privilege: 'root' }, { limitMs: 30_000 })));
    return outputs.map(({ stdout }) => stdout).join('\n');
  };

  async function topology(): Promise<Topology> {
    const hosts = await Promise.all(ids.map(async (id) => ({ id, label: id.slice('ssh://'.length), snapshot: await scanHost(transport(id), undefined, { limitMs: 60_000 }) })));
    return buildTopology(hosts);
  }

  const request = (kind: TunnelKind, more: Partial<TunnelRequest> = {}): TunnelRequest => ({
    kind,
    sides: [
      { hostId: ids[0], underlay: '192.168.57.11', behind: ['10.71.1.0/24'] },
      { hostId: ids[1], underlay: '192.168.57.12', behind: ['10.71.2.0/24'] },
    ],
    ...more,
  });

  beforeAll(async () => {
    machines = await startMachines();
    for (const id of ids) transports.set(id, openTransport({ kind: 'ssh', host: id.slice('ssh://'.length) }, { questions: noQuestions, sshConfigFile: machines.sshConfig }));
    for (const [machine, network] of [['vm1', '10.71.1.1/24'], ['vm2', '10.71.2.1/24']] as const) {
      // The first rule makes nft's tables, which stay; a bridge with an address is what lies behind each.
      run(machine, `iptables -A FORWARD -j ACCEPT; iptables -D FORWARD -j ACCEPT; ip link add lan0 type bridge; ip addr add ${network} dev lan0; ip link set lan0 up`);
    }
  }, 240_000);

  afterAll(async () => {
    for (const each of transports.values()) each.dispose();
    await machines?.stop();
    if (table.length > 0) process.stdout.write(`\n${faultHead}\n${table.join('\n')}\n`);
  });

  describe.each(tunnelKinds)('%s', (kind) => {
    it('is applied, carries traffic both ways up to its MTU, changes nothing the second time, and is removed to the last byte', async () => {
      const before = await state();
      const plan = tunnelPlan(request(kind, kind === 'ipip' ? {} : { key: 5 }), await topology());
      expect((await applyPlan(plan, options)).outcome).toBe('applied');
      expect(await verifyPlan(plan, options)).toEqual(plan.checks.map((check) => ({ check })));
      expect(run('vm1', 'ping -c 2 -i 0.3 -W 5 -I 10.71.1.1 10.71.2.1')).toContain(' 0% packet loss');
      const now = await topology();
      expect([...now.tunnel.values()].map(({ other }) => other.state)).toEqual(['matched', 'matched']);
      // Made from what is there now, it is the same plan.
      const again = tunnelPlan(request(kind, kind === 'ipip' ? {} : { key: 5 }), now);
      expect(again).toEqual(plan);
      expect((await applyPlan(again, options)).outcome).toBe('unchanged');
      expect((await removePlan(again, options)).outcome).toBe('removed');
      expect(await state()).toBe(before);
      expect((await removePlan(again, options)).outcome).toBe('unchanged');
    }, 120_000);
  });

  it('as a port of bridges: a frame from one bridge arrives on the other', async () => {
    const before = await state();
    for (const [machine, address] of [['vm1', '10.72.0.1/24'], ['vm2', '10.72.0.2/24']] as const) run(machine, `ip link add flat type bridge; ip link set flat up; ip addr add ${address} dev flat`);
    const plan = tunnelPlan({ kind: 'gretap', sides: [{ hostId: ids[0], underlay: '192.168.57.11', bridge: 'flat' }, { hostId: ids[1], underlay: '192.168.57.12', bridge: 'flat' }] }, await topology());
    expect((await applyPlan(plan, options)).outcome).toBe('applied');
    expect(run('vm1', 'ping -c 2 -i 0.3 -W 5 10.72.0.2')).toContain(' 0% packet loss');
    // Frames are told from none, each way by itself.
    expect(plan.checks.map(({ arrivesAt }) => arrivesAt?.hostId)).toEqual([ids[1], ids[0]]);
    expect(await verifyPlan(plan, options)).toEqual(plan.checks.map((check) => ({ check })));
    const device = plan.checks[0]?.arrivesAt?.device ?? '';
    run('vm1', `ip link set ${device} down`);
    expect((await verifyPlan(plan, options)).map(({ check, fault }) => `${check.direction}: ${fault ?? 'passes'}`)[0]).toBe(`vm1 → vm2: no frame of flat arrives at ${device}`);
    run('vm1', `ip link set ${device} up`);
    expect((await removePlan(plan, options)).outcome).toBe('removed');
    for (const machine of ['vm1', 'vm2']) run(machine, 'ip link del flat');
    expect(await state()).toBe(before);
  }, 120_000);

  it('that lost its routes and one of its devices is removed all the same', async () => {
    const before = await state();
    const plan = tunnelPlan(request('gre', { forward: true }), await topology());
    await applyPlan(plan, options);
    const device = plan.steps[0]?.argv[4] ?? '';
    run('vm1', `ip link del ${device}`);
    run('vm2', `ip route del 10.71.1.0/24`);
    expect((await removePlan(plan, options)).outcome).toBe('removed');
    expect(await state()).toBe(before);
  }, 120_000);

  it('does not touch a device of the same name that is somebody else\'s', async () => {
    const plan = tunnelPlan(request('gre', { name: 'other0' }), await topology());
    run('vm1', 'ip link add other0 type dummy');
    try {
      await expect(applyPlan(plan, options)).rejects.toThrow(/vm1 has a device other0 that is not this plan's/);
      expect((await removePlan(plan, options)).outcome).toBe('unchanged');
      expect(run('vm1', 'ip -br link show other0')).toContain('other0');
    } finally {
      run('vm1', 'ip link del other0');
    }
  }, 60_000);

  it('is refused where a route to its networks came meanwhile, before anything is changed', async () => {
    const plan = tunnelPlan(request('gre'), await topology());
    run('vm1', 'ip route add 10.71.2.128/25 dev lan0');
    try {
      const before = await state();
      await expect(applyPlan(plan, options)).rejects.toThrow(/^vm1 has another route that overlaps 10\.71\.2\.0\/24 by now/);
      expect(await state()).toBe(before);
    } finally {
      run('vm1', 'ip route del 10.71.2.128/25 dev lan0');
    }
  }, 60_000);

  it('tells which direction does not pass', async () => {
    const plan = tunnelPlan(request('gre'), await topology());
    await applyPlan(plan, options);
    run('vm2', 'iptables -I INPUT -s 192.168.57.11 -p 47 -j DROP');
    try {
      const faults = (await verifyPlan(plan, options)).map(({ check, fault }) => `${check.direction}: ${fault ?? 'passes'}`);
      expect(faults[0]).toMatch(/^vm1 → vm2: nothing comes through/);
    } finally {
      run('vm2', 'iptables -D INPUT -s 192.168.57.11 -p 47 -j DROP');
      await removePlan(plan, options);
    }
  }, 120_000);

  it('from the command line: printed, applied with a verdict, verified, undone', async () => {
    const before = await state();
    const argv = ['plan', 'gre', '--host', 'vm1', '--host', 'vm2', '--ssh-config', machines?.sshConfig ?? '', '--underlay', '192.168.57.11', '--underlay', '192.168.57.12', '--behind', '1:10.71.1.0/24'];
    const printed = await cli(argv);
    expect(printed).toMatchObject({ code: 0, stderr: '' });
    expect(printed.stdout).toMatch(/^ {2}ip link add name nx-gre-\w{4} mtu 1476 type gre local 192\.168\.57\.11 remote 192\.168\.57\.12 ttl 64$/m);
    expect(await state()).toBe(before);
    const applied = await cli([...argv, '--apply']);
    expect(applied).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Applied: plan [0-9a-f]{8}\.\nvm1 → vm2: passes, up to 1476 bytes\nvm2 → vm1: passes, up to 1476 bytes\n$/) as string });
    expect(await cli([...argv, '--apply'])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Nothing had to be changed: plan [0-9a-f]{8} is there already\.\n/) as string });
    expect(await cli([...argv, '--verify'])).toMatchObject({ code: 0 });
    expect(await cli([...argv, '--undo'])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Removed: plan [0-9a-f]{8}\.\n$/) as string });
    expect(await state()).toBe(before);
    const refused = await cli([...argv.slice(0, 8), '--underlay', '192.168.57.11', '--underlay', '192.168.57.13']);
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toMatch(/^vm2 has no interface with the address 192\.168\.57\.13\./);
  }, 240_000);

  it('as a script applies, applies again, and undoes', async () => {
    const before = await state();
    const plan = tunnelPlan(request('vxlan', { forward: true }), await topology());
    const scripts = plan.hosts.map((host) => [host.label, planScript(plan, host, host.label)] as const);
    const bash = (machine: string, script: string, argument: string): string => run(machine, `cat > /tmp/plan.sh <<'END-OF-PLAN'\n${script}END-OF-PLAN\nbash /tmp/plan.sh ${argument} 2>&1`);
    for (const turn of [1, 2]) for (const [machine, script] of scripts) expect(`${String(turn)} ${bash(machine, script, '')}`).toBe(`${String(turn)} `);
    expect(await verifyPlan(plan, options)).toEqual(plan.checks.map((check) => ({ check })));
    for (const [machine, script] of scripts) bash(machine, script, 'undo');
    expect(await state()).toBe(before);
  }, 120_000);

  describe.each(tunnelKinds)('when a step of %s', (kind) => {
    /** Everything for GRE; for the others, whose steps beyond the device are the same, what is particular to them. */
    const asked = (): TunnelRequest =>
      kind === 'gre' ? request(kind, { key: 5, forward: true }) : { kind, sides: [{ hostId: ids[0], underlay: '192.168.57.11' }, { hostId: ids[1], underlay: '192.168.57.12' }] };

    const inject = async (fault: PlanFault, plan: Plan, broken: PlanStep): Promise<void> => {
      const { report, hit } = await applyBroken(plan, broken, fault, options);
      expect(hit).toBe(true);
      table.push(faultLine(kind, broken, fault, report.outcome));
      expect(report.outcome).toBe('rolledBack');
      expect(report.steps.find(({ step }) => step === broken)?.said).toMatch(fault === 'fails' ? /made to fail/ : /Connection lost/);
    };

    for (const fault of planFaults) {
      it(`${fault === 'fails' ? 'fails' : 'is the last thing before the connection is cut'}, both hosts are as they were`, async () => {
        const plan = tunnelPlan(asked(), await topology());
        const before = await state();
        for (const step of plan.steps) {
          await inject(fault, plan, step);
          expect(await state(), step.what).toBe(before);
        }
      }, 300_000);
    }
  });
});
