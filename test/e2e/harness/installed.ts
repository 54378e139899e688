import { join } from 'node:path';
import type { TestResult } from '../bridge';
import { createDriver } from './driver/driver';
import { startSession, type StartServer } from './session';

export interface InstalledOptions {
  readonly startServer: StartServer;
  /** Where the package was installed to. */
  readonly extensionsDir: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly artifacts: string;
}

/** Opens VS Code with what is installed there alone, and lets the extension read the lab: it activates, and its lazily loaded parts are all there. */
export async function proveInstalled(title: string, options: InstalledOptions): Promise<TestResult> {
  return resultOf(title, async () => {
    const session = await startSession({ ...options, extensions: [], environment: {} });
    try {
      const driver = createDriver(session.page, join(options.artifacts, 'screenshots'), session.smuggled);
      await session.open();
      await driver.openSidebar('Netns Explorer');
      await driver.revealRow(['node1', 'Networks', 'mynet01', 'docker1n']);
      await driver.rowMenu(['node1', 'Networks', 'mynet01'], ['Show Diagram']);
      await driver.webviewWait({ selector: 'g.box.container', text: 'docker1n' });
      await driver.screenshot('installed');
    } finally {
      await session.close();
    }
  });
}

/** The result of one test that is not of the suite: it passes where `prove` ends. */
export async function resultOf(title: string, prove: () => Promise<void>): Promise<TestResult> {
  const start = performance.now();
  const result = (error?: Error): TestResult => ({
    title,
    state: error === undefined ? 'passed' : 'failed',
    milliseconds: performance.now() - start,
    ...(error !== undefined && { error: error.stack ?? error.message }),
  });
  try {
    await prove();
    return result();
  } catch (error) {
    return result(error instanceof Error ? error : new Error(String(error)));
  }
}
