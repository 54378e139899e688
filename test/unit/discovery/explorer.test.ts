import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createExplorer, type ExplorerLimits } from '../../../src/discovery/createExplorer';
import type { Explorer, ExplorerChange } from '../../../src/discovery/explorer';
import { EngineError } from '../../../src/host/engine';
import { createFileTransport } from '../../../src/host/fileTransport';
import { TransportError } from '../../../src/host/transport';
import { aContainer, aNamespace, aNetwork, anEngine, aSnapshot } from '../topology/builders';
import { StandInEngine, StandInTransport } from './standIns';

const nextStatus = (explorer: Explorer, state: string): Promise<void> =>
  new Promise((resolve) => {
    const look = (): void => {
      if (explorer.hosts[0]?.state !== state) return;
      stop();
      resolve();
    };
    const stop = explorer.onDidChange(look);
    look();
  });

interface Rig {
  readonly explorer: Explorer;
  readonly transports: StandInTransport[];
  readonly engine: StandInEngine;
  readonly changes: ExplorerChange[];
  readonly log: string[];
}

const rigs: Rig[] = [];

afterEach(() => {
  for (const { explorer } of rigs.splice(0)) explorer.dispose();
});

function rig(limits: ExplorerLimits = {}, engines: ReadonlyMap<string, StandInEngine> = new Map()): Rig {
  const transports: StandInTransport[] = [];
  const engine = new StandInEngine();
  const log: string[] = [];
  const write = (message: string): void => void log.push(message);
  const explorer = createExplorer({
    openTransport: (address) => {
      const transport = new StandInTransport(address);
      transport.namespaces = [{ inode: 10, path: '/run/netns/ten', link: 'a' }];
      transports.push(transport);
      return transport;
    },
    openEngine: ({ id }) => Promise.resolve(engines.get(id) ?? engine),
    log: { info: write, warn: write, error: write },
    limits: { burstMs: 5, retryMs: [1], ...limits },
  });
  const changes: ExplorerChange[] = [];
  explorer.onDidChange((change) => changes.push(change));
  const made = { explorer, transports, engine, changes, log };
  rigs.push(made);
  return made;
}

/** Resolves at the next change of the model. */
const nextTopology = (explorer: Explorer): Promise<void> =>
  new Promise((resolve) => {
    const stop = explorer.onDidChange(({ kind }) => {
      if (kind !== 'topology') return;
      stop();
      resolve();
    });
  });

/** Watches the one host, and forgets the scans that beginning to do so takes. */
async function watching({ explorer, transports, engine }: Rig): Promise<void> {
  explorer.watch();
  await explorer.refresh();
  // One more scan follows the moment from which on events are told.
  await nextTopology(explorer);
  await engine.listened();
  transports[0]!.scans = 0;
}

function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}

const box = { kind: 'ssh', host: 'box' } as const;

describe('hosts (all of them stand-ins)', () => {
  it('are added without being connected to, and only once', () => {
    const { explorer, transports, changes } = rig();
    expect([explorer.add({ kind: 'local' }), explorer.add(box, { label: 'Box' }), explorer.add(box)]).toEqual(['local', 'ssh://box', 'ssh://box']);
    expect(explorer.hosts.map(({ id, label, state }) => [id, label, state])).toEqual([['local', 'this machine', 'new'], ['ssh://box', 'Box', 'new']]);
    expect(transports).toHaveLength(2);
    expect(changes).toEqual([{ kind: 'hosts', hostIds: ['local'] }, { kind: 'hosts', hostIds: ['ssh://box'] }]);
    expect(explorer.topology.hosts).toEqual([]);
  });

  it('once read are in the model, by their names', async () => {
    const { explorer, changes } = rig();
    explorer.add(box);
    await explorer.refresh();
    expect(explorer.topology.hosts.map(({ id, label, sandboxes }) => [id, label, sandboxes.map(({ title }) => title)])).toEqual([['ssh://box', 'stand-in', ['root', 'ten']]]);
    expect(explorer.hosts[0]).toMatchObject({ state: 'ready', label: 'stand-in' });
    expect(explorer.snapshot('ssh://box')?.engine?.version).toBe('20.10');
    expect(changes.map(({ kind }) => kind)).toEqual(['hosts', 'status', 'status', 'topology', 'status']);
  });

  it('that are removed are gone, with their connection', async () => {
    const { explorer, transports, engine } = rig();
    explorer.add(box);
    await explorer.refresh();
    explorer.remove('ssh://box');
    expect(explorer.topology.hosts).toEqual([]);
    expect(transports[0]?.disposed).toBe(true);
    await new Promise((resolve) => setImmediate(resolve));
    expect(engine.disposed).toBe(true);
    await expect(explorer.refresh('ssh://box')).rejects.toThrow('no host');
    expect(() => explorer.transport('ssh://box')).toThrow('no host');
  });

  it('a listener that fails does not keep others from hearing', () => {
    const { explorer, log, changes } = rig();
    explorer.onDidChange(() => {
      throw new Error('mine');
    });
    explorer.add(box);
    expect(changes).toHaveLength(1);
    expect(log).toEqual(['A listener of the explorer failed.']);
  });
});

