import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseEngineInfo } from '../../../src/core/facts/engineState';
import { parseStoreAddress } from '../../../src/core/facts/storeAddress';
import { decoded, maxRecords, readConsul, readEtcd2, readEtcd3 } from '../../../src/core/facts/storeAnswers';
import { decodedValue, describeFolder, describeRecord, networkNames, networkOfPath, pathOf, recordsOfNetwork } from '../../../src/core/facts/storeRecords';
import { withoutSecrets } from '../../../src/core/facts/storeSecrets';
import { storeSources, type StoreHints } from '../../../src/core/facts/storeSources';
import { networkRecordsText, storesText } from '../../../src/core/report/storeText';

const fixture = (name: string): unknown => JSON.parse(readFileSync(new URL(`../../fixtures/${name}`, import.meta.url), 'utf8'));
const etcd2 = readEtcd2(fixture('debian-12-etcd-3.4/v2-keys.json'))?.records ?? [];
const etcd3 = readEtcd3(fixture('debian-12-etcd-3.4/v3-range.json'))?.records ?? [];
const demonet = '5900091e1458edd5e11bbda8da81956aca36189d5b320c8f3e0eea1467f35b88';

describe('addresses', () => {
  it('are read as engines and flanneld write them', () => {
    expect(parseStoreAddress('etcd://192.168.56.1:2379')).toEqual({ kind: 'etcd', endpoints: [{ host: '192.168.56.1', port: 2379 }], prefix: '', encrypted: false, text: 'etcd://192.168.56.1:2379' });
    expect(parseStoreAddress('consul://kv.lab/a/b/')).toMatchObject({ kind: 'consul', endpoints: [{ host: 'kv.lab', port: 8500 }], prefix: 'a/b' });
    expect(parseStoreAddress('etcd3://[fd00::1]:4001,b').endpoints).toEqual([{ host: 'fd00::1', port: 4001 }, { host: 'b', port: 2379 }]);
    expect(parseStoreAddress('zk://a')).toMatchObject({ kind: 'zookeeper', endpoints: [{ host: 'a', port: 2181 }] });
    expect(parseStoreAddress('https://a:2379')).toMatchObject({ kind: 'etcd', encrypted: true });
  });

  it('keep a login out of what is shown, whatever it holds', () => {
    const address = parseStoreAddress('etcd://root:s3c/r@t@a:1/p');
    expect(address.login).toEqual({ user: 'root', password: 's3c/r@t' });
    expect(address).toMatchObject({ endpoints: [{ host: 'a', port: 1 }], prefix: 'p', text: 'etcd://…@a:1/p' });
    for (const wrong of ['bolt://root:s3cret@a', 'etcd://root:s3cret@-a', 'etcd://root:s3cret@a:70000', 'etcd://root:s3cret@']) {
      expect(() => parseStoreAddress(wrong)).toThrow(expect.objectContaining({ name: 'StoreAddressError', message: expect.not.stringContaining('s3cret') as string }));
    }
  });

  it.each(['', 'etcd', 'etcd://', 'etcd://a b', 'etcd://-oProxyCommand=x', 'etcd://a,', 'etcd://a:0', 'etcd://$(id)'])('refuse %j', (text) => {
    expect(() => parseStoreAddress(text)).toThrow(/is no address|names no host and port/);
  });
});

