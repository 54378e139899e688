// Bundles the suite, an extension of its own, and the harness that drives it, into out/e2e/.
import { build } from 'esbuild';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
export const root = fileURLToPath(new URL('../..', import.meta.url));
export const outFolder = join(root, 'out', 'e2e');

/** The parallel runner looks for its workers' files, which a bundle has not; the suite does not use it. */
const withoutParallelRunner = {
  name: 'without-parallel-runner',
  setup(builder) {
    builder.onResolve({ filter: /parallel-buffered-runner/ }, ({ path }) => ({ path, namespace: 'left-out' }));
    builder.onLoad({ filter: /.*/, namespace: 'left-out' }, () => ({ contents: 'module.exports = {};' }));
  },
};

const manifest = {
  name: 'suite',
  publisher: 'netns-explorer-tests',
  version: '0.0.0',
  engines: { vscode: '^1.100.0' },
  main: './suite.js',
  activationEvents: ['onStartupFinished'],
  extensionKind: ['workspace'],
};

const node = { bundle: true, platform: 'node', target: 'node20', logLevel: 'warning', outdir: outFolder };

/** The harness, as a module of this process. @returns {Promise<typeof import('./harness/index.ts')>} */
export async function loadHarness() {
  await build({ ...node, entryPoints: { harness: join(here, 'harness/index.ts') }, format: 'esm', outExtension: { '.js': '.mjs' }, packages: 'external' });
  return import(join(outFolder, 'harness.mjs'));
}

/** The suite whose tests `entry` imports. @returns the folder of an extension, as the harness takes it */
export async function buildSuite(entry, name) {
  const folder = join(outFolder, name);
  await mkdir(folder, { recursive: true });
  await build({ ...node, entryPoints: { suite: entry }, outdir: folder, format: 'cjs', external: ['vscode'], plugins: [withoutParallelRunner] });
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
  return { path: folder, files: ['package.json', 'suite.js'] };
}
