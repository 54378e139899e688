import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { afterAll, describe, expect, it } from 'vitest';
import project from '../../../package.json';
import { startSettings, writeOpener } from '../../../scripts/startProfile.mjs';

const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))));

describe('what npm start gives to VS Code', () => {
  it('has the hosts among its settings, and forwards no ports', () => {
    expect(startSettings({ 'netnsExplorer.hosts': ['ssh://node1'] })).toMatchObject({ 'netnsExplorer.hosts': ['ssh://node1'], 'remote.autoForwardPorts': false });
  });

  it('has a helper that opens the view that the project contributes, run here with a stand-in for the editor', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'netns-explorer-opener-'));
    folders.push(folder);
    const manifest = await writeOpener(folder);
    expect(JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))).toEqual(manifest);
    expect(manifest.activationEvents).toEqual(['onStartupFinished']);
    // VS Code takes no extension whose range is open.
    expect(manifest.engines.vscode).toBe(project.engines.vscode);
    const asked: string[] = [];
    const module: { activate?: () => unknown } = {};
    const editor = { commands: { executeCommand: (id: string) => asked.push(id) } };
    runInNewContext(await readFile(join(folder, manifest.main), 'utf8'), { exports: module, require: (name: string) => (name === 'vscode' ? editor : undefined) });
    module.activate?.();
    // VS Code makes a command `<view id>.focus` for each view.
    expect(asked).toEqual(project.contributes.views.netnsExplorer.map(({ id }) => `${id}.focus`));
  });
});