describe('who names a store', () => {
  const none: StoreHints = { given: { from: 'the test', addresses: [] }, processes: [] };

  it('is told once, and what only one of them knows is kept', () => {
    const { sources, faults } = storeSources({
      given: { from: 'the test', addresses: ['consul://c'] },
      clusterStore: 'etcd://…@a:2379',
      processes: [{ pid: 7, argv: ['/usr/bin/dockerd', '--cluster-store', 'etcd://u:p@a:2379', '--cluster-store-opt', 'kv.cacertfile=/ca.pem'] }, { pid: 8, argv: ['/opt/flanneld', '-etcd-endpoints=http://a:2379,http://b:2379', '-etcd-prefix=/x'] }],
      daemonFile: { path: '/etc/docker/daemon.json', text: '{"cluster-store": "etcd://a"}' },
    });
    expect(faults).toEqual([]);
    expect(sources.map(({ from, address }) => [from, address.text, address.encrypted, address.login?.password])).toEqual([
      ['the test', 'consul://c', false, undefined],
      ['docker info', 'etcd://…@a:2379', true, 'p'],
      ['flanneld, process 8', 'etcd://a:2379,b:2379', false, undefined],
    ]);
  });

  it('may be wrong: one sentence each, and the others stay', () => {
    const { sources, faults } = storeSources({ ...none, clusterStore: 'boltdb:///x', processes: [{ pid: 1, argv: ['dockerd', '--cluster-store='] }, { pid: 2, argv: ['flanneld', '--etcd-endpoints', 'https://a:1', '--etcd-keyfile=/k'] }], daemonFile: { path: '/d.json', text: '{' } });
    expect(sources).toMatchObject([{ from: 'flanneld, process 2', address: { encrypted: true } }]);
    expect(faults.map(({ message }) => message)).toEqual([expect.stringMatching(/^A key-value store cannot be read, by what docker info says of it: "boltdb:\/\/\/x" is no address/), expect.stringMatching(/^\/d\.json is no JSON/)]);
  });

  it('may be a store that listens on the host, unless who uses it has named it', () => {
    const processes = [
      { pid: 1, argv: ['/usr/bin/etcd', '--data-dir', '/x', '--listen-client-urls=http://0.0.0.0:2379,https://10.0.0.1:2379'] },
      { pid: 2, argv: ['etcd', '--name', 'b', '--listen-client-urls', 'https://127.0.0.1:4001'] },
      { pid: 3, argv: ['/opt/consul', 'agent', '-server', '-client', '::', '-http-port=8501'] },
      { pid: 4, argv: ['consul', 'kv', 'get', 'x'] },
      { pid: 5, argv: ['java', '-cp', 'x.jar', 'org.apache.zookeeper.server.quorum.QuorumPeerMain', 'zoo.cfg'] },
      { pid: 6, argv: ['etcd', '--listen-client-urls', 'unix://x:0'] },
    ];
    const found = (more: Partial<StoreHints>): (readonly [string, string, boolean])[] => storeSources({ ...none, processes, own: ['10.0.0.1'], ...more }).sources.map(({ address, from }) => [address.text, from, address.encrypted]);
    expect(found({})).toEqual([
      ['etcd://127.0.0.1:2379', 'etcd, process 1', false],
      ['https://127.0.0.1:4001', 'etcd, process 2', true],
      ['consul://[::1]:8501', 'consul, process 3', false],
      ['zk://127.0.0.1:2181', 'ZooKeeper, process 5', false],
    ]);
    expect(found({ clusterStore: 'etcd://10.0.0.1:2379' }).map(([text]) => text)).toEqual(['etcd://10.0.0.1:2379', 'https://127.0.0.1:4001', 'consul://[::1]:8501', 'zk://127.0.0.1:2181']);
    expect(found({ clusterStore: 'etcd://10.0.0.2:2379' })).toHaveLength(5);
    expect(storeSources({ ...none, processes: [{ pid: 9, argv: ['etcd'] }] }).sources[0]?.address.text).toBe('etcd://127.0.0.1:2379');
  });

  it('is the engine itself, where it was given one', () => {
    expect(parseEngineInfo(fixture('debian-12-docker-20.10/info-cluster-store.json'))).toMatchObject({ clusterStore: 'etcd://192.168.58.1:23790' });
    expect(parseEngineInfo(fixture('debian-12-docker-20.10/info.json'))).not.toHaveProperty('clusterStore');
  });
});

