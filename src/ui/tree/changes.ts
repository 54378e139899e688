import type { TreeNode } from './node';
import type { Presentation } from './row';

/** The tree as it would be given now. */
export interface Now {
  children(node: TreeNode | undefined): readonly TreeNode[];
  presentation(node: TreeNode): Presentation;
}

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
  changed(now: Now): readonly (TreeNode | undefined)[] {
    const found: (TreeNode | undefined)[] = [];
    const reached = new Set<TreeNode | undefined>();
    const visit = (node: TreeNode | undefined): void => {
      reached.add(node);
      if (this.differs(node, now)) {
        found.push(node);
        this.mark(node, reached);
        return;
      }
      for (const child of this.children.get(node) ?? []) visit(child);
    };
    visit(undefined);
    for (const node of this.children.keys()) if (!reached.has(node)) this.children.delete(node);
    for (const node of this.looks.keys()) if (!reached.has(node)) this.looks.delete(node);
    return found;
  }

  /** The same for what stands right at the top: the rows of the hosts and their faults. */
  changedAtTop(now: Now): readonly (TreeNode | undefined)[] {
    if (this.differs(undefined, now)) return [undefined];
    return (this.children.get(undefined) ?? []).filter(
      (host) => this.differs(host, now) || (this.children.get(host) ?? []).some((child) => child.kind === 'fault' && this.differs(child, now)),
    );
  }

  /** Whether a row that was given looks different now, or the rows right under it are others. */
  private differs(node: TreeNode | undefined, now: Now): boolean {
    const shown = node === undefined ? undefined : this.looks.get(node);
    if (node !== undefined && shown !== undefined && shown !== look(now.presentation(node))) return true;
    const before = this.children.get(node);
    if (before === undefined) return false;
    const after = now.children(node);
    return after.length !== before.length || after.some((child, index) => child !== before[index]);
  }

  private mark(node: TreeNode | undefined, reached: Set<TreeNode | undefined>): void {
    reached.add(node);
    for (const child of this.children.get(node) ?? []) this.mark(child, reached);
  }
}

function look(presentation: Presentation): string {
  return JSON.stringify(presentation);
}
