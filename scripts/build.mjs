// Bundles the extension, its lazily loaded parts, the command line and the webview into dist/.
import { build, context } from 'esbuild';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { lazyBundles } from './bundles.mjs';

const watch = process.argv.includes('--watch');
const production = process.argv.includes('--production');

const shared = {
  bundle: true,
  sourcemap: production ? false : 'linked',
  minify: production,
  legalComments: 'linked',
  metafile: production,
  logLevel: 'warning',
  loader: { '.sh': 'text' },
};

/**
 * dockerode's session and protobuf parts serve image builds alone and weigh more than all the rest of it; docker-modem's own SSH
 * is never used (see docs/decisions/0003-engine-client.md) and would bring a second ssh2;
 * ssh2's native parts are optional speed-ups that a package for every platform cannot carry.
 */
const leaveOut = {
  name: 'leave-out',
  setup(builder) {
    const filter = /^(\.\/session|\.\/ssh|@grpc\/grpc-js|@grpc\/proto-loader|protobufjs|cpu-features|\.\/crypto\/build\/Release\/sshcrypto\.node)$/;
    builder.onResolve({ filter }, (args) => {
      if (args.path === './session' && !/dockerode[\\/]lib$/.test(args.resolveDir)) return undefined;
      if (args.path === './ssh' && !/docker-modem[\\/]lib$/.test(args.resolveDir)) return undefined;
      return { path: args.path, namespace: 'left-out' };
    });
    builder.onLoad({ filter: /.*/, namespace: 'left-out' }, (args) => ({
      contents: /cpu-features|sshcrypto/.test(args.path) ? `throw new Error('left out of the bundle');` : 'module.exports = {};',
      loader: 'js',
    }));
  },
};

/** See src/host/ssh/poly1305.ts. */
const smallPoly1305 = {
  name: 'small-poly1305',
  setup(builder) {
    builder.onResolve({ filter: /^\.\/crypto\/poly1305\.js$/ }, (args) => {
      if (!/ssh2[\\/]lib[\\/]protocol$/.test(args.resolveDir)) return undefined;
      return { path: 'poly1305', namespace: 'small-poly1305' };
    });
    builder.onLoad({ filter: /.*/, namespace: 'small-poly1305' }, () => ({
      contents: `module.exports = require('./src/host/ssh/poly1305.ts').openPoly1305;`,
      resolveDir: process.cwd(),
    }));
  },
};

const lazyImports = {
  name: 'lazy-imports',
  setup(builder) {
    builder.onResolve({ filter: /^\.{1,2}\// }, (args) => {
      if (args.kind !== 'dynamic-import') return undefined;
      const target = relative(process.cwd(), resolve(args.resolveDir, args.path)) + '.ts';
      const name = Object.keys(lazyBundles).find((key) => lazyBundles[key] === target);
      if (name === undefined) return { errors: [{ text: `${target} is imported dynamically but is no lazy bundle: name it in scripts/bundles.mjs` }] };
      return { path: `./${name}.js`, external: true };
    });
  },
};

/**
 * VS Code's API as one module that is asked for once, holding the names that are used. As an external CommonJS module every file that
 * imports it would ask for it again and copy all its properties one by one, which took half of the time of activation.
 */
const vscodeOnce = {
  name: 'vscode-once',
  async setup(builder) {
    const declared = await readFile('node_modules/@types/vscode/index.d.ts', 'utf8');
    const names = new Set([...declared.matchAll(/^\texport (?:class|enum|namespace|const|function) (\w+)/gm)].map(([, name]) => name));
    builder.onResolve({ filter: /^vscode$/ }, (args) => (args.namespace === 'vscode-once' ? { path: 'vscode', external: true } : { path: 'vscode', namespace: 'vscode-once' }));
    builder.onLoad({ filter: /.*/, namespace: 'vscode-once' }, () => ({
      contents: [`const api = require('vscode');`, ...[...names].map((name) => `export const ${name} = /* @__PURE__ */ (() => api.${name})();`)].join('\n'),
      resolveDir: process.cwd(),
    }));
  },
};

const node = {
  ...shared,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  outdir: 'dist',
  supported: { 'dynamic-import': false },
  plugins: [leaveOut, smallPoly1305, lazyImports, vscodeOnce],
};

const jobs = [
  { ...node, entryPoints: { extension: 'src/extension.ts' } },
  { ...node, entryPoints: { cli: 'src/cli/main.ts' }, banner: { js: '#!/usr/bin/env node' } },
  { ...node, entryPoints: lazyBundles },
  { ...node, entryPoints: { layoutWorker: 'src/discovery/layout/layoutWorker.ts' } },
  { ...shared, entryPoints: { diagram: 'webview/diagram.ts', plan: 'webview/plan.ts' }, platform: 'browser', format: 'iife', target: 'es2022', outdir: 'dist/webview' },
];

await rm('dist', { recursive: true, force: true });
if (watch) {
  for (const job of jobs) await (await context(job)).watch();
} else {
  const built = await Promise.all(jobs.map((job) => build(job)));
  if (production) {
    // What went into which bundle: scripts/package.mjs makes the third-party notices from it.
    await mkdir('out', { recursive: true });
    await writeFile('out/bundles.json', JSON.stringify(Object.assign({}, ...built.map(({ metafile }) => metafile.outputs))));
  }
}
