import { describe, expect, it } from 'vitest';
import type { HostStatus } from '../../../../src/discovery/explorer';
import { ShownRows } from '../../../../src/ui/tree/changes';
import type { TreeNode } from '../../../../src/ui/tree/node';
import { present } from '../../../../src/ui/tree/presentation';
import { TreeModel } from '../../../../src/ui/tree/treeModel';
import { sampleSource, sampleTopology, type SampleOptions } from '../sampleTopology';

const t = (message: string) => message;

function shownTree(open: (node: TreeNode) => boolean) {
  const source = { ...sampleSource() };
  const model = new TreeModel(source);
  const shown = new ShownRows();
  const show = (node: TreeNode | undefined) => {
    const children = model.children(node);
    shown.showedChildren(node, children);
    for (const child of children) {
      shown.showed(child, present(child, model, t));
      if (open(child)) show(child);
    }
  };
  show(undefined);
  const now = { children: (node: TreeNode | undefined) => model.children(node), presentation: (node: TreeNode) => present(node, model, t) };
  const lastPart = (node: TreeNode | undefined) => node?.id.split('\n').at(-1);
  return {
    restate: (status: Partial<HostStatus>) => {
      source.hosts = [{ ...source.hosts[0]!, ...status }];
      return shown.changedAtTop(now).map(lastPart);
    },
    rescan: (options: SampleOptions) => {
      source.topology = sampleTopology(options);
      return shown.changed(now).map(lastPart);
    },
  };
}

describe('after a scan', () => {
  it('nothing is given again where nothing changed', () => {
    expect(shownTree(() => true).rescan({})).toEqual([]);
  });

  it('only the topmost rows that changed are', () => {
    expect(shownTree(() => true).rescan({ networkName: 'renamed' })).toEqual(
      expect.arrayContaining(['network:local|net|overlay0000000']) as unknown,
    );
    const changed = shownTree(() => true).rescan({ containers: false });
    expect(changed).toContain('category:containers');
    expect(changed).not.toContain('host:local');
    expect(changed.some((id) => id?.startsWith('container:') ?? false)).toBe(false);
  });

  it('rows that were never opened are not looked at', () => {
    expect(shownTree((node) => node.kind === 'host').rescan({ interfaceName: 'eth9' })).toEqual([]);
  });

  it('a host\'s status gives its row again where that shows, and nothing below it is looked at', () => {
    const tree = shownTree(() => true);
    expect(tree.restate({ state: 'scanning' })).toEqual([]);
    const error = { place: { kind: 'host' }, code: 'unreachable', message: 'It does not answer.' } as const;
    expect(tree.restate({ state: 'failed', error })).toEqual(['host:local']);
  });
});
