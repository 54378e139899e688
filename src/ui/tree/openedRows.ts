/** Of `vscode.Memento`, what is needed here. */
export interface Store {
  get(key: string): unknown;
  update(key: string, value: unknown): unknown;
}

const key = 'netnsExplorer.openedRows';
/** The oldest are forgotten beyond this: rows of namespaces that are gone never come back. */
const most = 500;

/**
 * What a person opened or closed, by row id. VS Code itself forgets it for rows that a filter takes away, and for all of them
 * when the window is loaded again.
 */
export class OpenedRows {
  private readonly rows: Map<string, boolean>;

  constructor(private readonly store: Store) {
    const stored = store.get(key);
    this.rows = new Map(Array.isArray(stored) ? stored.filter(isRow) : []);
  }

  get(id: string): boolean | undefined {
    return this.rows.get(id);
  }

  set(id: string, open: boolean): void {
    this.rows.delete(id);
    this.rows.set(id, open);
    for (const oldest of this.rows.keys()) {
      if (this.rows.size <= most) break;
      this.rows.delete(oldest);
    }
    void this.store.update(key, [...this.rows]);
  }
}

function isRow(value: unknown): value is [string, boolean] {
  return Array.isArray(value) && typeof value[0] === 'string' && typeof value[1] === 'boolean';
}
