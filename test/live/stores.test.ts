import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { createServer as createTcpServer} from 'node:net';
import { type AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { pathOf } from '../../src/core/facts/storeRecords';
import { parseHostAddress } from '../../src/core/model/address';
import type { HostStores, StoreAnswer } from '../../src/core/model/store';
import { networkRecordsText } from '../../src/core/report/storeText';
import { readStores } from '../../src/discovery/readStores';
import { openEngine } from '../../src/host/engineClient';
import { openTransport } from '../../src/host/openTransport';
import type { StoreOptions } from '../../src/host/store/readStore';
import { currentLab } from '../lab/client.mjs';
import { startStore, stopStore, type LabStore } from '../lab/stores.mjs';
import { cli } from './cliSupport';
import { askOn, atEnd, describeInLab, runOn, theLab } from './commandSupport';
import { noQuestions } from './hostQuestions';
import { makeKey, startSshd, temporaryFolder } from './hostSshd';

async function read(address: string, only: readonly string[], options: StoreOptions = {}): Promise<HostStores> {
  const transport = openTransport(parseHostAddress(address), { questions: noQuestions, sshConfigFile: theLab().sshConfig });
  try {
    return await readStores(transport, { hostLabel: 'node1', clusterStore: undefined, settings: [], only, ...options });
  } finally {
    transport.dispose();
  }
}

/** The one store, of which nothing could be read, and why. */
async function fault(address: string, store: string, options: StoreOptions = {}): Promise<string> {
  const { stores, faults } = await read(address, [store], options);
  expect(faults).toEqual([]);
  expect(stores).toMatchObject([{ readings: [], faults: [{ message: expect.any(String) as string }] }]);
  return stores[0]?.faults[0]?.message ?? '';
}

const node1 = 'ssh://node1';
const keysOf = ({ readings }: StoreAnswer, api: string): readonly string[] => (readings.find((reading) => reading.api === api)?.records ?? []).map(({ key }) => key);
const lines = (text: string): string[] => text.split('\n').map((line) => line.trim()).filter((line) => line !== '');

/** A server on this machine's loopback, until the end of the file. */
async function listening(server: Server | ReturnType<typeof createTcpServer>): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEnd(() => server.close());
  return `127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}
const serving = (listener: RequestListener): Promise<string> => listening(createServer(listener));

describeInLab('key-value stores', () => {
  let store: LabStore;
  let nested = '';

  beforeAll(async () => {
    store = await startStore(await currentLab());
    nested = `nested:${String(store.engine.pid)}.${String(store.engine.startTicks)}@${node1}`;
  });
  afterAll(async () => stopStore(await currentLab()));

  const etcdctl = (version: 2 | 3, ...argv: string[]): string => askOn('node1', 'env', `ETCDCTL_API=${String(version)}`, 'etcdctl', '--endpoints', 'http://127.0.0.1:2379', ...argv);

  it("of a real engine is found by its settings, and holds what etcdctl says, each record told for what it is", async () => {
    const transport = openTransport(parseHostAddress(nested), { questions: noQuestions, sshConfigFile: theLab().sshConfig });
    const engine = openEngine(transport);
    try {
      const { snapshot } = await engine.read();
      expect(snapshot?.clusterStore).toBe(store.address);
      const found = await readStores(transport, { hostLabel: 'kvhost', clusterStore: snapshot?.clusterStore, settings: [] });
      expect(found).toMatchObject({ faults: [], stores: [{ address: store.address, from: 'docker info', faults: [] }] });
      const [own] = found.stores;
      if (own === undefined) throw new Error('none');
      expect(keysOf(own, 'etcd v2')).toEqual(lines(etcdctl(2, 'ls', '--recursive', '-p')).filter((key) => !key.endsWith('/')).toSorted());
      for (const record of own.readings[0]?.records ?? []) if (record.ttlSeconds === undefined) expect(record.value).toBe(etcdctl(2, 'get', record.key));
      const text = networkRecordsText(found, store.network, 'demonet');
      expect(text).toContain('# endpoint kvbox of demonet · 10.13.17.11/24 ·');
      expect(text).toMatch(/^# overlay demonet · 10\.13\.17\.0\/24 · VNI \d+$/m);
      expect(text).toContain('# 1 endpoint of demonet');
    } finally {
      engine.dispose();
      transport.dispose();
    }
  });

  it('of flannel, etcd v3, is read beside version 2 and under a prefix alone, with secrets left out', async () => {
    atEnd(() => runOn('node1', ['env', 'ETCDCTL_API=3', 'etcdctl', 'del', '--prefix', '']));
    etcdctl(3, 'put', '/coreos.com/network/config', '{"Network":"10.5.0.0/16","Backend":{"Type":"wireguard","PSK":"s3cret-psk"}}');
    etcdctl(3, 'put', '/coreos.com/network/subnets/10.5.34.0-24', '{"PublicIP":"192.168.58.11","BackendType":"wireguard"}');
    etcdctl(3, 'put', 'coreos.com/without', 'slash');
    etcdctl(3, 'put', '/coreos.comma', 'no part of it');
    const whole = await read(node1, ['etcd://127.0.0.1:2379']);
    expect(whole).toMatchObject({ faults: [], stores: [{ faults: [], readings: [{ api: 'etcd v2' }, { api: 'etcd v3' }] }] });
    expect(keysOf(whole.stores[0] as StoreAnswer, 'etcd v3')).toEqual(lines(etcdctl(3, 'get', '--prefix', '', '--keys-only')).toSorted());
    const part = await read(node1, ['etcd3://127.0.0.1:2379'], { prefix: 'coreos.com' });
    expect(keysOf(part.stores[0] as StoreAnswer, 'etcd v3').map((key) => pathOf(key).join('/'))).toEqual(['coreos.com/network/config', 'coreos.com/network/subnets/10.5.34.0-24', 'coreos.com/without']);
    expect(JSON.stringify([whole, part])).not.toContain('s3cret');
  });

  it('are printed by the command line, with the value where one key is named', async () => {
    const argv = ['store', '--host', node1, '--ssh-config', theLab().sshConfig, '--url', 'etcd://127.0.0.1:2379'];
    const all = await cli(argv);
    expect(all).toMatchObject({ code: 0, stderr: '' });
    expect(all.stdout).toMatch(/^etcd:\/\/127\.0\.0\.1:2379 \(--url\), etcd v2, \d+ records\n {2}KEY +WHAT IT IS\n/);
    expect(all.stdout).toMatch(/network demonet · overlay · 10\.13\.17\.0\/24/);
    const one = await cli([...argv.slice(0, 1), `/docker/network/v1.0/network/${store.network}`, ...argv.slice(1)]);
    expect(one.stdout).toContain('\n  "name": "demonet",\n');
    const json = JSON.parse((await cli([...argv, '--json'])).stdout) as { stores: { readings: { records: { is?: string }[] }[] }[] }[];
    expect(json[0]?.stores[0]?.readings[0]?.records.map(({ is }) => is)).toContain('network demonet · overlay · 10.13.17.0/24');
    const wrong = await cli([...argv.slice(0, -1), 'zk://127.0.0.1:2181']);
    expect(wrong).toMatchObject({ code: 2, stdout: 'zk://127.0.0.1:2181 (--url)\n  (not read)\n', stderr: expect.stringContaining("ZooKeeper's") as string });
  });

  it('that hang are given up with a sentence, and read again when they answer', async () => {
    const pid = askOn('node1', 'cat', '/tmp/lab-store/etcd.pid');
    askOn('node1', 'kill', '-STOP', pid);
    try {
      expect(await fault(node1, 'etcd://127.0.0.1:2379', { limitMs: 500 })).toBe('etcd at 127.0.0.1:2379, as node1 reaches it, gave no whole answer within 0.5 s. See whether it hangs, and read it again.');
    } finally {
      askOn('node1', 'kill', '-CONT', pid);
    }
    expect((await read(node1, ['etcd://127.0.0.1:2379'])).stores[0]?.faults).toEqual([]);
  });

  it('that ask for a user say so (etcd v3, really locked), with a login that is not taken too, and are read with one that is', async () => {
    for (const argv of [['user', 'add', 'root:s3cret-root'], ['role', 'add', 'root'], ['user', 'grant-role', 'root', 'root'], ['user', 'add', 'poor:s3cret-poor'], ['put', '/locked', '1'], ['auth', 'enable']]) etcdctl(3, ...argv);
    const asks = 'etcd at 127.0.0.1:2379, as node1 reaches it, asks for a user and password';
    const hint = 'Put it before the host in its address in the settings, as etcd3://USER:WORD@HOST:PORT, or let everybody read these keys.';
    try {
      const { stores } = await read(node1, ['etcd://127.0.0.1:2379']);
      expect(stores).toMatchObject([{ readings: [{ api: 'etcd v2' }], faults: [{ code: 'no-permission', message: `${asks} and was given none. ${hint.replace('etcd3', 'etcd')}` }] }]);
      expect(await fault(node1, 'etcd3://127.0.0.1:2379')).toBe(`${asks} and was given none. ${hint}`);
      expect(await fault(node1, 'etcd3://root:wrong@127.0.0.1:2379')).toBe(`${asks} and does not take the one that it was given. ${hint}`);
      expect(await fault(node1, 'etcd3://poor:s3cret-poor@127.0.0.1:2379')).toMatch(/lets this user read nothing here\. Grant its role "read" of the keys/);
      const open = await read(node1, ['etcd3://root:s3cret-root@127.0.0.1:2379']);
      expect(open.stores).toMatchObject([{ faults: [], readings: [{ api: 'etcd v3' }] }]);
      expect(keysOf(open.stores[0] as StoreAnswer, 'etcd v3')).toContain('/locked');
      expect(JSON.stringify(open)).not.toContain('s3cret');
    } finally {
      etcdctl(3, '--user', 'root:s3cret-root', 'auth', 'disable');
      etcdctl(3, 'user', 'delete', 'poor');
    }
    // A login that nobody asks for is no fault.
    expect((await read(node1, ['etcd3://root:s3cret-root@127.0.0.1:2379'])).stores).toMatchObject([{ faults: [], readings: [{ api: 'etcd v3' }] }]);
  });

  it('that ask for a user in version 2 (really locked) say so, and are read with one', async () => {
    etcdctl(2, 'user', 'add', 'root:s3cret-root');
    etcdctl(2, 'auth', 'enable');
    const as = ['--username', 'root:s3cret-root'];
    try {
      etcdctl(2, ...as, 'role', 'revoke', 'guest', '--path', '/*', '--readwrite');
      expect((await read(node1, ['etcd://127.0.0.1:2379'])).stores[0]?.faults.map(({ message }) => message)).toEqual(['etcd at 127.0.0.1:2379, as node1 reaches it, asks for a user and password and was given none. Put it before the host in its address in the settings, as etcd://USER:WORD@HOST:PORT, or let everybody read these keys.']);
      const { stores } = await read(node1, ['etcd://root:s3cret-root@127.0.0.1:2379']);
      expect(stores).toMatchObject([{ faults: [], readings: [{ api: 'etcd v2' }, {}] }]);
      expect(JSON.stringify(stores)).not.toContain('s3cret');
    } finally {
      etcdctl(2, ...as, 'role', 'grant', 'guest', '--path', '/*', '--readwrite');
      etcdctl(2, ...as, 'auth', 'disable');
    }
  });

  it('that speak TLS alone (a second real etcd), are no stores (SSH, the engine), or are not there, are one sentence each', async () => {
    // Before other tests look for what listens there.
    onTestFinished(() => void runOn('node1', ['sh', '-c', 'kill -KILL "$(cat /tmp/lab-tls/pid)"; rm -rf /tmp/lab-tls']));
    askOn('node1', 'sh', '-c', `mkdir -p /tmp/lab-tls && cd /tmp/lab-tls && { setsid etcd --auto-tls --name tls --data-dir data --listen-client-urls https://127.0.0.1:2399 --advertise-client-urls https://127.0.0.1:2399 --listen-peer-urls http://127.0.0.1:2398 >log 2>&1 </dev/null & echo $! >pid; }
      left=200; until etcdctl --endpoints https://127.0.0.1:2399 --insecure-skip-tls-verify --insecure-transport=false endpoint health >/dev/null 2>&1; do left=$((left - 1)); [ $left -gt 0 ] || exit 1; sleep 0.1; done`);
    const encrypted = 'is encrypted (TLS) and is not read: the keys and certificates for it are its users\' own. Ask it there with its own client.';
    expect(await fault(node1, 'etcd://127.0.0.1:2399')).toBe(`etcd at 127.0.0.1:2399, as node1 reaches it, ${encrypted}`);
    expect(await fault(node1, 'https://127.0.0.1:2399')).toBe(`The store at https://127.0.0.1:2399 ${encrypted}`);
    expect(await fault(node1, 'etcd://127.0.0.1:22')).toBe("etcd at 127.0.0.1:22, as node1 reaches it, answered with something that is no HTTP. Check the address: the port may be another service's.");
    expect(await fault(node1, 'etcd://127.0.0.1:1')).toMatch(/^etcd at 127\.0\.0\.1:1, as node1 reaches it, could not be asked: 127\.0\.0\.1:1 from \S*node1\S* cannot be reached: .*\.$/);
    expect(await fault(nested, 'etcd://10.99.7.1:1')).toMatch(/^etcd at 10\.99\.7\.1:1, as node1 reaches it, could not be asked: 10\.99\.7\.1:1 from node1 cannot be reached: .*[Rr]efused\.$/);
    expect(await fault(node1, 'consul://127.0.0.1:2379')).toMatch(/^Consul at 127\.0\.0\.1:2379, as node1 reaches it, (refused|answered)/);
  });

  it('that listen on a host are found by their process, its command line or its environment, and once with an address of the host that is given', async () => {
    const found = async (settings: readonly string[]): Promise<readonly string[]> => {
      const transport = openTransport(parseHostAddress(node1), { questions: noQuestions, sshConfigFile: theLab().sshConfig });
      try {
        const { stores, faults } = await readStores(transport, { hostLabel: 'node1', clusterStore: undefined, settings, own: ['10.99.7.1'] });
        expect(faults).toEqual([]);
        return stores.map(({ address, from, readings }) => `${address} ${from.replace(/\d+/, 'N')} ${String(readings.length > 0)}`);
      } finally {
        transport.dispose();
      }
    };
    expect(await found([])).toEqual(['etcd://127.0.0.1:2379 etcd, process N true']);
    expect(await found(['etcd://10.99.7.1:2379'])).toEqual(['etcd://10.99.7.1:2379 the setting netnsExplorer.keyValueStores true']);
    // As Debian's service is configured: by variables.
    onTestFinished(() => void runOn('node1', ['sh', '-c', 'kill -KILL "$(cat /tmp/lab-env/pid)"; rm -rf /tmp/lab-env']));
    askOn('node1', 'sh', '-c', `mkdir -p /tmp/lab-env && cd /tmp/lab-env && { ETCD_LISTEN_CLIENT_URLS=http://127.0.0.1:2389 ETCD_ADVERTISE_CLIENT_URLS=http://127.0.0.1:2389 setsid etcd --name env --data-dir data --listen-peer-urls http://127.0.0.1:2388 >log 2>&1 </dev/null & echo $! >pid; }
      left=200; until ETCDCTL_API=3 etcdctl --endpoints http://127.0.0.1:2389 endpoint health >/dev/null 2>&1; do left=$((left - 1)); [ $left -gt 0 ] || exit 1; sleep 0.1; done`);
    expect((await found([])).toSorted()).toEqual(['etcd://127.0.0.1:2379 etcd, process N true', 'etcd://127.0.0.1:2389 etcd, process N true']);
  });

  it('of ZooKeeper are said to be not read, and others of the host still are', async () => {
    const { stores } = await read(node1, ['zk://127.0.0.1:2181,10.0.0.1/docker', 'etcd://127.0.0.1:2379', 'bolt://x']);
    expect(stores.map(({ address, readings, faults }) => [address, readings.length > 0, faults.map(({ message }) => message)])).toEqual([
      ['zk://127.0.0.1:2181,10.0.0.1/docker', false, ["The store at zk://127.0.0.1:2181,10.0.0.1/docker is ZooKeeper's, which speaks a protocol of its own, and is not read. Ask it there with zkCli.sh."]],
      ['etcd://127.0.0.1:2379', true, []],
    ]);
  });

  it('are reached where the SSH server passes on no connections, by a program there', async () => {
    const folder = await temporaryFolder();
    const key = await makeKey(`${folder.path}/key`);
    const sshd = await startSshd(folder.path, [key], ['AllowTcpForwarding no']);
    try {
      const server = await serving((request, response) => response.end(request.url?.startsWith('/v2/') === true ? '{"node":{"dir":true,"nodes":[{"key":"/a","value":"1"}]}}' : '{"header":{}}'));
      for (const client of ['builtin', 'openssh'] as const) {
        await writeFile(`${folder.path}/known_hosts`, `[127.0.0.1]:${String(sshd.port)} ${sshd.hostKey}\n`);
        await writeFile(`${folder.path}/config`, `Host closed\n  HostName 127.0.0.1\n  Port ${String(sshd.port)}\n  User root\n  IdentityFile ${folder.path}/key\n  IdentitiesOnly yes\n  UserKnownHostsFile ${folder.path}/known_hosts\n`);
        const transport = openTransport(parseHostAddress('ssh://closed'), { questions: noQuestions, sshConfigFile: `${folder.path}/config`, client });
        try {
          const found = await readStores(transport, { hostLabel: 'closed', clusterStore: undefined, settings: [], only: [`etcd://${server}`, 'etcd://127.0.0.1:1'] });
          expect(found.stores[0], client).toMatchObject({ faults: [], readings: [{ api: 'etcd v2', records: [{ key: '/a', value: '1' }] }] });
          expect(found.stores[1]?.faults[0]?.message, client).toMatch(/cannot be reached: .*[Rr]efused/);
        } finally {
          transport.dispose();
        }
      }
    } finally {
      await sshd.stop();
      await folder.remove();
    }
  });
});

