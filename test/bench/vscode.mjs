// What the extension costs in a real VS Code: activation, reveal, events, diagrams, frames, memory; with 300 containers on 10 networks of a real Docker
// host, and for the diagrams with recorded hosts of 300 and 650 containers (a stand-in: see vscode/crowd.ts). Median of several sessions.
import vsce from '@vscode/vsce';
import { build } from 'esbuild';
import { spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCodeServer } from '../../scripts/codeServer.mjs';
import { buildSuite, loadHarness, outFolder, root } from '../e2e/build.mjs';
import { labSettings } from '../e2e/settings.mjs';
import { labDown, labObstacle, labUp } from '../lab/client.mjs';

const sessions = Number(process.env.NETNS_BENCH_SESSIONS ?? 3);
const instance = 'bench';
const scale = 300;

/** @returns whether every target was met */
export async function run() {
  const obstacle = await labObstacle();
  if (obstacle !== undefined) {
    console.error(obstacle);
    return false;
  }
  const built = spawnSync(process.execPath, ['scripts/build.mjs', '--production'], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  if (built.status !== 0) return false;
  const folder = await mkdtemp(join(tmpdir(), 'netns-bench-'));
  try {
    const lab = await labUp(instance, { scale, say: (text) => console.error(`  lab: ${text}`) });
    const { runEndToEnd } = await loadHarness();
    const { crowdSnapshot, stopwatch } = await loadMeasuring();
    const networks = [{ name: 'crowd300', vni: 5001, containers: 300 }, { name: 'crowd650', vni: 5002, containers: 650 }];
    const recorded = await Promise.all([0, 1].map(async (host) => {
      const file = join(folder, `big${host}.json`);
      await writeFile(file, JSON.stringify(crowdSnapshot(host, networks)));
      return `file:${file}`;
    }));
    const settings = labSettings(lab);
    const options = {
      extension: await startedOnDemand(join(folder, 'extension')),
      suite: await buildSuite(join(root, 'test/bench/vscode/index.ts'), 'bench'),
      artifacts: join(root, 'artifacts', 'bench'),
      settings: { ...settings, 'netnsExplorer.hosts': [...settings['netnsExplorer.hosts'], ...recorded] },
      environment: { NETNS_LAB_STATE: lab.state, NETNS_PROJECT: root },
      vscode: { startServer: startCodeServer },
      limitMs: 10 * 60_000,
    };
    const figures = new Map();
    let good = true;
    for (let session = 1; session <= sessions; session += 1) {
      console.error(`  session ${session} of ${sessions}`);
      let last = '';
      const handlers = (page) => stopwatch(page, (figure) => {
        // "The same again" and "longest frame of that" belong to the figure before them.
        const name = /^the same|^longest/.test(figure.name) ? `${last}; ${figure.name}` : (last = figure.name);
        const known = figures.get(name) ?? { ...figure, name, values: [] };
        figures.set(name, { ...known, values: [...known.values, ...figure.values] });
      });
      const results = await runEndToEnd({ ...options, handlers });
      good = results.every(({ state }) => state !== 'failed') && good;
      if (results.some(({ error }) => /Stopped by SIG/.test(error ?? ''))) return false;
    }
    return report([...figures.values()]) && good;
  } finally {
    if (process.env.NETNS_BENCH_KEEP_LAB === undefined) await labDown(instance);
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * A copy of what is packaged that VS Code does not start by itself: to be measured at rest it has to be started by the measuring.
 * @returns the folder and its files
 */
async function startedOnDemand(path) {
  const files = await vsce.listFiles({ cwd: root, packageManager: vsce.PackageManager.None });
  for (const file of files) await cp(join(root, file), join(path, file));
  const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const activationEvents = manifest.activationEvents.filter((event) => event !== 'onStartupFinished');
  await writeFile(join(path, 'package.json'), JSON.stringify({ ...manifest, activationEvents }));
  return { path, files };
}

async function loadMeasuring() {
  const outdir = join(outFolder, 'measuring');
  await mkdir(outdir, { recursive: true });
  await build({
    stdin: { contents: `export { crowdSnapshot } from './crowd'; export { stopwatch } from './stopwatch';`, resolveDir: join(root, 'test/bench/vscode'), loader: 'ts' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: join(outdir, 'measuring.mjs'),
    packages: 'external',
    logLevel: 'warning',
  });
  return import(join(outdir, 'measuring.mjs'));
}

function report(figures) {
  const shown = (value) => (value >= 100 ? value.toFixed(0) : value.toFixed(1));
  let good = true;
  for (const { name, unit, values, target, better } of figures) {
    const middle = median(values);
    const met = better === 'less' ? middle <= target : middle >= target;
    good &&= met;
    console.log(`  ${met ? 'met   ' : 'MISSED'} ${shown(middle).padStart(7)} ${unit.padEnd(8)} (${better === 'less' ? '≤' : '≥'} ${target})  ${name}  [${values.map(shown).join(', ')}]`);
  }
  return good;
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
