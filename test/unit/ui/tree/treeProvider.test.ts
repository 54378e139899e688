import type { MarkdownString } from 'vscode';
import { describe, expect, it, vi } from 'vitest';
import type { TreeNode } from '../../../../src/ui/tree/node';
import { OpenedRows } from '../../../../src/ui/tree/openedRows';
import { TreeProvider } from '../../../../src/ui/tree/treeProvider';
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
