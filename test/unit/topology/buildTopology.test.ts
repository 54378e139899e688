import { describe, expect, it } from 'vitest';
import type { EngineNetwork } from '../../../src/core/model/engine';
import type { Topology } from '../../../src/core/model/topology';
import { buildTopology } from '../../../src/core/topology/buildTopology';
import { canonicalAddress } from '../../../src/core/topology/canonicalAddress';
import { aContainer, aLink, aNamespace, aNetwork, anEngine, anId, aSnapshot, aVeth, processIn } from './builders';

const overlayId = 'fm11brvdbdblqo4723ep2norp';

/** One host of a swarm: a container on an overlay and on docker0's network, beside what the engine makes for itself. */
function swarmHost(number: 1 | 2): Parameters<typeof buildTopology>[0][number] {
  const me = anId(`c${String(number)}`);
  const address = `192.168.56.1${String(number)}`;
  const mac = `02:42:0a:0d:11:0${String(number)}`;
  const overlay: EngineNetwork = aNetwork(overlayId, {
    name: 'mynet01',
    driver: 'overlay',
    scope: 'swarm',
    vnis: [4097],
    endpoints: [
      { containerId: me, name: `web${String(number)}`, endpointId: 'e1', mac: mac.toUpperCase(), ipv4: `10.13.17.${String(number)}/24` },
      { containerId: 'lb-mynet01', name: 'mynet01-endpoint', endpointId: 'e2', mac: '02:42:0a:0d:11:63', ipv4: '10.13.17.99/24' },
    ],
    tasks: [{ service: 's', name: 's.1', endpointId: 'e9', ip: '10.13.17.77', hostAddress: '192.168.56.13' }],
  });
  const bridge = aNetwork('b'.repeat(64), {
    name: 'bridge',
    subnets: [{ subnet: '172.17.0.0/16', gateway: '172.17.0.1' }],
    options: { 'com.docker.network.bridge.name': 'docker0' },
  });
  const custom = aNetwork(`cafe${'0'.repeat(60)}`, { name: 'appnet' });
  const container = aContainer(`c${String(number)}`, {
    name: `web${String(number)}`,
    networks: [
      { networkId: overlay.id, networkName: 'mynet01', endpointId: 'e1' },
      { networkId: bridge.id, networkName: 'bridge', endpointId: 'e3', ipv4: '172.17.0.2', ipv6: '2001:DB8:0:0::2', mac: '02:42:ac:11:00:02' },
    ],
  });
  const namespaces = [
    aNamespace(9, { paths: ['/run/docker/netns/0123456789ab'] }),
    aNamespace(8, { paths: ['/run/netns/blue'] }),
    aNamespace(7, { processCount: 1, processes: [{ pid: 70, comm: 'sleep', startTicks: 1, cgroup: '0::/' }] }),
    aNamespace(6, { paths: ['/run/docker/netns/ingress_sbox'] }),
    aNamespace(5, { paths: ['/run/docker/netns/lb_fm11brvdb'], links: [aLink(3, { mac: '02:42:0a:0d:11:63' })] }),
    aNamespace(4, {
      paths: ['/var/run/docker/netns/1-fm11brvdbd'],
      links: [aLink(2, { name: 'br0', kind: 'bridge' }), aLink(16, { name: 'vxlan0', kind: 'vxlan', vxlan: { vni: 4097, port: 4789, learning: true, proxy: true, l2miss: true, l3miss: true } }), aVeth(20, 19, 1, { name: 'veth0', master: 'br0' })],
    }),
    aNamespace(3, {
      paths: ['/run/docker/netns/fee9e6b8a408'],
      processCount: 1,
      processes: [processIn(`0::/docker/${me}`, 50)],
      links: [
        aVeth(19, 20, 0, { name: 'eth0', mac, addresses: [{ family: 'inet', address: `10.13.17.${String(number)}`, prefixLength: 24, scope: 'global' }] }),
        aVeth(21, 22, 1, { name: 'eth1', addresses: [{ family: 'inet', address: '172.17.0.2', prefixLength: 16, scope: 'global' }] }),
      ],
    }),
    aNamespace(1, {
      paths: ['/run/docker/netns/default'],
      links: [
        aLink(2, { name: 'eth0', mac: `0a:00:00:00:00:0${String(number)}`, addresses: [{ family: 'inet', address, prefixLength: 24, scope: 'global' }] }),
        aLink(3, { name: 'docker0', kind: 'bridge', addresses: [{ family: 'inet', address: '172.17.0.1', prefixLength: 16, scope: 'global' }] }),
        aLink(4, { name: 'br-cafe00000000', kind: 'bridge' }),
        aVeth(22, 21, 2, { name: 'vethe51', master: 'docker0' }),
      ],
      routes: [{ family: 'inet', destination: 'default', type: 'unicast', table: 'main', gateway: '192.168.56.254', device: 'eth0' }],
    }),
  ];
  const engine = anEngine([overlay, bridge, custom, aNetwork('i'.repeat(25), { name: 'ingress', driver: 'overlay', scope: 'swarm', ingress: true })], [container, aContainer('gone', { state: 'exited' })], {
    swarm: { nodeId: 'x', nodeAddress: address, manager: number === 1, nodes: [] },
  });
  const id = `ssh://node${String(number)}`;
  return { id, label: `node${String(number)}`, snapshot: aSnapshot(namespaces, engine, { hostId: id }) };
}