describeInLab('Consul, by a stand-in that serves its HTTP interface (Debian has no Consul)', () => {
  const network = 'a'.repeat(64);
  const entry = (key: string, value: string): object => ({ LockIndex: 0, Key: key, Flags: 0, Value: Buffer.from(value).toString('base64'), CreateIndex: 1, ModifyIndex: 1 });
  const entries = [entry(`docker/network/v1.0/network/${network}/`, `{"id":"${network}","name":"demonet","networkType":"overlay"}`), entry('docker/nodes/10.0.0.1:2375', '10.0.0.1:2375'), { ...entry('docker/', ''), Value: null }];
  const answer = (status: number, body: string, headers: Record<string, string> = {}): RequestListener => (_, response) => response.writeHead(status, headers).end(body);

  it('is read as its API says, under a prefix too', async () => {
    const asked: (string | undefined)[] = [];
    const server = await serving((request, response) => {
      asked.push(request.url);
      answer(200, JSON.stringify(entries))(request, response);
    });
    const { stores } = await read('local', [`consul://${server}`, `consul://${server}/docker`]);
    expect(asked).toEqual(['/v1/kv/?recurse=true', '/v1/kv/docker?recurse=true']);
    expect(stores[0]).toMatchObject({ faults: [], readings: [{ api: 'Consul', records: [{ key: 'docker/' }, { key: `docker/network/v1.0/network/${network}/` }, { key: 'docker/nodes/10.0.0.1:2375', value: '10.0.0.1:2375' }] }] });
    expect(networkRecordsText({ stores, faults: [] }, network, 'demonet')).toContain('# network demonet · overlay');
  });

  it('behind an ACL is one sentence, with a token that is not taken too, and the token in none', async () => {
    const tokens: (string | string[] | undefined)[] = [];
    const server = await serving((request, response) => {
      tokens.push(request.headers['x-consul-token']);
      answer(403, 'Permission denied: token with AccessorID \'00000000-0000-0000-0000-000000000002\' lacks permission \'key:read\' on "docker"')(request, response);
    });
    expect(await fault('local', `consul://${server}`)).toBe(`Consul at ${server}, as node1 reaches it, asks for an ACL token that may read keys and was given none. Put it before the host in its address in the settings, as consul://USER:WORD@HOST:PORT, or let everybody read these keys.`);
    const given = await fault('local', `consul://:s3cret-token@${server}`);
    expect(given).toContain('and does not take the one that it was given.');
    expect(given).not.toContain('s3cret');
    expect(tokens).toEqual([undefined, 's3cret-token']);
  });

  it('whose ACL keeps records back says so, and the rest is shown', async () => {
    const server = await serving(answer(200, JSON.stringify(entries.slice(0, 1)), { 'X-Consul-Results-Filtered-By-ACLs': 'true' }));
    const { stores } = await read('local', [`consul://${server}`]);
    expect(stores).toMatchObject([{ readings: [{ records: [{ key: `docker/network/v1.0/network/${network}/` }] }], faults: [{ code: 'no-permission', message: expect.stringContaining('keeps records back') as string }] }]);
  });

  it('that answers with garbage, too much, half of it, or an error is one sentence', async () => {
    const told = async (listener: RequestListener, options?: StoreOptions): Promise<string> => (await fault('local', `consul://${await serving(listener)}`, options)).replace(/127\.0\.0\.1:\d+/, 'HERE');
    expect(await told(answer(200, '<html>hello'))).toBe("Consul at HERE, as node1 reaches it, answered /v1/kv/ with something that is none of its records. Check the address: the port may be another service's.");
    expect(await told(answer(500, 'No cluster leader\u001b[31m'))).toBe('Consul at HERE, as node1 reaches it, refused /v1/kv/ with status 500 (No cluster leader [31m). See its own log.');
    expect(await told((_, response) => response.writeHead(200, { 'content-length': '100' }).write('[', () => response.destroy()))).toMatch(/^Consul at HERE, as node1 reaches it, closed the connection before it had answered \(.+\)\. See whether it is running there, and read it again\.$/);
    expect(await told((_, response) => void response.writeHead(200).write('['), { limitMs: 300 })).toContain('gave no whole answer within 0.3 s.');
    const large = JSON.stringify([entry('x', 'x'.repeat(2 ** 20))]);
    expect(await told(answer(200, large), { maxBytes: 2 ** 20 })).toBe('Consul at HERE, as node1 reaches it, answered with more than 1 MiB. Name a prefix after its address: what is under docker and coreos.com alone is too much, too.');
    const server = await serving((request, response) => answer(200, request.url === '/v1/kv/?recurse=true' ? large : JSON.stringify(request.url?.startsWith('/v1/kv/docker') === true ? entries : []))(request, response));
    const { stores } = await read('local', [`consul://${server}`], { maxBytes: 2 ** 20 });
    expect(stores).toMatchObject([{ readings: [{ records: [{}, {}, {}] }], faults: [{ code: 'truncated', message: expect.stringContaining('Only what is under docker and coreos.com was read') as string }] }]);
  });
});
