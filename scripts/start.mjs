// npm start [-- --no-lab]: builds, brings up the lab where one is possible, and opens VS Code with the extension. Ends on Ctrl-C,
// or when the window is closed, and leaves nothing behind. Without a lab the recorded sample is shown.
import { PackageManager, listFiles } from '@vscode/vsce';
import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LabError, labDown, labObstacle, labUp } from '../test/lab/client.mjs';
import { startCodeServer } from './codeServer.mjs';
import { startSettings, writeOpener } from './startProfile.mjs';
import { stopSignal } from './stopSignal.mjs';
import { ensurePackages } from './systemPackages.mjs';

const root = fileURLToPath(new URL('..', import.meta.url)).replace(/[\\/]$/, '');
const labName = 'start';
const say = (text) => console.log(`  ${text}`);

/** What was started, to be undone in reverse. */
const undo = [];
const stopping = stopSignal(() => console.log('\nTaking everything down …'));

/** Runs argv, its output shown, and gives its exit status. */
function show(argv) {
  return new Promise((resolve, reject) => {
    const child = spawn(argv[0], argv.slice(1), { cwd: root, stdio: 'inherit' });
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
}

function findProgram(name) {
  const suffixes = process.platform === 'win32' ? ['.cmd', '.exe'] : [''];
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    for (const suffix of suffixes) {
      try {
        const path = join(folder, name + suffix);
        accessSync(path, constants.X_OK);
        return path;
      } catch {
        // Not in this folder; perhaps in the next.
      }
    }
  }
  return undefined;
}

/** Hosts for the settings: the lab's two, or the recorded sample where no lab can be. */
async function hostSettings() {
  const sample = { 'netnsExplorer.hosts': [`file:${join(root, 'media', 'sample', 'node1.json')}`] };
  if (process.argv.includes('--no-lab')) {
    say('No lab, as asked: the recorded sample is shown.');
    return sample;
  }
  const obstacle = (await platformObstacle()) ?? ensurePackages(['lab'], say) ?? (await labObstacle());
  if (obstacle !== undefined) {
    say(`${obstacle} The recorded sample is shown instead.`);
    return sample;
  }
  undo.push(() => labDown(labName));
  const lab = await labUp(labName, { say: (text) => say(`lab: ${text}`), signal: stopping });
  say(`Lab: node1 at ${lab.hosts.node1.address}, node2 at ${lab.hosts.node2.address}; by hand: ssh -F ${lab.sshConfig} node1`);
  return { 'netnsExplorer.hosts': ['ssh://node1', 'ssh://node2'], 'netnsExplorer.ssh.configFile': lab.sshConfig };
}

/** What no package can mend. */
async function platformObstacle() {
  if (process.platform !== 'linux') return 'The lab needs Linux.';
  if (process.getuid() !== 0) return 'The lab needs root, because it makes network namespaces and runs container engines.';
  return undefined;
}

async function writeSettings(userDataDir, hosts) {
  await mkdir(join(userDataDir, 'User'), { recursive: true });
  await writeFile(join(userDataDir, 'User', 'settings.json'), `${JSON.stringify(startSettings(hosts), null, 2)}\n`);
}

/** The installed VS Code, with the extension opened for development. Resolves when its window is closed. */
async function openDesktop(code, folder, userDataDir, extensionsDir) {
  const opener = join(folder, 'opener');
  await writeOpener(opener);
  const argv = ['--new-window', '--wait', '--user-data-dir', userDataDir, '--extensions-dir', extensionsDir];
  argv.push('--disable-workspace-trust', '--skip-welcome', '--skip-release-notes', `--extensionDevelopmentPath=${root}`, `--extensionDevelopmentPath=${opener}`);
  // Chromium's sandbox refuses to run for root.
  if (process.getuid?.() === 0) argv.push('--no-sandbox');
  const windows = process.platform === 'win32';
  const child = windows
    ? spawn(`"${code}" ${argv.map((argument) => `"${argument}"`).join(' ')}`, { stdio: 'ignore', shell: true })
    : spawn(code, argv, { stdio: 'ignore', detached: true });
  const closed = new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  undo.push(async () => {
    if (child.exitCode !== null || child.pid === undefined) return;
    if (windows) child.kill();
    else process.kill(-child.pid, 'SIGTERM');
    await closed;
  });
  console.log('\nVS Code opens on the Netns Explorer. Ctrl-C here ends everything.');
  await Promise.race([closed, aborted()]);
}

/** VS Code in the browser, with the extension installed as a package would be. Resolves on Ctrl-C. */
async function serveBrowser(userDataDir, extensionsDir) {
  await installExtensions(extensionsDir);
  const server = await startCodeServer({ userDataDir, extensionsDir, say, signal: stopping });
  undo.push(() => server.stop());
  console.log(`\nVS Code with Netns Explorer is at ${server.url}\nOpen that address in a browser. Ctrl-C here ends everything.`);
  await aborted();
}

async function installExtensions(extensionsDir) {
  const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const path = join(extensionsDir, 'netns-explorer');
  for (const file of await listFiles({ cwd: root, packageManager: PackageManager.None })) {
    await mkdir(dirname(join(path, file)), { recursive: true });
    await cp(join(root, file), join(path, file));
  }
  const entry = ({ name, publisher, version }, relativeLocation) => {
    const location = { $mid: 1, path: join(extensionsDir, relativeLocation), scheme: 'file' };
    return { identifier: { id: `${publisher}.${name}` }, version, location, relativeLocation, metadata: {} };
  };
  const entries = [entry(manifest, 'netns-explorer'), entry(await writeOpener(join(extensionsDir, 'opener')), 'opener')];
  await writeFile(join(extensionsDir, 'extensions.json'), JSON.stringify(entries));
}

function aborted() {
  return new Promise((resolve) => {
    if (stopping.aborted) resolve();
    else stopping.addEventListener('abort', resolve, { once: true });
  });
}

async function main() {
  console.log('Netns Explorer');
  say('building');
  if ((await show([process.execPath, join(root, 'scripts', 'build.mjs')])) !== 0) throw new Error('The build failed; its messages are above.');
  stopping.throwIfAborted();
  const folder = await mkdtemp(join(tmpdir(), 'netns-explorer-start-'));
  undo.push(() => rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }));
  const userDataDir = join(folder, 'user-data');
  const extensionsDir = join(folder, 'extensions');
  await mkdir(extensionsDir);
  await writeSettings(userDataDir, await hostSettings());
  stopping.throwIfAborted();
  const code = findProgram('code');
  const screen = process.platform !== 'linux' || process.env.DISPLAY || process.env.WAYLAND_DISPLAY;
  if (code !== undefined && screen) await openDesktop(code, folder, userDataDir, extensionsDir);
  else await serveBrowser(userDataDir, extensionsDir);
}

let failed = false;
try {
  await main();
} catch (error) {
  if (!stopping.aborted) {
    failed = true;
    console.error(error instanceof LabError || !(error instanceof TypeError) ? error.message : error);
  }
}
for (const step of undo.reverse()) {
  try {
    await step();
  } catch (error) {
    failed = true;
    console.error(`Not everything could be taken down: ${error.message}`);
  }
}
if (!failed) console.log('Everything is down.');
process.exit(failed ? 1 : 0);
