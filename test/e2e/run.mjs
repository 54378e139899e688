// Runs the end-to-end tests in a real VS Code against the lab that NETNS_LAB_STATE names (else the instance `dev`).
//   node test/e2e/run.mjs [--grep TEXT] [--scale N] [--desktop PATH]
// --desktop takes the executable of a desktop VS Code: there nobody is at the keyboard, so only tests that need no hands are run.
import { listFiles, PackageManager } from '@vscode/vsce';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startCodeServer } from '../../scripts/codeServer.mjs';
import { currentLab } from '../lab/client.mjs';
import { buildSuite, loadHarness, root } from './build.mjs';
import { installationTitle, interruptionTitle, testInstallation } from './installation.mjs';
import { labSettings } from './settings.mjs';

const limitMs = 20 * 60_000;

const { values } = parseArgs({ options: { grep: { type: 'string' }, scale: { type: 'string' }, desktop: { type: 'string' } } });

try {
  const lab = await currentLab();
  const { printResult, runEndToEnd, summarise, writeResults, ...harness } = await loadHarness();
  const artifacts = join(root, 'artifacts', 'e2e');
  const results = [...(await runEndToEnd({
    // The files that a package would hold, no others.
    extension: { path: root, files: await listFiles({ cwd: root, packageManager: PackageManager.None }) },
    suite: await buildSuite(join(root, 'test/e2e/suite/index.ts'), 'suite'),
    artifacts,
    settings: labSettings(lab),
    environment: { NETNS_LAB_STATE: lab.state, NETNS_PROJECT: root },
    vscode: values.desktop === undefined ? { startServer: startCodeServer } : { desktop: values.desktop },
    ...(values.grep !== undefined && { grep: values.grep }),
    ...(values.scale !== undefined && { scale: Number(values.scale) }),
    limitMs,
  }))];
  // Last, because it builds anew.
  const titles = [installationTitle, interruptionTitle].filter((title) => title.includes(values.grep ?? ''));
  if (values.desktop === undefined && titles.length > 0 && !results.some(({ error }) => /Stopped by SIG/.test(error ?? ''))) {
    for (const result of await testInstallation(harness, lab, titles, { settings: labSettings(lab), artifacts: join(artifacts, 'installation') })) {
      printResult(result);
      results.push(result);
    }
  }
  const summary = summarise(results);
  await writeResults(artifacts, summary);
  for (const title of summary.repeated) console.log(`e2e: failed at the first try: ${title}`);
  console.log(`e2e: ${summary.passed} passed, ${summary.failed} failed, ${summary.skipped} skipped`);
  process.exitCode = summary.failed === 0 ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
