// The browser-served VS Code: its installation in a cache folder, and a running server.
// It is no dependency of the extension, hence not in package.json.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createWriteStream, existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ensurePackages } from './systemPackages.mjs';

/** code-server 4.139.1 holds VS Code 1.139.1. */
export const codeServerVersion = '4.139.1';

/** The Node that comes with the project: the server's native parts are built for it and run by it. */
const projectNode = fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url));
const node = existsSync(projectNode) ? projectNode : process.execPath;

const cacheRoot = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'netns-explorer');
const serverMain = join('node_modules', 'code-server', 'lib', 'vscode', 'out', 'server-main.js');

/** Runs argv to its end, its output in a file. @returns its exit status */
function runLogged(argv, options, logFile) {
  return new Promise((resolve, reject) => {
    const child = spawn(argv[0], argv.slice(1), { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    const log = createWriteStream(logFile);
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    child.on('error', reject);
    child.on('close', (code) => log.end(() => resolve(code)));
  });
}

async function nodeVersion() {
  if (node === process.execPath) return process.versions.node;
  return (await readFile(join(dirname(dirname(node)), 'package.json'), 'utf8').then(JSON.parse)).version;
}

/**
 * The folder of the installation; installs it where it is not there yet (about two minutes). Two that install at the same
 * time do not meet: each works in a folder of its own, and the first to rename its folder into place wins.
 * @throws Error with a sentence that says what to do.
 */
export async function installCodeServer(say = () => undefined, signal) {
  const target = join(cacheRoot, `code-server-${codeServerVersion}-node-${(await nodeVersion()).split('.')[0]}`);
  const done = () => existsSync(join(target, serverMain)) && existsSync(join(target, '.complete'));
  if (done()) return target;
  const problem = ensurePackages(['editor'], say);
  if (problem !== undefined) throw new Error(problem);
  await mkdir(cacheRoot, { recursive: true });
  await removeStaleDrafts();
  say(`installing VS Code's server (code-server ${codeServerVersion}) into ${target}; this takes some minutes, once`);
  const draft = await mkdtemp(join(cacheRoot, `draft-${process.pid}-`));
  const logFile = join(cacheRoot, 'code-server-install.log');
  try {
    await writeFile(join(draft, 'package.json'), '{ "private": true }\n');
    const env = { ...process.env, PATH: `${dirname(node)}:${process.env.PATH}`, npm_config_unsafe_perm: 'true' };
    // What an npm script inherits from the npm that runs it is not this installation's: its package, its prefix, how much it says,
    // and its user agent, by which code-server's postinstall tells the version of Node.
    for (const name of Object.keys(env)) if (/^npm_(package|lifecycle|command|execpath|node_execpath|config_((local_|global_)?prefix|user_agent|loglevel))/.test(name)) delete env[name];
    const argv = ['npm', 'install', '--no-audit', '--no-fund', `code-server@${codeServerVersion}`];
    const code = await runLogged(argv, { cwd: draft, env, signal, killSignal: 'SIGTERM' }, logFile);
    if (code !== 0 || !existsSync(join(draft, serverMain))) {
      throw new Error(`VS Code's server could not be installed (npm exited with ${code}). What npm said is in ${logFile}.`);
    }
    await writeFile(join(draft, '.complete'), `${codeServerVersion}\n`);
    try {
      await rename(draft, target);
    } catch (error) {
      if (!done()) {
        // What is in the way was left by something that is no installation.
        if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
        await rm(target, { recursive: true });
        await rename(draft, target);
      }
    }
    return target;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** Drafts of installations that died: their process is gone. */
async function removeStaleDrafts() {
  for (const entry of await readdir(cacheRoot)) {
    const pid = /^draft-(\d+)-/.exec(entry)?.[1];
    if (pid === undefined || isAlive(Number(pid))) continue;
    await rm(join(cacheRoot, entry), { recursive: true, force: true });
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Processes (other than this) whose environment holds the marker; nothing where there is no /proc. */
async function marked(marker) {
  const found = [];
  for (const entry of await readdir('/proc').catch(() => [])) {
    if (!/^\d+$/.test(entry) || Number(entry) === process.pid) continue;
    const environment = await readFile(`/proc/${entry}/environ`, 'latin1').catch(() => '');
    if (environment.split('\0').includes(marker)) found.push(Number(entry));
  }
  return found;
}

function kill(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

/**
 * Starts VS Code's server on a free port of 127.0.0.1 and waits until it listens.
 * @param options.userDataDir, options.extensionsDir folders, made where they are missing
 * @param options.smokeTestDriver whether the page takes `?payload=…` with extensionDevelopmentPath and extensionTestsPath
 * @param options.env further environment; options.args further arguments; options.logFile where its output goes
 * @returns {Promise<{url: string, port: number, pid: number, stop(): Promise<void>}>} `stop` ends it and all it started
 */
export async function startCodeServer({ userDataDir, extensionsDir, smokeTestDriver = false, env = {}, args = [], logFile, say, signal }) {
  const folder = await installCodeServer(say, signal);
  await mkdir(userDataDir, { recursive: true });
  await mkdir(extensionsDir, { recursive: true });
  // The server's sockets: it leaves them behind where it puts them.
  const runtimeDir = await mkdtemp(join(tmpdir(), 'netns-explorer-'));
  const marker = `NETNS_EXPLORER_SERVER=${randomBytes(8).toString('hex')}`;
  const [name, value] = marker.split('=');
  const argv = [
    join(folder, serverMain),
    ...['--host', '127.0.0.1', '--port', '0', '--without-connection-token', '--accept-server-license-terms'],
    ...['--disable-telemetry', '--disable-workspace-trust', '--user-data-dir', userDataDir, '--extensions-dir', extensionsDir],
    ...['--server-data-dir', userDataDir],
    ...(smokeTestDriver ? ['--enable-smoke-test-driver'] : []),
    ...args,
  ];
  const serverEnv = { ...process.env, XDG_RUNTIME_DIR: runtimeDir, ...env, [name]: value };
  // Set where this runs in a terminal of VS Code; the server would take itself for a part of that one.
  for (const key of Object.keys(serverEnv)) if (/^(VSCODE_|ELECTRON_)/.test(key)) delete serverEnv[key];
  const child = spawn(node, argv, { env: serverEnv, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const log = logFile === undefined ? undefined : createWriteStream(logFile, { flags: 'a' });
  let output = '';
  const ended = new Promise((resolve) => child.once('close', resolve));

  const stop = async () => {
    const group = () => (child.pid === undefined ? false : groupIsAlive(child.pid));
    if (child.pid !== undefined) kill(-child.pid, 'SIGTERM');
    const end = performance.now() + 3_000;
    const alive = async () => (group() ? 1 : 0) + (await marked(marker)).length;
    while ((await alive()) > 0) {
      if (performance.now() > end) {
        if (child.pid !== undefined) kill(-child.pid, 'SIGKILL');
        for (const pid of await marked(marker)) kill(pid, 'SIGKILL');
      } else {
        for (const pid of await marked(marker)) kill(pid, 'SIGTERM');
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await ended;
    log?.end();
    await rm(runtimeDir, { recursive: true, force: true });
  };

  try {
    const port = await new Promise((resolve, reject) => {
      const limit = setTimeout(() => reject(new Error(`VS Code's server did not start within 60 s:\n${output.slice(-2_000)}`)), 60_000);
      const read = (chunk) => {
        log?.write(chunk);
        if (output.length < 100_000) output += chunk.toString('utf8');
        const match = /Extension host agent listening on (\d+)/.exec(output);
        if (match) {
          clearTimeout(limit);
          resolve(Number(match[1]));
        }
      };
      child.stdout.on('data', read);
      child.stderr.on('data', read);
      child.once('error', reject);
      void ended.then((code) => {
        clearTimeout(limit);
        reject(new Error(`VS Code's server ended at once (status ${code}):\n${output.slice(-2_000)}`));
      });
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
    const url = `http://127.0.0.1:${port}/`;
    const answer = await fetch(url, { signal: AbortSignal.timeout(30_000) });
    if (!answer.ok) throw new Error(`VS Code's server answers ${answer.status} at ${url}.`);
    await answer.arrayBuffer();
    return { url, port, pid: child.pid, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function groupIsAlive(pid) {
  try {
    process.kill(-pid, 0);
    return true;
  } catch {
    return false;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    console.log(await installCodeServer(console.log));
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
