// What `npm start` gives the VS Code that it opens: settings, and a helper that shows the Netns Explorer at once.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The settings of a VS Code that shows nothing but what was asked for, on these hosts (settings of the extension). */
export function startSettings(hosts) {
  return {
    ...hosts,
    'workbench.startupEditor': 'none',
    'workbench.secondarySideBar.defaultVisibility': 'hidden',
    'chat.disableAIFeatures': true,
    'telemetry.telemetryLevel': 'off',
    'update.mode': 'none',
    'extensions.autoCheckUpdates': false,
    'extensions.autoUpdate': false,
    'extensions.ignoreRecommendations': true,
    'git.enabled': false,
    // The server's own ports are nobody's to forward.
    'remote.autoForwardPorts': false,
  };
}

/**
 * Writes a second, tiny extension into a folder: it opens the sidebar on the Netns Explorer when the window has started, for
 * which VS Code has no setting, argument or address. @returns its manifest
 */
export async function writeOpener(folder) {
  const manifest = {
    name: 'open-at-start',
    displayName: 'Netns Explorer: open at start',
    description: 'Made by npm start: shows the Netns Explorer when the window opens.',
    publisher: 'netns-explorer-start',
    version: '1.0.0',
    engines: { vscode: '^1.100.0' },
    activationEvents: ['onStartupFinished'],
    main: './extension.js',
  };
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  await writeFile(join(folder, 'extension.js'), "exports.activate = () => require('vscode').commands.executeCommand('netnsExplorer.hosts.focus');\n");
  return manifest;
}
