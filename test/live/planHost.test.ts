import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Topology } from '../../src/core/model/topology';
import type { Plan } from '../../src/core/plan/plan';
import { bridgeDeletePlan, bridgePlan, portPlan, portRemovePlan } from '../../src/core/plan/bridgePlans';
import { docker0Plan } from '../../src/core/plan/docker0Plan';
import { exposePlan, forwardingPlan, subnetOutPlan } from '../../src/core/plan/hostPlans';
import { removalPlan } from '../../src/core/plan/madePlans';
import { tunnelPlan } from '../../src/core/plan/tunnelPlan';
import { wirePlan } from '../../src/core/plan/wirePlan';
import { buildTopology } from '../../src/core/topology/buildTopology';
import { readDaemonFile } from '../../src/discovery/plans/daemonFile';
import { applyPlan, removePlan, type RunOptions } from '../../src/discovery/plans/runPlan';
import { scanHost } from '../../src/discovery/scan';
import { openEngine } from '../../src/host/engineClient';
import { openTransport } from '../../src/host/openTransport';
import type { Transport } from '../../src/host/transport';
import { cli } from './cliSupport';
import { askOn, describeInLab, runOn, theLab } from './commandSupport';
import { noQuestions } from './hostQuestions';
import { faultHead, provePlan } from './planSupport';

const hostId = 'ssh://node1';

