import { expect, it } from 'vitest';
import type { Link } from '../../src/core/model/link';
import type { NamespaceRecord, Snapshot } from '../../src/core/model/snapshot';
import type { Topology } from '../../src/core/model/topology';
import { buildTopology } from '../../src/core/topology/buildTopology';
import { scanHost } from '../../src/discovery/scan';
import { openEngine } from '../../src/host/engineClient';
import { openTransport } from '../../src/host/openTransport';
import { askOn, atEnd, describeInLab, theLab } from './commandSupport';
import { answering, noQuestions } from './hostQuestions';
import { namespacesHere } from './scanSupport';

const nodes = ['node1', 'node2'] as const;
type Node = (typeof nodes)[number];

describeInLab("scans of the lab's hosts", () => {
  const snapshots = new Map<Node, Snapshot>();
  let topology: Topology | undefined;

  /** Both hosts, scanned once for all tests that only look. */
  async function read(): Promise<Topology> {
    if (topology) return topology;
    await Promise.all(
      nodes.map(async (node) => {
        const transport = openTransport({ kind: 'ssh', host: node }, { questions: noQuestions, sshConfigFile: theLab().sshConfig });
        const engine = openEngine(transport);
        atEnd(() => {
          engine.dispose();
          transport.dispose();
        });
        snapshots.set(node, await scanHost(transport, engine, { limitMs: 20_000 }));
      }),
    );
    topology = buildTopology(nodes.map((node) => ({ id: `ssh://${node}`, label: node, snapshot: snapshots.get(node)! })));
    return topology;
  }
  const host = async (node: Node): Promise<Topology['hosts'][number]> => (await read()).host.get(`ssh://${node}`)!;

  for (const node of nodes) {
    it(`${node}: every namespace that findmnt and lsns see, and no fault`, async () => {
      const before = namespacesHere((...argv) => askOn(node, ...argv));
      const { snapshot } = await host(node);
      const after = namespacesHere((...argv) => askOn(node, ...argv));
      const found = new Set(snapshot.namespaces.map(({ inode }) => inode));
      for (const inode of before) if (after.has(inode)) expect(found).toContain(inode);
      expect(snapshot.errors).toEqual([]);
      expect(snapshot.host).toMatchObject({ hostname: node, ip: 'json', privilege: 'root' });
    });

    it(`${node}: the same links, routes, neighbours and forwarding rows as ip and bridge print`, async () => {
      const { sandboxes } = await host(node);
      for (const sandbox of sandboxes.filter(({ role }) => role === 'overlay' || role === 'ingress' || role === 'root')) {
        const path = sandbox.role === 'root' ? '/proc/1/ns/net' : sandbox.paths[0]!;
        const direct = <T>(...argv: string[]): T[] => JSON.parse(askOn(node, 'nsenter', `--net=${path}`, ...argv)) as T[];
        const links = direct<{ ifindex: number; ifname: string; address: string; mtu: number; master?: string; linkinfo?: { info_kind?: string } }>('ip', '-j', '-d', 'link', 'show');
        expect(sandbox.links.map(({ link }) => [link.ifindex, link.name, link.mac, link.mtuBytes, link.master, link.kind])).toEqual(
          links.map((link) => [link.ifindex, link.ifname, link.address, link.mtu, link.master, link.linkinfo?.info_kind]),
        );
        expect(sandbox.record.routes).toHaveLength(direct('ip', '-j', 'route', 'show', 'table', 'all').length);
        // Without a bridge or VXLAN device there are only the devices' own multicast addresses, which are not read.
        if (!links.some(({ linkinfo }) => linkinfo?.info_kind === 'bridge' || linkinfo?.info_kind === 'vxlan')) continue;
        const fdb = direct<{ mac: string; ifname: string; dst?: string; master?: string }>('bridge', '-j', 'fdb', 'show');
        const text = (rows: readonly (string | undefined)[][]): string[] => rows.map((row) => row.join(' ')).sort();
        expect(text(sandbox.record.fdb.map((row) => [row.mac, row.device, row.destination, row.master]))).toEqual(text(fdb.map((row) => [row.mac, row.ifname, row.dst, row.master])));
      }
    });

    it(`${node}: each running container in the namespace of its process, by the engine's own word`, async () => {
      const { containers, rootSandbox } = await host(node);
      const ids = askOn(node, 'docker', 'ps', '--no-trunc', '--quiet').split('\n');
      const running = containers.filter((container) => container.running);
      expect(running.map(({ engine }) => engine.id).sort()).toEqual([...ids].sort());
      for (const container of running) {
        const [pid = '', mode] = askOn(node, 'docker', 'inspect', '--format', '{{.State.Pid}} {{.HostConfig.NetworkMode}}', container.engine.id).split(' ');
        const inode = Number(/\d+/.exec(askOn(node, 'readlink', `/proc/${pid}/ns/net`))?.[0]);
        expect([container.name, (await read()).sandbox.get(container.sandboxId!)?.inode]).toEqual([container.name, inode]);
        if (mode === 'host') expect(container.sandboxId).toBe(rootSandbox);
      }
    });

    it(`${node}: each endpoint on the device that has its address`, async () => {
      const { networks } = await host(node);
      const { link, sandbox } = await read();
      let seen = 0;
      for (const { endpoints, driver } of networks) {
        if (driver === 'host' || driver === 'null') continue;
        for (const endpoint of endpoints) {
          if (!endpoint.isContainer || endpoint.containerId === undefined) continue;
          const device = link.get(endpoint.linkId ?? '');
          expect([endpoint.name, device?.link.addresses.map(({ address }) => address)]).toEqual([endpoint.name, expect.arrayContaining([endpoint.ipv4]) as unknown]);
          expect(sandbox.get(device!.sandboxId)?.id).toBe(endpoint.sandboxId);
          seen++;
        }
      }
      expect(seen).toBeGreaterThan(3);
    });

    it(`${node}: the peers of its container devices, as their peer_ifindex statistic says`, async () => {
      const { link, sandbox } = await read();
      const { containers } = await host(node);
      let seen = 0;
      for (const container of containers) {
        const own = sandbox.get(container.sandboxId ?? '');
        if (!own || own.role === 'root') continue;
        for (const { link: device, peer } of own.links) {
          if (device.kind !== 'veth') continue;
          // The kernel's word: ethtool's peer_ifindex of a veth.
          const text = askOn(node, 'nsenter', `--net=/proc/${String(own.record.processes[0]!.pid)}/ns/net`, 'ethtool', '-S', device.name);
          const ifindex = Number(/peer_ifindex: (\d+)/.exec(text)?.[1]);
          expect([container.name, device.name, peer?.state]).toEqual([container.name, device.name, 'resolved']);
          const other = link.get((peer as { linkId: string }).linkId)!;
          expect(other.link.ifindex).toBe(ifindex);
          expect(['root', 'overlay', 'ingress']).toContain(sandbox.get(other.sandboxId)?.role);
          seen++;
        }
      }
      expect(seen).toBeGreaterThan(3);
    });
  }

  it('the overlay is one across both, with a sandbox on each that its VXLAN device is in', async () => {
    const { shared, network, sandbox } = await read();
    const ids = shared.get(theLab().networks['mynet01']!)!;
    expect(ids).toHaveLength(2);
    for (const id of ids) {
      const overlay = network.get(id)!;
      const own = sandbox.get(overlay.sandboxId ?? '');
      expect(own?.role).toBe('overlay');
      expect(own?.links.find(({ link }) => link.kind === 'vxlan')?.link.vxlan?.vni).toBe(overlay.engine.vnis[0]);
    }
  });

  it('a MAC that one host forwards to the other is known there', async () => {
    const { known, hosts, sandbox, network } = await read();
    const overlay = hosts[0]!.networks.find(({ name }) => name === 'mynet01')!;
    const rows = sandbox.get(overlay.sandboxId!)!.record.fdb.filter(({ destination }) => destination !== undefined);
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) {
      const entries = known.get(row.mac) ?? [];
      const other = hosts.find(({ underlay }) => underlay.includes(row.destination!))!;
      expect(entries.map(({ hostId }) => hostId)).toContain(other.id);
      expect(entries.map(({ networkName }) => networkName)).toContain(network.get(overlay.id)?.name);
    }
  });

  it("a macvlan container's lower device is the network's parent", async () => {
    const { link, hosts, sandbox } = await read();
    const devices = hosts.flatMap(({ sandboxes }) => sandboxes.flatMap(({ links }) => links)).filter(({ link: device }) => device.kind === 'macvlan');
    expect(devices.length).toBeGreaterThan(0);
    for (const { peer } of devices) {
      expect(peer?.state).toBe('resolved');
      expect(sandbox.get(link.get((peer as { linkId: string }).linkId)!.sandboxId)?.role).toBe('root');
    }
  });

  it('names that no one should use are in the tree as they are', async () => {
    const { features } = theLab() as unknown as { features: { odd?: { namespaces: string[]; interfaces: string[] } } };
    const { snapshot, sandboxes } = await host('node1');
    const decode = (text: string): string => Buffer.from(text, 'base64').toString('utf8');
    const names = snapshot.namespaces.flatMap(({ paths }) => paths.map((path) => path.slice(path.lastIndexOf('/') + 1)));
    expect(names).toEqual(expect.arrayContaining((features.odd?.namespaces ?? []).map(decode)));
    const odd = sandboxes.find(({ title }) => title === 'odd')?.record as NamespaceRecord;
    expect(odd.links.map((link: Link) => link.name)).toEqual(expect.arrayContaining((features.odd?.interfaces ?? []).map(decode)));
  });

  it('through sudo are the same as by root', async () => {
    const transport = openTransport({ kind: 'ssh', host: 'node1-vagrant' }, { questions: noQuestions, sshConfigFile: theLab().sshConfig });
    atEnd(() => {
      transport.dispose();
    });
    const snapshot = await scanHost(transport, undefined, { limitMs: 20_000 });
    const byRoot = (await host('node1')).snapshot;
    expect(snapshot.host).toMatchObject({ privilege: 'sudo', uid: 0 });
    expect(snapshot.errors).toEqual([]);
    expect(snapshot.namespaces.filter(({ paths }) => paths.length > 0).map(({ key, links }) => [key, links.length])).toEqual(
      byRoot.namespaces.filter(({ paths }) => paths.length > 0).map(({ key, links }) => [key, links.length]),
    );
  });

  it('by a user who may not use sudo show what may be seen, and what to do', async () => {
    const transport = openTransport({ kind: 'ssh', host: 'node1-nosudo' }, { questions: answering({}), sshConfigFile: theLab().sshConfig });
    const engine = openEngine(transport);
    atEnd(() => {
      engine.dispose();
      transport.dispose();
    });
    const snapshot = await scanHost(transport, engine, { limitMs: 20_000 });
    expect(snapshot.host.privilege).toBe('user');
    expect(snapshot.namespaces.find(({ key }) => key === snapshot.host.ownNamespace)?.read).toBe('full');
    expect(snapshot.namespaces.length).toBeGreaterThan(5);
    // One line of the host, one of the engine, and none of a namespace; the count is that of all but its own.
    const closed = snapshot.namespaces.filter(({ read }) => read === 'none').length;
    expect(closed).toBe(snapshot.namespaces.length - 1);
    expect(snapshot.errors.map(({ place, code, message }) => [place.kind, code, message.replace(/ (of|so) .*/, '')])).toEqual(expect.arrayContaining([['host', 'no-permission', `Only root may enter ${String(closed)} network namespaces`]]));
    expect(snapshot.errors.filter(({ place }) => place.kind === 'namespace')).toEqual([]);
  });
});
