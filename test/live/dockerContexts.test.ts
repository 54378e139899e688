import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmod, copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatHostAddress, parseHostAddress } from '../../src/core/model/address';
import { buildTopology } from '../../src/core/topology/buildTopology';
import { readImport } from '../../src/discovery/imports/readImport';
import { scanHost } from '../../src/discovery/scan';
import { openEngine } from '../../src/host/engineClient';
import { openTransport } from '../../src/host/openTransport';
import type { Transport } from '../../src/host/transport';
import { currentLab } from '../lab/client.mjs';
import { askTlsEngine, makeCa, makeCertificate, startTlsEngine, stopTlsEngine, tlsPort } from '../lab/tlsEngine.mjs';
import { cli } from './cliSupport';
import { noQuestions } from './hostQuestions';
import { temporaryFolder } from './hostSshd';
import { failure } from './transportContract';

const lab = await currentLab();
const opened: { dispose(): void }[] = [];
const before = process.env['DOCKER_CONFIG'];
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let engineAddress: string;
const certificate = (name: string) => join(folder.path, 'certs', name);

beforeAll(async () => {
  folder = await temporaryFolder();
  process.env['DOCKER_CONFIG'] = folder.path;
  const certs = join(folder.path, 'certs');
  await makeCa(certs, 'ca');
  await makeCa(certs, 'other-ca');
  await makeCertificate(certs, 'ca', 'server', { address: lab.hosts.node2.address });
  await makeCertificate(certs, 'ca', 'client');
  await makeCertificate(certs, 'ca', 'second');
  await makeCertificate(certs, 'ca', 'expired', { days: -1 });
  await makeCertificate(certs, 'other-ca', 'foreign');
  engineAddress = await startTlsEngine(lab, 'node2', certs);
  await createContext('far', `tcp://${engineAddress}:${String(tlsPort)}`, 'ca', 'client');
}, 90_000);
afterAll(async () => {
  for (const thing of opened) thing.dispose();
  if (before === undefined) delete process.env['DOCKER_CONFIG'];
  else process.env['DOCKER_CONFIG'] = before;
  await stopTlsEngine(lab, 'node2');
  await folder.remove();
});

/** By the docker program itself. */
async function createContext(name: string, host: string, ca?: string, client?: string, more: readonly string[] = []): Promise<void> {
  const parts = [`host=${host}`, ...(ca === undefined ? [] : [`ca=${certificate(`${ca}.pem`)}`]), ...(client === undefined ? [] : [`cert=${certificate(`${client}.pem`)}`, `key=${certificate(`${client}-key.pem`)}`]), ...more];
  await promisify(execFile)('docker', ['context', 'create', name, '--docker', parts.join(',')]);
}

const tlsFile = (context: string, part: string) => join(folder.path, 'contexts', 'tls', createHash('sha256').update(context).digest('hex'), 'docker', `${part}.pem`);

function open(context: string): Transport {
  const transport = openTransport(parseHostAddress(`docker://${context}`), { questions: noQuestions });
  opened.push(transport);
  return transport;
}

