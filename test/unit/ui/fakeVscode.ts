/* Stands in for the editor's API where a test is about what the extension asks of it. Used with vi.mock('vscode', …). */

export class EventEmitter<T> {
  private readonly listeners = new Set<(value: T) => void>();
  readonly event = (listener: (value: T) => void) => {
    this.listeners.add(listener);
    return { dispose: () => this.listeners.delete(listener) };
  };
  fire(value: T): void {
    for (const listener of [...this.listeners]) listener(value);
  }
  dispose(): void {
    this.listeners.clear();
  }
}

export class Disposable {
  static from(...items: { dispose(): unknown }[]): Disposable {
    return new Disposable(() => items.forEach((item) => item.dispose()));
  }
  constructor(private readonly onDispose: () => unknown) {}
  dispose(): void {
    this.onDispose();
  }
}

export class ThemeIcon {
  constructor(
    readonly id: string,
    readonly color?: ThemeColor,
  ) {}
}

export class ThemeColor {
  constructor(readonly id: string) {}
}

export class TreeItem {
  id?: string;
  tooltip?: unknown;
  constructor(
    readonly label: string,
    readonly collapsibleState: number,
  ) {}
}

export const TreeItemCollapsibleState = { None: 0, Collapsed: 1, Expanded: 2 };

export class MarkdownString {
  isTrusted?: boolean;
  supportHtml?: boolean;
  supportThemeIcons?: boolean;
  constructor(readonly value: string) {}
}

export const l10n = { t: (message: string, ...args: (string | number)[]) => message.replace(/\{(\d)\}/g, (_, index: string) => String(args[Number(index)])) };

/** What was said, and what is answered to it. */
export const messages: { readonly level: 'warning' | 'error'; readonly text: string; readonly actions: readonly string[] }[] = [];
export const answers: string[] = [];

function say(level: 'warning' | 'error', text: string, actions: string[]): Promise<string | undefined> {
  messages.push({ level, text, actions });
  return Promise.resolve(answers.shift());
}

export const statusBar: { readonly text: string; readonly ms: number }[] = [];
/** Files that a person chooses in the dialog, one after the other; none: cancelled. */
export const saveTo: string[] = [];
export const files = new Map<string, Uint8Array>();

const file = (path: string) => ({ scheme: 'file', path, fsPath: path });
export const Uri = { file, joinPath: (base: { readonly path: string }, name: string) => file(`${base.path}/${name}`) };

export const window = {
  setStatusBarMessage: (text: string, ms: number) => {
    statusBar.push({ text, ms });
    return new Disposable(() => undefined);
  },
  showSaveDialog: () => {
    const path = saveTo.shift();
    return Promise.resolve(path === undefined ? undefined : file(path));
  },
  showWarningMessage: (text: string, ...actions: string[]) => say('warning', text, actions),
  showErrorMessage: (text: string, ...actions: string[]) => say('error', text, actions),
};

export const registered = new Map<string, (...args: unknown[]) => unknown>();
export const commands = {
  registerCommand: (id: string, handler: (...args: unknown[]) => unknown) => {
    registered.set(id, handler);
    return new Disposable(() => registered.delete(id));
  },
  executeCommand: () => Promise.resolve(),
};

export const workspace = {
  workspaceFolders: undefined,
  fs: {
    writeFile: ({ path }: { readonly path: string }, content: Uint8Array) => {
      if (path === '/full') return Promise.reject(new Error('There is no space left.'));
      files.set(path, content);
      return Promise.resolve();
    },
  },
};
