// Takes the README's pictures from a real VS Code on the lab (NETNS_LAB_STATE, else the instance `dev`), into docs/images/.
import vsce from '@vscode/vsce';
import { copyFile, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { buildSuite, loadHarness, root } from '../test/e2e/build.mjs';
import { labSettings } from '../test/e2e/settings.mjs';
import { currentLab } from '../test/lab/client.mjs';
import { startCodeServer } from './codeServer.mjs';

const look = {
  'editor.minimap.enabled': false,
  'editor.fontFamily': 'monospace',
  'editor.scrollBeyondLastLine': false,
  'terminal.integrated.fontSize': 13,
};

try {
  const lab = await currentLab();
  const { runEndToEnd } = await loadHarness();
  const artifacts = join(root, 'artifacts', 'screenshots');
  const results = await runEndToEnd({
    extension: { path: root, files: await vsce.listFiles({ cwd: root, packageManager: vsce.PackageManager.None }) },
    suite: await buildSuite(join(root, 'test/e2e/pictures/index.ts'), 'pictures'),
    artifacts,
    settings: { ...labSettings(lab), ...look },
    environment: { NETNS_LAB_STATE: lab.state, NETNS_PROJECT: root },
    vscode: { startServer: startCodeServer },
    scale: 2,
    limitMs: 5 * 60_000,
  });
  if (results.some(({ state }) => state === 'failed')) throw new Error('No picture was taken over: a failure is on one of them.');
  const images = join(root, 'docs', 'images');
  await mkdir(images, { recursive: true });
  for (const file of await readdir(join(artifacts, 'screenshots'))) await copyFile(join(artifacts, 'screenshots', file), join(images, file));
  console.log(`The pictures are in ${images}.`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
