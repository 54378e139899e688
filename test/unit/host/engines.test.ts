import { describe, expect, it } from 'vitest';
import type { EngineSnapshot } from '../../../src/core/model/engine';
import type { EngineClient, EngineReading } from '../../../src/host/engine';
import type { EngineApi } from '../../../src/host/engineApi/engineApi';
import { Engines } from '../../../src/host/engines';
import { aContainer, aNetwork, anEngine, anId } from '../topology/builders';

/** Engines that answer from lists: they stand in for real ones, which test/live/podman.test.ts has. */
class StandInEngine implements EngineClient {
  readonly asked: (EngineReading | undefined)[] = [];
  readonly inspected: string[] = [];
  constructor(public snapshot: EngineSnapshot | undefined) {}
  read(_signal?: AbortSignal, since?: EngineReading) {
    this.asked.push(since);
    return Promise.resolve({ snapshot: this.snapshot, errors: [] });
  }
  inspect(_kind: 'network' | 'container', id: string) {
    this.inspected.push(id);
    return Promise.resolve({ Id: id });
  }
  // eslint-disable-next-line @typescript-eslint/require-await
  async *events() {
    yield { type: 'network', action: 'create', id: 'same', attributes: {} };
  }
  dispose(): void {
    return undefined;
  }
}

const podman = (name: string): EngineSnapshot => anEngine([aNetwork('same', { name: 'podman' })], [aContainer(name, { networks: [{ networkId: 'same', networkName: 'podman', endpointId: '' }] })], { kind: 'podman', version: '4.3.1' });

function open(first: EngineSnapshot, others: Readonly<Record<string, EngineSnapshot>>, path = '/var/run/docker.sock') {
  const clients = new Map<string, StandInEngine>([[path, new StandInEngine(first)], ...Object.entries(others).map(([each, snapshot]) => [each, new StandInEngine(snapshot)] as const)]);
  let looks = 0;
  const api = (at: string): EngineApi =>
    ({ at, path: () => Promise.resolve(at), beside: (endpoint: { path: string }) => api(endpoint.path), others: () => (looks++, Promise.resolve([...clients.keys()].filter((each) => each !== path).map((each) => ({ path: each, ways: [] })))) }) as unknown as EngineApi;
  const engines = new Engines(api(path), (each) => clients.get((each as unknown as { at: string }).at) as EngineClient);
  return { engines, clients, looks: () => looks };
}

describe("a user's own Podman beside the system's", () => {
  it('has networks of its own, whatever ids they have, each with its user, and is asked by its own ids', async () => {
    const { engines, clients } = open(anEngine([], []), { '/run/podman/podman.sock': podman('a'), '/run/user/1000/podman/podman.sock': podman('b'), '/run/user/1001/podman/podman.sock': podman('c') });
    const { snapshot } = await engines.read();
    expect(snapshot?.further?.map(({ kind, engineUid }) => [kind, engineUid])).toEqual([['podman', undefined], ['podman', 1000], ['podman', 1001]]);
    expect(snapshot?.networks.map(({ id, engine, engineUid }) => [id, engine, engineUid])).toEqual([['same', 'podman', undefined], ['same@1000', 'podman', 1000], ['same@1001', 'podman', 1001]]);
    expect(snapshot?.containers.map(({ id, networks }) => [id, networks[0]?.networkId])).toEqual([[anId('a'), 'same'], [anId('b'), 'same@1000'], [anId('c'), 'same@1001']]);
    if (!snapshot) return;
    await engines.read(undefined, { snapshot, changedNetworks: ['same@1000'] });
    expect(clients.get('/run/user/1000/podman/podman.sock')?.asked[1]).toMatchObject({ changedNetworks: ['same'], snapshot: { kind: 'podman', networks: [{ id: 'same' }], containers: [{ id: anId('b'), networks: [{ networkId: 'same' }] }] } });
    expect(clients.get('/run/podman/podman.sock')?.asked[1]).toMatchObject({ snapshot: { containers: [{ id: anId('a') }] } });
  });

  it('is the first engine of that user, and the one that is root\'s is told from it', async () => {
    const { engines } = open(podman('b'), { '/run/podman/podman.sock': podman('a'), '/run/user/1000/docker.sock': podman('b') }, '/run/user/1000/podman/podman.sock');
    const { snapshot } = await engines.read();
    expect(snapshot?.networks.map(({ id, engine, engineUid }) => [id, engine, engineUid])).toEqual([['same', undefined, undefined], ['same@0', 'podman', 0]]);
    expect(snapshot?.containers).toHaveLength(2);
  });

  it('is looked for again where a scan has seen other sockets than the last one, and no other time', async () => {
    const { engines, looks } = open(anEngine([], []), {});
    await engines.read();
    expect(engines.told(['/run/docker.sock'])).toBe(false);
    await engines.read();
    expect([engines.told(['/run/docker.sock']), looks()]).toEqual([false, 1]);
    expect(engines.told(['/run/docker.sock', '/run/user/1000/podman/podman.sock'])).toBe(true);
    await engines.read();
    expect(looks()).toBe(2);
    await engines.read();
    expect(looks()).toBe(2);
  });
});
