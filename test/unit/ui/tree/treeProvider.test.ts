import type { MarkdownString } from 'vscode';
import { describe, expect, it, vi } from 'vitest';
import type { TreeNode } from '../../../../src/ui/tree/node';
import { OpenedRows } from '../../../../src/ui/tree/openedRows';
import { TreeProvider } from '../../../../src/ui/tree/treeProvider';
import { storeTree, type StoreTree } from '../../../../src/core/topology/storeTree';
import { sampleSource, sampleTopology, type SampleOptions } from '../sampleTopology';

vi.mock('vscode', () => import('../fakeVscode'));

function setup(options: SampleOptions = {}, onClick?: string) {
  const source = { ...sampleSource(options) };
  const provider = new TreeProvider(source, () => onClick, new OpenedRows({ get: () => undefined, update: () => undefined }));
  const fired: (readonly (string | undefined)[] | undefined)[] = [];
  provider.onDidChangeTreeData((nodes) => fired.push(nodes?.map((node) => node.modelId)));
  const at = (...labels: string[]): TreeNode => {
    let node: TreeNode | undefined;
    for (const label of labels) {
      const found = provider.getChildren(node).find((child) => provider.getTreeItem(child).label === label);
      if (found === undefined) throw new Error(`no row "${label}"`);
      node = found;
    }
    return node as TreeNode;
  };
  return { provider, source, fired, at };
}

describe('rows as VS Code is given them', () => {
  it('have markdown tooltips in which nothing of a host is markup, made only when they are looked at', async () => {
    const { provider, at } = setup({ networkName: '<img src=x>[a](command:b)|**$(trash)**' });
    const network = provider.getChildren(at('node1', 'Networks'))[0] as TreeNode;
    const item = provider.getTreeItem(network);
    expect(item.tooltip).toBeUndefined();
    const tooltip = (await provider.resolveTreeItem(item, network)).tooltip as MarkdownString;
    expect([tooltip.isTrusted, tooltip.supportHtml, tooltip.supportThemeIcons]).toEqual([undefined, undefined, undefined]);
    expect(tooltip.value.split('\n')[0]).toBe('| Network | \\<img src\\=x\\>\\[a\\]\\(command\\:b\\)\\|\\*\\*\\$\\(trash\\)\\*\\* |');
    expect(tooltip.value.split('\n')[1]).toBe('| :-- | :-- |');
  });

  it('are read out without an empty end', () => {
    const { provider, at } = setup({ hostId: 'ssh://node1' });
    const host = at('node1');
    const read = (node?: TreeNode): (string | undefined)[] => provider.getChildren(node).flatMap((child) => [provider.getTreeItem(child).accessibilityInformation?.label, ...read(child)]);
    expect(provider.getTreeItem(host).accessibilityInformation?.label).toBe('node1');
    for (const label of read()) expect(label).toMatch(/[^,\s]$/);
  });

  it('stand open or closed as a person left them, whatever a filter did meanwhile', () => {
    const { provider, at } = setup();
    const namespaces = at('node1', 'Namespaces');
    expect(provider.getTreeItem(namespaces).collapsibleState).toBe(1);
    provider.remember(namespaces, true);
    const id = provider.getTreeItem(namespaces).id;
    provider.setFilter('mynet01');
    const filtered = provider.getTreeItem(namespaces);
    expect([filtered.collapsibleState, filtered.id === id]).toEqual([2, false]);
    provider.remember(namespaces, false);
    provider.setFilter('');
    expect([provider.getTreeItem(namespaces).collapsibleState, provider.getTreeItem(namespaces).id]).toEqual([2, id]);
  });

  it('are given again only where something changed', () => {
    const { provider, source, fired, at } = setup();
    at('node1', 'Containers', 'docker1n');
    provider.update();
    expect(fired).toEqual([]);
    source.topology = sampleTopology({ containers: false });
    provider.update();
    expect(fired).toHaveLength(1);
    expect(fired[0]).toContain('containers');
    expect(fired[0]).not.toContain('local');
  });

  it('run something on a click only where the settings ask for it', () => {
    const plain = setup();
    expect(plain.provider.getTreeItem(plain.at('node1')).command).toBeUndefined();
    const asked = setup({}, 'netnsExplorer.row.click');
    const host = asked.at('node1');
    expect(asked.provider.getTreeItem(host).command).toMatchObject({ command: 'netnsExplorer.row.click', arguments: [host] });
    expect(asked.provider.getTreeItem(asked.at('node1', 'Networks')).command).toBeUndefined();
  });
});

