// Packs the extension, installs the package into VS Code as a user does, and opens it there.
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installCodeServer, startCodeServer } from '../../scripts/codeServer.mjs';
import { packageExtension } from '../../scripts/package.mjs';
import { execOn } from '../lab/client.mjs';
import { holdIp } from '../lab/heldIp.mjs';

export const installationTitle = 'the package installs into VS Code, activates there, reads the lab and draws';
export const interruptionTitle = 'the installed package, killed in the middle of a plan, offers to take it back when the window starts again';

/**
 * @param harness its bundle; @param lab of which a plan is interrupted
 * @param titles the tests that are wanted
 * @returns their results
 */
export async function testInstallation({ proveInstalled, proveInterrupted }, lab, titles, { settings, artifacts }) {
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
    const options = { startServer: startCodeServer, extensionsDir, settings, artifacts };
    const results = [];
    if (titles.includes(installationTitle)) results.push(await proveInstalled(installationTitle, options));
    if (titles.includes(interruptionTitle)) {
      const links = async () => (await execOn(lab, 'node1', ['ip', '-o', 'link'])).stdout;
      results.push(await proveInterrupted(interruptionTitle, options, { hold: () => holdIp(lab, 'node1'), links }));
    }
    return results;
  } catch (error) {
    return titles.map((title) => ({ title, state: 'failed', milliseconds: 0, error: error instanceof Error ? error.stack : String(error) }));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
