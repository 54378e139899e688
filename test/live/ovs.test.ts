import { afterAll, beforeAll, expect, it } from 'vitest';
import type { OvsBridgeNode, Topology } from '../../src/core/model/topology';
import type { ReadError, Snapshot } from '../../src/core/model/snapshot';
import { leadsTo } from '../../src/core/report/ovsText';
import { otherHalfText } from '../../src/core/report/tunnelText';
import { buildTopology } from '../../src/core/topology/buildTopology';
import { makerOf } from '../../src/core/topology/makers';
import { scanHost } from '../../src/discovery/scan';
import { openEngine } from '../../src/host/engineClient';
import { openTransport } from '../../src/host/openTransport';
import { dumpCommand, renderDump } from '../../src/core/command/dump';
import { hostGraph } from '../../src/core/diagram/hostGraph';
import { currentLab, type Lab } from '../lab/client.mjs';
import { buildOvsExperiment, hangOvs, killOvs, removeOvsExperiment, resumeOvs, startOvs, underlay, unwireOvs, wireOvs } from '../lab/ovs.mjs';
import { askOn, describeInLab, theLab } from './commandSupport';
import { noQuestions } from './hostQuestions';

const nodes = ['node1', 'node2'] as const;
const far = { node1: 'node2', node2: 'node1' } as const;

async function snapshotOf(node: string, questions = noQuestions): Promise<Snapshot> {
  const transport = openTransport({ kind: 'ssh', host: node }, { questions, sshConfigFile: theLab().sshConfig });
  const engine = openEngine(transport);
  try {
    return await scanHost(transport, engine, { limitMs: 20_000 });
  } finally {
    engine.dispose();
    transport.dispose();
  }
}

async function read(): Promise<Topology> {
  return buildTopology(await Promise.all(nodes.map(async (node) => ({ id: `ssh://${node}`, label: node, snapshot: await snapshotOf(node) }))));
}

/** The form of `ovs-vsctl show` as far as the snapshot tells it: bridges, ports with tag and trunks, interfaces with type and options, sorted. */
function shown(bridges: readonly OvsBridgeNode[]): readonly string[] {
  return bridges
    .flatMap(({ bridge, ports }) => [
      `Bridge ${bridge.name}`,
      `Bridge ${bridge.name} datapath_type: ${bridge.datapathType}`,
      ...ports.flatMap(({ port, interfaces }) => [
        ...(port.tag === undefined ? [] : [`Port ${port.name} tag: ${String(port.tag)}`]),
        ...interfaces.flatMap(({ facts }) => [
          `Port ${port.name} Interface ${facts.name}`,
          ...(facts.type === '' ? [] : [`Interface ${facts.name} type: ${facts.type}`]),
          ...Object.entries(facts.options).map(([name, value]) => `Interface ${facts.name} ${name}="${value}"`),
        ]),
      ]),
    ])
    .toSorted();
}

