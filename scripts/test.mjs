// npm test [-- PART…]: lint, types, unit, webview, live, e2e; all of them unless some are named. Builds first, brings up a lab of
// its own where one is needed, and ends with one line: N passed, N failed[, N skipped]. With CI=true a part that cannot run is a failure.
import { spawn } from 'node:child_process';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { labDown, labObstacle, labUp } from '../test/lab/client.mjs';
import { installCodeServer } from './codeServer.mjs';
import { stopSignal } from './stopSignal.mjs';
import { ensurePackages } from './systemPackages.mjs';

const root = fileURLToPath(new URL('..', import.meta.url)).replace(/[\\/]$/, '');
const artifacts = join(root, 'artifacts', 'test');
const labName = 'test';
const ci = process.env.CI === 'true' || process.env.CI === '1';
const stopping = stopSignal(() => console.log('\nStopping; the lab is taken down …'));

const say = (text) => console.log(`  ${text}`);

/** Runs argv with its output shown. @returns its exit status */
function show(argv, env = process.env) {
  return new Promise((resolve, reject) => {
    stopping.throwIfAborted();
    const child = spawn(argv[0], argv.slice(1), { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'], shell: process.platform === 'win32' });
    const stop = () => child.kill('SIGTERM');
    stopping.addEventListener('abort', stop, { once: true });
    child.once('error', reject);
    child.once('close', (code) => {
      stopping.removeEventListener('abort', stop);
      resolve(code ?? 1);
    });
  });
}

async function script(name) {
  const code = await show(['npm', 'run', '--silent', name]);
  return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 };
}

async function readResults(path) {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/** What a runner said, made to agree with how it ended: a run that broke has at least one failure. */
function counted({ passed, failed, skipped }, code) {
  return { passed, failed: code !== 0 && failed === 0 ? 1 : failed, skipped };
}

async function vitest(project, env) {
  const path = join(artifacts, `${project}.json`);
  await rm(path, { force: true });
  const code = await show(
    [process.execPath, join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', '--project', project, '--reporter=default', '--reporter=json', `--outputFile.json=${path}`],
    { ...process.env, VITE_CONFIG_NATIVE_IGNORE_WARNING: 'true', ...env },
  );
  const results = await readResults(path);
  return counted({
    passed: results?.numPassedTests ?? 0,
    failed: results?.numFailedTests ?? 1,
    skipped: (results?.numPendingTests ?? 0) + (results?.numTodoTests ?? 0),
  }, code);
}

async function endToEnd(env) {
  const path = join(root, 'artifacts', 'e2e', 'results.json');
  await rm(path, { force: true });
  const code = await show([process.execPath, join(root, 'test', 'e2e', 'run.mjs')], { ...process.env, ...env });
  const results = await readResults(path);
  return counted({ passed: results?.passed ?? 0, failed: results?.failed ?? 1, skipped: results?.skipped ?? 0 }, code);
}

/** The lab of this run, brought up when a part first needs it. */
let lab;

/** Why a part with these packages cannot run here, as a sentence. */
async function prepareLab(packages) {
  if (process.platform !== 'linux') return 'The lab needs Linux.';
  if (process.getuid() !== 0) return 'The lab needs root, because it makes network namespaces and runs container engines.';
  const obstacle = ensurePackages(packages, say) ?? (await labObstacle());
  if (obstacle !== undefined) return obstacle;
  lab ??= labUp(labName, { say: (text) => say(`lab: ${text}`), signal: stopping });
  await lab;
  return undefined;
}

const labEnv = async () => ({ NETNS_LAB_STATE: (await lab).state });

const parts = {
  lint: { run: () => script('lint') },
  types: { run: () => script('types') },
  unit: { run: () => vitest('unit') },
  webview: { run: () => vitest('webview') },
  live: { prepare: () => prepareLab(['lab']), run: async () => vitest('live', await labEnv()) },
  e2e: {
    prepare: async () => {
      const obstacle = await prepareLab(['lab', 'browser', 'editor']);
      if (obstacle === undefined) await installCodeServer(say, stopping);
      return obstacle;
    },
    run: async () => endToEnd(await labEnv()),
  },
};

async function runPart(name) {
  const start = performance.now();
  console.log(`\n== ${name}`);
  let result;
  try {
    const obstacle = await parts[name].prepare?.();
    if (obstacle === undefined) result = await parts[name].run();
    else if (ci) {
      console.log(`${name} cannot run, which in CI is a failure: ${obstacle}`);
      result = { passed: 0, failed: 1, skipped: 0 };
    } else {
      console.log(`${name} is skipped: ${obstacle}`);
      result = { passed: 0, failed: 0, skipped: 1 };
    }
  } catch (error) {
    if (!stopping.aborted) console.error(`${name} broke: ${error.stack ?? error.message}`);
    result = { passed: 0, failed: 1, skipped: 0 };
  }
  return { name, ...result, seconds: (performance.now() - start) / 1000 };
}

const totalLine = ({ passed, failed, skipped }) => `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;

const asked = process.argv.slice(2);
const unknown = asked.find((name) => parts[name] === undefined);
if (unknown !== undefined) {
  console.error(`There is no part "${unknown}", only ${Object.keys(parts).join(', ')}.`);
  process.exit(2);
}
const names = Object.keys(parts).filter((name) => asked.length === 0 || asked.includes(name));
const results = [];
try {
  await mkdir(artifacts, { recursive: true });
  console.log('== build');
  if ((await show([process.execPath, join(root, 'scripts', 'build.mjs')])) !== 0) {
    results.push({ name: 'build', passed: 0, failed: 1, skipped: 0, seconds: 0 });
  } else {
    for (const name of names) {
      if (stopping.aborted) break;
      results.push(await runPart(name));
    }
  }
} catch (error) {
  if (!stopping.aborted) console.error(error);
  results.push({ name: 'run', passed: 0, failed: 1, skipped: 0, seconds: 0 });
} finally {
  if (lab !== undefined) {
    try {
      await labDown(labName);
    } catch (error) {
      console.error(`The lab could not be taken down: ${error.message}`);
      results.push({ name: 'lab', passed: 0, failed: 1, skipped: 0, seconds: 0 });
    }
  }
}
console.log('');
for (const result of results) console.log(`${result.name.padEnd(8)} ${totalLine(result)} (${result.seconds.toFixed(0)} s)`);
const total = { passed: 0, failed: 0, skipped: 0 };
for (const result of results) for (const key of Object.keys(total)) total[key] += result[key];
if (stopping.aborted) console.log('Stopped before the end.');
process.stdout.write(`${totalLine(total)}\n`, () => process.exit(total.failed > 0 || stopping.aborted ? 1 : 0));
