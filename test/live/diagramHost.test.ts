import { expect, it } from 'vitest';
import type { DiagramGraph } from '../../src/core/diagram/graph';
import { hostGraph, surroundingsGraph } from '../../src/core/diagram/hostGraph';
import type { Topology } from '../../src/core/model/topology';
import { buildTopology } from '../../src/core/topology/buildTopology';
import { scanHost } from '../../src/discovery/scan';
import { openEngine } from '../../src/host/engineClient';
import { openTransport } from '../../src/host/openTransport';
import { cli } from './cliSupport';
import { askOn, describeInLab, theLab } from './commandSupport';
import { noQuestions } from './hostQuestions';

interface IpLink {
  readonly ifname: string;
  readonly master?: string;
  readonly linkinfo?: { readonly info_kind?: string };
  readonly addr_info: readonly { readonly local: string; readonly scope: string }[];
}

const everything: ReadonlySet<string> = Object.assign(new Set<string>(), { has: () => true });

describeInLab("the diagrams of the lab's first host", () => {
  async function read(): Promise<Topology> {
    const transport = openTransport({ kind: 'ssh', host: 'node1' }, { questions: noQuestions, sshConfigFile: theLab().sshConfig });
    const engine = openEngine(transport);
    try {
      return buildTopology([{ id: 'ssh://node1', label: 'node1', snapshot: await scanHost(transport, engine, { limitMs: 20_000 }) }]);
    } finally {
      engine.dispose();
      transport.dispose();
    }
  }
  const pidOf = (name: string): string => askOn('node1', 'docker', 'inspect', '--format', '{{.State.Pid}}', theLab().containers[name]?.id ?? '');
  const linksIn = (...enter: string[]): readonly IpLink[] => JSON.parse(askOn('node1', ...enter, 'ip', '-d', '-j', 'addr', 'show')) as IpLink[];
  const title = (graph: DiagramGraph, id: string | undefined): string => graph.boxes.find((box) => box.id === id)?.lines[0] ?? '?';

  it("everything on node1: root's and the overlay's bridges with the ports that ip shows, and each container's interfaces", async () => {
    const topology = await read();
    const graph = hostGraph(topology, 'ssh://node1', everything);
    if (!graph) throw new Error('no graph');
    const overlayFile = `/run/docker/netns/1-${(theLab().networks['mynet01'] ?? '').slice(0, 10)}`;
    const overlayInode = askOn('node1', 'stat', '-L', '-c', '%i', overlayFile);
    const rootInode = askOn('node1', 'stat', '-L', '-c', '%i', '/proc/1/ns/net');
    for (const [inode, links] of [[rootInode, linksIn()], [overlayInode, linksIn('nsenter', `--net=${overlayFile}`)]] as const) {
      const sandbox = graph.boxes.find((box) => box.kind === 'sandbox' && box.lines.includes(`net:[${inode}]`));
      const bridges = links.filter(({ linkinfo }) => linkinfo?.info_kind === 'bridge').map(({ ifname }) => ifname);
      const inside = graph.boxes.filter(({ parent }) => parent === sandbox?.id);
      expect(inside.filter(({ kind }) => kind === 'bridge').map((box) => box.lines[0]).toSorted()).toEqual(bridges.toSorted());
      for (const bridge of bridges) {
        const box = inside.find(({ kind, lines }) => kind === 'bridge' && lines[0] === bridge);
        const ports = graph.edges.filter(({ kind, to }) => kind === 'bridgePort' && to === box?.id).map(({ from }) => title(graph, from));
        expect(ports.toSorted()).toEqual(links.filter(({ master }) => master === bridge).map(({ ifname }) => ifname).toSorted());
      }
    }
    for (const name of ['web1', 'web2', 'twonets', 'lanbox']) {
      const cells = new Set(graph.boxes.filter(({ kind, lines }) => kind === 'container' && lines[0] === name).map(({ id }) => id));
      const drawn = graph.boxes.filter(({ kind, parent }) => kind === 'interface' && cells.has(parent ?? '')).map(({ lines }) => `${lines[0] ?? ''} ${lines[1] ?? ''}`);
      const truth = linksIn('nsenter', '-t', pidOf(name), '-n').filter(({ ifname }) => ifname !== 'lo');
      expect(drawn.toSorted()).toEqual(truth.map(({ ifname, addr_info: addresses }) => `${ifname} ${addresses.find(({ scope }) => scope === 'global')?.local ?? ''}`).toSorted());
    }
    const lower = graph.edges.find(({ kind, from }) => kind === 'parent' && graph.boxes.some(({ id, facts }) => id === from && facts.some(({ value }) => value === 'lanbox')));
    expect(title(graph, lower?.to)).toBe(askOn('node1', 'docker', 'network', 'inspect', '--format', '{{.Options.parent}}', 'macnet'));
  });

  it('what is around web1: its bridge, its gateway as ip tells it, and its published port', async () => {
    const topology = await read();
    const container = [...topology.container.values()].find(({ name }) => name === 'web1');
    const graph = surroundingsGraph(topology, container?.id ?? '');
    if (!graph) throw new Error('no graph');
    const texts = graph.boxes.flatMap(({ lines }) => lines);
    expect(texts).toContain(/via \S+/.exec(askOn('node1', 'nsenter', '-t', pidOf('web1'), '-n', 'ip', 'route', 'show', 'default'))?.[0].replace(/^/, 'default '));
    expect(texts.join('\n')).toContain(':8080 → 80/tcp');
    expect(graph.boxes.filter(({ kind }) => kind === 'bridge').map(({ lines }) => lines[0])).toEqual([`br-${(theLab().networks['appnet'] ?? '').slice(0, 12)}`]);
    const outside = graph.edges.find(({ label }) => label === 'published ports');
    expect(askOn('node1', 'ip', 'route', 'show', 'default')).toContain(`dev ${title(graph, outside?.to)}`);
  });

  it('on the command line, with one sentence where the words do not fit', async () => {
    const options = ['--host', 'node1', '--ssh-config', theLab().sshConfig];
    const host = await cli(['diagram', '--on', 'node1', ...options]);
    expect(host).toMatchObject({ code: 0, stderr: '' });
    expect(host.stdout).toMatch(/^node1: the whole host\n[^]* {4}bridge docker_gwbridge [^]*namespaces with loopback only/);
    expect((await cli(['diagram', '--container', 'twonets', ...options])).stdout).toMatch(/^Around twonets on node1\n[^]*Namespace on node1 · mynet01/);
    expect(await cli(['diagram', '--on', 'node9', ...options])).toMatchObject({ code: 2, stdout: '', stderr: 'No host that was read is called "node9". There are: node1 (ssh://node1).\n' });
    expect((await cli(['diagram', '--on', 'node1', '--container', 'web1', ...options])).stderr).toBe('Say what to draw with one of --network NAME, --on HOST and --container NAME. See: netns-explorer diagram --help\n');
  });

  it("names the far ends where node2 is read too: its overlay's device and containers, as its bridge and its engine tell them", async () => {
    const options = ['--host', 'node1', '--host', 'node2', '--ssh-config', theLab().sshConfig];
    const file = `/run/docker/netns/1-${(theLab().networks['mynet01'] ?? '').slice(0, 10)}`;
    const rows = askOn('node1', 'nsenter', `--net=${file}`, 'bridge', 'fdb', 'show', 'dev', 'vxlan0').split('\n').filter((row) => row.includes(' dst '));
    const mac = askOn('node2', 'docker', 'inspect', '--format', '{{(index .NetworkSettings.Networks "mynet01").MacAddress}}', 'docker2n');
    const address = askOn('node2', 'docker', 'info', '--format', '{{.Swarm.NodeAddr}}');
    for (const subject of [['--on', 'node1'], ['--container', 'docker1n']]) {
      const { stdout, stderr, code } = await cli(['diagram', ...subject, ...options]);
      expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
      const block = stdout.split('\n  ').find((part) => part.includes(`(node1 · mynet01) ⇄ ${address} (node2)`));
      expect(block).toBeDefined();
      const told = stdout.slice(stdout.indexOf(block ?? '')).split('\n').slice(1);
      const own = told.slice(0, told.findIndex((line) => !line.startsWith('    ')));
      expect(own).toContain('    Other half: vxlan0 in mynet01 on node2');
      expect(own.filter((line) => line.includes('FDB row'))).toHaveLength(rows.length);
      expect(own.find((line) => line.includes(mac))).toContain('FDB row (docker2n): ');
    }
  });

  it('shows the IPv6 addresses, gateways and the tunnel over IPv6 that ip and the engine tell of', async () => {
    const options = ['--host', 'node1', '--host', 'node2', '--ssh-config', theLab().sshConfig];
    const ends = { node1: '2001:db8:66::1', node2: '2001:db8:66::2' } as const;
    try {
      askOn('node1', 'docker', 'network', 'create', '--ipv6', '--subnet', '172.29.66.0/24', '--subnet', 'fd00:66::/64', '--gateway', 'fd00:66::1', 'v6net');
      askOn('node1', 'docker', 'run', '-d', '--name', 'sixbox', '--network', 'v6net', 'net-tools', 'sleep', '600');
      for (const [node, far] of [['node1', 'node2'], ['node2', 'node1']] as const) {
        askOn(node, 'ip', '-6', 'addr', 'add', `${ends[node]}/64`, 'dev', 'eth0', 'nodad');
        askOn(node, 'ip', 'link', 'add', `vx6${node}`, 'type', 'vxlan', 'id', '66', 'local', ends[node], 'remote', ends[far], 'dstport', '4799');
        askOn(node, 'ip', 'link', 'set', `vx6${node}`, 'up');
      }
      const pid = askOn('node1', 'docker', 'inspect', '--format', '{{.State.Pid}}', 'sixbox');
      const truth = linksIn('nsenter', '-t', pid, '-n').find(({ ifname }) => ifname === 'eth0')?.addr_info.filter(({ scope }) => scope === 'global').map(({ local }) => local) ?? [];
      expect(truth).toHaveLength(2);
      const host = (await cli(['diagram', '--on', 'node1', ...options])).stdout;
      expect(host).toContain(`  sixbox  eth0  ${truth.join('  ')}  `);
      expect(host).toMatch(new RegExp(`VTEP ${ends.node1}  eth0 .*\n`));
      expect(host).toContain(`  ${ends.node1} (node1) ⇄ ${ends.node2} (node2)\n    Tunnel: vx6node1 → ${ends.node2}\n    Other half: vx6node2 on node2\n`);
      expect((await cli(['diagram', '--container', 'sixbox', ...options])).stdout).toContain(`${truth.join('  ')}  default via 172.29.66.1  default via fd00:66::1\n`);
      const network = (await cli(['diagram', '--network', 'v6net', ...options])).stdout;
      expect(network).toContain('fd00:66::/64  gateway fd00:66::1  net:[');
      expect(network).toMatch(/bridge br-\w+ {2}MTU 1500 · 172\.29\.66\.1\/24 {2}fd00:66::1\/64\n/);
    } finally {
      askOn('node1', 'sh', '-c', 'docker rm -f sixbox; docker network rm v6net; true');
      for (const node of ['node1', 'node2'] as const) askOn(node, 'sh', '-c', `ip link del vx6${node}; ip -6 addr del ${ends[node]}/64 dev eth0; true`);
    }
  });
});
