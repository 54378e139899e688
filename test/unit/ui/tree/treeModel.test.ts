import { describe, expect, it } from 'vitest';
import { parseHostAddress } from '../../../../src/core/model/address';
import type { ReadError } from '../../../../src/core/model/snapshot';
import { buildTopology } from '../../../../src/core/topology/buildTopology';
import type { TreeNode } from '../../../../src/ui/tree/node';
import { present } from '../../../../src/ui/tree/presentation';
import { stateText } from '../../../../src/ui/tree/sandboxText';
import { TreeModel } from '../../../../src/ui/tree/treeModel';
import { aLink, aNamespace, aSnapshot, processIn } from '../../topology/builders';
import { keys, sampleSource, sampleTopology } from '../sampleTopology';

const t = (message: string, ...args: (string | number)[]) => message.replace(/\{(\d)\}/g, (_, index: string) => String(args[Number(index)]));

function walk(model: TreeModel, visit: (node: TreeNode, depth: number) => void, node?: TreeNode, depth = 0): void {
  for (const child of model.children(node)) {
    visit(child, depth);
    walk(model, visit, child, depth + 1);
  }
}

function drawn(model: TreeModel): string {
  const lines: string[] = [];
  walk(model, (node, depth) => {
    const { label, description } = present(node, model, t);
    lines.push(`${'  '.repeat(depth)}${label}${description === undefined || description === '' ? '' : ` — ${description}`}`);
  });
  return lines.join('\n');
}

function nodeOf(model: TreeModel, kind: string, label: string): TreeNode {
  let found: TreeNode | undefined;
  walk(model, (node) => {
    if (node.kind === kind && present(node, model, t).label === label) found ??= node;
  });
  if (found === undefined) throw new Error(`no ${kind} row "${label}"`);
  return found;
}

