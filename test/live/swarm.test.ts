import { expect, it } from 'vitest';
import type { HostNode, Topology } from '../../src/core/model/topology';
import { scanTable } from '../../src/core/report/scanTable';
import { buildTopology } from '../../src/core/topology/buildTopology';
import { createExplorer } from '../../src/discovery/createExplorer';
import { scanHost } from '../../src/discovery/scan';
import { openEngine } from '../../src/host/engineClient';
import { openTransport } from '../../src/host/openTransport';
import { askOn, atEnd, describeInLab, runOn, theLab } from './commandSupport';
import { noQuestions } from './hostQuestions';

async function read(...hosts: string[]): Promise<Topology> {
  return buildTopology(
    await Promise.all(
      hosts.map(async (host) => {
        const transport = openTransport({ kind: 'ssh', host }, { questions: noQuestions, sshConfigFile: theLab().sshConfig });
        const engine = openEngine(transport);
        try {
          return { id: `ssh://${host}`, label: host, snapshot: await scanHost(transport, engine, { limitMs: 30_000 }) };
        } finally {
          engine.dispose();
          transport.dispose();
        }
      }),
    ),
  );
}

const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '');

/** Waits for a service's task in a state; the manager gives no event of a task. */
async function taskIs(service: string, state: RegExp): Promise<void> {
  await expect.poll(() => askOn('node1', 'docker', 'service', 'ps', '--no-trunc', '--format', '{{.CurrentState}} {{.Error}}', service), { timeout: 30_000, interval: 200 }).toMatch(state);
}