describe('records of real stores', () => {
  it('of etcd v2, which an engine wrote, are told for what they are', () => {
    const names = networkNames(etcd2);
    expect(etcd2.map((record) => describeRecord(record, names).replace(/forgotten in \d+/, 'forgotten in 9'))).toEqual([
      'endpoint c2 of demonet · 10.13.17.2/24 · 02:42:0a:0d:11:02 · on 192.168.58.12',
      'endpoint c1 of demonet · 10.13.17.11/24 · 02:42:0a:0d:11:0b · on 192.168.58.11',
      '2 endpoints of demonet',
      'VXLAN ids · 1 of 16776960 taken',
      'address pools · 10.13.17.0/24',
      'addresses of 10.13.17.0/24 · 5 of 256 taken',
      'network demonet · overlay · 10.13.17.0/24',
      'overlay demonet · 10.13.17.0/24 · VNI 256',
      'engine that advertises itself · forgotten in 9 s unless it does so again',
      'engine that advertises itself · forgotten in 9 s unless it does so again',
    ]);
    expect(describeFolder(['docker', 'network', 'v1.0', 'endpoint', demonet], names)).toBe('demonet');
  });

  it("of etcd v3, with etcdctl in flannel's form, too; bytes that are no text stay bytes", () => {
    expect(etcd3.map((record) => describeRecord(record, new Map()))).toEqual(["flannel's network · 10.5.0.0/16 · vxlan", "flannel's subnet 10.5.34.0/24 · of 192.168.58.11 · vxlan · VNI 1 · 82:4b:b6:2f:54:4e", '']);
    expect(etcd3[2]).toEqual({ key: 'binary/value', base64: 'AP8BYmlu' });
    expect(decodedValue(etcd3[2] ?? { key: '' })).toEqual({ text: '(no text: 6 bytes, in base64)\nAP8BYmlu', json: false });
  });

  it("of a network are its own, its overlay's, its endpoints' and its pools'", () => {
    const found = recordsOfNetwork({ api: 'etcd v2', records: etcd2 }, demonet).map(({ key }) => pathOf(key).slice(3, 5).join('/').replace(demonet, 'ID'));
    expect(found).toEqual(['endpoint/ID', 'endpoint/ID', 'endpoint_count/ID', 'ipam/default', 'network/ID', 'overlay/network']);
    expect(networkOfPath(pathOf(`/elsewhere/docker/network/v1.0/overlay/network/${demonet}/`))).toBe(demonet);
    expect(networkOfPath(pathOf(`/docker/network/v1.0/idm/${demonet}`))).toBeUndefined();
  });

  it('are shown decoded, JSON within JSON too', () => {
    const own = etcd2.find(({ key }) => key.startsWith('/docker/network/v1.0/network/'));
    const { text, json } = decodedValue(own ?? { key: '' });
    expect(json).toBe(true);
    expect(JSON.parse(text)).toMatchObject({ name: 'demonet', ipamV4Config: [{ PreferredPool: '10.13.17.0/24' }], ipamV4Info: [{ IPAMData: { Gateway: '10.13.17.1/24' } }] });
    const stores = { stores: [{ address: 'etcd://a', from: 'docker info', readings: [{ api: 'etcd v2' as const, records: etcd2 }], faults: [{ code: 'time-limit' as const, message: 'Slow.' }] }], faults: [] };
    expect(networkRecordsText(stores, demonet, 'demonet')).toMatch(/^# Slow\.\n\n# etcd:\/\/a \(docker info\), etcd v2: 6 of 10 records\n\n# \/docker\/network\/v1\.0\/endpoint\/[^]*\n\{\n {2}"anonymous": false,/);
    expect(networkRecordsText(stores, '0'.repeat(64), 'other')).toContain('# No record of the network other was found there.');
    expect(storesText(stores, '')).toContain('WHAT IT IS\n');
  });
});

describe('secrets among the records', () => {
  const shown = (key: string, value: string): string | undefined => withoutSecrets({ key, value }).value;

  it('are dropped by the name of their key, of a member of JSON, in JSON as text too, and of a line', () => {
    expect(shown('/app/db_password', 's3cret')).toBe('…');
    expect(withoutSecrets({ key: '/tokens/bob', base64: '/w==', ttlSeconds: 3 })).toEqual({ key: '/tokens/bob', value: '…', ttlSeconds: 3 });
    expect(shown('/coreos.com/network/config', '{"Network":"10.5.0.0/16","Backend":{"Type":"wireguard","PSK":"s3cret"}}')).toBe('{"Network":"10.5.0.0/16","Backend":{"Type":"wireguard","PSK":"…"}}');
    expect(shown('/x', '{"a":"{\\"password\\":[\\"s3cret\\",{\\"b\\":1}],\\"u\\":\\"me\\"}"}')).toBe('{"a":"{\\"password\\":[\\"…\\",{\\"b\\":\\"…\\"}],\\"u\\":\\"me\\"}"}');
    expect(shown('/x', 'user: me\nexport API_KEY=s3cret\n  "secret" : "s3cret"\nurl=http://me:s3/cr@et@host/')).toBe('user: me\nexport API_KEY=…\n  "secret" : …\nurl=http://…@host/');
    expect(shown('/x', 'a\n-----BEGIN EC PRIVATE KEY-----\ns3cret\n-----END EC PRIVATE KEY-----\nb')).toBe('a\n…\nb');
    expect(shown('/x', '{"dsn":"postgres://me:s3cret@db/1"}')).toBe('{"dsn":"postgres://…@db/1"}');
  });

  it("are not looked for in names that the networks' records have as keys, and nothing else is changed", () => {
    for (const [key, value] of [['/docker/nodes/auth.lab:2375', 'auth.lab:2375'], ['/a', '{"b":12345678901234567890}'], ['/passwords/', ''], ['/a', '{"passwordless":true,"token":null,"secret":""}'], ['/a', '[not json'], ['/a', 'see http://a/b']]) {
      expect(shown(key ?? '', value ?? '')).toBe(value);
    }
    for (const record of [...etcd2, ...etcd3]) expect(withoutSecrets(record)).toEqual(record);
  });

  it('cost no more where a value is made to', () => {
    const begun = performance.now();
    for (const text of ['://'.repeat(700_000), '['.repeat(100_000), '-----BEGIN '.repeat(200_000), 'a='.repeat(1_000_000), ' '.repeat(2_000_000)]) shown('/x', text);
    expect(performance.now() - begun).toBeLessThan(5000);
  });
});

describe('what no store would answer', () => {
  it('is none of its answers', () => {
    for (const odd of [undefined, null, 1, 'text', [], {}, { node: 1 }, { kvs: [] }]) expect([readEtcd2(odd), readEtcd3(odd)]).toEqual([undefined, undefined]);
    expect([readConsul({}), readConsul(undefined)]).toEqual([undefined, undefined]);
  });

  it('is counted where the rest can be read', () => {
    expect(readEtcd2({ node: { dir: true, nodes: [null, { key: '/a', value: '1' }, { key: 1 }, { key: '/b', dir: true, nodes: 'x' }] } })).toEqual({ records: [{ key: '/a', value: '1' }], odd: 2, more: false });
    expect(readEtcd3({ header: {}, more: true, kvs: [{ key: 'YQ==', value: 'MQ==' }, { key: '?' }, { key: '/w==' }] })).toEqual({ records: [{ key: '\\xff', value: '' }, { key: 'a', value: '1' }], odd: 1, more: true });
    expect(readConsul([{ Key: 'a/', Value: null }, { Key: 'b', Value: 'e30=' }, 3])).toEqual({ records: [{ key: 'a/' }, { key: 'b', value: '{}' }], odd: 1, more: false });
  });

  it('nests or counts without end, and is cut', () => {
    let node: object = { key: '/x', value: '1' };
    for (let depth = 0; depth < 100_000; depth++) node = { dir: true, nodes: [node] };
    expect(readEtcd2({ node })?.records).toEqual([{ key: '/x', value: '1' }]);
    expect(readConsul(Array.from({ length: maxRecords + 1 }, (_, index) => ({ Key: String(index), Value: null })))).toMatchObject({ more: true });
    expect(pathOf('/a'.repeat(1000))).toHaveLength(32);
    const deep = '['.repeat(50_000) + ']'.repeat(50_000);
    expect(decodedValue({ key: 'k', value: deep })).toEqual({ text: deep, json: false });
  });

  it('has values of any form', () => {
    const at = (key: string, value: string): string => describeRecord({ key: `docker/network/v1.0/${key}`, value }, new Map());
    for (const value of ['', 'x', 'null', '[]', '1', '{}', '{"name":{}}', '{"ep_iface":3,"subnets":{},"sequence":"AA==","Subnets":null,"ipamV4Config":"["}']) {
      for (const key of ['network/a', 'endpoint/a/b', 'endpoint_count/a', 'overlay/network/a', 'overlay', 'idm/vxlan-id', 'ipam/default/config/x', 'ipam/default/data/x/y', 'constructor', '']) expect(typeof at(key, value)).toBe('string');
    }
    // eslint-disable-next-line no-control-regex -- they are what is looked for
    expect(storesText({ stores: [{ address: 'etcd://\u001b[31m', from: '\u202e', readings: [{ api: 'Consul', records: [{ key: '\u001b[2J', value: '\u0007' }] }], faults: [] }], faults: [] }, '')).not.toMatch(/[\u001b\u202e\u0007]/);
  });

  it('is base64 that is none', () => {
    expect([decoded('YQ=='), decoded('YWI'), decoded('a'), decoded('a b='), decoded('')]).toEqual(['a', 'ab', undefined, undefined, '']);
  });
});