describe('the tree', () => {
  it('shows hosts, their networks, namespaces and containers, and the links under them', () => {
    expect(drawn(new TreeModel(sampleSource()))).toBe(
      [
        'node1 — this machine',
        '  Networks — 2',
        '    mynet01 — overlay · 10.13.17.0/24 · VNI 4097',
        '      overlay sandbox — net:[4026532300]',
        '        br0 — bridge · up',
        '        vxlan0 — VNI 4097 · vxlan · up · master br0',
        '        veth0 ⇄ eth0 in docker1n — veth · up · master br0',
        '      docker1n — 10.13.17.2 · 02:42:0a:0d:11:02',
        '        eth0 ⇄ veth0 in mynet01 — 10.13.17.2/24 · veth · up',
        '        eth1 ⇄ vethe51de11 in root — 172.17.0.2/16 · veth · up',
        '        lo — loopback · up',
        '    bridge — bridge · 172.17.0.0/16',
        '      docker0 — 172.17.0.1/16 · bridge · up',
        '      docker1n — 172.17.0.2 · 02:42:ac:11:00:02',
        '        eth0 ⇄ veth0 in mynet01 — 10.13.17.2/24 · veth · up',
        '        eth1 ⇄ vethe51de11 in root — 172.17.0.2/16 · veth · up',
        '        lo — loopback · up',
        '  Namespaces — 3',
        '    root — net:[4026531840]',
        '      lo — loopback · up',
        '      docker0 — 172.17.0.1/16 · bridge · up',
        '      vethe51de11 ⇄ eth1 in docker1n — veth · up · master docker0',
        '    docker1n — net:[4026532400] · container',
        '      eth0 ⇄ veth0 in mynet01 — 10.13.17.2/24 · veth · up',
        '      eth1 ⇄ vethe51de11 in root — 172.17.0.2/16 · veth · up',
        '      lo — loopback · up',
        '    mynet01 — net:[4026532300] · overlay sandbox',
        '      br0 — bridge · up',
        '      vxlan0 — VNI 4097 · vxlan · up · master br0',
        '      veth0 ⇄ eth0 in docker1n — veth · up · master br0',
        '  Containers — 1 of 2 running',
        '    docker1n — 10.13.17.2 · 172.17.0.2 · net-tools',
        '      mynet01 — 10.13.17.2 · 02:42:0a:0d:11:02',
        '        eth0 ⇄ veth0 in mynet01 — 10.13.17.2/24 · veth · up',
        '        eth1 ⇄ vethe51de11 in root — 172.17.0.2/16 · veth · up',
        '        lo — loopback · up',
        '      bridge — 172.17.0.2 · 02:42:ac:11:00:02',
        '        eth0 ⇄ veth0 in mynet01 — 10.13.17.2/24 · veth · up',
        '        eth1 ⇄ vethe51de11 in root — 172.17.0.2/16 · veth · up',
        '        lo — loopback · up',
        '      Namespace — net:[4026532400]',
        '        eth0 ⇄ veth0 in mynet01 — 10.13.17.2/24 · veth · up',
        '        eth1 ⇄ vethe51de11 in root — 172.17.0.2/16 · veth · up',
        '        lo — loopback · up',
        '    stopped — exited · net-tools',
      ].join('\n'),
    );
  });

  it('gives every row an id of its own, although one sandbox has several rows', () => {
    const model = new TreeModel(sampleSource());
    const ids: string[] = [];
    const sandboxRows: string[] = [];
    walk(model, (node) => {
      ids.push(node.id);
      if (node.kind === 'sandbox' && node.modelId.endsWith(keys.container)) sandboxRows.push(node.modelId);
    });
    expect(new Set(ids).size).toBe(ids.length);
    expect(sandboxRows).toHaveLength(2);
    expect(new Set(sandboxRows).size).toBe(1);
  });

  it('keeps rows the same objects from scan to scan, and forgets those of things that are gone', () => {
    const source = { ...sampleSource() };
    const model = new TreeModel(source);
    const container = nodeOf(model, 'container', 'docker1n');
    source.topology = sampleTopology();
    expect(nodeOf(model, 'container', 'docker1n')).toBe(container);
    source.topology = sampleTopology({ containers: false });
    model.prune();
    source.topology = sampleTopology();
    expect(nodeOf(model, 'container', 'docker1n')).not.toBe(container);
  });

  it('says whether a row opens without opening it, and is right', () => {
    const model = new TreeModel(sampleSource());
    walk(model, (node) => {
      if (node.kind !== 'host') expect([node.id, model.expandable(node)]).toEqual([node.id, model.children(node).length > 0]);
    });
  });

  it('finds the row of a thing by its id, with the way to it', () => {
    const model = new TreeModel(sampleSource());
    for (const [kind, label] of [['network', 'mynet01'], ['sandbox', 'docker1n'], ['container', 'docker1n'], ['host', 'node1']] as const) {
      const { modelId } = nodeOf(model, kind, label);
      const found = model.find(modelId);
      expect(found?.modelId).toBe(modelId);
      for (let at = found; at !== undefined; at = at.parent) expect(model.children(at.parent)).toContain(at);
    }
    const link = nodeOf(model, 'link', 'eth0 ⇄ veth0 in mynet01');
    expect(model.find(link.modelId)?.parent?.parent?.modelId).toBe('namespaces');
    expect(model.find('no such thing')).toBeUndefined();
  });

  it('shows faults under what they concern, and those of vanished namespaces under the host', () => {
    const errors: ReadError[] = [
      { place: { kind: 'engine' }, code: 'engine-failed', message: 'The engine stopped.' },
      { place: { kind: 'namespace', key: keys.overlay }, code: 'time-limit', message: 'Its bridge did not answer.' },
      { place: { kind: 'namespace', key: '4:1' }, code: 'vanished', message: 'net:[1] vanished.' },
    ];
    const model = new TreeModel(sampleSource({ errors }));
    const [host] = model.children(undefined);
    const messages = (node: TreeNode | undefined) => model.children(node).filter((child) => child.kind === 'fault').map((child) => present(child, model, t).label);
    expect(messages(host)).toEqual(['The engine stopped.', 'net:[1] vanished.']);
    expect(messages(model.find(`local|ns|${keys.overlay}`))).toEqual(['Its bridge did not answer.']);
  });

  it.each([
    ['no-engine', 'none', 'info'],
    ['engine-failed', 'not read', 'warning'],
  ] as const)('says of an engine with the fault %s that there is %s, in the hover and by the icon of its row', (code, words, icon) => {
    const topology = buildTopology([{ id: 'ssh://n', label: 'n', snapshot: { ...aSnapshot([aNamespace(1)]), errors: [{ place: { kind: 'engine' }, code, message: 'A sentence.' }] } }]);
    const model = new TreeModel({ topology, hosts: [{ id: 'ssh://n', address: parseHostAddress('ssh://n'), label: 'n', state: 'ready' }] });
    const [host] = model.children(undefined);
    expect(host && present(host, model, t).details.find(({ name }) => name === 'Engine')?.value).toBe(words);
    expect(model.children(host).filter(({ kind }) => kind === 'fault').map((row) => present(row, model, t).icon)).toEqual([icon]);
  });

  it('keeps the last good state beside the fault of a host that is not reached any more', () => {
    const error: ReadError = { place: { kind: 'host' }, code: 'unreachable', message: 'node1 does not answer. Check the network.' };
    const model = new TreeModel(sampleSource({ status: { state: 'failed', error } }));
    const [host] = model.children(undefined);
    const labels = model.children(host).map((child) => present(child, model, t).label);
    expect(labels).toEqual(['node1 does not answer. Check the network.', 'Networks', 'Namespaces', 'Containers']);
    expect(present(host!, model, t).description).toContain('last read');
  });

  it('shows hostile names as printable text everywhere', () => {
    const name = 'x\x1b[2J\u202e"$(id)\n<b>';
    const model = new TreeModel(sampleSource({ containerName: name, interfaceName: name, networkName: name }));
    walk(model, (node) => {
      const presentation = present(node, model, t);
      const texts = [presentation.label, presentation.description ?? '', presentation.contextValue, ...presentation.details.flatMap((detail) => [detail.name, detail.value])];
      for (const text of texts) expect(text).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    });
  });

  it.each([
    ['mynet01-endpoint', false, "The load balancer's own address on this network and host. The engine owns it; no container has it."],
    ['ingress-endpoint', true, "The ingress' own address on this network and host; from it connections to published ports go on to the tasks. The engine owns it; no container has it."],
    ['gateway_ingress-sbox', false, "The ingress' own address on this network and host; here connections to published ports come in. The engine owns it; no container has it."],
    ['gateway_lb-abc', false, "The way out of a load balancer's namespace through this network. The engine owns it; no container has it."],
  ])('says what %s is, which no container has', (name, ingress, sentence) => {
    const source = sampleSource();
    const [overlay] = source.topology.hosts[0]!.networks;
    Object.assign(overlay!.engine, { ingress });
    Object.assign(overlay!.endpoints[0]!, { name, isContainer: false, containerId: undefined });
    const model = new TreeModel(source);
    expect(present(nodeOf(model, 'endpoint', name), model, t).details).toContainEqual({ name: 'What it is', value: sentence });
    expect(sentence.length).toBeLessThan(200);
    const container = nodeOf(model, 'endpoint', 'docker1n');
    expect(present(container, model, t).details.map((each) => each.name)).not.toContain('What it is');
  });

  it('tags rows for the menus', () => {
    const live = new TreeModel(sampleSource());
    expect(present(nodeOf(live, 'host', 'node1'), live, t).contextValue).toBe('host+live+sandbox+local+read');
    expect(present(nodeOf(live, 'network', 'mynet01'), live, t).contextValue).toBe('network+overlay+live+sandbox');
    expect(present(nodeOf(live, 'container', 'stopped'), live, t).contextValue).toBe('container+stopped+live');
    const recorded = new TreeModel(sampleSource({ hostId: 'file:/x.json' }));
    expect(present(nodeOf(recorded, 'container', 'docker1n'), recorded, t).contextValue).toBe('container+running+recorded+sandbox');
  });
});

