import { once } from 'node:events';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ReadError } from '../../src/core/model/snapshot';
import { scanHost } from '../../src/discovery/scan';
import { openEngine } from '../../src/host/engineClient';
import type { EngineClient, EngineEvent } from '../../src/host/engine';
import { createLocalTransport } from '../../src/host/localTransport';
import { openTransport } from '../../src/host/openTransport';
import { controlEngine, currentLab, execOn } from '../lab/client.mjs';
import { cli } from './cliSupport';
import { noQuestions } from './hostQuestions';

type Answer = (path: string, response: ServerResponse) => void;

let folder: string;
const before = process.env['DOCKER_HOST'];
const open: { dispose(): void }[] = [];
const servers: Server[] = [];
let sockets = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'netns-explorer-engine-'));
});
afterEach(async () => {
  for (const thing of open.splice(0)) thing.dispose();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
  if (before === undefined) delete process.env['DOCKER_HOST'];
  else process.env['DOCKER_HOST'] = before;
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The engine client on a stand-in engine: a server on a UNIX socket that answers as a test wants. */
async function standIn(answer: Answer, requestLimitMs = 2000): Promise<EngineClient> {
  const path = join(folder, `engine-${String(sockets++)}.sock`);
  const server = createServer((request, response) => answer(new URL(request.url ?? '/', 'http://engine').pathname, response));
  server.listen(path);
  await once(server, 'listening');
  servers.push(server);
  process.env['DOCKER_HOST'] = `unix://${path}`;
  const transport = createLocalTransport({ questions: noQuestions });
  const engine = openEngine(transport, { requestLimitMs });
  open.push(engine, transport);
  return engine;
}

/** As kill -9 does it: the server goes, its socket stays. */
async function killServer(server: Server | undefined): Promise<string> {
  const path = server?.address();
  if (server === undefined || typeof path !== 'string') throw new Error('There is no stand-in.');
  await rename(path, `${path}.kept`);
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
  await rename(`${path}.kept`, path);
  return path;
}

const json = (response: ServerResponse, value: unknown) => response.setHeader('content-type', 'application/json').end(JSON.stringify(value));
const version = { Version: '20.10.24', ApiVersion: '1.41', Components: [{ Name: 'Engine' }] };
const networks = [
  { Id: 'a'.repeat(64), Name: 'one', Driver: 'bridge', Scope: 'local' },
  { Id: 'b'.repeat(64), Name: 'two', Driver: 'overlay', Scope: 'swarm' },
];

/** A healthy answer to everything; `other` may take a path over by returning true. */
const healthy =
  (other: (path: string, response: ServerResponse) => boolean): Answer =>
  (path, response) => {
    if (other(path, response)) return;
    if (path === '/version') json(response, version);
    else if (path === '/info') json(response, { Name: 'stand-in' });
    else if (path === '/networks') json(response, networks);
    else if (path === '/containers/json') json(response, [{ Id: 'c'.repeat(64), Names: ['/web'], Command: 'serve --password secret' }]);
    else {
      const network = networks.find(({ Id }) => path === `/networks/${Id}`);
      if (network) json(response, { ...network, Containers: {} });
      else response.writeHead(404).end('{"message":"page not found"}');
    }
  };

function expectSentences(errors: readonly ReadError[]): void {
  for (const { place, message } of errors) {
    expect(place).toEqual({ kind: 'engine' });
    expect(message).toMatch(/\.$/);
    expect(message).not.toMatch(/\n|undefined|\[object/);
  }
}

describe('a stand-in engine', () => {
  it('that is healthy is read without an error', async () => {
    const engine = await standIn(healthy(() => false));
    const { snapshot, errors } = await engine.read();
    expect(errors).toEqual([]);
    expect(snapshot).toMatchObject({ kind: 'docker', name: 'stand-in', networks: [{ name: 'one' }, { name: 'two' }], containers: [{ name: 'web' }] });
    expect(JSON.stringify(snapshot)).not.toContain('secret');
  });

  it('that dies while it is read gives what was read until then, and one error', async () => {
    const engine = await standIn(
      healthy((path, response) => {
        if (!path.startsWith('/networks/')) return false;
        response.writeHead(200, { 'content-type': 'application/json' });
        response.write('{"Id":');
        setImmediate(() => response.destroy());
        return true;
      }),
    );
    const started = Date.now();
    const { snapshot, errors } = await engine.read();
    expect(snapshot?.networks.map(({ name }) => name)).toEqual(['one', 'two']);
    expect(snapshot?.containers).toHaveLength(1);
    expectSentences(errors);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatchObject({ code: 'engine-failed' });
    expect(errors[0]?.message).toMatch(/^Engine stopped answering/);
    // Not by the time limit: a broken connection is noticed at once.
    expect(Date.now() - started).toBeLessThan(1500);
  });

  it('that lists networks and containers without end is read as far as any host can have them', async () => {
    const many = Array.from({ length: 100_000 }, (_, at) => ({ Id: `a${String(at)}`, Name: 'x', Names: ['/x'] }));
    const engine = await standIn(
      healthy((path, response) => {
        if (path === '/networks' || path === '/containers/json') json(response, many);
        else if (path.startsWith('/networks/')) json(response, { Id: path.slice('/networks/'.length) });
        else return false;
        return true;
      }),
      500,
    );
    const started = Date.now();
    const { snapshot, errors } = await engine.read();
    // Some 5 s; minutes where all of them are asked about.
    expect(Date.now() - started).toBeLessThan(15_000);
    expect(snapshot?.networks.length).toBeLessThan(10_000);
    expect(snapshot?.containers.length).toBeLessThan(20_000);
    expectSentences(errors);
    expect(errors).toEqual(expect.arrayContaining([expect.objectContaining({ code: 'truncated' })]));
  }, 60_000);

  it('that hangs is given up after the time limit, each request for itself', async () => {
    const engine = await standIn(healthy((path) => path === '/containers/json'), 500);
    const started = Date.now();
    const { snapshot, errors } = await engine.read();
    expect(Date.now() - started).toBeLessThan(2500);
    expect(snapshot?.networks).toHaveLength(2);
    expect(snapshot?.containers).toEqual([]);
    expectSentences(errors);
    expect(errors).toMatchObject([{ code: 'time-limit' }]);
    expect(errors[0]?.message).toMatch(/^Engine silent on .*no answer to \/containers\/json within 0\.5 s/);
  });

  it('that hangs for longer than the whole scan may take is an error of it, not an engine that is not there', async () => {
    const engine = await standIn(() => undefined, 10_000);
    const transport = createLocalTransport({ questions: noQuestions });
    open.push(transport);
    const { engine: records, errors } = await scanHost(transport, engine, { limitMs: 4000 });
    expect(records).toBeUndefined();
    expect(errors.filter(({ place }) => place.kind === 'engine')).toMatchObject([{ code: 'time-limit', message: 'No answer from the container engine within 4 s. Check that it runs, then read the host again.' }]);
  });

  it('that hangs at each network is waited for a few times, not once for each', async () => {
    const many = Array.from({ length: 100 }, (_, at) => ({ Id: `a${String(at)}`, Name: `n${String(at)}` }));
    let asked = 0;
    const engine = await standIn(
      healthy((path, response) => {
        if (path === '/networks') json(response, many);
        else if (path.startsWith('/networks/')) asked++;
        else return false;
        return true;
      }),
      300,
    );
    const { snapshot, errors } = await engine.read();
    expect(snapshot?.networks.map(({ name }) => name)).toEqual(many.map(({ Name }) => Name));
    expect(errors).toMatchObject([{ code: 'time-limit' }]);
    expect(asked).toBeLessThan(10);
  });

  it('that hangs at once is told as such', async () => {
    const engine = await standIn(() => undefined, 300);
    const { snapshot, errors } = await engine.read();
    expect(snapshot).toBeUndefined();
    expectSentences(errors);
    expect(errors).toMatchObject([{ code: 'time-limit' }]);
  });

  it.each([
    ['no JSON', (response: ServerResponse) => response.end('<html>'), 'garbled'],
    ['another kind of JSON', (response: ServerResponse) => json(response, { hello: 1 }), 'garbled'],
    ['an error', (response: ServerResponse) => response.writeHead(500).end('{"message":"datastore\\n is \\u001b[31m broken"}'), 'engine-failed'],
    ['a redirect', (response: ServerResponse) => response.writeHead(301, { location: 'http://127.0.0.1:1/elsewhere' }).end(), 'engine-failed'],
  ])('that answers one list with %s is read as far as it goes', async (_what, answer, code) => {
    const engine = await standIn(
      healthy((path, response) => {
        if (path !== '/networks') return false;
        answer(response);
        return true;
      }),
    );
    const { snapshot, errors } = await engine.read();
    expect(snapshot?.networks).toEqual([]);
    expect(snapshot?.containers).toHaveLength(1);
    expectSentences(errors);
    expect(errors).toMatchObject([{ code }]);
  });

  it('that redirects is not followed', async () => {
    let followed = 0;
    const elsewhere = createServer((_request, response) => {
      followed++;
      json(response, networks);
    });
    elsewhere.listen(0, '127.0.0.1');
    await once(elsewhere, 'listening');
    servers.push(elsewhere);
    const { port } = elsewhere.address() as AddressInfo;
    const engine = await standIn(
      healthy((path, response) => {
        if (path !== '/networks') return false;
        response.writeHead(307, { location: `http://127.0.0.1:${String(port)}/networks` }).end();
        return true;
      }),
    );
    await engine.read();
    expect(followed).toBe(0);
  });

  it('that holds records nobody understands shows the others', async () => {
    const engine = await standIn(
      healthy((path, response) => {
        if (path !== '/containers/json') return false;
        json(response, [null, 7, { Names: ['/no-id'] }, { Id: 'd'.repeat(64), Names: 'odd', Labels: [], NetworkSettings: { Networks: null }, Ports: 'x', State: 3 }]);
        return true;
      }),
    );
    const { snapshot, errors } = await engine.read();
    expect(snapshot?.containers).toMatchObject([{ id: 'd'.repeat(64), name: 'd'.repeat(12), networks: [], ports: [], state: '' }]);
    expect(errors).toMatchObject([{ code: 'garbled', message: expect.stringMatching(/^3 of the engine's containers/) as unknown }]);
  });

  it('that is something else is no engine', async () => {
    const engine = await standIn((_path, response) => response.writeHead(200).end('{}'));
    const { snapshot, errors } = await engine.read();
    expect(snapshot).toBeUndefined();
    expect(errors).toMatchObject([{ code: 'no-engine' }]);
  });

  it('cuts its events anywhere, and sends lines that are none', async () => {
    const event = (action: string) => JSON.stringify({ Type: 'container', Action: action, Actor: { ID: 'c1', Attributes: { name: 'wörld ⇄' } } });
    const bytes = Buffer.from(`${event('start')}\n\n{"broken\n${event('exec_start: sh')}\n${event('health_status: healthy')}\n${event('die')}\n`);
    const engine = await standIn((_path, response) => {
      response.writeHead(200).flushHeaders();
      let at = 0;
      const send = () => {
        if (at >= bytes.length) response.end();
        else response.write(bytes.subarray(at, ++at), send);
      };
      send();
    });
    const seen: EngineEvent[] = [];
    for await (const each of engine.events(new AbortController().signal)) seen.push(each);
    expect(seen.map(({ action }) => action)).toEqual(['start', 'die']);
    expect(seen[0]?.attributes['name']).toBe('wörld ⇄');
  });

  it('that dies under its events says so', async () => {
    const engine = await standIn((_path, response) => {
      response.writeHead(200).flushHeaders();
      setTimeout(() => response.destroy(), 50);
    });
    await expect(
      (async () => {
        for await (const each of engine.events(new AbortController().signal)) expect(each).toBeDefined();
      })(),
    ).rejects.toMatchObject({ name: 'EngineError', code: 'engine-failed' });
  });

  it('is not there any more when it is asked again, and is found when it is back', async () => {
    const path = join(folder, `engine-${String(sockets)}.sock`);
    const engine = await standIn(healthy(() => false));
    expect((await engine.read()).errors).toEqual([]);
    const [server] = servers.splice(0);
    server?.closeAllConnections();
    server?.close();
    await once(server!, 'close');
    const gone = await engine.read();
    expect(gone.snapshot).toBeUndefined();
    expectSentences(gone.errors);
    expect(gone.errors).toMatchObject([{ code: 'no-engine' }]);
    const again = createServer((request, response) => healthy(() => false)(new URL(request.url ?? '/', 'http://engine').pathname, response));
    again.listen(path);
    await once(again, 'listening');
    servers.push(again);
    expect((await engine.read()).snapshot?.networks).toHaveLength(2);
  });

  it('that was killed and left its socket is a fault that says so, whether it was spoken to before or not, and is found again when it is back', async () => {
    const engine = await standIn(healthy(() => false));
    expect((await engine.read()).errors).toEqual([]);
    const path = await killServer(servers.pop());
    const transport = createLocalTransport({ questions: noQuestions });
    const another = openEngine(transport);
    open.push(another, transport);
    for (const each of [engine, another, engine]) {
      const { snapshot, errors } = await each.read();
      expect(snapshot).toBeUndefined();
      expectSentences(errors);
      expect(errors).toMatchObject([{ code: 'engine-failed' }]);
      expect(errors[0]?.message).toMatch(/^Nobody answers at the engine's socket \S+engine-\d+\.sock on this machine: the socket is there, .*systemctl status docker/);
    }
    await rm(path);
    const back = createServer((request, response) => healthy(() => false)(new URL(request.url ?? '/', 'http://engine').pathname, response));
    back.listen(path);
    await once(back, 'listening');
    servers.push(back);
    expect((await engine.read()).snapshot?.networks).toHaveLength(2);
  });

  it.each([
    ['is stopped', 'echo inactive; exit 3', 'no-engine', /^Podman's API is switched off: .*systemctl start podman\.socket/],
    ['listens, while nobody answers', 'echo active', 'engine-failed', /systemctl status podman\.socket/],
    ['is of no systemd (this machine has none)', 'exit 1', 'engine-failed', /systemctl status podman\.socket/],
  ] as const)('whose podman.socket %s (a stand-in for systemctl) is told as such', async (_what, systemctl, code, sentence) => {
    const bin = await mkdtemp(join(folder, 'bin-'));
    await mkdir(join(bin, 'podman'));
    await writeFile(join(bin, 'systemctl'), `#!/bin/sh\n${systemctl}\n`, { mode: 0o755 });
    const path = join(bin, 'podman', 'podman.sock');
    const server = createServer();
    server.listen(path);
    await once(server, 'listening');
    await killServer(server);
    process.env['DOCKER_HOST'] = `unix://${path}`;
    const searched = process.env['PATH'];
    process.env['PATH'] = `${bin}:${searched ?? ''}`;
    try {
      const transport = createLocalTransport({ questions: noQuestions });
      const engine = openEngine(transport);
      open.push(engine, transport);
      const { errors } = await engine.read();
      expectSentences(errors);
      expect(errors).toMatchObject([{ code, message: expect.stringMatching(sentence) as unknown }]);
    } finally {
      process.env['PATH'] = searched;
    }
  });

  it('that is well beside one that was killed is read, and the dead one is told', async () => {
    const engine = await standIn(healthy(() => false));
    const dead = await killServer(servers.pop());
    const podman = join(folder, 'podman');
    await mkdir(podman, { recursive: true });
    const server = createServer((request, response) => {
      const { pathname } = new URL(request.url ?? '/', 'http://engine');
      if (pathname === '/version') json(response, { Version: '4.3.1', ApiVersion: '1.41', Components: [{ Name: 'Podman Engine' }] });
      else if (pathname.endsWith('/libpod/containers/json')) json(response, []);
      else healthy(() => false)(pathname, response);
    });
    server.listen(join(podman, 'podman.sock'));
    await once(server, 'listening');
    servers.push(server);
    const runtime = process.env['XDG_RUNTIME_DIR'];
    process.env['XDG_RUNTIME_DIR'] = folder;
    try {
      for (let turn = 0; turn < 2; turn++) {
        const { snapshot, errors } = await engine.read();
        expect(snapshot).toMatchObject({ kind: 'podman', containers: [{ name: 'web' }] });
        expect(errors).toMatchObject([{ code: 'engine-failed', message: expect.stringContaining(dead) as unknown }]);
      }
      const { Id } = networks[0] ?? { Id: '' };
      expect(await engine.inspect('network', Id)).toMatchObject({ Name: 'one' });
    } finally {
      if (runtime === undefined) delete process.env['XDG_RUNTIME_DIR'];
      else process.env['XDG_RUNTIME_DIR'] = runtime;
    }
  });

  it('is read within a second with 300 containers on 10 networks', async () => {
    const many = Array.from({ length: 10 }, (_, index) => ({ Id: String(index).repeat(64), Name: `net${String(index)}`, Driver: 'bridge', Scope: 'local' }));
    const containers = Array.from({ length: 300 }, (_, index) => ({
      Id: index.toString(16).padStart(64, '0'),
      Names: [`/c${String(index)}`],
      NetworkSettings: { Networks: { [`net${String(index % 10)}`]: { NetworkID: String(index % 10).repeat(64), IPAddress: `10.0.${String(index % 10)}.${String(index)}` } } },
    }));
    let requests = 0;
    const engine = await standIn((path, response) => {
      requests++;
      if (path === '/version') json(response, version);
      else if (path === '/info') json(response, { Name: 'stand-in' });
      else if (path === '/networks') json(response, many);
      else if (path === '/containers/json') json(response, containers);
      else json(response, many.find(({ Id }) => path === `/networks/${Id}`));
    });
    await engine.read();
    requests = 0;
    const started = performance.now();
    const { snapshot } = await engine.read();
    expect(performance.now() - started).toBeLessThan(1000);
    expect(snapshot?.containers).toHaveLength(300);
    // No request for each container.
    expect(requests).toBe(14);
  });
});

describe('a real engine', () => {
  it.each(['node2', 'node2-vagrant'])('that is stopped is told as such, and is read again when it is back (%s)', async (host) => {
    const lab = await currentLab();
    const transport = openTransport({ kind: 'ssh', host }, { questions: noQuestions, sshConfigFile: lab.sshConfig });
    const engine = openEngine(transport);
    open.push(engine, transport);
    expect((await engine.read()).errors).toEqual([]);
    const events = (async () => {
      for await (const each of engine.events(new AbortController().signal)) expect(each).toBeDefined();
      return 'ended';
    })().catch((error: unknown) => (error as { code: string }).code);
    await controlEngine(lab, 'node2', 'stop');
    try {
      expect(await events).toMatch(/ended|engine-failed/);
      const { snapshot, errors } = await engine.read();
      expect(snapshot).toBeUndefined();
      expectSentences(errors);
      expect(errors).toMatchObject([{ code: 'no-engine' }]);
    } finally {
      await controlEngine(lab, 'node2', 'start');
    }
    expect((await engine.read()).snapshot?.name).toBe('node2');
    // An engine takes its time to stop and start its containers.
  }, 180_000);

  it('that was killed has left its socket: the rest of the host is printed, with a fault and status 1', async () => {
    const lab = await currentLab();
    await controlEngine(lab, 'node2', 'kill');
    try {
      const output = await cli(['scan', '--host', 'node2', '--ssh-config', lab.sshConfig]);
      expect(output.code).toBe(1);
      expect(output.stderr).toMatch(/^node2, engine: Nobody answers at the engine's socket \S+docker\.sock on node2: .*systemctl status docker.*\n$/);
      expect(output.stdout).toMatch(/^node2 {2}\(.*, engine not read, /);
      expect(output.stdout).toMatch(/^ {4}\d+ +root +root /m);
    } finally {
      await controlEngine(lab, 'node2', 'start');
      await spreadService(lab);
    }
  }, 180_000);
});

/** A swarm gives the tasks of a node that was away to the others and leaves them there; later tests want one on each node, as the lab was made. */
async function spreadService(lab: Awaited<ReturnType<typeof currentLab>>): Promise<void> {
  const nodes = await execOn(lab, 'node1', ['docker', 'service', 'ps', '--filter', 'desired-state=running', '--format', '{{.Node}}', 'svc']);
  if (!nodes.stdout.includes('node2')) await execOn(lab, 'node1', ['docker', 'service', 'update', '--force', '--quiet', 'svc']);
}