describe('two hosts of a swarm', () => {
  const topology: Topology = buildTopology([swarmHost(1), swarmHost(2)]);
  const [node1] = topology.hosts;
  const sandbox = (inode: number): NonNullable<ReturnType<Topology['sandbox']['get']>> => topology.sandbox.get(`ssh://node1|ns|4:${String(inode)}`)!;
  const overlay = topology.network.get(`ssh://node1|net|${overlayId}`)!;

  it('have each namespace once, by what it is for', () => {
    expect(node1?.sandboxes.map(({ role, title, inode }) => [role, title, inode])).toEqual([
      ['root', 'root', 1],
      ['container', 'web1', 3],
      ['overlay', 'mynet01', 4],
      ['loadBalancer', 'mynet01', 5],
      ['ingress', 'ingress', 6],
      ['named', 'blue', 8],
      ['process', 'sleep (70)', 7],
      ['leaked', '0123456789ab', 9],
    ]);
  });

  it('have their overlay with its sandbox, load balancer and endpoints', () => {
    expect(overlay).toMatchObject({ sandboxId: sandbox(4).id, loadBalancerSandboxId: sandbox(5).id, driver: 'overlay' });
    expect(overlay.endpoints).toEqual([
      expect.objectContaining({ name: 'web1', isContainer: true, sandboxId: sandbox(3).id, linkId: `${sandbox(3).id}|link|19`, mac: '02:42:0a:0d:11:01', ipv4: '10.13.17.1' }),
      expect.objectContaining({ name: 'mynet01-endpoint', isContainer: false, sandboxId: sandbox(5).id, linkId: `${sandbox(5).id}|link|3` }),
    ]);
  });

  it('have bridge networks with their Linux bridges, and endpoints that only the container names', () => {
    const byName = (name: string): NonNullable<typeof node1>['networks'][number] => node1!.networks.find((network) => network.name === name)!;
    expect(byName('bridge')).toMatchObject({
      bridgeLinkId: `${sandbox(1).id}|link|3`,
      // Without a MAC on the device, the address says which it is.
      endpoints: [{ name: 'web1', linkId: `${sandbox(3).id}|link|21`, ipv6: '2001:db8::2' }],
    });
    expect(byName('appnet').bridgeLinkId).toBe(`${sandbox(1).id}|link|4`);
  });

  it('have their veth ends joined across namespaces', () => {
    expect(topology.link.get(`${sandbox(3).id}|link|19`)?.peer).toEqual({ state: 'resolved', linkId: `${sandbox(4).id}|link|20` });
    expect(topology.link.get(`${sandbox(1).id}|link|22`)?.peer).toEqual({ state: 'resolved', linkId: `${sandbox(3).id}|link|21` });
  });

  it('have containers with their sandbox and endpoints; one that ended has neither', () => {
    expect(node1?.containers).toEqual([
      expect.objectContaining({ name: 'c-gone', running: false, endpoints: [] }),
      expect.objectContaining({ name: 'web1', running: true, sandboxId: sandbox(3).id, endpoints: [expect.stringContaining('|ep|'), expect.stringContaining('|ep|')] }),
    ]);
    expect(node1?.containers[0]).not.toHaveProperty('sandboxId');
  });

  it('share the networks of the swarm', () => {
    expect(topology.shared.get(overlayId)).toEqual([overlay.id, `ssh://node2|net|${overlayId}`]);
    expect(topology.shared.has('b'.repeat(64))).toBe(false);
  });

  it('know whose an address is, on both', () => {
    expect(topology.known.get('02:42:0a:0d:11:02')).toEqual([expect.objectContaining({ hostId: 'ssh://node2', name: 'web2', networkName: 'mynet01' })]);
    expect(topology.known.get('172.17.0.1')?.map(({ hostId, name }) => [hostId, name])).toEqual([['ssh://node1', 'node1'], ['ssh://node2', 'node2']]);
    expect(topology.known.get('192.168.56.12')).toEqual([expect.objectContaining({ name: 'node2' })]);
    expect(topology.known.get('10.13.17.77')).toEqual([expect.objectContaining({ name: 's.1 on 192.168.56.13', networkName: 'mynet01' })]);
    expect(topology.known.get('2001:db8::2')).toHaveLength(2);
    expect(topology.known.has('127.0.0.1')).toBe(false);
  });

  it('have underlay addresses, the tunnel endpoint first', () => {
    expect(node1?.underlay).toEqual(['192.168.56.11']);
  });
});

