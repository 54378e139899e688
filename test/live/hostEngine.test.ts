import { afterAll, describe, expect, it } from 'vitest';
import { openEngine } from '../../src/host/engineClient';
import { openTransport } from '../../src/host/openTransport';
import type { EngineClient, EngineEvent } from '../../src/host/engine';
import type { Questions } from '../../src/host/transport';
import { currentLab, execOn } from '../lab/client.mjs';
import { answering, noQuestions } from './hostQuestions';

const lab = await currentLab();
const opened: { dispose(): void }[] = [];
afterAll(() => {
  for (const thing of opened) thing.dispose();
});

function engineOf(host: string, questions: Questions = noQuestions): EngineClient {
  const transport = openTransport({ kind: 'ssh', host }, { questions, sshConfigFile: lab.sshConfig });
  const engine = openEngine(transport);
  opened.push(engine, transport);
  return engine;
}

async function docker(host: 'node1' | 'node2', ...args: string[]): Promise<string> {
  return (await execOn(lab, host, ['docker', ...args])).stdout.trim();
}

describe('engine client', () => {
  it.each([
    ['root, by the forwarded socket', 'node1', noQuestions],
    ['sudo, by docker system dial-stdio', 'node1-vagrant', noQuestions],
    ['sudo with a password', 'node1-sudopw', answering({ secrets: [lab.passwords.sudopw] })],
    ['a jump host', 'node2-jump', noQuestions],
  ] as const)('reads what docker says, over %s', async (_how, alias, questions) => {
    const host = alias.startsWith('node1') ? 'node1' : 'node2';
    const { snapshot, errors } = await engineOf(alias, questions).read();
    expect(errors).toEqual([]);
    expect(snapshot).toBeDefined();
    if (!snapshot) return;
    expect(snapshot.kind).toBe('docker');
    expect(snapshot.version).toBe(await docker(host, 'version', '--format', '{{.Server.Version}}'));
    expect(snapshot.name).toBe(host);
    const networks = (await docker(host, 'network', 'ls', '--no-trunc', '--format', '{{.ID}} {{.Name}} {{.Driver}}')).split('\n').sort();
    expect(snapshot.networks.map(({ id, name, driver }) => `${id} ${name} ${driver}`).sort()).toEqual(networks);
    const containers = (await docker(host, 'ps', '-a', '--no-trunc', '--format', '{{.ID}} {{.Names}} {{.State}}')).split('\n').sort();
    expect(snapshot.containers.map(({ id, name, state }) => `${id} ${name} ${state}`).sort()).toEqual(containers);
    expect(snapshot.swarm).toMatchObject({ nodeAddress: lab.hosts[host].address, manager: host === 'node1' });
    expect(snapshot.swarm?.nodes).toHaveLength(host === 'node1' ? 2 : 1);
  });

  it('reads an overlay: VNI, endpoints of this host, peers and tasks of all', async () => {
    const { snapshot } = await engineOf('node1').read();
    const overlay = snapshot?.networks.find(({ name }) => name === 'mynet01');
    expect(overlay).toMatchObject({ driver: 'overlay', scope: 'swarm', internal: true, attachable: true, subnets: [{ subnet: '10.13.17.0/24', gateway: '10.13.17.1' }] });
    expect(overlay?.vnis).toHaveLength(1);
    expect(overlay?.endpoints.find(({ name }) => name === 'docker1n')).toMatchObject({ containerId: lab.containers['docker1n']?.id, ipv4: '10.13.17.7/24', mac: '02:42:0a:0d:11:07' });
    expect(overlay?.peers.map(({ address }) => address).sort()).toEqual([lab.hosts.node1.address, lab.hosts.node2.address]);
    expect(overlay?.tasks.find(({ name }) => name === 'docker2n')).toMatchObject({ ip: '10.13.17.8', hostAddress: lab.hosts.node2.address });
  });

  it('reads the same where it asks only about the networks that changed', async () => {
    const engine = engineOf('node1');
    const { snapshot: before } = await engine.read();
    const name = `netns-since-${String(process.pid)}`;
    const id = await docker('node1', 'network', 'create', name);
    try {
      const { snapshot: since, errors } = await engine.read(undefined, { snapshot: before!, changedNetworks: [id] });
      expect(errors).toEqual([]);
      expect(since?.networks.map((network) => network.name)).toContain(name);
      expect(since?.networks.find((network) => network.id === id)?.subnets).toHaveLength(1);
      const names = (networks = since?.networks): unknown => networks?.map((network) => [network.id, ...network.endpoints.map(({ endpointId }) => endpointId).sort()].join(' ')).sort();
      expect(names()).toEqual(names((await engine.read()).snapshot?.networks));
    } finally {
      await docker('node1', 'network', 'rm', name);
    }
    const { snapshot: after } = await engine.read(undefined, { snapshot: before!, changedNetworks: [id] });
    expect(after?.networks.map((network) => network.id)).not.toContain(id);
  });

  it('keeps command lines and environments out of what it gives', async () => {
    const { snapshot } = await engineOf('node1').read();
    expect(snapshot?.containers.find(({ name }) => name === 'web1')).toBeDefined();
    expect(JSON.stringify(snapshot)).not.toMatch(/"(Command|Env|Cmd|Entrypoint)"/);
  });

  it('inspects one record, and says so when it is gone', async () => {
    const engine = engineOf('node1');
    const id = lab.containers['web1']?.id ?? '';
    expect(await engine.inspect('container', id)).toMatchObject({ Id: id, Name: '/web1' });
    expect(await engine.inspect('network', lab.networks['mynet01'] ?? '')).toMatchObject({ Name: 'mynet01' });
    for (const gone of ['0'.repeat(64), 'no-such-container', '../../info?x=$(id)', '']) {
      await expect(engine.inspect('container', gone)).rejects.toMatchObject({ name: 'EngineError', code: 'vanished' });
    }
  });

  it.each(['node2', 'node2-vagrant'])('tells the engine\'s events as they happen, until it is stopped (%s)', async (alias) => {
    const engine = engineOf(alias);
    const stop = new AbortController();
    const name = `events-${alias}`;
    const seen: EngineEvent[] = [];
    const all = (async () => {
      for await (const event of engine.events(stop.signal)) {
        seen.push(event);
        if (event.action === 'destroy' && event.attributes['name'] === name) break;
      }
    })();
    await engine.read();
    await expect.poll(async () => {
      await docker('node2', 'network', 'create', '--internal', name);
      await docker('node2', 'network', 'rm', name);
      return seen.filter(({ attributes }) => attributes['name'] === name).map(({ action }) => action);
    }, { timeout: 15_000 }).toEqual(expect.arrayContaining(['create', 'destroy']));
    await all;
    stop.abort();
    expect(seen.find(({ attributes }) => attributes['name'] === name)).toMatchObject({ type: 'network', action: 'create' });
  });

  it('ends its events when it is told to, without an error', async () => {
    const engine = engineOf('node2');
    const stop = new AbortController();
    const ended = (async () => {
      const seen = [];
      for await (const event of engine.events(stop.signal)) seen.push(event);
      return 'ended';
    })();
    await engine.read();
    stop.abort();
    expect(await ended.catch((error: unknown) => (error as { code: string }).code)).toMatch(/ended|cancelled/);
  });

  it('says that there is no engine', async () => {
    const { snapshot, errors } = await engineOf('bare').read();
    expect(snapshot).toBeUndefined();
    expect(errors).toEqual([{ place: { kind: 'engine' }, code: 'no-engine', message: expect.stringMatching(/No container engine was found on bare/) as unknown }]);
  });

  it('says what to do for a user who may not speak to it', async () => {
    const { snapshot, errors } = await engineOf('node1-nosudo', answering({})).read();
    expect(snapshot).toBeUndefined();
    expect(errors).toEqual([{ place: { kind: 'engine' }, code: 'no-permission', message: expect.stringMatching(/group "docker", or allow sudo/) as unknown }]);
  });

  it('is quick', async () => {
    const engine = engineOf('node1');
    await engine.read();
    const before = performance.now();
    await engine.read();
    expect(performance.now() - before).toBeLessThan(1000);
  });
});
