import { describe, expect, it } from 'vitest';
import { formatHostEntry, importedEntry, parseHostEntry, planSync, type HostEntry } from '../../../src/core/hosts/hostEntry';

const host = (name: string, address: string, more: { keyFile?: string; groups?: readonly string[]; source?: string } = {}): HostEntry => importedEntry({ name, address: { kind: 'ssh', host: address }, groups: [], ...more }, more.source ?? 'ansible:/i');

describe('a host of the settings', () => {
  it('is an address, or an object with one', () => {
    expect(parseHostEntry('node1')).toEqual({ address: { kind: 'ssh', host: 'node1' } });
    const full = { address: 'ssh://u@h:2222', name: 'n', keyFile: '/k', groups: ['g'], source: 'ansible:/i' };
    expect(formatHostEntry(parseHostEntry(full))).toEqual(full);
    expect(formatHostEntry(parseHostEntry('local'))).toBe('local');
  });

  it.each([5, null, {}, { address: 5 }, { address: 'ssh://-oX' }, { address: 'h', keyFile: '/k\n' }])('is refused with a sentence: %j', (value) => {
    expect(() => parseHostEntry(value)).toThrow(expect.objectContaining({ name: 'AddressError' }) as Error);
  });

  it('loses what it must not have', () => {
    expect(parseHostEntry({ address: 'h', name: 5, keyFile: '', groups: ['a', 5], command: 'id' })).toEqual({ address: { kind: 'ssh', host: 'h' }, groups: ['a'] });
  });
});

describe('reading a source again', () => {
  it('tells what moved, what is gone and what is new', () => {
    const entries = [parseHostEntry('mine'), host('same', 'a'), host('moved', 'b'), host('gone', 'c'), host('other', 'd', { source: 'docker-contexts' })];
    const plan = planSync(entries, 'ansible:/i', [host('same', 'a'), host('moved', 'b2'), host('new', 'e'), host('twin', 'mine')]);
    expect(plan.changed.map(({ before, after }) => [before.address, after.address])).toEqual([[{ kind: 'ssh', host: 'b' }, { kind: 'ssh', host: 'b2' }]]);
    expect(plan.gone.map(({ name }) => name)).toEqual(['gone']);
    expect(plan.added.map(({ name }) => name)).toEqual(['new']);
  });

  it('knows a host under another name by its address', () => {
    const plan = planSync([host('old', 'a'), host('kept', 'b')], 'ansible:/i', [host('new', 'a'), host('kept', 'b'), host('twin', 'b')]);
    expect([plan.changed.map(({ before, after }) => [before.name, after.name]), plan.gone, plan.added]).toEqual([[['old', 'new']], [], []]);
  });

  it('knows hosts without a name by their addresses', () => {
    const nameless = (address: string): HostEntry => importedEntry({ address: { kind: 'ssh', host: address }, groups: [] }, 'nested:local');
    const plan = planSync([nameless('a'), nameless('b')], 'nested:local', [nameless('b'), nameless('c')]);
    expect([plan.changed, plan.gone.map(({ address }) => address), plan.added.map(({ address }) => address)]).toEqual([[], [{ kind: 'ssh', host: 'a' }], [{ kind: 'ssh', host: 'c' }]]);
  });

  it('sees another key, and nothing in another order of what a person wrote', () => {
    const written = parseHostEntry({ source: 'ansible:/i', groups: ['g'], name: 'n', keyFile: '/k', address: 'a' });
    const now = (keyFile: string) => host('n', 'a', { keyFile, groups: ['g'] });
    expect(planSync([written], 'ansible:/i', [now('/k')])).toEqual({ changed: [], gone: [], added: [] });
    expect(planSync([written], 'ansible:/i', [now('/k2')]).changed).toHaveLength(1);
  });
});