/** The same, read from what `ovs-vsctl show` prints for people. */
function truth(node: string): readonly string[] {
  const found: string[] = [];
  let [bridge, port, device] = ['', '', ''];
  for (const line of askOn(node, 'ovs-vsctl', 'show').split('\n').map((each) => each.trim())) {
    const [word = '', name = ''] = line.split(' ');
    if (word === 'Bridge') found.push(`Bridge ${(bridge = name)}`);
    else if (word === 'Port') port = name;
    else if (word === 'Interface') found.push(`Port ${port} Interface ${(device = name)}`);
    else if (word === 'datapath_type:') found.push(`Bridge ${bridge} ${line}`);
    else if (word === 'tag:') found.push(`Port ${port} ${line}`);
    else if (word === 'type:') found.push(`Interface ${device} ${line}`);
    else if (word === 'options:') for (const option of line.matchAll(/\w+="[^"]*"/g)) found.push(`Interface ${device} ${option[0]}`);
  }
  return found.toSorted();
}

const errorsOf = async (node: string): Promise<readonly ReadError[]> => (await snapshotOf(node)).errors.filter(({ message }) => /Open vSwitch|ovs/.test(message));

describeInLab('Open vSwitch, in user space', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await currentLab();
    await wireOvs(lab);
  });
  afterAll(async () => {
    await unwireOvs(lab);
  });

  for (const experiment of [1, 2, 3] as const) {
    const what = { 1: 'containers on docker0, which has br0 as a port', 2: 'containers on br0', 3: 'containers on br0 with VLANs' }[experiment];
    it(`is discovered as ovs-vsctl shows it: ${what}, and GRE to the other host`, async () => {
      try {
        const { containers } = await buildOvsExperiment(lab, experiment);
        const topology = await read();
        for (const node of nodes) {
          const host = topology.host.get(`ssh://${node}`);
          expect(host?.errors).toEqual([]);
          expect(shown(host?.ovs ?? [])).toEqual(truth(node));
        }
        expect([...topology.tunnel.values()].map((tunnel) => [tunnel.kind, tunnel.remote, otherHalfText(tunnel, topology)])).toEqual(nodes.map((node) => ['gre', underlay[far[node]], `gre0 on ${far[node]}`]));
        for (const { name, node, port, tag } of containers) {
          const link = [...topology.link.values()].find((each) => each.link.name === port && each.sandboxId.startsWith(`ssh://${node}|`));
          const maker = link && makerOf(topology, link);
          expect(maker?.name).toBe('a start-container.sh script');
          if (experiment === 1) {
            expect(link?.link.master).toBe('docker0');
            expect(link?.ovs).toBeUndefined();
          } else {
            const ovsPort = topology.ovsPort.get(link?.ovs?.portId ?? '');
            expect(ovsPort?.port).toMatchObject({ name: port, ...(tag !== undefined && { tag }) });
            expect(ovsPort && leadsTo(topology, ovsPort)).toBe(`eth0 in ${name}`);
            expect(maker?.evidence).toContain('that is a port of the Open vSwitch bridge br0');
          }
        }
        const graph = hostGraph(topology, 'ssh://node1');
        const away = graph?.boxes.find(({ lines }) => lines[0] === underlay.node2);
        expect(away?.lines.slice(0, 3)).toEqual([underlay.node2, 'node2', '⇄ gre0']);
        expect(graph?.edges.find(({ to }) => to === away?.id)).toMatchObject({ kind: 'vtep', label: 'gre gre0' });
        const own = [...topology.link.values()].filter(({ link, sandboxId }) => link.name === 'br0' && nodes.some((node) => topology.host.get(`ssh://${node}`)?.rootSandbox === sandboxId));
        expect(own.map((each) => [each.link.master, makerOf(topology, each)?.name])).toEqual(nodes.map(() => [experiment === 1 ? 'docker0' : undefined, 'Open vSwitch']));
      } finally {
        await removeOvsExperiment(lab, experiment);
      }
    });
  }

  it('gives no key of an IPsec tunnel away, neither to the scan nor in a dump, which shows what the tools print of each bridge', async () => {
    const secret = 'a"secret, {word}';
    askOn('node1', 'ovs-vsctl', 'add-port', 'br-phy', 'psk0', '--', 'set', 'interface', 'psk0', 'type=gre', 'options:remote_ip=10.9.9.9', `options:psk=${JSON.stringify(secret)}`);
    try {
      expect(askOn('node1', 'ovs-vsctl', 'get', 'interface', 'psk0', 'options:psk')).toBe(JSON.stringify(secret));
      const transport = openTransport({ kind: 'ssh', host: 'node1' }, { questions: noQuestions, sshConfigFile: theLab().sshConfig });
      try {
        let said = '';
        const listening = new Proxy(transport, {
          get(target, name) {
            const value: unknown = Reflect.get(target, name, target);
            if (typeof value !== 'function') return value;
            return async (...given: unknown[]): Promise<unknown> => {
              const output: unknown = await (value as (...given: unknown[]) => unknown).apply(target, given);
              if (name === 'run') said += JSON.stringify(output);
              return output;
            };
          },
        });
        const snapshot = await scanHost(listening, undefined, { limitMs: 20_000 });
        expect(snapshot.ovs?.bridges.flatMap(({ ports }) => ports.map(({ name }) => name))).toContain('psk0');
        expect(said).toContain('10.9.9.9');
        expect(said).not.toContain('secret, ');
        const root = snapshot.namespaces.find(({ key }) => key === snapshot.host.initNamespace);
        const command = dumpCommand({ inode: root?.inode ?? 0, paths: ['/proc/1/ns/net'], pids: [1], rootPids: [], label: 'node1' }, ['openvswitch']);
        const dump = command.parse(await transport.run(command, { limitMs: 20_000 }));
        expect(dump.failure).toBeUndefined();
        expect(dump.parts.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
        const text = renderDump(dump);
        expect(text).toContain('psk=(not shown)');
        expect(text).not.toContain('secret');
        expect(dump.parts[0]?.text.replace(/psk=\(not shown\)/, 'psk').trim()).toBe(askOn('node1', 'ovs-vsctl', 'show').replace(/psk="([^"\\]|\\.)*"/, 'psk'));
        for (const [at, heading] of [[1, 'port  VLAN  MAC'], [2, 'actions=NORMAL'], [3, 'port LOCAL: rx pkts=']] as const) {
          expect(dump.parts[at]?.text).toContain('# br-phy');
          expect(dump.parts[at]?.text).toContain(heading);
        }
      } finally {
        transport.dispose();
      }
    } finally {
      askOn('node1', 'ovs-vsctl', 'del-port', 'psk0');
    }
  });

  it('half-started is one sentence, and the rest of the scan is there: switch dead or stopped, database hung, dead, or gone', async () => {
    const healthy = await snapshotOf('node1');
    const told: string[] = [];
    const tell = async (): Promise<void> => {
      const snapshot = await snapshotOf('node1');
      expect(snapshot.namespaces.filter(({ read: how }) => how === 'full')).toHaveLength(healthy.namespaces.length);
      expect(snapshot.engine?.containers.length).toBe(healthy.engine?.containers.length);
      const errors = snapshot.errors.filter((error) => !healthy.errors.some(({ message }) => message === error.message));
      told.push(...errors.map(({ message }) => `${message.slice(0, 60)} | ${String(snapshot.ovs?.bridges.length)}`));
      expect(snapshot.durationMs).toBeLessThan(6_000);
    };
    await hangOvs(lab, 'node1', 'ovs-vswitchd');
    await tell();
    await resumeOvs(lab, 'node1', 'ovs-vswitchd');
    await hangOvs(lab, 'node1', 'ovsdb-server');
    await tell();
    await resumeOvs(lab, 'node1', 'ovsdb-server');
    await killOvs(lab, 'node1', 'ovs-vswitchd');
    await tell();
    await killOvs(lab, 'node1', 'ovsdb-server');
    await tell();
    askOn('node1', 'rm', '/var/run/openvswitch/db.sock');
    await tell();
    expect(told).toEqual([
      'ovs-vswitchd is stopped on this host (by a signal or a debug | 1',
      'The Open vSwitch database did not answer within 3 s: ovsdb-s | undefined',
      'ovs-vswitchd does not run on this host, so what the Open vSw | 1',
      'ovsdb-server has ended and left its socket behind, so the br | undefined',
      'Open vSwitch has a database on this host, but ovsdb-server d | undefined',
    ]);
    await startOvs(lab, 'node1');
    expect(await errorsOf('node1')).toEqual([]);
  });

  it('is for root to read: an ordinary user is told so, and has the rest', async () => {
    const snapshot = await snapshotOf('node1-nosudo', { ...noQuestions, secret: () => Promise.resolve(undefined) });
    expect(snapshot.errors.filter(({ message }) => message.includes('Open vSwitch')).map(({ code, message }) => `${code}: ${message}`)).toEqual(['no-permission: Only root may read the Open vSwitch database. Connect as root, or allow sudo.']);
    expect(snapshot).not.toHaveProperty('ovs');
    expect(snapshot.namespaces.length).toBeGreaterThan(0);
  });

  it('costs a host nothing that has its programs only', async () => {
    expect(await errorsOf('bare')).toEqual([]);
    expect(askOn('bare', 'sh', '-c', 'command -v ovs-vsctl')).not.toBe('');
  });
});