describe('key-value stores', () => {
  const overlay = 'a'.repeat(64);
  const hostile = '\u001b[31m\u202e<b>$(trash)\n';
  const tree = storeTree('local', {
    stores: [
      { address: 'etcd://a', from: hostile, faults: [{ code: 'truncated', message: 'More than is shown.' }], readings: [{ api: 'etcd v2', records: [{ key: `/docker/network/v1.0/network/${overlay}`, value: '{"name":"mynet01","networkType":"overlay"}' }, { key: `/x/${hostile}`, value: hostile }] }] },
      { address: 'zk://b', from: 'the setting', faults: [{ code: 'failed', message: 'Not read.' }], readings: [] },
    ],
    faults: [],
  });
  const opening = (tested: { tree?: StoreTree; reading?: boolean }) => {
    const source = sampleSource({ hostId: 'ssh://node1' });
    const wanted: string[] = [];
    const stores = { isKnown: () => true, isReading: () => tested.reading === true, of: () => (tested.tree === undefined ? undefined : { tree: tested.tree, readAt: new Date(0) }) };
    const provider = new TreeProvider({ ...source, stores }, () => undefined, new OpenedRows({ get: () => [], update: () => undefined }), undefined, (host) => {
      wanted.push(host);
      tested.reading = true;
    });
    const category = (): TreeNode => provider.getChildren(provider.getChildren()[0]).find(({ modelId }) => modelId === 'store')!;
    const drawn = (node: TreeNode, depth = 0): string[] => provider.getChildren(node).flatMap((child) => {
      const item = provider.getTreeItem(child);
      return [`${'  '.repeat(depth)}${item.label as string} — ${String(item.description)} — ${String(item.contextValue)}`, ...drawn(child, depth + 1)];
    });
    return { provider, category, drawn, wanted };
  };

  it('are read when their row is opened, once, and neither by a scan, a filter nor an opened row of an earlier window', () => {
    const tested: { tree?: StoreTree; reading?: boolean } = {};
    const { provider, category, drawn, wanted } = opening(tested);
    provider.remember(category(), true);
    expect(provider.getTreeItem(category())).toMatchObject({ label: 'Key-Value Store', description: 'read when it is opened', collapsibleState: 1 });
    provider.update();
    provider.setFilter('etcd');
    provider.setFilter('');
    expect(wanted).toEqual([]);
    expect(drawn(category())).toEqual(['Reading the key-value stores… — undefined — note']);
    drawn(category());
    expect(wanted).toEqual(['ssh://node1']);
    tested.reading = false;
    tested.tree = tree;
    drawn(category());
    expect([wanted.length, provider.getTreeItem(category()).description, provider.getTreeItem(category()).collapsibleState]).toEqual([1, '2 records', 2]);
  });

  it('stand with their faults and keys, of which nothing is obeyed', () => {
    const { category, drawn } = opening({ tree });
    const shown = '\\x1b[31m\\u{202e}<b>$(trash)\\n';
    expect(drawn(category())).toEqual([
      `etcd://a — etcd v2 · 2 records · ${shown} — store+live`,
      '  More than is shown. — undefined — fault',
      '  docker — 1 — storeKey+live',
      '    network — 1 — storeKey+live',
      '      v1.0 — 1 — storeKey+live',
      '        network — 1 — storeKey+live',
      `          ${overlay.slice(0, 12)} — network mynet01 · overlay — storeKey+live+record`,
      '  x — 1 — storeKey+live',
      `    ${shown} — ${shown} — storeKey+live+record`,
      'zk://b — not read · the setting — store+live',
      '  Not read. — undefined — fault',
    ]);
  });

  it('are found from elsewhere by their row, and a filter finds their keys', () => {
    const { provider, category } = opening({ tree });
    const entry = tree.byNetwork.get(overlay)!;
    const row = provider.model.find(entry.id);
    expect(row?.parent?.parent?.parent?.parent?.parent?.parent).toBe(category());
    expect(provider.getChildren(row?.parent)).toContain(row);
    provider.setFilter('network mynet01');
    expect(provider.getChildren(category()).map((node) => provider.getTreeItem(node).label)).toEqual(['etcd://a', 'zk://b'].slice(0, 1));
  });
});
