export function startSettings(hosts: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>>;
export function writeOpener(folder: string): Promise<{ readonly name: string; readonly publisher: string; readonly version: string; readonly main: string; readonly engines: { readonly vscode: string }; readonly activationEvents: readonly string[] }>;
