import { afterAll, beforeAll, expect, it } from 'vitest';
import { containerShell } from '../../src/core/command/containerShell';
import type { HostNode } from '../../src/core/model/topology';
import { dnsNamesText } from '../../src/core/report/dnsNames';
import { publishedPortsText } from '../../src/core/report/publishedPorts';
import { scanTable } from '../../src/core/report/scanTable';
import { makerOf } from '../../src/core/topology/makers';
import { buildTopology } from '../../src/core/topology/buildTopology';
import { readDnsNames } from '../../src/discovery/readDnsNames';
import { readPublishedPorts } from '../../src/discovery/readPortServers';
import { scanHost } from '../../src/discovery/scan';
import type { EngineClient } from '../../src/host/engine';
import { openEngine } from '../../src/host/engineClient';
import { openTransport } from '../../src/host/openTransport';
import type { Transport } from '../../src/host/transport';
import { currentLab } from '../lab/client.mjs';
import { podmanSocket, removePodman, removeRootlessPodman, rootlessPodman, startPodman, startPodmanService, startRootlessPodman, stopPodmanService } from '../lab/podman.mjs';
import { askOn, describeInLab, runOn, theLab } from './commandSupport';
import { noQuestions } from './hostQuestions';
import { prefixed, through } from './scanSupport';

const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '').sort();

