import type { EngineContainer, EngineNetwork } from '../../../src/core/model/engine';
import type { Link } from '../../../src/core/model/link';
import type { NamespaceRecord, Snapshot } from '../../../src/core/model/snapshot';
import type { Topology } from '../../../src/core/model/topology';
import { buildTopology } from '../../../src/core/topology/buildTopology';

/** Two small hosts that share an overlay; each also has a bridge network of its own called `bridge`. */
export function sampleTopology(): Topology {
  return buildTopology([
    { id: 'ssh://node1', label: 'node1', snapshot: sampleSnapshot('node1', 1) },
    { id: 'ssh://node2', label: 'node2', snapshot: sampleSnapshot('node2', 2) },
  ]);
}

const overlayId = 'fm11brvdbdblqo4723ep2norp';

export function sampleSnapshot(hostname: string, number: number): Snapshot {
  const inode = (index: number): number => 4026532000 + number * 100 + index;
  const network = (id: string, name: string, driver: string, more: Partial<EngineNetwork> = {}): EngineNetwork => ({
    id, name, driver, scope: driver === 'overlay' ? 'swarm' : 'local', internal: false, attachable: true, ingress: false,
    subnets: [{ subnet: driver === 'overlay' ? '10.13.17.0/24' : '172.17.0.0/16' }], vnis: driver === 'overlay' ? [4097] : [], options: {}, labels: {}, endpoints: [], peers: [], tasks: [], raw: {}, ...more,
  });
  const container = (name: string, pid: number | undefined, networkName: string): EngineContainer => ({
    id: `${hostname}${name}`.replace(/[^0-9a-z]/g, '').padEnd(64, '0'), name, image: 'net-tools', state: pid === undefined ? 'exited' : 'running', status: '', networkMode: networkName,
    labels: {}, networks: [], ports: [], raw: {}, ...(pid !== undefined && { pid, sandboxKey: `/var/run/docker/netns/${name}` }),
  });
  const web = container(`web${String(number)}`, 100, 'mynet01');
  const endpoint = { containerId: web.id, name: web.name, endpointId: `e${String(number)}`, mac: `02:42:0a:0d:11:0${String(number)}`, ipv4: `10.13.17.${String(number)}/24` };
  return {
    version: 1, hostId: `ssh://${hostname}`, takenAt: '2024-01-01T00:00:00.000Z', durationMs: 137, errors: [],
    host: { hostname, kernel: 'Linux 6.1.0 x86_64', os: 'Debian GNU/Linux 12 (bookworm)', cpus: 2, uid: 0, privilege: 'root', ip: 'json', tools: [], ownNamespace: `4:${String(inode(0))}`, initNamespace: `4:${String(inode(0))}` },
    namespaces: [
      namespace(inode(0), [], [1], [link(2, 'docker0', 'bridge', '02:42:aa:aa:aa:01', ['172.17.0.1'])]),
      namespace(inode(1), [`/run/docker/netns/1-${overlayId.slice(0, 10)}`], [], [link(2, 'br0', 'bridge', 'd2:86:fb:aa:8b:04')]),
      namespace(inode(2), [`/run/docker/netns/web${String(number)}`], [100], [link(9, 'eth0', 'veth', endpoint.mac, [`10.13.17.${String(number)}`])]),
      namespace(inode(3), ['/run/netns/new\nline'], []),
    ],
    engine: {
      kind: 'docker', version: '20.10.24', apiVersion: '1.41', name: hostname,
      networks: [network(overlayId, 'mynet01', 'overlay', { endpoints: [endpoint] }), network(String(number).repeat(64), 'bridge', 'bridge', { options: { 'com.docker.network.bridge.name': 'docker0' } }), network(String(number + 4).repeat(64), 'unused', 'overlay')],
      containers: [web, container('stopped', undefined, 'bridge')],
    },
  };
}

function namespace(inode: number, paths: readonly string[], pids: readonly number[], links: readonly Link[] = []): NamespaceRecord {
  return {
    key: `4:${String(inode)}`, inode, device: 4, paths, processCount: pids.length, links, routes: [], neighbours: [], fdb: [], read: 'full',
    processes: pids.map((pid) => ({ pid, comm: 'httpd', startTicks: 1, cgroup: '' })),
  };
}

function link(ifindex: number, name: string, kind: string, mac: string, addresses: readonly string[] = []): Link {
  return {
    ifindex, name, kind, mac, linkType: 'ether', mtuBytes: 1500, flags: ['UP'], operState: 'UP',
    addresses: addresses.map((address) => ({ family: 'inet', address, prefixLength: 24, scope: 'global' })),
  };
}