describeInLab('plans of one lab host, over SSH', () => {
  let transport: Transport;
  const options: RunOptions = { transport: () => transport, retryMs: [50, 200, 500, 1000, 2000] };
  const table: string[] = [];
  const sh = (script: string): string => askOn('node1', 'sh', '-c', script);

  async function topology(): Promise<Topology> {
    const engine = openEngine(transport);
    try {
      return buildTopology([{ id: hostId, label: 'node1', snapshot: await scanHost(transport, engine, { limitMs: 30_000 }) }]);
    } finally {
      engine.dispose();
    }
  }

  const theLabAddress = (host: string): string => /hostname (\S+)/i.exec(askOn(host, 'sh', '-c', 'echo hostname $(ip route get 192.168.56.13 | grep -o "src [^ ]*" | cut -d" " -f2)'))?.[1] ?? '';
  const sandboxOf = (read: Topology, name: string): string => [...read.container.values()].find((container) => container.name === name)?.sandboxId ?? '';

  /** What a plan could leave behind, on the host and in the containers; but no counters, lifetimes or a bridge's running timers. A file of a container that has ended leads nowhere; the engine removes it some time later. */
  const state = async (): Promise<string> => {
    const script = [
      "links() { ip -d link | sed 's/_timer *[0-9.]*/_timer/g'; ip addr | sed 's/valid_lft.*//'; ip route show table all | sed 's/expires [^ ]*//'; }",
      "links; bridge vlan; cat /proc/sys/net/ipv4/conf/pbr1/proxy_arp /proc/sys/net/ipv6/conf/pbr1/disable_ipv6; iptables-save | grep -v '^#' | sed 's/\\[[0-9:]*\\]//'; nft list tables 2>&1; cat /proc/sys/net/ipv4/ip_forward; ls -la /var/run/netns /run/netns-explorer 2>&1 | sed 's/ [A-Z][a-z][a-z] .*:.. / /'; ls /etc/docker; cat /etc/docker/daemon.json 2>&1",
      'for n in /var/run/docker/netns/*; do case $n in */default) continue;; esac; nsenter --net="$n" -- true 2>/dev/null || continue; echo "$n"; nsenter --net="$n" -- sh -c \'ip -d link; ip addr; ip route\' | sed "s/valid_lft.*//; s/_timer *[0-9.]*/_timer/g"; done',
    ].join('\n');
    return (await transport.run({ argv: ['sh', '-c', script], privilege: 'root' }, { limitMs: 30_000 })).stdout;
  };

  beforeAll(() => {
    transport = openTransport({ kind: 'ssh', host: 'node1' }, { questions: noQuestions, sshConfigFile: theLab().sshConfig });
    // A port that is always up: the carrier of a bridge without one comes and goes a moment later.
    sh('ip link add pbr0 type bridge; echo 1 > /proc/sys/net/ipv6/conf/pbr0/disable_ipv6; ip addr add 10.81.0.1/24 dev pbr0; ip link set pbr0 up; ip link add pq0 type veth peer name pq1; for l in pq0 pq1; do echo 1 > /proc/sys/net/ipv6/conf/$l/disable_ipv6; done; ip link set pq0 up; ip link set pq1 up; ip link set pq0 master pbr0; ip link add pp0 type veth peer name pp1; ip link set pp0 master pbr0; ip link set pp0 type bridge_slave hairpin on cost 77 isolated on; ip link add pbr1 address 02:00:00:00:88:01 type bridge stp_state 1 ageing_time 12300 priority 4096; ip addr add 10.88.0.1/24 dev pbr1; echo 1 > /proc/sys/net/ipv4/conf/pbr1/proxy_arp; echo 1 > /proc/sys/net/ipv6/conf/pbr1/disable_ipv6; ip link set pbr1 up; ip route add 10.89.0.0/24 via 10.88.0.9 dev pbr1 onlink');
    // A rule of each kind makes the tables, which stay.
    sh('iptables -t nat -I POSTROUTING -s 10.81.9.9 -m comment --comment x -j RETURN; iptables -t nat -D POSTROUTING -s 10.81.9.9 -m comment --comment x -j RETURN');
  });
  afterAll(() => {
    runOn('node1', ['sh', '-c', 'for l in pbr0 pp0 pbr1 pq0; do ip link del $l; done; true']);
    transport.dispose();
    if (table.length > 0) process.stdout.write(`\n${faultHead}\n${table.join('\n')}\n`);
  });

  const kinds: readonly (readonly [string, (read: Topology) => Plan | Promise<Plan>])[] = [
    ['wire', (read) => wirePlan({ hostId, sandboxId: sandboxOf(read, 'docker1n'), to: { kind: 'bridge', name: 'pbr0' }, address: '10.81.0.5/24', mac: '02:00:00:00:81:05' }, read)],
    ['wire, macvlan', (read) => wirePlan({ hostId, sandboxId: sandboxOf(read, 'docker1n'), to: { kind: 'parent', name: 'pp1' }, address: '10.82.0.5/24' }, read)],
    ['bridge', (read) => bridgePlan({ hostId, name: 'pbr9', stp: true, address: '10.83.0.1/24' }, read)],
    ['bridge-delete', (read) => bridgeDeletePlan({ hostId, name: 'pbr1' }, read)],
    ['port', (read) => portPlan({ hostId, bridge: 'pbr0', device: 'pp1' }, read)],
    ['port-remove', (read) => portRemovePlan({ hostId, device: 'pp0' }, read)],
    ['nat', (read) => subnetOutPlan({ hostId, subnet: '10.81.0.0/24', tool: 'iptables' }, read)],
    ['vxlan, foreign', (read) => tunnelPlan({ kind: 'vxlan', key: 4242, name: 'pvx0', sides: [{ hostId, bridge: 'pbr0' }, { foreign: '192.0.2.99' }] }, read)],
    ['nat, nft', (read) => subnetOutPlan({ hostId, subnet: '10.81.0.0/24', tool: 'nft' }, read)],
    ['forwarding', (read) => forwardingPlan({ hostId }, read)],
    ['expose', (read) => exposePlan({ hostId, sandboxId: sandboxOf(read, 'docker1n'), name: 'planned' }, read)],
    ['docker0', async (read) => docker0Plan({ hostId, bip: '10.84.0.1/24', fixedCidr: '10.84.0.128/25', file: await readDaemonFile(transport) }, read)],
  ];

  describe.each(kinds)('%s', (kind, make) => {
    // The lab's hosts forward already.
    provePlan(kind, make, { options: () => options, topology, state, table }, kind === 'forwarding' ? 'unchanged' : 'applied');
  });

  describe('docker0 with a restart of the engine, where "systemctl" is a stand-in that gives docker0 the address of daemon.json', () => {
    const own = '/usr/local/sbin/systemctl';
    beforeAll(() => {
      const standIn = [
        '#!/bin/sh',
        'case $1 in restart) ip addr del 10.84.0.1/24 dev docker0 2>/dev/null; ! grep -q 10.84.0.1/24 /etc/docker/daemon.json 2>/dev/null || ip addr add 10.84.0.1/24 dev docker0 ;; esac',
      ].join('\n');
      askOn('node1', 'sh', '-c', 'mkdir -p /run/systemd/system && printf %s "$1" > "$2" && chmod 755 "$2"', 'sh', standIn, own);
    });
    afterAll(() => {
      sh(`rm -f ${own}; rmdir /run/systemd/system /run/systemd`);
    });
    provePlan('docker0, restart', async (read) => docker0Plan({ hostId, bip: '10.84.0.1/24', restart: true, file: await readDaemonFile(transport) }, read), { options: () => options, topology, state, table });
  });

  it('follow a container that is started again: its name for "ip netns" leads to the new namespace, and what was wired is undone by the same request', async () => {
    sh('docker run -d --name planned2 --network none "$(docker inspect -f "{{.Config.Image}}" docker1n)" sleep 600');
    try {
      const before = await state();
      const named = async (): Promise<Plan> => { const read = await topology(); return exposePlan({ hostId, sandboxId: sandboxOf(read, 'planned2'), name: 'planned2' }, read); };
      expect((await applyPlan(await named(), options)).outcome).toBe('applied');
      const inode = (): string => sh('stat -Lc %i /var/run/netns/planned2; true').trim();
      const first = inode();
      sh('docker restart -t 0 planned2');
      expect((await applyPlan(await named(), options)).outcome).toBe('applied');
      expect(inode()).toMatch(/^\d+$/);
      expect(inode()).not.toBe(first);
      const { id } = await named();
      expect((await removePlan(removalPlan(await topology(), id, [hostId]), options)).outcome).toBe('removed');
      expect(sh('ls /var/run/netns')).not.toContain('planned2');
      expect((await state()).replaceAll(/^.*docker\/netns.*$/gm, '').length).toBe(before.replaceAll(/^.*docker\/netns.*$/gm, '').length);
    } finally {
      sh('docker rm -f planned2');
    }
  }, 60_000);

  it('bring back a bridge whose last port has left it, with an address of its own', async () => {
    sh('ip link add pbr8 type bridge; ip link add pz0 type veth peer name pz1; ip link set pz0 master pbr8; ip link set pbr8 up; ip link set pz0 nomaster; ip addr add 10.98.0.1/24 dev pbr8');
    try {
      expect(sh('cat /sys/class/net/pbr8/address').trim()).toBe('00:00:00:00:00:00');
      const plan = bridgeDeletePlan({ hostId, name: 'pbr8' }, await topology());
      expect((await applyPlan(plan, options)).outcome).toBe('applied');
      expect((await removePlan(plan, options)).outcome).toBe('removed');
      expect(sh('ip -o addr show dev pbr8')).toContain('10.98.0.1/24');
    } finally {
      sh('ip link del pbr8; ip link del pz0');
    }
  });

  it('undo nothing where somebody else had done it: a host that forwarded before is said to be as it was', async () => {
    const plan = forwardingPlan({ hostId }, await topology());
    expect(await removePlan(plan, options)).toMatchObject({ outcome: 'unchanged' });
  });

  it('does not wire a container that was started again since it was read, nor anything for who is not root', { retry: 0 }, async () => {
    sh('docker run -d --name planned1 --network none "$(docker inspect -f "{{.Config.Image}}" docker1n)" sleep 600');
    const nobody = openTransport({ kind: 'ssh', host: 'node1-nosudo' }, { questions: { ...noQuestions, secret: () => Promise.resolve(undefined) }, sshConfigFile: theLab().sshConfig });
    try {
      const read = await topology();
      const plan = wirePlan({ hostId, sandboxId: sandboxOf(read, 'planned1'), to: { kind: 'bridge', name: 'pbr0' } }, read);
      await expect(applyPlan(plan, { ...options, transport: () => nobody })).rejects.toThrow(/^You are not root on node1, and sudo does not make you: nothing can be changed there\.$/);
      sh('docker restart -t 0 planned1');
      const before = await state();
      await expect(applyPlan(plan, options)).rejects.toThrow(/ on node1 is another namespace by now: .*planned1.* was started again\. Refresh the host, and plan anew\.$/);
      expect(await state()).toBe(before);
    } finally {
      nobody.dispose();
      sh('docker rm -f planned1');
    }
  });

  it('that enables forwarding puts back what was', async () => {
    sh('echo 0 > /proc/sys/net/ipv4/ip_forward');
    try {
      const plan = forwardingPlan({ hostId }, await topology());
      const before = await state();
      expect((await applyPlan(plan, options)).outcome).toBe('applied');
      expect(sh('cat /proc/sys/net/ipv4/ip_forward').trim()).toBe('1');
      expect((await removePlan(plan, options)).outcome).toBe('removed');
      expect(await state()).toBe(before);
    } finally {
      sh('echo 1 > /proc/sys/net/ipv4/ip_forward');
    }
  });

  it('lets a subnet out: a container that is wired to a bridge of its own reaches another host of the lab, which it does not without', async () => {
    const read = await topology();
    const wire = wirePlan({ hostId, sandboxId: sandboxOf(read, 'lonely'), to: { kind: 'bridge', name: 'pbr0' }, address: '10.81.0.20/24', gateway: '10.81.0.1' }, read);
    await applyPlan(wire, options);
    const nat = subnetOutPlan({ hostId, subnet: '10.81.0.0/24', tool: 'iptables' }, await topology());
    const inside = wire.steps.find(({ argv }) => argv[0] === 'nsenter')?.argv.slice(0, 3) as [string, ...string[]];
    const other = theLabAddress('node2');
    const reaches = (): boolean => runOn('node1', [...inside, 'ping', '-c', '2', '-i', '0.2', '-W', '1', other]).code === 0;
    expect(reaches()).toBe(false);
    await applyPlan(nat, options);
    expect(reaches()).toBe(true);
    for (const plan of [nat, wire]) expect((await removePlan(plan, options)).outcome).toBe('removed');
    expect(reaches()).toBe(false);
  });

  it('is removed by its mark alone, rules and the devices in namespaces included', async () => {
    const before = await state();
    const read = await topology();
    const plans = [
      wirePlan({ hostId, sandboxId: sandboxOf(read, 'docker1n'), to: { kind: 'bridge', name: 'pbr0' }, address: '10.81.0.7/24' }, read),
      ...(['iptables', 'nft'] as const).map((tool) => subnetOutPlan({ hostId, subnet: '10.81.0.0/24', tool }, read)),
      bridgeDeletePlan({ hostId, name: 'pbr1' }, read),
      portRemovePlan({ hostId, device: 'pp0' }, read),
    ];
    for (const plan of plans) await applyPlan(plan, options);
    for (const plan of plans) {
      const removed = await removePlan(removalPlan(await topology(), plan.id, [hostId]), options);
      expect(removed.outcome, JSON.stringify(removed.steps)).toBe('removed');
    }
    expect(await state()).toBe(before);
  });

  it('is unwired again by the container alone', { retry: 0 }, async () => {
    const before = await state();
    const argv = (kind: string, ...more: readonly string[]): string[] => ['plan', kind, '--host', 'node1', '--ssh-config', theLab().sshConfig, '--container', 'docker1n', ...more];
    expect((await cli(argv('unwire'))).stderr).toMatch(/^No plan has wired /);
    expect(await cli(argv('wire', '--bridge', 'pbr0', '--apply'))).toMatchObject({ code: 0 });
    expect(await cli(argv('unwire', '--apply'))).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Removed: plan [0-9a-f]{8}\.\n$/) as string });
    expect(await state()).toBe(before);
  });

  it('restores a daemon.json that is a link to a file of another mode, and refuses to lose what was written since', { retry: 0 }, async () => {
    sh("mkdir -p /etc/docker/real; printf '{\\n\\t\"debug\": false }' > /etc/docker/real/d.json; chmod 640 /etc/docker/real/d.json; ln -s real/d.json /etc/docker/linked.json");
    const listed = (): string => sh('cd /etc/docker; ls -l linked.json | grep -o "linked.*"; stat -c "%a %u %n" real/*; cat real/d.json');
    const make = async (): Promise<Plan> => docker0Plan({ hostId, bip: '10.84.0.1/24', file: await readDaemonFile(transport, '/etc/docker/linked.json') }, await topology());
    try {
      const before = listed();
      expect((await applyPlan(await make(), options)).outcome).toBe('applied');
      expect(sh('cat /etc/docker/linked.json')).toBe('{\n\t"debug": false,\n\t"bip": "10.84.0.1/24"\n}');
      expect(listed()).toContain('640 0 real/d.json');
      sh('cp /etc/docker/real/d.json /tmp/planned.json; echo "{}" > /etc/docker/real/d.json');
      await expect(make()).rejects.toThrow(/was changed since this plan wrote it\. What it was before is \/etc\/docker\/real\/d\.json\.netns-explorer-\w{8}:/);
      sh('cat /tmp/planned.json > /etc/docker/real/d.json; rm /tmp/planned.json');
      expect((await removePlan(await make(), options)).outcome).toBe('removed');
      expect(listed()).toBe(before);
    } finally {
      sh('rm -rf /etc/docker/real /etc/docker/linked.json');
    }
  });

  it('does not restart an engine that systemd does not run, and says how to', async () => {
    const before = await state();
    const refused = await cli(['plan', 'docker0', '--host', 'node1', '--ssh-config', theLab().sshConfig, '--bip', '10.84.0.1/24', '--restart-engine', '--apply']);
    expect(refused).toMatchObject({ code: 2, stdout: '', stderr: 'systemd does not run the engine of node1. Leave the restart out, and start dockerd anew as it was started there: "ps -o args= -C dockerd" shows how.\n' });
    expect(await state()).toBe(before);
  });

  it('from the command line: wired, verified from within the container, and removed by its id', async () => {
    const common = ['--host', 'node1', '--ssh-config', theLab().sshConfig];
    const wire = ['plan', 'wire', ...common, '--container', 'docker1n', '--bridge', 'pbr0', '--address', '10.81.0.8/24'];
    const printed = await cli(wire);
    const id = /\(plan (\w{8})\)/.exec(printed.stdout)?.[1] ?? '';
    expect(await cli([...wire, '--apply'])).toMatchObject({ code: 0, stdout: `Applied: plan ${id}.\ndocker1n → pbr0: passes\n` });
    expect(printed.stdout).toMatch(/^Must hold before anything is changed:\n(?: {2}node1: .*: holds\n)+\nOn node1/m);
    expect(printed.stdout).not.toMatch(/does not hold|cannot be/);
    const remove = ['plan', 'remove', ...common, '--id', id];
    const found = await cli(remove);
    expect(found).toMatchObject({ code: 0, stderr: '' });
    // The host's end and the container's have the mark; nothing else is shown.
    expect(found.stdout).toMatch(/^What plan \w{8} made on node1\n\nFound on node1, and taken away as root:\n(?: {2}# the device \w+.*\n {2}.*ip link del dev \w+\n){2}\nFound by its mark/);
    const removed = await cli([...remove, '--apply']);
    expect(removed).toMatchObject({ code: 0, stdout: `Removed: plan ${id}.\n` });
    expect(removed.stderr).toMatch(/^node1: the device \w+.*: undone\n$/);
    expect((await cli(remove)).stdout).toContain('On node1 nothing of it is found.\n');
    expect(await cli([...remove, '--apply'])).toMatchObject({ code: 0, stdout: `Nothing had to be changed: nothing of plan ${id} is there.\n`, stderr: '' });
    expect(await cli(['plan', 'wire', ...common, '--container', 'hosted', '--bridge', 'pbr0'])).toMatchObject({ code: 2, stdout: '', stderr: 'hosted uses the network of node1 itself (--net=host): there is nothing to wire.\n' });
    expect(await cli(['plan', 'wire', ...common, '--container', 'docker1n', '--bridge', 'nobridge'])).toMatchObject({ code: 2, stdout: '', stderr: 'There is no Linux bridge "nobridge" on node1.\n' });
  });

  it('says in a preview what does not hold now, asks no recorded host, and has nothing to verify where nothing is sent', { timeout: 60_000, retry: 0 }, async () => {
    const common = ['--host', 'node1', '--ssh-config', theLab().sshConfig];
    const nat = ['plan', 'nat', '--subnet', '10.81.0.0/24'];
    expect(await cli([...nat, ...common, '--verify'])).toMatchObject({ code: 0, stdout: 'Nothing to verify: no traffic goes through it by itself.\n' });
    sh('echo 0 > /proc/sys/net/ipv4/ip_forward');
    try {
      const { code, stdout } = await cli([...nat, ...common]);
      expect(code).toBe(0);
      expect(stdout).toMatch(/^ {2}node1: iptables is there: holds\n {2}node1: the host forwards packets \(net\.ipv4\.ip_forward\): does not hold: node1 does not forward packets\. /m);
      expect(stdout).toMatch(/\n\nIt cannot be applied now: one thing that must hold does not\.\n$/);
    } finally {
      sh('echo 1 > /proc/sys/net/ipv4/ip_forward');
    }
    const folder = await mkdtemp(join(tmpdir(), 'netns-explorer-plan-'));
    try {
      const file = join(folder, 'node1.json');
      expect((await cli(['scan', '--json', '--output', file, ...common])).code).toBe(0);
      const { code, stdout } = await cli([...nat, '--host', `file:${file}`]);
      expect(code).toBe(0);
      expect(stdout).toMatch(/^ {2}node1: iptables is there: not asked, for the host is recorded$/m);
      expect(stdout).toMatch(/\n\nIt cannot be applied: node1 is a recorded host\.\n$/);
      expect((await cli(['plan', 'remove', '--id', '0123abcd', '--host', `file:${file}`])).stdout).toContain('node1 is a recorded host: it is not asked what is there.\n');
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it.each<readonly [string, readonly string[]]>([
    ['wire', ['wire', '--container', 'docker1n', '--bridge', 'pbr0', '--address', '10.81.0.9/24']],
    ['wire, macvlan', ['wire', '--container', 'docker1n', '--parent', 'pp1', '--address', '10.82.0.9/24']],
    ['bridge', ['bridge', '--name', 'pbr9', '--address', '10.83.0.1/24']],
    ['bridge-delete', ['bridge-delete', '--name', 'pbr1']],
    ['port', ['port', '--bridge', 'pbr0', '--device', 'pp1']],
    ['port-remove', ['port-remove', '--device', 'pp0']],
    ['nat', ['nat', '--subnet', '10.81.0.0/24']],
    ['nat, nft', ['nat', '--subnet', '10.81.0.0/24', '--nft']],
    ['expose', ['expose', '--container', 'docker1n', '--name', 'planned']],
    ['docker0', ['docker0', '--bip', '10.84.0.1/24']],
  ])('%s is applied from the command line, and undone there by whoever says the same', { timeout: 60_000, retry: 0 }, async (_kind, words) => {
    const before = await state();
    const argv = ['plan', ...words, '--host', 'node1', '--ssh-config', theLab().sshConfig];
    try {
      const applied = await cli([...argv, '--apply']);
      expect(applied, applied.stderr).toMatchObject({ code: 0 });
      expect(await state()).not.toBe(before);
    } finally {
      expect(await cli([...argv, '--undo'])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Removed: plan [0-9a-f]{8}\.\n$/) as string });
    }
    expect(await state()).toBe(before);
  });
});