it('errors are where they belong', () => {
  const { hosts } = buildTopology([
    {
      id: 'local',
      label: 'x',
      snapshot: aSnapshot([aNamespace(1), aNamespace(2)], undefined, {
        errors: [
          { place: { kind: 'namespace', key: '4:2' }, code: 'vanished', message: 'Gone.' },
          { place: { kind: 'engine' }, code: 'no-engine', message: 'None.' },
        ],
      }),
    },
  ]);
  expect(hosts[0]?.errors.map(({ code }) => code)).toEqual(['no-engine']);
  expect(hosts[0]?.sandboxes.map(({ errors }) => errors.length)).toEqual([0, 1]);
});

it('a namespace that containers share is named for its owner first', () => {
  const containers = [aContainer('s', { networkMode: `container:${anId('a')}` }), aContainer('a')];
  const snapshot = aSnapshot([aNamespace(1), aNamespace(2, { processes: [processIn(`0::/docker/${anId('a')}`, 5)] })], anEngine([], containers));
  expect(buildTopology([{ id: 'local', label: 'x', snapshot }]).sandbox.get('local|ns|4:2')?.title).toBe('c-a, c-s');
});

it('an overlay whose file was not seen is known by its VNI, and not where two have it', () => {
  const vxlan = { vni: 5000, port: 4789, learning: true, proxy: true, l2miss: true, l3miss: true };
  const engine = anEngine([aNetwork(overlayId, { driver: 'overlay', vnis: [5000] })], []);
  const roles = (...inodes: number[]): unknown =>
    buildTopology([{ id: 'local', label: 'x', snapshot: aSnapshot([aNamespace(1), ...inodes.map((inode) => aNamespace(inode, { links: [aLink(9, { kind: 'vxlan', vxlan })] }))], engine) }]).hosts[0]?.sandboxes.map(({ role }) => role);
  expect(roles(2)).toEqual(['root', 'overlay']);
  expect(roles(2, 3)).toEqual(['root', 'unowned', 'unowned']);
});