describe("an engine behind TLS that a Docker context names", () => {
  it('is imported as a host by its name, without a word of its key', async () => {
    const imported = await readImport({ kind: 'docker-contexts' }, { mayExecute: false, signal: new AbortController().signal });
    expect(imported).toEqual({ hosts: [{ name: 'far', address: { kind: 'docker', context: 'far' }, groups: [] }], faults: [] });
    expect(formatHostAddress({ kind: 'docker', context: 'far' })).toBe('docker://far');
  });

  it('is read: its machine, networks and containers as the docker program on its host says them, no namespaces, and a sentence about that', async () => {
    const log: string[] = [];
    const transport = openTransport(parseHostAddress('docker://far'), { questions: noQuestions, log: { info: (text) => log.push(text), warn: (text) => log.push(text) } });
    opened.push(transport);
    const engine = openEngine(transport);
    opened.push(engine);
    const snapshot = await scanHost(transport, engine, { limitMs: 20_000 });
    const networks = (await askTlsEngine(lab, 'node2', ['network', 'ls', '--format', '{{.Name}}'])).trim().split('\n');
    const [name, kernel, cpus] = (await askTlsEngine(lab, 'node2', ['info', '--format', '{{.Name}} {{.KernelVersion}} {{.NCPU}}'])).trim().split(' ');
    expect(snapshot.engine?.networks.map((network) => network.name).sort()).toEqual(networks.sort());
    expect(snapshot.engine?.containers.map((container) => container.name)).toEqual(['behind-tls']);
    expect(snapshot.host).toMatchObject({ hostname: name, kernel: expect.stringMatching(new RegExp(`^Linux ${String(kernel)} \\S+$`)) as string, cpus: Number(cpus), engineOnly: true });
    expect(snapshot.namespaces).toEqual([]);
    expect(snapshot.errors).toEqual([{ place: { kind: 'host' }, code: 'no-permission', message: expect.stringMatching(/^Only what the engine says is shown: .* over SSH, or allow a helper container for it, to see them\.$/) as string }]);
    expect(transport.way).toBe(`The engine at tcp://${engineAddress}:2376 is asked over TLS. Nothing runs on its machine.`);
    const [host] = buildTopology([{ id: transport.id, label: 'far', snapshot }]).hosts;
    expect(host?.containers.map((container) => [container.name, container.running])).toEqual([['behind-tls', false]]);
    const told = JSON.stringify([snapshot, log, transport.way]);
    for (const file of ['client-key.pem', 'client.pem', 'ca.pem']) {
      for (const line of (await readFile(certificate(file), 'utf8')).split('\n')) if (line.length > 20) expect(told).not.toContain(line);
    }
  });

  it('tells its events', async () => {
    const engine = openEngine(open('far'));
    opened.push(engine);
    const stop = new AbortController();
    const seen: string[] = [];
    for await (const event of engine.events(stop.signal, () => void askTlsEngine(lab, 'node2', ['rename', 'behind-tls', 'behind-tls2']).then(() => askTlsEngine(lab, 'node2', ['rename', 'behind-tls2', 'behind-tls'])))) {
      seen.push(event.action);
      if (seen.length === 2) break;
    }
    stop.abort();
    expect(seen).toEqual(['rename', 'rename']);
  });

  it('is given up while it is being reached', async () => {
    expect((await failure(open('far').connect(AbortSignal.abort()))).code).toBe('cancelled');
  });

  it('refuses what needs a shell, with a sentence', async () => {
    const transport = open('far');
    await transport.connect();
    const message = '"id" on far cannot be run: only the engine is reached there, and no shell. Add the machine itself over SSH, or allow a helper container for it.';
    expect(await failure(transport.run({ argv: ['id'], privilege: 'user' }, { limitMs: 1000 }))).toMatchObject({ name: 'TransportError', code: 'no-permission', message });
    expect(await failure(transport.openTerminal({ argv: ['id'], privilege: 'root' }, { columns: 80, rows: 24 }))).toMatchObject({ code: 'no-permission', message });
    await expect(transport.recorded()).rejects.toMatchObject({ name: 'TransportError' });
  });

  it('is scanned by the command line, which says what is missing', async () => {
    const { stdout, stderr, code } = await cli(['scan', '--host', 'docker://far']);
    expect({ stderr, code }).toEqual({ stderr: expect.stringContaining('Only what the engine says is shown') as string, code: 1 });
    expect(stdout).toContain('engine only');
    expect(stdout).toContain('behind-tls');
  });
});

