import { describe, expect, it, vi } from 'vitest';
import { formatHostAddress, type HostAddress } from '../../../../src/core/model/address';
import type { Explorer } from '../../../../src/discovery/explorer';
import { HostList, keyFileOf } from '../../../../src/ui/hosts/hostList';
import type { Settings } from '../../../../src/ui/settings';

vi.mock('vscode', () => import('../fakeVscode'));

/** Stands in for the settings, a store and an explorer; each does what the real one does with hosts. */
function setup(initial: readonly unknown[] = [], local = false) {
  let hosts = initial;
  let localEnabled = local;
  let listener: (affects: (key: string) => boolean) => void = () => undefined;
  const changed = (key: string) => listener((asked) => asked === key);
  const known = new Map<string, HostAddress>();
  const stored = new Map<string, unknown>();
  const warnings: string[] = [];
  const added: string[] = [];
  const given = new Map<string, unknown>();
  const settings = {
    get hosts() {
      return hosts;
    },
    setHosts: (next: readonly unknown[]) => {
      hosts = next;
      changed('hosts');
      return Promise.resolve();
    },
    get localEnabled() {
      return localEnabled;
    },
    setLocalEnabled: (next: boolean) => {
      localEnabled = next;
      changed('local.enabled');
      return Promise.resolve();
    },
    onDidChange: (called: typeof listener) => {
      listener = called;
      return { dispose: () => undefined };
    },
  };
  const explorer = {
    get hosts() {
      return [...known].map(([id, address]) => ({ id, address }));
    },
    add: (address: HostAddress, options?: unknown) => {
      const id = formatHostAddress(address);
      given.set(id, options);
      known.set(id, address);
      return id;
    },
    remove: (id: string) => known.delete(id),
  };
  const memento = { get: (key: string) => stored.get(key), update: (key: string, value: unknown) => Promise.resolve(stored.set(key, value)) };
  const log = { info: () => undefined, warn: (text: string) => warnings.push(text), error: () => undefined };
  const list = new HostList(explorer as unknown as Explorer, settings as unknown as Settings, memento as never, '/ext/sample.json', log, (id) => added.push(id));
  return { list, settings, ids: () => [...known.keys()], warnings, added, given, changed, write: (next: readonly unknown[]) => (hosts = next) };
}

describe('the hosts', () => {
  it('are those of the settings; what is no address is left out, and said', () => {
    const { ids, warnings } = setup(['ssh://node1', 'node2', 'root@node1:22', 'ftp://x', 'ssh://node1']);
    expect(ids()).toEqual(['ssh://node1', 'ssh://node2', 'ssh://root@node1:22']);
    expect(warnings.join()).toMatch(/netnsExplorer.hosts.*ftp/);
  });

  it('follow the settings, and only what is new is read', () => {
    const { ids, added, changed, write } = setup(['ssh://a', 'ssh://b']);
    write(['ssh://b', 'ssh://c']);
    changed('hosts');
    expect(ids()).toEqual(['ssh://b', 'ssh://c']);
    expect(added).toEqual(['ssh://c']);
  });

  it('are written to the settings when a person adds or removes one, each once', async () => {
    const { list, settings, ids } = setup(['node1']);
    expect(await list.add({ kind: 'ssh', host: 'node1' })).toBe('ssh://node1');
    await list.add({ kind: 'ssh', host: 'node2' });
    expect(settings.hosts).toEqual(['node1', 'ssh://node2']);
    await list.remove('ssh://node1');
    expect([settings.hosts, ids()]).toEqual([['ssh://node2'], ['ssh://node2']]);
  });

  it.each(['ssh.configFile', 'ssh.client'])('connect anew where %s is set', (key) => {
    const { ids, added, changed } = setup(['ssh://a', 'file:/b.json']);
    changed(key);
    expect(ids().sort()).toEqual(['file:/b.json', 'ssh://a']);
    expect(added).toEqual(['ssh://a']);
  });

  it('keep what an import said of them, and connect anew where that changes', async () => {
    const imported = (keyFile: string) => ({ address: { kind: 'ssh', host: 'web' }, name: 'web1', source: 'ansible:/i', keyFile, groups: ['g'] }) as const;
    const { list, settings, ids, given, added } = setup(['ssh://a', 'web']);
    await list.replace(['ssh://a'], [imported('/k')]);
    expect(settings.hosts).toEqual([{ address: 'ssh://web', name: 'web1', source: 'ansible:/i', keyFile: '/k', groups: ['g'] }]);
    expect([ids(), given.get('ssh://web')]).toEqual([['ssh://web'], { label: 'web1', origin: { source: 'ansible:/i', groups: ['g'] } }]);
    expect(keyFileOf(settings as unknown as Settings, { kind: 'ssh', host: 'web' })).toBe('/k');
    expect(added).toEqual(['ssh://web']);
    await list.replace([], [imported('/k2')]);
    expect(added).toEqual(['ssh://web', 'ssh://web']);
    await list.replace([], [imported('/k2')]);
    expect(added).toHaveLength(2);
    await list.remove('ssh://web');
    expect([ids(), settings.hosts]).toEqual([[], []]);
  });

  it('have the sample among them until it is removed, wherever the extension lies', async () => {
    const { list, settings, ids } = setup();
    const id = await list.add({ kind: 'file', path: '/ext/sample.json' });
    expect([id, ids(), settings.hosts]).toEqual([list.sampleId, [list.sampleId], []]);
    await list.remove(id);
    expect(ids()).toEqual([]);
  });

  it.skipIf(process.platform !== 'linux')('have this machine among them on Linux, unless that is switched off', async () => {
    const { list, ids, settings } = setup([], true);
    expect(ids()).toEqual(['local']);
    await list.remove('local');
    expect([ids(), settings.localEnabled]).toEqual([[], false]);
    await list.add({ kind: 'local' });
    expect(ids()).toEqual(['local']);
  });
});
