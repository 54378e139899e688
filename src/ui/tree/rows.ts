import type { HostId } from '../../core/model/address';
import type { ReadError } from '../../core/model/snapshot';
import { nodeId, type Category, type NodeKind, type TreeNode } from './node';

/** Rows by id: each is made when its parent is opened, and is the same object from scan to scan. */
export class Rows {
  private readonly nodes = new Map<string, TreeNode>();

  node(parent: TreeNode | undefined, kind: NodeKind, hostId: HostId, modelId: string): TreeNode {
    const id = nodeId(parent, kind, modelId);
    const known = this.nodes.get(id);
    if (known !== undefined) return known;
    const made: TreeNode = { id, kind, hostId, modelId, parent };
    this.nodes.set(id, made);
    return made;
  }

  inCategory(host: HostId, category: Category, kind: NodeKind, modelId: string, project?: string): TreeNode {
    const root = this.node(undefined, 'host', host, host);
    const within = this.node(root, 'category', host, category);
    return this.node(project === undefined ? within : this.node(within, 'project', host, project), kind, host, modelId);
  }

  faults(parent: TreeNode, errors: readonly ReadError[]): TreeNode[] {
    return errors.map((error, index) => this.node(parent, 'fault', parent.hostId, `${error.code}#${String(index)}`));
  }

  note(parent: TreeNode, key: string): TreeNode {
    return this.node(parent, 'note', parent.hostId, key);
  }

  /** Forgets the rows of things that are gone, so that hours of rescans do not pile them up. */
  prune(exists: (node: TreeNode) => boolean): void {
    for (const [id, node] of this.nodes) {
      if (!exists(node)) this.nodes.delete(id);
    }
  }
}