describe('refreshing', () => {
  it('shares one scan between calls that overlap', async () => {
    const { explorer, transports } = rig();
    explorer.add(box);
    await Promise.all([explorer.refresh(), explorer.refresh('ssh://box'), explorer.refresh()]);
    expect(transports[0]).toMatchObject({ scans: 1, atOnce: 1 });
    await explorer.refresh();
    expect(transports[0]?.scans).toBe(2);
  });

  it('keeps the last good snapshot where the host fails, and says why', async () => {
    const { explorer, transports } = rig();
    explorer.add(box);
    await explorer.refresh();
    transports[0]!.failure = new TransportError('unreachable', 'box does not answer. Check the network.');
    await explorer.refresh();
    expect(explorer.hosts[0]).toMatchObject({ state: 'failed', error: { place: { kind: 'host' }, code: 'unreachable', message: 'box does not answer. Check the network.' } });
    expect(explorer.topology.hosts[0]?.sandboxes).toHaveLength(2);
    transports[0]!.failure = undefined;
    await explorer.refresh();
    expect(explorer.hosts[0]).toMatchObject({ state: 'ready' });
    expect(explorer.hosts[0]).not.toHaveProperty('error');
  });

  it('of one that hangs is not waited for by the others', async () => {
    const { explorer, transports } = rig();
    explorer.add({ kind: 'local' });
    explorer.add(box);
    const { opened, open } = gate();
    transports[0]!.gate = opened;
    const both = explorer.refresh();
    await explorer.refresh('ssh://box');
    expect(explorer.hosts.map(({ state }) => state)).toEqual(['scanning', 'ready']);
    open();
    await both;
  });

  it('ends where everybody who waits has given up, and not before', async () => {
    const { explorer, transports } = rig();
    explorer.add(box);
    transports[0]!.gate = gate().opened;
    const [first, second] = [new AbortController(), new AbortController()];
    const waits = [explorer.refresh('ssh://box', first.signal), explorer.refresh('ssh://box', second.signal)];
    const outcome = Promise.allSettled(waits);
    await transports[0]!.nextScan();
    first.abort();
    await expect(waits[0]).rejects.toThrow(/abort/i);
    expect(transports[0]?.running).toBe(1);
    second.abort();
    await outcome;
    await new Promise((resolve) => setImmediate(resolve));
    expect(transports[0]?.running).toBe(0);
    expect(explorer.hosts[0]).toMatchObject({ state: 'new' });
  });

  it("tells an engine's fault at the engine, and shows the rest", async () => {
    const { explorer, engine } = rig();
    explorer.add(box);
    engine.failure = new EngineError('no-engine', 'There is no engine here.');
    await explorer.refresh();
    expect(explorer.hosts[0]?.state).toBe('ready');
    expect(explorer.topology.hosts[0]).toMatchObject({ errors: [{ place: { kind: 'engine' }, code: 'no-engine' }], sandboxes: [{ role: 'root' }, { title: 'ten' }] });
  });

  it('says first what matters where a fault is told: rows are narrow', async () => {
    class SilentEngine extends StandInEngine {
      override read(signal?: AbortSignal): ReturnType<StandInEngine['read']> {
        return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new Error('stopped'))));
      }
    }
    const { explorer, transports } = rig({ scanMs: 20 }, new Map([['ssh://box', new SilentEngine()]]));
    explorer.add(box);
    await explorer.refresh();
    expect(explorer.topology.hosts[0]?.errors).toEqual([{ place: { kind: 'engine' }, code: 'time-limit', message: 'No answer from the container engine within 0.02 s. Check that it runs, then read the host again.' }]);
    transports[0]!.run = () => Promise.resolve({ stdout: 'Welcome!', stderr: '', code: 0 });
    await explorer.refresh();
    expect(explorer.hosts[0]?.error).toMatchObject({ code: 'garbled', message: expect.stringMatching(/^Unusable answer: the host printed something else than the scan asked for\. Check that/) as unknown });
  });

  it('is told when a connection is lost meanwhile', async () => {
    const { explorer, transports } = rig();
    explorer.add(box);
    await explorer.refresh();
    transports[0]!.close(new TransportError('unreachable', 'The connection to box was lost.'));
    expect(explorer.hosts[0]).toMatchObject({ state: 'failed', error: { code: 'unreachable' } });
    expect(explorer.topology.hosts).toHaveLength(1);
  });
});