describeInLab('a real swarm', () => {
  it("nodes, services and tasks are those that docker's own command lists, and a task is its container on whatever node", async () => {
    // Other tests stop engines; a former task stays in the list.
    await expect.poll(() => askOn('node1', 'docker', 'service', 'ls', '--filter', 'name=svc', '--format', '{{.Replicas}}'), { timeout: 30_000, interval: 200 }).toBe('2/2');
    const topology = await read('node1', 'node2');
    const host = topology.host.get('ssh://node1') as HostNode;
    expect(topology.host.get('ssh://node2')?.swarm).toBeUndefined();
    expect(host.errors).toEqual([]);
    const nodes = lines(askOn('node1', 'docker', 'node', 'ls', '--format', '{{.ID}} {{.Hostname}} {{.Status}} {{.Availability}} {{.ManagerStatus}}')).map((line) => line.trim()).sort();
    const seen = (host.swarm?.nodes ?? []).map(({ node }) => `${node.id} ${node.hostname} ${node.state === 'ready' ? 'Ready' : node.state} ${node.availability === 'active' ? 'Active' : ''} ${node.leader === true ? 'Leader' : ''}`.trim());
    expect(seen.sort()).toEqual(nodes);
    expect((host.swarm?.nodes ?? []).map(({ id }) => topology.swarmPart.get(id)).map((part) => (part?.kind === 'swarmNode' ? part.at : undefined))).toEqual(['ssh://node1', 'ssh://node2']);

    const svc = host.swarm?.services.find(({ service }) => service.name === 'svc');
    expect(svc?.service).toMatchObject({ mode: 'replicated', replicas: 2, endpointMode: 'dnsrr', virtualAddresses: [] });
    const told = lines(askOn('node1', 'docker', 'service', 'ps', '--filter', 'desired-state=running', '--format', '{{.Name}} {{.Node}}', 'svc')).sort();
    expect(svc?.tasks.map(({ name, nodeName }) => `${name} ${nodeName ?? ''}`)).toEqual(told);
    for (const task of svc?.tasks ?? []) {
      const part = topology.swarmPart.get(task.id);
      const container = topology.container.get((part?.kind === 'task' ? part.container : undefined) ?? '');
      expect(container?.hostId).toBe(`ssh://${task.nodeName ?? ''}`);
      expect(askOn(task.nodeName ?? '', 'docker', 'inspect', '--format', '{{.Name}}', container?.engine.id ?? '')).toBe(`/${container?.name ?? ''}`);
      expect(task.task.addresses.map(({ address }) => address.split('/')[0])).toEqual([container?.engine.networks[0]?.ipv4]);
    }
    expect(scanTable(topology)).toMatch(/^ {4}svc +replicated, dnsrr +2 of 2 +- +- +svc\.1 /m);
  });

  it("an overlay's peers and what they have there are those of network inspect -v", async () => {
    const topology = await read('node1');
    const network = topology.host.get('ssh://node1')?.networks.find(({ name }) => name === 'mynet01');
    const [{ Peers, Services }] = JSON.parse(askOn('node1', 'docker', 'network', 'inspect', '-v', 'mynet01')) as [{ Peers: { IP: string }[]; Services: Record<string, { Tasks: { Name: string; EndpointIP: string; Info: Record<string, string> }[] }> }];
    const own = topology.host.get('ssh://node1')?.snapshot.engine?.swarm?.nodeAddress;
    expect(network?.peers?.map(({ address, nodeName }) => [address, nodeName])).toEqual(Peers.filter(({ IP }) => IP !== own).map(({ IP }) => [IP, 'node2']));
    const there = Object.values(Services).flatMap(({ Tasks }) => Tasks).filter(({ Info }) => Info['Host IP'] !== own);
    expect(there.map(({ Name }) => Name)).toContain('docker2n');
    expect(network?.peers?.flatMap(({ tasks }) => tasks.map(({ task }) => `${task.name} ${task.ip}`))).toEqual(there.map(({ Name, EndpointIP }) => `${Name} ${EndpointIP}`));
  });

  it('a service that cannot run says why, and its environment is not kept', async () => {
    const remove = () => runOn('node1', ['docker', 'service', 'rm', 'swarm-broken', 'swarm-nowhere']);
    remove();
    atEnd(remove);
    const image = 'net-tools';
    askOn('node1', 'docker', 'service', 'create', '-d', '--no-resolve-image', '--name', 'swarm-broken', '--restart-condition', 'none', '--constraint', 'node.hostname==node1', '--env', 'TOKEN=verysecret', image, 'no-such-program');
    askOn('node1', 'docker', 'service', 'create', '-d', '--no-resolve-image', '--name', 'swarm-nowhere', '--constraint', 'node.hostname==nobody', image, 'true');
    await taskIs('swarm-broken', /executable file not found/);
    await taskIs('swarm-nowhere', /no suitable node/);
    const topology = await read('node1');
    const table = scanTable(topology);
    expect(table).toMatch(/^ {4}swarm-broken +replicated +0 of 1 .* swarm-broken\.1 +node1 +- +failed: .*executable file not found/m);
    expect(table).toMatch(/^ {4}swarm-nowhere +replicated +0 of 1 .* swarm-nowhere\.1 +- +- +pending: no suitable node/m);
    expect(JSON.stringify(topology.host.get('ssh://node1')?.snapshot)).not.toMatch(/verysecret/);
  });
});

describeInLab('a real swarm that is watched', () => {
  it('shows that a task has failed on another node, and the one that takes its place, though the manager tells no event of it', async () => {
    const open = (host: string) => openTransport({ kind: 'ssh', host }, { questions: noQuestions, sshConfigFile: theLab().sshConfig });
    const write = (): void => undefined;
    const explorer = createExplorer({ openTransport: (address) => open(address.kind === 'ssh' ? address.host : ''), openEngine: (transport) => Promise.resolve(openEngine(transport)), log: { info: write, warn: write, error: write } });
    try {
      for (const host of ['node1', 'node2']) explorer.add({ kind: 'ssh', host });
      explorer.watch();
      await explorer.refresh();
      const there = () => explorer.topology.host.get('ssh://node1')?.swarm?.services.find(({ service }) => service.name === 'svc')?.tasks.filter(({ nodeName, task }) => nodeName === 'node2' && task.state === 'running').map(({ task }) => task.containerId) ?? [];
      await expect.poll(there, { timeout: 30_000 }).toHaveLength(1);
      const [before] = there();
      askOn('node2', 'docker', 'kill', before ?? '');
      await expect.poll(() => there().filter((id) => id !== before), { timeout: 45_000, interval: 200 }).toHaveLength(1);
      expect(there()).toEqual(lines(askOn('node2', 'docker', 'ps', '--quiet', '--no-trunc', '--filter', 'label=com.docker.swarm.service.name=svc')));
    } finally {
      explorer.dispose();
    }
  }, 90_000);
});
