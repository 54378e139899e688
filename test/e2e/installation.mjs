// Packs the extension, installs the package into VS Code as a user does, and opens it there.
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installCodeServer, startCodeServer } from '../../scripts/codeServer.mjs';
import { packageExtension } from '../../scripts/package.mjs';

export const installationTitle = 'the package installs into VS Code, activates there, reads the lab and draws';

/** @param prove `proveInstalled` of the harness @returns the result of the one test */
export async function testInstallation(prove, { settings, artifacts }) {
  const folder = await mkdtemp(join(tmpdir(), 'netns-e2e-vsix-'));
  try {
    const { path } = await packageExtension(join(folder, 'netns-explorer.vsix'));
    const extensionsDir = join(folder, 'extensions');
    const server = join(await installCodeServer(), 'node_modules', 'code-server', 'lib', 'vscode', 'out', 'server-main.js');
    const folders = ['--extensions-dir', extensionsDir, '--user-data-dir', join(folder, 'user-data'), '--server-data-dir', join(folder, 'user-data'), '--accept-server-license-terms'];
    const cli = (...args) => spawnSync(process.execPath, [server, ...args, ...folders], { encoding: 'utf8', timeout: 60_000 });
    const installed = cli('--install-extension', path);
    if (installed.status !== 0) throw new Error(`VS Code did not install the package:\n${installed.stdout}${installed.stderr}`);
    const listed = cli('--list-extensions', '--show-versions').stdout;
    if (!/^netns-explorer\.netns-explorer@\d/m.test(listed)) throw new Error(`VS Code does not list the extension after its installation:\n${listed}`);
    return await prove(installationTitle, { startServer: startCodeServer, extensionsDir, settings, artifacts });
  } catch (error) {
    return { title: installationTitle, state: 'failed', milliseconds: 0, error: error instanceof Error ? error.stack : String(error) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
