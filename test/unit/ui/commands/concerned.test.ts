import { readFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { concernedNamespaces } from '../../../../src/ui/commands/concerned';
import { viewCommands } from '../../../../src/ui/commands/viewCommands';
import type { Services } from '../../../../src/ui/services';
import { keys, sampleTopology } from '../sampleTopology';

vi.mock('vscode', () => import('../fakeVscode'));

const topology = sampleTopology();
const concerned = (id: string) => concernedNamespaces(id, topology)?.keys;

describe('the namespaces that a row concerns', () => {
  it("are its sandbox and its members' for an overlay", () => expect(concerned('local|net|overlay0000000')).toEqual([keys.overlay, keys.container]));
  it("are the root namespace with its bridge and its members' for a bridge network", () => expect(concerned('local|net|bridge00000000')).toEqual([keys.root, keys.container]));
  it('include its load balancer', () => {
    const overlay = topology.network.get('local|net|overlay0000000')!;
    const balanced = { ...topology, network: new Map([[overlay.id, { ...overlay, loadBalancerSandboxId: `local|ns|${keys.root}` }]]) };
    expect(concernedNamespaces(overlay.id, balanced)?.keys).toEqual([keys.overlay, keys.root, keys.container]);
  });
  it('are members alone for an overlay without a sandbox, and for the network "none"', () => {
    for (const driver of ['overlay', 'null']) {
      const without = { ...topology.network.get('local|net|overlay0000000')!, driver };
      delete (without as { sandboxId?: string }).sandboxId;
      expect(concernedNamespaces(without.id, { ...topology, network: new Map([[without.id, without]]) })?.keys).toEqual([keys.container]);
    }
  });
  it('are itself for a namespace', () => expect(concerned(`local|ns|${keys.root}`)).toEqual([keys.root]));
  it("are the container's for a container and its endpoints", () => {
    for (const id of ['local|ctr|c1aaaaaaaaaaaaaa', 'local|net|overlay0000000|ep|c1aaaaaaaaaaaaaa']) expect(concerned(id)).toEqual([keys.container]);
  });
  it('are none for a stopped container: the engine alone is asked', () => expect(concernedNamespaces('local|ctr|c2bbbbbbbbbbbbbb', topology)).toEqual({ hostId: 'local', keys: [] }));
  it('are not known of what is gone', () => expect(concerned('local|ns|4:1')).toBeUndefined());
});

describe('refreshing a row', () => {
  const asked: unknown[] = [];
  const services = { explorer: { topology, refreshSandboxes: (...all: unknown[]) => Promise.resolve(asked.push(all)) }, settings: {}, view: {} } as unknown as Services;
  const refresh = viewCommands(services)['netnsExplorer.row.refresh'];

  it('reads those alone', async () => {
    await refresh({ modelId: 'local|net|overlay0000000', hostId: 'local' });
    expect(asked).toEqual([['local', [keys.overlay, keys.container]]]);
  });

  it('of a thing that is gone says so', async () => {
    await expect(refresh({ modelId: 'local|ns|4:1', hostId: 'local' })).rejects.toThrow('It is gone');
  });

  it('is offered, inline and in the menu, on live networks, namespaces, containers and endpoints', () => {
    const { contributes } = JSON.parse(readFileSync('package.json', 'utf8')) as { contributes: { menus: Record<string, { command?: string; group?: string; when: string }[]> } };
    const items = contributes.menus['view/item/context']?.filter((item) => item.command === 'netnsExplorer.row.refresh') ?? [];
    expect(items.map((item) => item.group)).toEqual(['inline@9', '7_refresh@1']);
    for (const { when } of items) {
      const patterns = [...when.matchAll(/viewItem =~ \/(.*?)\/(?: |$)/g)].map((match) => new RegExp(match[1] ?? ''));
      expect(patterns).toHaveLength(2);
      const offered = (row: string): boolean => patterns.every((pattern) => pattern.test(row));
      for (const row of ['network+overlay+live+sandbox', 'network+null+live', 'sandbox+root+live', 'container+stopped+live', 'endpoint+live']) expect([row, offered(row)]).toEqual([row, true]);
      for (const row of ['network+overlay+recorded+sandbox', 'sandbox+root+recorded', 'host+live+sandbox+local+read', 'category+networks', 'link+veth+live+sandbox', 'gone+sandbox', 'fault']) expect([row, offered(row)]).toEqual([row, false]);
    }
  });
});