describe('a context that cannot be used is one sentence', () => {
  const refusal = async (context: string) => {
    const error = await failure(open(context).connect());
    expect(error.name).toBe('TransportError');
    expect(error.message).not.toMatch(/PRIVATE KEY|[\n\r]/);
    return [error.code, error.message];
  };

  it('no such context', async () => {
    expect(await refusal('nowhere')).toEqual(['authentication', `There is no Docker context "nowhere" in ${folder.path}. See "docker context ls", or remove the host.`]);
  });

  it('the wrong CA', async () => {
    await createContext('wrong-ca', `tcp://${engineAddress}:2376`, 'other-ca', 'client');
    expect(await refusal('wrong-ca')).toEqual(['host-key', `The certificate of the engine at tcp://${engineAddress}:2376 is not signed by the context's CA. Somebody else may be answering; if the engine has a new CA, put it into the context as ca.pem.`]);
  });

  it('a certificate of a CA that the engine does not know', async () => {
    await createContext('foreign', `tcp://${engineAddress}:2376`, 'ca', 'foreign');
    expect(await refusal('foreign')).toEqual(['authentication', `The engine at tcp://${engineAddress}:2376 refused the context's certificate. It takes those that its own CA signed: get one from whoever runs it.`]);
  });

  it('no certificate where the engine wants one', async () => {
    await createContext('anonymous', `tcp://${engineAddress}:2376`, 'ca');
    const [code, message] = await refusal('anonymous');
    expect(code).toBe('authentication');
    expect(message).toMatch(/^The engine at tcp:\S+ (wants a client certificate, and the context has none|refused the context's certificate)\./);
  });

  it('an expired certificate', async () => {
    await createContext('expired', `tcp://${engineAddress}:2376`, 'ca', 'expired');
    const [code, message] = await refusal('expired');
    expect(code).toBe('authentication');
    expect(message).toMatch(/^The certificate of the Docker context "expired" has expired \(.* GMT\): \S+\/docker\/cert\.pem\. Get a new one from whoever runs the engine\.$/);
  });

  it('a key that is missing, another one\'s, no key, encrypted, or a folder', async () => {
    await createContext('key', `tcp://${engineAddress}:2376`, 'ca', 'client');
    const key = tlsFile('key', 'key');
    await rm(key);
    expect((await refusal('key'))[1]).toBe(`The Docker context "key" has a certificate without its key: ${key} is missing. Put it there, or make the context anew ("docker context update").`);
    await copyFile(certificate('second-key.pem'), key);
    expect((await refusal('key'))[1]).toBe(`The key of the Docker context "key" does not belong to its certificate: ${key} is another one's. Make the context anew with both of one pair.`);
    await writeFile(key, '-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n');
    expect((await refusal('key'))[1]).toBe(`The Docker context "key" has no private key in ${key}: what is there cannot be read as one.`);
    await promisify(execFile)('openssl', ['pkey', '-in', certificate('client-key.pem'), '-aes256', '-passout', 'pass:x', '-out', key]);
    expect((await refusal('key'))[1]).toBe(`The key of the Docker context "key" is encrypted, which engines' clients cannot use: ${key}. Take the passphrase off ("openssl pkey").`);
    await rm(key);
    await mkdir(key);
    expect((await refusal('key'))[1]).toBe(`The Docker context "key" cannot be used: ${key} cannot be read (EISDIR).`);
  });

  it('a key that the user may not read', async () => {
    await createContext('closed', `tcp://${engineAddress}:2376`, 'ca', 'client');
    const key = tlsFile('closed', 'key');
    await chmod(key, 0o000);
    // Root may read everything, so this process is nobody for the moment; the folders on the way are open to it.
    for (const path of [folder.path, join(folder.path, 'contexts'), join(folder.path, 'contexts', 'meta'), join(folder.path, 'contexts', 'tls'), join(tlsFile('closed', 'key'), '..', '..'), join(tlsFile('closed', 'key'), '..'), join(folder.path, 'contexts', 'meta', createHash('sha256').update('closed').digest('hex'))]) await chmod(path, 0o755);
    for (const part of ['ca', 'cert']) await chmod(tlsFile('closed', part), 0o644);
    const { seteuid } = process;
    if (seteuid === undefined) throw new Error('The test needs a process of its own, which may become another user.');
    seteuid(65534);
    try {
      expect(await refusal('closed')).toEqual(['authentication', `The Docker context "closed" cannot be used: ${key} cannot be read (your user may not read it).`]);
    } finally {
      seteuid(0);
    }
  });

  it('plain HTTP at the TLS port', async () => {
    await createContext('plain', `tcp://${engineAddress}:2376`);
    expect(await refusal('plain')).toEqual(['authentication', `The engine at tcp://${engineAddress}:2376 wants TLS, and the context has none. Make the context with "ca", "cert" and "key".`]);
  });

  it('another name than the certificate is for', async () => {
    await createContext('other-name', `tcp://${lab.rootAddress}:1`, 'ca', 'client');
    await createContext('misnamed', 'tcp://localhost:1', 'ca', 'client');
    expect((await refusal('other-name'))[1]).toBe(`Nothing listens on tcp://${lab.rootAddress}:1. See that the engine runs there, and that it listens on that address ("hosts" in its daemon.json).`);
    await withServer({ key: 'server-key.pem', cert: 'server.pem' }, async (port) => {
      await createContext('misnamed2', `tcp://localhost:${String(port)}`, 'ca', 'client');
      expect(await refusal('misnamed2')).toEqual(['host-key', `The certificate of the engine at tcp://localhost:${String(port)} is for another name. Use the name that it is for in the context, or have it made for this one.`]);
    });
  });

  it("a server's certificate that has expired (a stand-in for the engine: a TLS server with such a one)", async () => {
    await withServer({ key: 'expired-key.pem', cert: 'expired.pem' }, async (port) => {
      await createContext('old-server', `tcp://127.0.0.1:${String(port)}`, 'ca', 'client');
      expect(await refusal('old-server')).toEqual(['host-key', `The certificate of the engine at tcp://127.0.0.1:${String(port)} has expired. Whoever runs it must renew it.`]);
    });
  });

  it('TLS at a port that speaks none, and a port that speaks no HTTP (stand-ins: servers that greet like SSH)', async () => {
    const server = createServer((socket) => socket.on('error', () => undefined).end('SSH-2.0-OpenSSH_9.2\r\n')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const place = `tcp://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
    await createContext('ssh-tls', place, 'ca', 'client');
    await createContext('ssh-plain', place);
    expect(await refusal('ssh-tls')).toEqual(['garbled', `What listens on ${place} speaks no TLS, and the context wants it. If the engine is really without TLS there, take ca, cert and key out of the context.`]);
    expect(await refusal('ssh-plain')).toEqual(['garbled', `What listens on ${place} is no container engine: it does not speak HTTP.`]);
    server.close();
  });

  async function withServer(files: { readonly key: string; readonly cert: string }, work: (port: number) => Promise<void>): Promise<void> {
    const server = createTlsServer({ key: await readFile(certificate(files.key)), cert: await readFile(certificate(files.cert)) }, (socket) => socket.on('error', () => undefined)).listen(0, '127.0.0.1');
    server.on('tlsClientError', () => undefined);
    await once(server, 'listening');
    try {
      await work((server.address() as AddressInfo).port);
    } finally {
      server.close();
    }
  }
});
