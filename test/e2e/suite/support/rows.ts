import assert from 'node:assert/strict';
import type { TreeRow } from '../../bridge';

/** Rows of a tree, with the rows under each. */
export interface Branch {
  readonly row: TreeRow;
  readonly children: readonly Branch[];
}

export function nest(rows: readonly TreeRow[]): readonly Branch[] {
  const roots: { row: TreeRow; children: Branch[] }[] = [];
  const path: { row: TreeRow; children: Branch[] }[] = [];
  for (const row of rows) {
    const branch = { row, children: [] };
    (row.level === 1 ? roots : path[row.level - 2]!.children).push(branch);
    path[row.level - 1] = branch;
  }
  return roots;
}

/** The branch at a path of labels. */
export function at(branches: readonly Branch[], ...path: readonly string[]): Branch {
  let level = branches;
  let found: Branch | undefined;
  for (const label of path) {
    found = level.find((branch) => branch.row.label === label);
    assert.ok(found, `no row "${label}" among ${JSON.stringify(level.map((branch) => branch.row.label))}`);
    level = found.children;
  }
  assert.ok(found);
  return found;
}

export const labels = (branches: readonly Branch[]): string[] => branches.map((branch) => branch.row.label);

/** The inode that a namespace's row shows as net:[N]. */
export function shownInode(row: TreeRow): number {
  const inode = /net:\[(\d+)\]/.exec(row.description)?.[1];
  assert.ok(inode, `no inode in "${row.description}"`);
  return Number(inode);
}
