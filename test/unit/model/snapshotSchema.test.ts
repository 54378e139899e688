import { toJsonSchema } from '@valibot/to-json-schema';
import type * as v from 'valibot';
import { describe, expect, expectTypeOf, it } from 'vitest';
import type { Snapshot } from '../../../src/core/model/snapshot';
import { parseSnapshot, SnapshotSchema } from '../../../src/core/model/snapshotSchema';

/** Every field that a snapshot can have, so that one which the schema forgot is noticed as missing. */
const full: Snapshot = {
  version: 1,
  hostId: 'ssh://node1',
  takenAt: '2026-01-02T03:04:05.678Z',
  durationMs: 123.4,
  host: {
    hostname: 'node1',
    kernel: 'Linux 6.1.0 x86_64',
    os: 'Debian GNU/Linux 12 (bookworm)',
    cpus: 2,
    uid: 0,
    privilege: 'root',
    ip: 'json',
    ipVersion: 'ip utility, iproute2-6.1.0',
    tools: ['ip', 'bridge'],
    sources: ['fds', 'threads'],
    tuns: [{ pid: 71, comm: 'vpn', name: 'tun0', namespace: '4:4026531840' }],
    ownNamespace: '4:4026531840',
    initNamespace: '4:4026531840',
  },
  namespaces: [
    {
      key: '4:4026531840',
      inode: 4026531840,
      device: 4,
      paths: ['/run/netns/it\'s $(id)\n<b>'],
      mounts: [{ path: '/run/netns/x', mountNamespace: 4026532300, pid: 70 }],
      descriptors: [{ pid: 71, comm: 'a b', id: 5 }],
      threads: [{ pid: 71, id: 72 }],
      processCount: 1,
      processes: [{ pid: 1, comm: 'init', startTicks: 0, parent: 0, cgroup: '0::/' }],
      links: [
        {
          ifindex: 2,
          name: 'a;id\u001b[31m',
          kind: 'vxlan',
          linkType: 'ether',
          mac: '02:42:0a:0d:11:07',
          mtuBytes: 1450,
          flags: ['UP'],
          operState: 'UP',
          master: 'br0',
          peerIfindex: 3,
          peerName: 'b',
          linkNetnsId: 0,
          addresses: [{ family: 'inet', address: '10.0.0.1', prefixLength: 24, scope: 'global' }],
          bridge: { stp: false, vlanFiltering: false, ageingTimeS: 300, bridgeId: '8000.024200000000' },
          vxlan: { vni: 4097, port: 4789, local: '10.0.0.1', remote: '10.0.0.2', learning: true, proxy: true, l2miss: true, l3miss: true, ageingS: 300 },
          macvlan: { mode: 'bridge' },
          vlan: { id: 5, protocol: '802.1Q' },
          bond: { mode: '802.3ad', activePort: 'eth0', primary: 'eth1', miiMonitorMs: 100, hashPolicy: 'layer2', lacpRate: 'slow' },
          tunnel: { local: '10.0.0.1', remote: '10.0.0.2', id: 7, port: 6081, ttl: 0, inputKey: '5', outputKey: '6', device: 'eth0', erspanVersion: 1, external: true },
          ipvlan: { mode: 'l2', flag: 'bridge' },
          tun: { layer: 'tap', persistent: true, user: 'me', group: '100' },
          vrf: { table: '10' },
          xfrm: { interfaceId: '0x5', device: 'eth0' },
          bridgePort: { state: 'forwarding', hairpin: false, learning: true, flood: true },
          info: { anything: [1, { deep: true }] },
          rest: { qdisc: 'noqueue' },
        },
      ],
      routes: [{ family: 'inet', destination: 'default', type: 'unicast', table: 'main', gateway: '10.0.0.254', device: 'a', source: '10.0.0.1', protocol: 'static', scope: 'global', metric: 100, nexthops: [{ gateway: '10.0.0.253', device: 'a', weight: 1 }], rest: { pref: 'medium' } }],
      neighbours: [{ address: '10.0.0.2', device: 'a', mac: '02:42:0a:0d:11:08', states: ['PERMANENT'], proxy: false, rest: { used: 1 } }],
      fdb: [{ mac: '02:42:0a:0d:11:08', device: 'a', destination: '192.0.2.2', master: 'br0', vlan: 1, vni: 4097, port: 4789, flags: ['self'], state: 'permanent', rest: { x: 1 } }],
      read: 'full',
    },
  ],
  compose: [
    { project: 'shop', files: ['/srv/shop/docker-compose.yml'], partial: true, networks: [{ key: 'front', external: false, name: 'f', driver: 'bridge', internal: false, subnets: ['10.0.0.0/24'], gateways: ['10.0.0.1'], options: { a: 'b' }, used: true }] },
    { project: 'gone', files: ['/srv/gone.yml'], fault: '/srv/gone.yml is not on this host.' },
  ],
  engine: {
    kind: 'docker',
    further: [{ kind: 'podman', version: '4.3.1', apiVersion: '1.41', name: 'node1' }],
    version: '20.10',
    apiVersion: '1.41',
    name: 'node1',
    swarm: {
      nodeId: 'n',
      nodeAddress: '192.0.2.1',
      manager: true,
      nodes: [{ id: 'n', hostname: 'node1', address: '192.0.2.1', state: 'ready', role: 'manager', availability: 'active', leader: true, reachability: 'reachable' }],
      services: [
        {
          id: 's',
          name: 'web',
          mode: 'replicated',
          replicas: 1,
          endpointMode: 'vip',
          image: 'i',
          ports: [{ protocol: 'tcp', targetPort: 80, publishedPort: 8080, publishMode: 'ingress' }],
          virtualAddresses: [{ networkId: 'x', address: '10.0.0.4/24' }],
          labels: { a: 'b' },
        },
      ],
      tasks: [{ id: 't', serviceId: 's', slot: 1, nodeId: 'n', state: 'failed', desired: 'shutdown', message: 'no', containerId: 'c', addresses: [{ networkId: 'x', address: '10.0.0.5/24' }], ports: [] }],
    },
    networks: [
      {
        engine: 'podman',
        id: 'x',
        name: 'mynet01',
        driver: 'overlay',
        scope: 'swarm',
        internal: false,
        attachable: true,
        ingress: false,
        subnets: [{ subnet: '10.0.0.0/24', gateway: '10.0.0.1' }],
        vnis: [4097],
        options: { a: 'b' },
        labels: { 'note<b>': '<img>' },
        endpoints: [{ containerId: 'c', name: 'web', endpointId: 'e', mac: '02:42:0a:0d:11:07', ipv4: '10.0.0.2/24', ipv6: 'fd00::2/64' }],
        peers: [{ name: 'p', address: '192.0.2.2' }],
        tasks: [{ service: 's', name: 't', endpointId: 'e', ip: '10.0.0.3', hostAddress: '192.0.2.2' }],
        services: [{ name: 's', virtualAddress: '10.0.0.4', ports: ['Target: 80, Publish: 8080'], mark: 257 }],
        raw: { Id: 'x', Nested: { Deep: [null, 1] } },
      },
    ],
    containers: [
      {
        id: 'c',
        name: 'web',
        image: 'i',
        state: 'running',
        status: 'Up',
        networkMode: 'mynet01',
        labels: {},
        networks: [{ networkId: 'x', networkName: 'mynet01', endpointId: 'e', ipv4: '10.0.0.2', ipv6: 'fd00::2', mac: '02:42:0a:0d:11:07', aliases: ['web'] }],
        ports: [{ privatePort: 80, publicPort: 8080, ip: '0.0.0.0', type: 'tcp' }],
        pid: 42,
        sandboxKey: '/var/run/docker/netns/x',
        raw: { Id: 'c' },
      },
    ],
  },
  errors: [
    { place: { kind: 'host' }, code: 'tool-missing', message: 'There is no ip.', detail: 'sh: ip: not found' },
    { place: { kind: 'engine' }, code: 'no-engine', message: 'No engine.' },
    { place: { kind: 'namespace', key: '4:1' }, code: 'vanished', message: 'Gone.' },
  ],
};

