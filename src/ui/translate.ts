/** `vscode.l10n.t`, handed to the parts of the user interface that know nothing of the editor. `{0}` stands for the first argument. */
export type Translate = (message: string, ...args: (string | number)[]) => string;