describe('a container\'s state', () => {
  it('has its exit status and health, and no time', () => {
    const [container] = sampleTopology().hosts[0]!.containers;
    const text = (state: string, status: string) => stateText({ ...container!.engine, state, status });
    expect(text('running', 'Up 3 minutes')).toBe('running');
    expect(text('running', 'Up 2 hours (healthy)')).toBe('running (healthy)');
    expect(text('exited', 'Exited (137) 5 seconds ago')).toBe('exited (137)');
    expect(text('created', '')).toBe('created');
  });
});

it('a host tells how it is reached and where it was imported from, whatever that holds', () => {
  const source = sampleSource();
  const model = new TreeModel({ ...source, hosts: source.hosts.map((status) => ({ ...status, way: "The system's ssh is used: x\u001b.", origin: { source: 'ansible:/i\n', groups: ['web\u202e', 'site'] } })) });
  const host = model.children(undefined)[0]!;
  const { description, details } = present(host, model, t);
  expect(description).toContain('web\\u{202e}');
  expect(details).toEqual(expect.arrayContaining([{ name: 'Connection', value: "The system's ssh is used: x\\x1b." }, { name: 'Imported from', value: 'ansible:/i\\n · web\\u{202e} · site' }]));
});

describe('Compose projects', () => {
  const composed = () => {
    const source = sampleSource();
    const topology = sampleTopology();
    const [host] = topology.hosts;
    const compose = { project: 'shop\u001b', service: 'web' };
    const networks = host!.networks.map((network) => (network.name === 'mynet01' ? { ...network, compose: { project: compose.project } } : network));
    const containers = host!.containers.map((container) => (container.name === 'docker1n' ? { ...container, compose } : container));
    const changed = { ...host!, networks, containers };
    const byId = <T extends { readonly id: string }>(things: readonly T[]) => new Map(things.map((thing) => [thing.id, thing]));
    return { ...source, topology: { ...topology, hosts: [changed], host: byId([changed]), network: byId(networks), container: byId(containers) } };
  };

  it('stand above their networks and containers, before what belongs to none', () => {
    const source = composed();
    const model = new TreeModel(source);
    const rows = drawn(model).split('\n').filter((line) => /^ {0,6}\S/.test(line));
    expect(rows.slice(1, 5)).toEqual(['  Networks — 2', '    shop\\x1b — Compose project · 1', '      mynet01 — overlay · 10.13.17.0/24 · VNI 4097', '    bridge — bridge · 172.17.0.0/16']);
    expect(rows.filter((line) => line.startsWith('    shop'))).toHaveLength(2);
    expect(present(nodeOf(model, 'container', 'docker1n'), model, t).details).toContainEqual({ name: 'Compose', value: 'project shop\\x1b, service web' });
  });

  it('are on the way to what they hold, and gone with it', () => {
    const source = composed();
    const model = new TreeModel(source);
    const network = source.topology.hosts[0]!.networks.find(({ compose }) => compose)!;
    const row = model.find(network.id)!;
    expect(row.parent?.kind).toBe('project');
    expect(model.children(row.parent)).toContain(row);
    model.prune();
    expect(model.find(network.id)).toBe(row);
  });
});

