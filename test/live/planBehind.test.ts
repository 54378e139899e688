import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Topology } from '../../src/core/model/topology';
import { removalPlan } from '../../src/core/plan/madePlans';
import type { Plan } from '../../src/core/plan/plan';
import { tunnelPlan } from '../../src/core/plan/tunnelPlan';
import { buildTopology } from '../../src/core/topology/buildTopology';
import { applyPlan, removePlan, verifyPlan, type RunOptions } from '../../src/discovery/plans/runPlan';
import { scanHost } from '../../src/discovery/scan';
import { openEngine } from '../../src/host/engineClient';
import { openTransport } from '../../src/host/openTransport';
import type { Transport } from '../../src/host/transport';
import { askOn, describeInLab, runOn, theLab } from './commandSupport';
import { noQuestions } from './hostQuestions';

const nodes = ['node1', 'node2'] as const;
const ids = ['ssh://node1', 'ssh://node2'] as const;
const subnets = ['172.30.1.0/24', '172.30.2.0/24'] as const;

describeInLab('a VXLAN tunnel between two lab hosts, with a Docker network behind each', () => {
  const transports = new Map<string, Transport>();
  const options: RunOptions = {
    transport: (id) => {
      const found = transports.get(id);
      if (found === undefined) throw new Error(`no transport to ${id}`);
      return found;
    },
    retryMs: [50, 200, 500, 1000, 2000],
  };
  async function topology(): Promise<Topology> {
    return buildTopology(await Promise.all(ids.map(async (id) => {
      const engine = openEngine(options.transport(id));
      try {
        return { id, label: id.slice('ssh://'.length), snapshot: await scanHost(options.transport(id), engine, { limitMs: 30_000 }) };
      } finally {
        engine.dispose();
      }
    })));
  }
  const planned = async (more: object = {}): Promise<Plan> => tunnelPlan({ kind: 'vxlan', forward: true, sides: [{ hostId: ids[0], behind: [subnets[0]] }, { hostId: ids[1], behind: [subnets[1]] }], ...more }, await topology());
  /** From the container on one host to the one on the other. */
  const ping = (from: 0 | 1): number | undefined => runOn(nodes[from], ['docker', 'exec', `behind${String(from + 1)}`, 'ping', '-c', '1', '-W', '2', `172.30.${String(2 - from)}.2`]).code;

  beforeAll(() => {
    for (const [at, node] of nodes.entries()) {
      transports.set(`ssh://${node}`, openTransport({ kind: 'ssh', host: node }, { questions: noQuestions, sshConfigFile: theLab().sshConfig }));
      askOn(node, 'sh', '-c', `docker network create --subnet ${subnets[at] ?? ''} behind && docker run -d --net=behind --name behind${String(at + 1)} --stop-signal SIGKILL net-tools sleep 2147483647`);
    }
  }, 120_000);
  afterAll(() => {
    for (const [at, node] of nodes.entries()) runOn(node, ['sh', '-c', `docker rm -f behind${String(at + 1)}; docker network rm behind`]);
    for (const each of transports.values()) each.dispose();
  }, 60_000);

  it('joins the containers, and says so because it asked them', async () => {
    expect([ping(0), ping(1)]).toEqual([1, 1]);
    const plan = await planned();
    expect((await applyPlan(plan, options)).outcome).toBe('applied');
    expect((await verifyPlan(plan, options)).map(({ check, fault }) => `${check.direction}: ${fault ?? 'passes'}`)).toEqual([
      'node1 → node2: passes',
      'node2 → node1: passes',
      'node1 → 172.30.2.2 behind node2: passes',
      'node2 → 172.30.1.2 behind node1: passes',
    ]);
    expect([ping(0), ping(1)]).toEqual([0, 0]);
    // The same request finds it, and leaves it.
    expect((await applyPlan(await planned(), options)).outcome).toBe('unchanged');
  }, 90_000);

  it('is not touched by the undoing of a plan that would have made another device of that name', async () => {
    const before = askOn('node1', 'sh', '-c', 'ip -d link show type vxlan; ip route');
    expect((await removePlan(await planned({ ttl: 10 }), options)).outcome).toBe('unchanged');
    expect(askOn('node1', 'sh', '-c', 'ip -d link show type vxlan; ip route')).toBe(before);
    await expect(applyPlan(await planned({ ttl: 10 }), options)).rejects.toThrow(/has a device nx-vxlan-\w{4} that is not this plan's\. Remove it, or choose another name\. It is of plan (\w{8}): plan remove --id \1 takes it away\.$/);
  }, 60_000);

  it('passes at once when one of its devices was made anew', async () => {
    const plan = await planned();
    const device = plan.devices?.[1]?.name ?? '';
    askOn('node2', 'ip', 'link', 'del', 'dev', device);
    expect((await applyPlan(await planned(), options)).outcome).toBe('applied');
    expect((await verifyPlan(plan, options)).map(({ fault }) => fault)).toEqual([undefined, undefined, undefined, undefined]);
  }, 90_000);

  it('is not said to pass what goes another way', async () => {
    const plan = await planned();
    const [first] = plan.checks;
    if (first === undefined) throw new Error('no check');
    const around = { ...plan, checks: [{ hostId: first.hostId, direction: 'node1 → node2', to: '192.168.56.12' }] };
    expect((await verifyPlan(around, options)).map(({ fault }) => fault)).toEqual([expect.stringMatching(/ answers, but not through nx-vxlan-\w{4}, whose counter of sent packets stands still: "ip route get /)]);
  }, 60_000);

  it('is taken away by its id, with its routes and rules', async () => {
    const { id } = await planned();
    expect((await removePlan(removalPlan(await topology(), id, ids), options)).outcome).toBe('removed');
    for (const node of nodes) expect(askOn(node, 'sh', '-c', 'ip -o link; ip route; iptables-save')).not.toMatch(/nx-vxlan|netns-explorer/);
    expect(ping(0)).toBe(1);
  }, 60_000);
});