type Complete<T> = T extends readonly (infer Item)[] ? Complete<Item>[] : T extends object ? { [Key in keyof T]-?: Complete<T[Key]> } : T;

const copy = (): Record<string, unknown> => JSON.parse(JSON.stringify(full)) as Record<string, unknown>;

describe('parseSnapshot', () => {
  it('forgets no field, optional ones included (compiles only then)', () => {
    expectTypeOf<Complete<v.InferOutput<typeof SnapshotSchema>>>().toExtend<Complete<Snapshot>>();
  });

  it('gives every field back', () => {
    expect(parseSnapshot(copy())).toEqual(full);
  });

  it('takes the smallest snapshot there is', () => {
    const smallest = { version: 1, hostId: 'local', takenAt: '2026-01-02T03:04:05Z', durationMs: 0, namespaces: [], errors: [], host: { hostname: '', kernel: '', cpus: 0, uid: 1000, privilege: 'user', ip: 'none', tools: [] } };
    expect(parseSnapshot(smallest)).toEqual(smallest);
  });

  it('leaves out what a newer version added', () => {
    expect(parseSnapshot({ ...copy(), somethingNew: { x: 1 }, namespaces: [{ ...(copy()['namespaces'] as object[])[0], tomorrow: true }] })).toEqual(full);
  });

  it.each([
    ['nothing', null, /holds no snapshot/],
    ['a list', [], /holds no snapshot/],
    ['another object', { name: 'package' }, /holds no snapshot/],
    ['a text', 'version', /holds no snapshot/],
    ['a newer version', { ...copy(), version: 2 }, /version 2 and this program reads version 1: use a newer release/],
    ['an odd version', { ...copy(), version: '1' }, /names no version/],
    ['no namespaces list', { ...copy(), namespaces: {} }, /"namespaces" should be Array/],
    ['a wrong type far inside', { ...copy(), namespaces: [{ ...(copy()['namespaces'] as object[])[0], fdb: [{ mac: 1 }] }] }, /"namespaces\.0\.fdb\.0\.mac" should be string and is 1/],
    ['a number that is none', { ...copy(), durationMs: 'soon' }, /"durationMs" should be number/],
    ['a time that is none', { ...copy(), takenAt: 'yesterday' }, /"takenAt"/],
    ['a missing field', { ...copy(), host: {} }, /"host\.hostname"/],
    ['an unknown error code', { ...copy(), errors: [{ place: { kind: 'host' }, code: 'x', message: '' }] }, /"errors\.0\.code"/],
  ])('refuses %s', (_what, json, message) => {
    expect(() => parseSnapshot(json)).toThrow(expect.objectContaining({ name: 'SnapshotFormatError', message: expect.stringMatching(message) as unknown }));
  });

  it('refuses a key that would change prototypes, however deep', () => {
    for (const text of ['{"version":1,"namespaces":[],"__proto__":{"polluted":1}}', '{"version":1,"namespaces":[{"links":[{"info":{"a":{"__proto__":{"polluted":1}}}}]}]}']) {
      expect(() => parseSnapshot(JSON.parse(text))).toThrow(/"__proto__"/);
    }
    expect({}).not.toHaveProperty('polluted');
  });

  it('refuses nesting that is made to exhaust', () => {
    const deep = JSON.parse(`${'['.repeat(5000)}${']'.repeat(5000)}`) as unknown;
    expect(() => parseSnapshot({ version: 1, namespaces: [], deep })).toThrow(/nests deeper/);
  });

  it('keeps its messages to one short sentence, whatever the file holds', () => {
    const key = 'x'.repeat(100_000);
    const bad = { ...copy(), engine: { ...(copy()['engine'] as object), networks: [{ ...full.engine?.networks[0], labels: { [key]: '\u001b[31m'.repeat(1000) + key, other: 7 } }] } };
    expect(() => parseSnapshot(bad)).toThrow(expect.objectContaining({ message: expect.stringMatching(/^.{1,300}$/) as unknown }));
  });
});

describe('the published JSON Schema', () => {
  it('is the one that is used (update it with: npx vitest run --project unit snapshotSchema -u)', async () => {
    const schema = {
      title: 'Netns Explorer snapshot',
      description: 'Everything read from one host at one moment: the file format of a recorded host.',
      ...toJsonSchema(SnapshotSchema),
    };
    await expect(`${JSON.stringify(schema, null, 2)}\n`).toMatchFileSnapshot('../../../docs/snapshot.schema.json');
  });
});