it("an endpoint that the engine keeps for itself is found by its MAC and address, and not where two namespaces have both", () => {
  const held = (inode: number): ReturnType<typeof aNamespace> =>
    aNamespace(inode, { links: [aLink(3, { mac: '02:42:ac:12:00:02', addresses: [{ family: 'inet', address: '172.18.0.2', prefixLength: 16, scope: 'global' }] })] });
  const gateway = aNetwork('gate', { endpoints: [{ containerId: 'ingress-sbox', name: 'gateway_ingress-sbox', endpointId: 'e', mac: '02:42:AC:12:00:02', ipv4: '172.18.0.2/16' }] });
  const endpoint = (...namespaces: ReturnType<typeof aNamespace>[]): unknown =>
    buildTopology([{ id: 'local', label: 'node', snapshot: aSnapshot(namespaces, anEngine([gateway], [])) }]).hosts[0]?.networks[0]?.endpoints[0];
  expect(endpoint(held(7), aNamespace(8))).toMatchObject({ sandboxId: 'local|ns|4:7', linkId: 'local|ns|4:7|link|3', isContainer: false });
  expect(endpoint(held(7), held(8))).not.toHaveProperty('sandboxId');
});

it("a macvlan network's parent settles which lower device a container's is", () => {
  const network = aNetwork('m', { driver: 'macvlan', options: { parent: 'eth0' } });
  const container = aContainer('a', { networks: [{ networkId: 'm', networkName: 'm', endpointId: 'e' }] });
  const { link } = buildTopology([
    {
      id: 'local',
      label: 'x',
      snapshot: aSnapshot(
        [
          aNamespace(1, { links: [aLink(2, { name: 'eth0' })] }),
          aNamespace(2, { links: [aLink(2)] }),
          aNamespace(3, { processes: [processIn(`0::/docker/${container.id}`, 5)], links: [aLink(6, { kind: 'macvlan', peerIfindex: 2, linkNetnsId: 0 })] }),
        ],
        anEngine([network], [container]),
      ),
    },
  ]);
  expect(link.get('local|ns|4:3|link|6')?.peer).toEqual({ state: 'resolved', linkId: 'local|ns|4:1|link|2' });
});

describe('addresses have one spelling', () => {
  it.each([
    ['02:42:AC:11:00:02', '02:42:ac:11:00:02'],
    ['10.0.0.1/24', '10.0.0.1'],
    ['2001:DB8:0:0:0:0:0:1/64', '2001:db8::1'],
    ['fe80:0:0:1::%eth0', 'fe80:0:0:1::'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['1:2:3:4:5:6:0:8', '1:2:3:4:5:6:0:8'],
    ['::ffff:10.0.0.1', '::ffff:a00:1'],
    ['nonsense:', 'nonsense:'],
  ])('%s', (given, wanted) => {
    expect(canonicalAddress(given)).toBe(wanted);
  });
});

it('500 namespaces and 300 containers are merged quickly', () => {
  const containers = Array.from({ length: 300 }, (_, at) => aContainer(`c${String(at)}x`, { networks: [{ networkId: 'n', networkName: 'n', endpointId: String(at), mac: macOf(at) }] }));
  const root = aNamespace(1, { links: containers.map((_, at) => aVeth(1000 + at, 2000 + at, at)) });
  const namespaces = Array.from({ length: 500 }, (_, at) =>
    aNamespace(10 + at, at < 300 ? { links: [aVeth(2000 + at, 1000 + at, 0, { mac: macOf(at) })], processes: [processIn(`0::/docker/${containers[at]!.id}`, at + 5)] } : { paths: [`/run/netns/n${String(at)}`] }),
  );
  const snapshot = aSnapshot([root, ...namespaces], anEngine([aNetwork('n')], containers));
  const started = performance.now();
  const topology = buildTopology([{ id: 'local', label: 'x', snapshot }]);
  const took = performance.now() - started;
  expect(topology.hosts[0]?.networks[0]?.endpoints.filter(({ linkId }) => linkId !== undefined)).toHaveLength(300);
  expect([...topology.link.values()].filter(({ peer }) => peer?.state === 'resolved')).toHaveLength(600);
  // About 10 ms; the bound is for slow and busy machines.
  expect(took).toBeLessThan(500);
});

const macOf = (at: number): string => `02:42:00:00:${(at >> 8).toString(16).padStart(2, '0')}:${(at & 255).toString(16).padStart(2, '0')}`;
