import { describe, expect, it } from 'vitest';
import type { Explorer, ExplorerChange } from '../../../src/discovery/explorer';
import { StoreBook } from '../../../src/discovery/storeBook';
import { TransportError, type Transport } from '../../../src/host/transport';
import { sampleSource, type SampleOptions } from '../ui/sampleTopology';

/** Stands in for an explorer with one host, whose transport fails with the sentence that is given. */
function setup(why: () => Error, addresses: readonly string[] = [], options: SampleOptions = {}) {
  const source = sampleSource({ hostId: 'ssh://node1', ...options });
  const listeners: ((change: ExplorerChange) => void)[] = [];
  let asked = 0;
  const refuse = (): Promise<never> => {
    asked++;
    return Promise.reject(why());
  };
  const hosts = [...source.hosts];
  const explorer = { topology: source.topology, hosts, onDidChange: (listener: (change: ExplorerChange) => void) => { listeners.push(listener); return () => undefined; }, transport: (): Partial<Transport> => ({ live: true, connect: refuse, run: refuse, openStream: refuse }) } as unknown as Explorer;
  const book = new StoreBook(explorer, () => addresses);
  return { book, host: source.topology.hosts[0]!, hosts, fire: (change: ExplorerChange) => listeners.forEach((listener) => listener(change)), asked: () => asked };
}

const unreachable = () => new TransportError('unreachable', 'node1 does not answer.');

describe('the book of stores', () => {
  it('asks nothing by itself, whatever is known of a host', () => {
    const { book, host, asked } = setup(unreachable, ['etcd://a']);
    expect([book.isKnown(host), book.of(host.id), book.isReading(host.id), asked()]).toEqual([true, undefined, false, 0]);
    expect(setup(unreachable).book.isKnown(host)).toBe(false);
    const engine = { ...host.snapshot.engine!, clusterStore: 'etcd://a' };
    expect(setup(unreachable).book.isKnown({ ...host, snapshot: { ...host.snapshot, engine } })).toBe(true);
  });

  it('reads once for all who ask at the same time, tells who listens, and keeps a sentence of what failed', async () => {
    const { book, host } = setup(unreachable);
    const told: boolean[] = [];
    book.onDidChange(() => told.push(book.isReading(host.id)));
    const [one, two] = [book.read(host.id), book.read(host.id)];
    expect(one).toBe(two);
    expect(await one).toMatchObject({ entries: [], faults: [{ code: 'unreachable', message: 'node1 does not answer.' }] });
    expect(told).toEqual([true, false]);
    expect([book.of(host.id)?.tree === (await one), book.isKnown(host)]).toEqual([true, true]);
  });

  it('forgets a host that was removed, while it is being read, too', async () => {
    const { book, host, hosts, fire } = setup(unreachable);
    await book.read(host.id);
    const again = book.read(host.id);
    hosts.length = 0;
    fire({ kind: 'hosts', hostIds: [host.id] });
    expect(book.of(host.id)).toBeUndefined();
    await again;
    expect(book.of(host.id)).toBeUndefined();
  });
});