describe('refreshing some namespaces of a stand-in host', () => {
  const three = [
    { inode: 10, path: '/run/netns/ten', link: 'a' },
    { inode: 11, path: '/run/netns/eleven', link: 'b' },
    { inode: 12, path: '/run/netns/twelve', link: 'c' },
  ];
  /** Read once; meanwhile everything there has changed. */
  const changed = async (made: Rig): Promise<StandInTransport> => {
    made.explorer.add(box);
    const transport = made.transports[0]!;
    transport.namespaces = three;
    await made.explorer.refresh();
    transport.namespaces = three.map((one) => ({ ...one, link: `${one.link}2` })).concat({ inode: 13, path: '/run/netns/new', link: 'd2' });
    transport.scans = 0;
    made.engine.reads = 0;
    return transport;
  };
  const keys = (...all: string[]): unknown => expect.toSatisfy((kept: readonly string[]) => [...kept].sort().join() === all.join());
  const links = (explorer: Explorer) => explorer.snapshot('ssh://box')!.namespaces.slice(1).map(({ links: [first] }) => first?.name);

  it('reads those, what is new, and the whole engine, and keeps the rest', async () => {
    const made = rig();
    const transport = await changed(made);
    await made.explorer.refreshSandboxes('ssh://box', ['4:11']);
    expect(links(made.explorer)).toEqual(['a', 'b2', 'c', 'd2']);
    expect(transport).toMatchObject({ scans: 1, kept: keys('4:1', '4:10', '4:12') });
    expect([made.engine.reads, made.engine.since]).toEqual([1, undefined]);
    // What was asked for is asked once.
    await made.explorer.refreshSandboxes('ssh://box', []);
    expect(transport.kept).toEqual(keys('4:1', '4:10', '4:11', '4:12', '4:13'));
  });

  it('shares a scan that reads them, and makes one more for all that it leaves out', async () => {
    const made = rig();
    const transport = await changed(made);
    const { opened, open } = gate();
    transport.gate = opened;
    const first = made.explorer.refreshSandboxes('ssh://box', ['4:10', '4:11']);
    await transport.nextScan();
    const others = [['4:10'], ['4:11', '4:12'], ['4:12']].map((keys) => made.explorer.refreshSandboxes('ssh://box', keys));
    open();
    await Promise.all([first, ...others]);
    expect(links(made.explorer)).toEqual(['a2', 'b2', 'c2', 'd2']);
    expect(transport).toMatchObject({ scans: 2, atOnce: 1, kept: keys('4:1', '4:10', '4:13') });
  });

  it('is part of a scan of everything that runs, and asked for during a scan for events follows it', async () => {
    const made = rig();
    const transport = await changed(made);
    await Promise.all([made.explorer.refresh(), made.explorer.refreshSandboxes('ssh://box', ['4:10'])]);
    expect(transport).toMatchObject({ scans: 1, kept: [] });
    await watching(made);
    const { opened, open } = gate();
    transport.gate = opened;
    made.engine.say({ type: 'network', action: 'connect', id: 'n1', attributes: {} });
    await transport.nextScan();
    const asked = made.explorer.refreshSandboxes('ssh://box', ['4:12']);
    open();
    await asked;
    expect(transport.scans).toBe(2);
    expect(transport.kept).not.toContain('4:12');
    expect(transport.kept).toContain('4:11');
    expect(made.engine.since).toBeUndefined();
  });

  it('reads everything where the host was not read, or not reached the last time', async () => {
    const { explorer, transports } = rig();
    explorer.add(box);
    await explorer.refreshSandboxes('ssh://box', ['4:10']);
    expect(transports[0]).toMatchObject({ scans: 1, kept: [] });
    transports[0]!.failure = new TransportError('unreachable', 'box does not answer.');
    await explorer.refreshSandboxes('ssh://box', ['4:10']);
    expect(explorer.hosts[0]).toMatchObject({ state: 'failed', error: { message: 'box does not answer.' } });
    transports[0]!.failure = undefined;
    await explorer.refreshSandboxes('ssh://box', []);
    expect(explorer.hosts[0]?.state).toBe('ready');
    expect(transports[0]?.kept).toEqual([]);
    await expect(explorer.refreshSandboxes('ssh://other', [])).rejects.toThrow('no host');
  });

  it('ends with its signal', async () => {
    const made = rig();
    const transport = await changed(made);
    transport.gate = gate().opened;
    const stop = new AbortController();
    const ended = made.explorer.refreshSandboxes('ssh://box', ['4:10'], stop.signal);
    await transport.nextScan();
    const back = nextStatus(made.explorer, 'ready');
    stop.abort();
    await expect(ended).rejects.toThrow('abort');
    await back;
    expect(transport.running).toBe(0);
    expect(links(made.explorer)).toEqual(['a', 'b', 'c']);
  });
});