it("a device's row tells what its kind is about, and its tooltip the rest", () => {
  const source = sampleSource();
  const topology = sampleTopology();
  const [node] = [...topology.link.values()].filter(({ link }) => link.name === 'eth1');
  const { link } = node!;
  const tap = { ...node!, link: { ...link, addresses: [], kind: 'tun', tun: { layer: 'tap' as const, persistent: false } }, holders: [{ pid: 812, comm: 'vpn\u001b', name: 'eth1' }, { pid: 812, comm: 'vpn\u001b', name: 'eth1' }] };
  const vlan = { ...node!, link: { ...link, addresses: [], kind: 'vlan', vlan: { id: 5, protocol: '802.1Q' } } };
  const shown = (changed: typeof tap | typeof vlan) => {
    const model = new TreeModel({ ...source, topology: { ...topology, link: new Map(topology.link).set(node!.id, changed) } });
    return present(model.find(node!.id)!, model, t);
  };
  expect(shown(tap).description).toBe('tun · vpn\\x1b (812) · up');
  expect(shown(tap).details).toEqual(expect.arrayContaining([{ name: 'Layer', value: 'Ethernet (TAP)' }, { name: 'Persistent', value: 'no' }, { name: 'Held by', value: 'vpn\\x1b (812)' }]));
  expect(shown(vlan).description).toBe('vlan · VLAN 5 · up');
});

describe('tunnels in the tree', () => {
  const device = (name: string, local: string, remote: string, key?: string) =>
    aLink(9, { name, kind: 'gre', linkType: 'gre', rest: { ifalias: 'office' }, tunnel: { ttl: 64, local, remote, ...(key !== undefined && { inputKey: key, outputKey: key }) } });
  const source = (far: ReturnType<typeof device>) => {
    const hosts = [device('gre1', '192.0.2.11', '192.0.2.12'), far].map((link, at) => ({ id: `ssh://n${String(at)}`, label: `n${String(at)}`, snapshot: aSnapshot([aNamespace(1, { processCount: 1, processes: [processIn('/', 1)], links: [link] })]) }));
    return { topology: buildTopology(hosts), hosts: hosts.map(({ id, label }) => ({ id, label, address: parseHostAddress(id), state: 'ready' as const })) };
  };
  const rows = (far: ReturnType<typeof device>) => {
    const model = new TreeModel(source(far));
    const [host] = model.children(undefined);
    const tunnels = model.children(host).find(({ modelId }) => modelId === 'tunnels');
    return tunnels === undefined ? undefined : model.children(tunnels).map((node) => present(node, model, t));
  };

  it('name the device at the far end', () => {
    const [row] = rows(device('gre9', '192.0.2.12', '192.0.2.11')) ?? [];
    expect(row).toMatchObject({ label: 'gre1 ⇄ gre9 on n1', description: '192.0.2.11 → 192.0.2.12 · gre', contextValue: 'link+gre+live+sandbox+tunnel' });
    expect(row?.details).toContainEqual({ name: 'Alias', value: 'office' });
  });

  it('warn where it does not fit, with what', () => {
    const [row] = rows(device('gre9', '192.0.2.12', '192.0.2.11', '7')) ?? [];
    expect(row).toMatchObject({ label: 'gre1 ⇄ ?', icon: 'warning' });
    expect(row?.description).toContain('gre9 on n1 does not fit: key sent none here, 7 there');
  });

  it('have no row where there are none', () => {
    const model = new TreeModel(sampleSource());
    const [host] = model.children(undefined);
    expect(model.children(host).map(({ modelId }) => modelId)).not.toContain('tunnels');
  });
});
