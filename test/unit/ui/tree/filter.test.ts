import { describe, expect, it } from 'vitest';
import { Filter } from '../../../../src/ui/tree/filter';
import type { TreeNode } from '../../../../src/ui/tree/node';
import { TreeModel } from '../../../../src/ui/tree/treeModel';
import { sampleSource } from '../sampleTopology';

function rows(text: string, options = {}): string[] {
  const model = new TreeModel(sampleSource(options));
  const filter = new Filter(text, model);
  const found: string[] = [];
  const visit = (node: TreeNode | undefined) => {
    for (const child of filter.children(node)) {
      found.push(child.id.split('\n').map((part) => part.replace(/^[a-z]+:(?:.*\|)?/, '')).join(' > '));
      visit(child);
    }
  };
  visit(undefined);
  return found;
}

describe('the filter', () => {
  it('leaves everything where it is empty', () => {
    expect(rows('   ').length).toBe(rows('').length);
    expect(rows('').length).toBeGreaterThan(30);
  });

  it('leaves what has the text, all under it, and the way to it', () => {
    const left = rows('10.13.17.0/24');
    expect(left).toContain('local > networks > overlay0000000');
    expect(left.filter((row) => row.startsWith('local > networks > overlay0000000 > '))).not.toHaveLength(0);
    expect(left.some((row) => row.includes('bridge0000'))).toBe(false);
    expect(left.some((row) => row.includes('containers'))).toBe(false);
  });

  it('finds a MAC, an address and an inode, whatever the case', () => {
    expect(rows('02:42:0A:0D:11:02').some((row) => row.endsWith('ep > 10') || row.includes('> c1aaaaaaaaaaaaaa'))).toBe(true);
    expect(rows('172.17.0.1').some((row) => row.endsWith('> 4'))).toBe(true);
    expect(rows('4026532300').some((row) => row.includes('namespaces > 4:4026532300'))).toBe(true);
  });

  it('leaves hosts alone where nothing fits, and their faults', () => {
    expect(rows('nothing has this')).toEqual(['local']);
    const errors = [{ place: { kind: 'engine' }, code: 'no-engine', message: 'No engine.' }];
    expect(rows('nothing has this', { errors })).toEqual(['local', 'local > no-engine#0']);
  });

  it('opens the way to a match, and not the match itself', () => {
    const model = new TreeModel(sampleSource());
    const filter = new Filter('mynet01', model);
    const network = model.find('local|net|overlay0000000')!;
    expect(filter.opens(network.parent!)).toBe(true);
    expect(filter.opens(network)).toBe(false);
  });
});
