// Runs the end-to-end tests in a real VS Code against the lab that NETNS_LAB_STATE names (else the instance `dev`).
//   node test/e2e/run.mjs [--grep TEXT] [--scale N] [--desktop PATH]
// --desktop takes the executable of a desktop VS Code: there nobody is at the keyboard, so only tests that need no hands are run.
import { listFiles, PackageManager } from '@vscode/vsce';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startCodeServer } from '../../scripts/codeServer.mjs';
import { currentLab } from '../lab/client.mjs';
import { buildSuite, loadHarness, root } from './build.mjs';
import { labSettings } from './settings.mjs';

const limitMs = 20 * 60_000;

const { values } = parseArgs({ options: { grep: { type: 'string' }, scale: { type: 'string' }, desktop: { type: 'string' } } });

try {
  const lab = await currentLab();
  const { runEndToEnd } = await loadHarness();
  const results = await runEndToEnd({
    // The files that a package would hold, no others.
    extension: { path: root, files: await listFiles({ cwd: root, packageManager: PackageManager.None }) },
    suite: await buildSuite(join(root, 'test/e2e/suite/index.ts'), 'suite'),
    artifacts: join(root, 'artifacts', 'e2e'),
    settings: labSettings(lab),
    environment: { NETNS_LAB_STATE: lab.state, NETNS_PROJECT: root },
    vscode: values.desktop === undefined ? { startServer: startCodeServer } : { desktop: values.desktop },
    ...(values.grep !== undefined && { grep: values.grep }),
    ...(values.scale !== undefined && { scale: Number(values.scale) }),
    limitMs,
  });
  console.log(`e2e: ${results.passed} passed, ${results.failed} failed, ${results.skipped} skipped`);
  process.exitCode = results.failed === 0 ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