describe('a recorded host', () => {
  it('is read from its file, and has no engine', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'netns-explorer-test-'));
    try {
      const path = join(folder, 'node.json');
      writeFileSync(path, JSON.stringify(aSnapshot([aNamespace(1), aNamespace(2, { paths: ['/run/netns/two'] })], anEngine([], []), { hostId: 'ssh://node' })));
      const explorer = createExplorer({
        openTransport: (address) => createFileTransport(address as { kind: 'file'; path: string }),
        openEngine: () => Promise.reject(new Error('not for a recording')),
        log: { info: () => undefined, warn: () => undefined, error: () => undefined },
      });
      const id = explorer.add({ kind: 'file', path });
      explorer.watch();
      await explorer.refresh();
      expect(explorer.hosts[0]).toMatchObject({ id: `file:${path}`, label: 'node', state: 'ready' });
      expect(explorer.topology.hosts[0]?.sandboxes.map(({ title }) => title)).toEqual(['root', 'two']);
      await expect(explorer.engine(id)).rejects.toThrow('recording');
      explorer.add({ kind: 'file', path: join(folder, 'missing.json') });
      await explorer.refresh();
      expect(explorer.hosts.map(({ label, state }) => [label, state])).toEqual([['node', 'ready'], ['missing.json', 'failed']]);
      explorer.dispose();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('watching', () => {
  it('makes one scan of a burst of events, and none of what changes nothing', async () => {
    const made = rig({ burstMs: 20 });
    const { explorer, transports, engine } = made;
    explorer.add(box);
    await watching(made);
    engine.say({ action: 'exec_start: sh' });
    for (const action of ['create', 'start', 'rename']) engine.say({ action });
    await nextTopology(explorer);
    expect(transports[0]).toMatchObject({ scans: 1, atOnce: 1 });
  });

  it('reads again only what an event may have changed', async () => {
    const made = rig();
    const { explorer, transports, engine } = made;
    transports.length = 0;
    explorer.add(box);
    const transport = transports[0]!;
    transport.namespaces = [
      { inode: 10, path: '/run/docker/netns/aa', link: 'a' },
      { inode: 11, path: '/run/docker/netns/bb', link: 'b' },
      { inode: 12, path: '/run/docker/netns/1-over', link: 'c' },
    ];
    engine.snapshot = anEngine([], [aContainer('a', { sandboxKey: '/run/docker/netns/aa' }), aContainer('b', { sandboxKey: '/run/docker/netns/bb' })]);
    await watching(made);
    transport.namespaces = transport.namespaces.map((one) => ({ ...one, link: `${one.link}2` })).concat({ inode: 13, path: '/run/docker/netns/dd', link: 'd2' });
    engine.say({ type: 'network', action: 'connect', id: 'n', attributes: { container: aContainer('a').id } });
    await nextTopology(explorer);
    expect(transport.kept).toEqual(['4:11']);
    const links = explorer.snapshot('ssh://box')!.namespaces.map(({ links: [first] }) => first?.name);
    expect(links).toEqual([undefined, 'a2', 'b', 'c2', 'd2']);
  });

  it('shows a network that was made before the namespaces of the stand-in host are read again', async () => {
    const made = rig();
    const { explorer, transports, engine } = made;
    explorer.add(box);
    await watching(made);
    let open = (): void => undefined;
    transports[0]!.gate = new Promise((resolve) => (open = resolve));
    engine.snapshot = anEngine([aNetwork('fresh')], []);
    engine.say({ type: 'network', action: 'create', id: 'fresh', attributes: {} });
    await nextTopology(explorer);
    expect(transports[0]!.running).toBe(1);
    expect(explorer.topology.hosts[0]?.networks.map(({ engine: { id } }) => id)).toEqual(['fresh']);
    open();
    await nextTopology(explorer);
    expect(transports[0]!.running).toBe(0);
  });

  it('asks the stand-in engine only about networks that an event names, and about everything where no event says what changed', async () => {
    const made = rig();
    const { explorer, engine } = made;
    explorer.add(box);
    await watching(made);
    const before = explorer.snapshot('ssh://box')!.engine!;
    engine.say({ type: 'network', action: 'connect', id: 'n1', attributes: {} });
    await nextTopology(explorer);
    expect(engine.since).toEqual({ snapshot: before, changedNetworks: ['n1'] });
    engine.say({ type: 'node', action: 'update', id: 'x', attributes: {} });
    await nextTopology(explorer);
    expect(engine.since).toBeUndefined();
    await explorer.refresh();
    expect(engine.since).toBeUndefined();
  });

  it('reads a namespace anew that has the number of one that is gone', async () => {
    const made = rig();
    const { explorer, transports, engine } = made;
    explorer.add(box);
    await watching(made);
    transports[0]!.namespaces = [{ inode: 10, path: '/run/netns/other', link: 'new' }];
    engine.say({});
    await nextTopology(explorer);
    expect(explorer.snapshot('ssh://box')!.namespaces[1]).toMatchObject({ paths: ['/run/netns/other'], links: [{ name: 'new' }] });
    expect(transports[0]?.scans).toBe(2);
  });

  it('scans once more for what happens during a scan', async () => {
    const made = rig();
    const { explorer, transports, engine } = made;
    explorer.add(box);
    await watching(made);
    const { opened, open } = gate();
    transports[0]!.gate = opened;
    engine.say({});
    await transports[0]!.nextScan();
    engine.say({ action: 'die' });
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(transports[0]).toMatchObject({ scans: 1, running: 1 });
    const again = transports[0]!.nextScan();
    open();
    await again;
    await nextTopology(explorer);
    expect(transports[0]).toMatchObject({ scans: 2, atOnce: 1 });
  });

  it('a refresh during a scan of a part gets a scan of everything', async () => {
    const made = rig();
    const { explorer, transports, engine } = made;
    explorer.add(box);
    await watching(made);
    const { opened, open } = gate();
    transports[0]!.gate = opened;
    engine.say({});
    await transports[0]!.nextScan();
    expect(transports[0]?.kept).toEqual(['4:10']);
    const refreshed = explorer.refresh();
    // What happens meanwhile must not make it a scan of a part again.
    engine.say({ action: 'die' });
    await new Promise((resolve) => setTimeout(resolve, 20));
    open();
    await refreshed;
    expect(transports[0]?.kept).toEqual([]);
    expect(transports[0]?.scans).toBe(2);
  });

  it('reads the host when the events break off, and again when they are back', async () => {
    const made = rig();
    const { explorer, transports, engine } = made;
    explorer.add(box);
    await watching(made);
    engine.failure = new EngineError('no-engine', 'The engine was stopped.');
    const broken = nextTopology(explorer);
    engine.end();
    await broken;
    expect(explorer.topology.hosts[0]?.errors.map(({ code }) => code)).toEqual(['no-engine']);
    const mended = nextTopology(explorer);
    engine.failure = undefined;
    await mended;
    expect(transports[0]!.kept).toEqual([]);
    expect(explorer.topology.hosts[0]?.errors).toEqual([]);
    const scans = transports[0]!.scans;
    await engine.listened();
    engine.say({});
    await nextTopology(explorer);
    expect(transports[0]!.scans).toBe(scans + 1);
  });

  it('takes a lost connection up again by itself', async () => {
    const made = rig();
    const { explorer, transports, engine } = made;
    explorer.add(box);
    await watching(made);
    transports[0]!.failure = new TransportError('unreachable', 'The connection to box was lost.');
    engine.failure = transports[0]!.failure;
    const failed = nextStatus(explorer, 'failed');
    transports[0]!.close(transports[0]!.failure);
    await failed;
    const back = nextStatus(explorer, 'ready');
    transports[0]!.failure = undefined;
    engine.failure = undefined;
    await back;
    await engine.listened();
    engine.say({});
    await nextTopology(explorer);
  });

  it('stops where only a person can help', async () => {
    const { explorer, engine, log } = rig();
    explorer.add(box);
    engine.failure = new EngineError('no-permission', 'Not allowed.');
    explorer.watch();
    await explorer.refresh();
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(log).toEqual(['The events of stand-in cannot be followed: Not allowed.']);
    expect(engine.reads).toBe(1);
  });

  it('misses nothing between the first scan and the first event that is told', async () => {
    const { explorer, transports, engine } = rig();
    explorer.add(box);
    explorer.watch();
    const { opened, open } = gate();
    engine.opening = opened;
    await explorer.refresh();
    transports[0]!.namespaces = [{ inode: 20, path: '/run/netns/late', link: 'x' }];
    const next = nextTopology(explorer);
    open();
    await next;
    expect(explorer.topology.hosts[0]?.sandboxes.map(({ title }) => title)).toEqual(['root', 'late']);
  });

  it('reads the hosts again that share a network in which somebody came or went elsewhere, and no others', async () => {
    const engines = new Map(['ssh://one', 'ssh://two', 'ssh://three'].map((id) => [id, new StandInEngine()]));
    const has = (id: string, network: string, ...macs: string[]): void => {
      const endpoints = macs.map((mac) => ({ containerId: mac, name: mac, endpointId: mac, mac }));
      engines.get(`ssh://${id}`)!.snapshot = anEngine([aNetwork(network, { scope: 'swarm', endpoints })], []);
    };
    has('one', 'shared', '02:00:00:00:00:01');
    has('two', 'shared', '02:00:00:00:00:02');
    has('three', 'another', '02:00:00:00:00:03');
    const { explorer, transports } = rig({ gossipMs: 5 }, engines);
    for (const host of ['one', 'two', 'three']) explorer.add({ kind: 'ssh', host });
    explorer.watch();
    await explorer.refresh();
    for (const engine of engines.values()) await engine.listened();
    // One more scan of each follows the moment from which on events are told.
    await vi.waitUntil(() => transports.every(({ scans, running }) => scans === 2 && running === 0));
    has('one', 'shared', '02:00:00:00:00:01', '02:00:00:00:00:04');
    engines.get('ssh://one')!.say({ type: 'network', action: 'connect' });
    await transports[1]!.nextScan();
    await nextTopology(explorer);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(transports.map(({ scans }) => scans)).toEqual([3, 3, 2]);
  });

  it('reads a swarm manager again where the containers of tasks change on another node, of which it tells no event, and no other worker', async () => {
    const engines = new Map(['ssh://manager', 'ssh://one', 'ssh://two'].map((id) => [id, new StandInEngine()]));
    const nodes = ['m', 'n1', 'n2'].map((id) => ({ id, hostname: id, address: '', state: 'ready' }));
    const has = (id: string, nodeId: string, ...states: string[]): void => {
      const containers = states.map((state, at) => aContainer(`${nodeId}${String(at)}`, { state, labels: { 'com.docker.swarm.task.id': String(at) } }));
      engines.get(`ssh://${id}`)!.snapshot = anEngine([], containers, { swarm: { nodeId, nodeAddress: '', manager: id === 'manager', nodes: id === 'manager' ? nodes : [] } });
    };
    has('manager', 'm');
    has('one', 'n1', 'running');
    has('two', 'n2', 'running');
    const { explorer, transports } = rig({ gossipMs: 5 }, engines);
    for (const host of ['manager', 'one', 'two']) explorer.add({ kind: 'ssh', host });
    explorer.watch();
    await explorer.refresh();
    for (const engine of engines.values()) await engine.listened();
    await vi.waitUntil(() => transports.every(({ scans, running }) => scans === 2 && running === 0));
    has('one', 'n1', 'exited');
    engines.get('ssh://one')!.say({ type: 'container', action: 'die' });
    await transports[0]!.nextScan();
    await vi.waitUntil(() => transports.every(({ running }) => running === 0));
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(transports.map(({ scans }) => scans)).toEqual([3, 3, 2]);
  });

  it('reads a swarm manager again while a task is on its way, after ever longer waits and not for good', async () => {
    const engine = new StandInEngine();
    const tell = (state: string): void => {
      engine.snapshot = anEngine([], [], { swarm: { nodeId: 'm', nodeAddress: '', manager: true, nodes: [], services: [], tasks: [{ id: 't', serviceId: 's', nodeId: 'n', state, desired: 'running', addresses: [], ports: [] }] } });
    };
    tell('preparing');
    const { explorer, transports } = rig({ gossipMs: 1 }, new Map([['ssh://manager', engine]]));
    explorer.add({ kind: 'ssh', host: 'manager' });
    explorer.watch();
    await explorer.refresh();
    await engine.listened();
    // Two by themselves, and one after each wait: 1, 2, 4 … 64 ms; a wait may be cut short by the second of the two.
    await vi.waitUntil(() => transports[0]!.scans >= 7);
    await new Promise((resolve) => setTimeout(resolve, 200));
    const most = transports[0]!.scans;
    expect(most).toBeLessThanOrEqual(9);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(transports[0]!.scans).toBe(most);
    tell('starting');
    engine.say({ type: 'service', action: 'update' });
    await transports[0]!.nextScan();
    await transports[0]!.nextScan();
    tell('running');
    await vi.waitUntil(() => explorer.topology.hosts[0]?.snapshot.engine?.swarm?.tasks?.[0]?.state === 'running');
    const { scans } = transports[0]!;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(transports[0]!.scans).toBe(scans);
  });

  it('ends with its last watcher', async () => {
    const { explorer, engine } = rig();
    explorer.add(box);
    const [first, second] = [explorer.watch(), explorer.watch()];
    await explorer.refresh();
    await engine.listened();
    first();
    first();
    expect(engine.listeners).toBe(1);
    second();
    await new Promise((resolve) => setImmediate(resolve));
    expect(engine.listeners).toBe(0);
  });
});