describeInLab("a real Podman beside the host's Docker", () => {
  let transport: Transport;
  let engine: EngineClient;
  const read = async (from = transport, by = engine) => {
    const topology = buildTopology([{ id: 'ssh://node1', label: 'node1', snapshot: await scanHost(from, by, { limitMs: 30_000 }) }]);
    return { topology, host: topology.host.get('ssh://node1') as HostNode };
  };

  beforeAll(async () => {
    await startPodman(await currentLab(), 'node1');
    transport = openTransport({ kind: 'ssh', host: 'node1' }, { questions: noQuestions, sshConfigFile: theLab().sshConfig });
    engine = openEngine(transport);
  }, 90_000);

  afterAll(async () => {
    engine.dispose();
    transport.dispose();
    await removePodman(await currentLab(), 'node1');
  }, 60_000);

  it('has its containers and networks among the host\'s, named as Podman\'s, each in its namespace and at its bridge', async () => {
    const { topology, host } = await read();
    expect(host.errors).toEqual([]);
    expect(host.snapshot.engine).toMatchObject({ kind: 'docker', further: [{ kind: 'podman', version: askOn('node1', 'podman', 'version', '--format', '{{.Version}}') }] });
    const podmans = host.containers.filter((container) => container.engine.engine === 'podman');
    expect(podmans.map(({ engine: { id }, name }) => `${id} ${name}`).sort()).toEqual(lines(askOn('node1', 'podman', 'ps', '--all', '--no-trunc', '--format', '{{.ID}} {{.Names}}')));
    expect(host.networks.filter((network) => network.engine.engine === 'podman').map(({ name }) => name).sort()).toEqual(lines(askOn('node1', 'podman', 'network', 'ls', '--format', '{{.Name}}')));
    expect(host.containers.find(({ name }) => name === 'web1')?.engine.engine).toBeUndefined();
    for (const container of podmans) {
      const pid = askOn('node1', 'podman', 'inspect', '--format', '{{.State.Pid}}', container.name);
      expect(topology.sandbox.get(container.sandboxId ?? '')).toMatchObject({ role: 'container', title: container.name, inode: Number(askOn('node1', 'stat', '-L', '-c', '%i', `/proc/${pid}/ns/net`)) });
      const [endpoint] = container.endpoints.map((id) => topology.endpoint.get(id));
      expect(topology.link.get(endpoint?.linkId ?? '')?.link.name).toBe('eth0');
      const network = topology.network.get(endpoint?.networkId ?? '');
      const bridge = topology.link.get(network?.bridgeLinkId ?? '')?.link.name ?? '';
      expect(askOn('node1', 'podman', 'network', 'inspect', '--format', '{{.NetworkInterface}}', network?.name ?? '')).toBe(bridge);
      const link = topology.link.get(network?.bridgeLinkId ?? '');
      expect(link && makerOf(topology, link)?.name).toMatch(/^Podman/);
    }
    const table = scanTable(topology);
    expect(table).toMatch(/^node1 {2}\(.*, docker \S+, podman 4\./);
    expect(table).toMatch(/^ {4}podman +podnet +bridge +10\.77\.0\.0\/24 +- +- +pod1 +10\.77\.0\.\d+ /m);
    expect(table).toMatch(/^ {4}docker +web1 +running /m);
  });

  it('its records are inspected by their id, and its published port stands with the rule that serves it', async () => {
    const { topology, host } = await read();
    const pod1 = host.containers.find(({ name }) => name === 'pod1');
    const podnet = host.networks.find(({ name }) => name === 'podnet');
    expect(await engine.inspect('container', pod1?.engine.id ?? '')).toMatchObject({ Name: '/pod1' });
    expect(await engine.inspect('network', podnet?.engine.id ?? '')).toMatchObject({ Name: 'podnet' });
    if (pod1 === undefined) throw new Error('pod1 is not there');
    askOn('node1', 'podman', 'run', '--detach', '--rm', '--name', 'pod3', '--network', 'podnet', '--network-alias', 'shop', 'net-tools', 'sleep', '2147483647');
    try {
      const { topology: three, host: more } = await read();
      const asking = more.containers.find(({ name }) => name === 'pod1') ?? pod1;
      const { own, networks } = await readDnsNames(engine, asking, three);
      const names = dnsNamesText(own, networks, 'podman');
      expect(names).toMatch(/^# By Podman's DNS /);
      expect(names).toMatch(/^pod3 +10\.77\.0\.\d+ +container$/m);
      expect(names).toMatch(/^shop +10\.77\.0\.\d+ +alias of pod3$/m);
    } finally {
      askOn('node1', 'podman', 'rm', '--force', '--time', '0', 'pod3');
    }
    await expect(engine.inspect('container', '0'.repeat(64))).rejects.toMatchObject({ code: 'vanished' });
    const text = publishedPortsText(await readPublishedPorts(topology, host, pod1.engine.id, transport));
    expect(text).toMatch(/^\*:18090 → 80\/tcp\n {2}rule {3}\[\d+:\d+\] -A \S+ .*--dport 18090 .*-j DNAT --to-destination 10\.77\.0\.\d+:80$/m);
  });

  it('its events are told among those of Docker', async () => {
    const stop = new AbortController();
    const told: string[] = [];
    let open = (): void => undefined;
    const opened = new Promise<void>((resolve) => (open = resolve));
    const following = (async () => {
      for await (const event of engine.events(stop.signal, open)) told.push(`${event.action} ${event.attributes['name'] ?? ''}`);
    })();
    await opened;
    // Podman's stream opens after Docker's, and nobody is told when.
    await expect.poll(() => {
      runOn('node1', ['podman', 'restart', '--time', '0', 'pod2']);
      return told;
    }, { timeout: 20_000, interval: 500 }).toContain('start pod2');
    askOn('node1', 'docker', 'restart', '--time', '0', 'web2');
    await expect.poll(() => told, { timeout: 10_000 }).toContain('start web2');
    stop.abort();
    await following;
  });

  it("a user's own, which runs without root, is an engine of its own beside it: its containers in their namespaces, its network at the bridge in the namespace that it keeps for that", async () => {
    const lab = await currentLab();
    await startRootlessPodman(lab, 'node1');
    try {
      const { topology, host } = await read();
      expect(host.errors).toEqual([]);
      expect(host.snapshot.engine?.further).toMatchObject([{ kind: 'podman' }, { kind: 'podman', engineUid: 1000 }]);
      const own = host.containers.filter(({ engine: { engineUid } }) => engineUid === 1000);
      expect(own.map(({ engine: { id } }) => id).sort()).toEqual(lines(await rootlessPodman(lab, 'node1', 'ps', '--all', '--no-trunc', '--format', '{{.ID}}')));
      expect(host.networks.filter(({ engine: { engineUid } }) => engineUid === 1000).map(({ name }) => name).sort()).toEqual(lines(await rootlessPodman(lab, 'node1', 'network', 'ls', '--format', '{{.Name}}')));
      for (const container of own) {
        const pid = (await rootlessPodman(lab, 'node1', 'inspect', '--format', '{{.State.Pid}}', container.name)).trim();
        expect(topology.sandbox.get(container.sandboxId ?? '')).toMatchObject({ role: 'container', title: container.name, inode: Number(askOn('node1', 'stat', '-L', '-c', '%i', `/proc/${pid}/ns/net`)) });
      }
      const home1 = own.find(({ name }) => name === 'home1');
      const [endpoint] = (home1?.endpoints ?? []).map((id) => topology.endpoint.get(id));
      const homenet = topology.network.get(endpoint?.networkId ?? '');
      expect(homenet).toMatchObject({ name: 'homenet', engine: { engine: 'podman', engineUid: 1000 } });
      const bridge = topology.link.get(homenet?.bridgeLinkId ?? '');
      expect(bridge?.link.addresses.map(({ address }) => address)).toContain('10.78.0.1');
      expect(bridge?.sandboxId).not.toBe(host.rootSandbox);
      const veth = topology.link.get(endpoint?.linkId ?? '');
      // Where other veths have the same numbers by chance, several ends fit.
      const ends = veth?.peer?.state === 'resolved' ? [veth.peer.linkId] : veth?.peer?.state === 'ambiguous' ? veth.peer.candidates : [];
      expect(ends.map((end) => topology.link.get(end)).filter((end) => end?.sandboxId === bridge?.sandboxId && end?.link.master === bridge?.link.name)).toHaveLength(1);
      expect(bridge && makerOf(topology, bridge)?.name).toMatch(/^Podman/);
      // slirp4netns holds home2's one device.
      const slirp = host.sandboxes.find(({ id }) => id === own.find(({ name }) => name === 'home2')?.sandboxId);
      expect(slirp?.links.map(({ link }) => link.name)).toContain('tap0');
      expect(await engine.inspect('network', homenet?.engine.id ?? '')).toMatchObject({ Name: 'homenet' });
      expect(await engine.inspect('container', home1?.engine.id ?? '')).toMatchObject({ Name: '/home1' });
      const table = scanTable(topology);
      expect(table).toMatch(/^node1 {2}\(.*, podman 4\.\S+, podman 4\.\S+ of uid 1000/m);
      expect(table).toMatch(/^ {4}podman of uid 1000 +home1 +running /m);
      const shell = containerShell(home1?.engine ?? { id: '' }, 'podman');
      expect(askOn('node1', ...shell.argv.map((word) => (word === '-it' ? '-i' : word)).slice(0, -1), 'hostname; cat /proc/self/uid_map')).toMatch(new RegExp(`^${home1?.engine.id.slice(0, 12) ?? ''}\\s+0 +1000 +1$`, 'm'));
    } finally {
      await removeRootlessPodman(lab, 'node1');
    }
    expect((await read()).host.snapshot.engine?.further).toHaveLength(1);
  }, 120_000);

  it('that stops is gone from the host without a fault, and is found again when it is back', async () => {
    const lab = await currentLab();
    await stopPodmanService(lab, 'node1');
    const { host: without } = await read();
    expect(without.errors).toEqual([]);
    expect(without.snapshot.engine).not.toHaveProperty('further');
    expect(without.containers.some(({ name }) => name === 'pod1')).toBe(false);
    expect(without.containers.some(({ name }) => name === 'web1')).toBe(true);
    await startPodmanService(lab, 'node1');
    expect((await read()).host.containers.some(({ name }) => name === 'pod1')).toBe(true);
  });

  it('is the first engine where DOCKER_HOST says so, and Docker is the one beside it', async () => {
    const own = openTransport({ kind: 'ssh', host: 'node1' }, { questions: noQuestions, sshConfigFile: theLab().sshConfig });
    const chosen = through(own, (command) => (command.argv.includes('-s') ? command : prefixed('env', `DOCKER_HOST=unix://${podmanSocket}`)(command)));
    const both = openEngine(chosen);
    try {
      const { host } = await read(chosen, both);
      expect(host.snapshot.engine).toMatchObject({ kind: 'podman', further: [{ kind: 'docker' }] });
      expect(host.containers.find(({ name }) => name === 'pod1')?.engine.engine).toBeUndefined();
      expect(host.containers.find(({ name }) => name === 'web1')?.engine.engine).toBe('docker');
    } finally {
      both.dispose();
      own.dispose();
    }
  });
});
