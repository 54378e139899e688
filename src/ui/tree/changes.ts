import type { TreeNode } from './node';
import type { Presentation } from './row';

/** What was given to the view, so that after a scan only the rows that look different are given again. */
export class ShownRows {
  private readonly children = new Map<TreeNode | undefined, readonly TreeNode[]>();
  private readonly looks = new Map<TreeNode, string>();

  showedChildren(parent: TreeNode | undefined, children: readonly TreeNode[]): void {
    this.children.set(parent, children);
  }

  showed(node: TreeNode, presentation: Presentation): void {
    this.looks.set(node, look(presentation));
  }

  clear(): void {
    this.children.clear();
    this.looks.clear();
  }

  /**
   * The topmost rows that have to be given again; `undefined` among them is the whole tree. A row that is given again brings
   * everything under it along, so nothing below such a row is named. Rows that are no longer shown are forgotten.
   */
  changed(childrenNow: (node: TreeNode | undefined) => readonly TreeNode[], presentationNow: (node: TreeNode) => Presentation): readonly (TreeNode | undefined)[] {
    const found: (TreeNode | undefined)[] = [];
    const reached = new Set<TreeNode | undefined>();
    const visit = (node: TreeNode | undefined): void => {
      reached.add(node);
      const before = this.children.get(node);
      const shown = node === undefined ? undefined : this.looks.get(node);
      if (node !== undefined && shown !== undefined && shown !== look(presentationNow(node))) {
        found.push(node);
        this.mark(node, reached);
        return;
      }
      if (before === undefined) return;
      const now = childrenNow(node);
      if (now.length !== before.length || now.some((child, index) => child !== before[index])) {
        found.push(node);
        this.mark(node, reached);
        return;
      }
      for (const child of before) visit(child);
    };
    visit(undefined);
    for (const node of this.children.keys()) if (!reached.has(node)) this.children.delete(node);
    for (const node of this.looks.keys()) if (!reached.has(node)) this.looks.delete(node);
    return found;
  }

  private mark(node: TreeNode | undefined, reached: Set<TreeNode | undefined>): void {
    reached.add(node);
    for (const child of this.children.get(node) ?? []) this.mark(child, reached);
  }
}

function look(presentation: Presentation): string {
  return JSON.stringify(presentation);
}
