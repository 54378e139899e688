// Builds for production and packs netns-explorer-VERSION.vsix, which holds only what runs.
//   node scripts/package.mjs [--out FILE]
import vsce from '@vscode/vsce';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { lazyBundles } from './bundles.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const notices = 'dist/THIRD_PARTY_NOTICES.txt';

/** The only files that a package may hold. */
const allowed = [
  /^(package\.json|package\.nls\.json|README\.md|CHANGELOG\.md|LICENSE)$/,
  new RegExp(`^dist/(${['extension', 'layoutWorker', ...Object.keys(lazyBundles)].join('|')})\\.js$`),
  /^dist\/webview\/(diagram|plan)\.(js|css)$/,
  /^dist\/(webview\/)?\w+\.js\.LEGAL\.txt$/,
  /^dist\/THIRD_PARTY_NOTICES\.txt$/,
  /^media\/[\w-]+\.(svg|png)$/,
  /^media\/netns-dump\.tmLanguage\.json$/,
  /^media\/sample\/[\w-]+\.json$/,
  /^l10n\/[\w.-]+\.json$/,
];

/** Without these it does not run, or may not be given away. */
const needed = ['package.json', 'package.nls.json', 'README.md', 'CHANGELOG.md', 'LICENSE', notices, 'dist/extension.js', ...Object.keys(lazyBundles).map((name) => `dist/${name}.js`), 'dist/layoutWorker.js', 'dist/webview/diagram.js', 'dist/webview/plan.js'];

/** @returns the path of the package @throws Error with a sentence */
export async function packageExtension(out) {
  const built = spawnSync(process.execPath, ['scripts/build.mjs', '--production'], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  if (built.status !== 0) throw new Error('The production build failed; nothing was packed.');
  await writeFile(join(root, notices), await thirdPartyNotices());
  const files = await vsce.listFiles({ cwd: root, packageManager: vsce.PackageManager.None });
  const odd = files.filter((file) => !allowed.some((pattern) => pattern.test(file)));
  if (odd.length > 0) throw new Error(`The package would hold what does not run: ${odd.join(', ')}. Leave it out by .vscodeignore, or name it in scripts/package.mjs.`);
  const missing = needed.filter((file) => !files.includes(file));
  if (missing.length > 0) throw new Error(`The package would lack ${missing.join(', ')}.`);
  const { name, version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const packagePath = out ?? join(root, `${name}-${version}.vsix`);
  await vsce.createVSIX({ cwd: root, packagePath, dependencies: false, allowMissingRepository: true, rewriteRelativeLinks: false });
  return { path: packagePath, files };
}

/** The licence of every npm package that is in a bundle, as the package itself gives it. */
async function thirdPartyNotices() {
  const bundles = JSON.parse(await readFile(join(root, 'out', 'bundles.json'), 'utf8'));
  const inputs = Object.entries(bundles).filter(([file]) => !file.startsWith('dist/cli.')).flatMap(([, bundle]) => Object.entries(bundle.inputs ?? {}));
  const folders = new Set(inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).flatMap(([input]) => packageFolder(input) ?? []));
  const packages = await Promise.all([...folders].map(describePackage));
  packages.sort((a, b) => (a.name < b.name ? -1 : 1));
  const rule = '-'.repeat(80);
  const parts = packages.map(({ name, version, license, source, text }) => `${rule}\n${name} ${version}\n${license}${source === undefined ? '' : `\nSource: ${source}`}\n\n${text.trim()}\n`);
  return `Netns Explorer is distributed with the following software. Each part is under its own licence.\n\n${parts.join('\n')}`;
}

/** node_modules/NAME or node_modules/@SCOPE/NAME, the innermost one of a path. */
function packageFolder(input) {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(input)?.[0];
}

async function describePackage(folder) {
  const path = join(root, folder);
  const manifest = JSON.parse(await readFile(join(path, 'package.json'), 'utf8'));
  const files = (await readdir(path)).filter((file) => /^(licen[cs]e|copying|notice)/i.test(file)).sort();
  const texts = await Promise.all(files.map((file) => readFile(join(path, file), 'utf8')));
  const repository = typeof manifest.repository === 'string' ? manifest.repository : manifest.repository?.url;
  const license = typeof manifest.license === 'string' ? manifest.license : (manifest.license?.type ?? manifest.licenses?.map((each) => each.type).join(', '));
  if (license === undefined && texts.length === 0) throw new Error(`${folder} names no licence: find it, before it is given away.`);
  return {
    name: manifest.name,
    version: manifest.version,
    license: license ?? 'See below',
    // The EPL asks that recipients are told where the source is.
    source: repository?.replace(/^git\+/, '').replace(/\.git$/, ''),
    text: texts.length > 0 ? texts.join('\n\n') : `Licensed under ${license}, by ${typeof manifest.author === 'string' ? manifest.author : (manifest.author?.name ?? 'its authors')}.`,
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { values } = parseArgs({ options: { out: { type: 'string' } } });
  try {
    const { path, files } = await packageExtension(values.out);
    for (const file of files) if (existsSync(join(root, file))) console.log(`${String((await stat(join(root, file))).size).padStart(9)}  ${file}`);
    console.log(`${path}: ${Math.round((await stat(path)).size / 1024)} KB`);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
