import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestResult } from '../bridge';
import { createDriver } from './driver/driver';
import { resultOf, type InstalledOptions } from './installed';
import { startSession } from './session';
import { waitUntil } from './wait';

/** What the lab does for it: all of it past the extension. */
export interface PlanHost {
  /** Makes a plan's second step wait on node1. */
  hold(): Promise<{ reached(): Promise<unknown>; release(): Promise<void> }>;
  /** What `ip -o link` prints on node1. */
  links(): Promise<string>;
}

/** The editor is killed in the middle of a plan: the window's next start offers to take it back. */
export async function proveInterrupted(title: string, options: InstalledOptions, host: PlanHost): Promise<TestResult> {
  return resultOf(title, async () => {
    const marker = `netns-e2e-${String(process.pid)}-${String(Date.now())}`;
    const session = await startSession({ ...options, extensions: [], environment: { NETNS_E2E_RUN: marker } });
    try {
      const driver = createDriver(session.page, join(options.artifacts, 'screenshots'), session.smuggled);
      await session.open();
      await driver.openSidebar('Netns Explorer');
      // A host has plans once it was read.
      await driver.revealRow(['node1', 'Networks', 'mynet01']);
      await driver.rowMenu(['node1'], ['Plan', 'Create Bridge…']);
      await driver.waitForQuickInput('Name of the bridge');
      await driver.quickInput('e2ekill0');
      await driver.waitForQuickInput('Its address');
      await driver.press('Enter');
      await driver.waitForQuickInput('Options');
      await driver.press('Enter');
      await driver.webviewWait({ selector: 'li.holds', text: 'the name e2ekill0 is free' }, 30_000);
      const hold = await host.hold();
      try {
        await driver.webviewClick({ selector: '.actions vscode-button:text-is("Apply")' });
        await hold.reached();
        const killed = await extensionHosts(marker);
        if (killed.length === 0) throw new Error('No extension host was found.');
        for (const pid of killed) process.kill(pid, 'SIGKILL');
        await waitUntil(async () => (await extensionHosts(marker)).every((pid) => !killed.includes(pid)), { what: 'the extension host to end', limitMs: 10_000 });
      } finally {
        await hold.release();
      }
      if (!(await host.links()).includes('e2ekill0')) throw new Error('The plan had made nothing yet.');
      await session.open();
      const offer = '"Bridge e2ekill0 on node1" was interrupted: part of it may still be on node1\\.';
      await driver.waitForNotification(offer, 60_000);
      await driver.screenshot('plan-offered-after-restart');
      await driver.clickNotification(offer, 'Undo');
      await driver.webviewWait({ selector: '.verdict', text: 'Removed.' }, 60_000);
      if ((await host.links()).includes('e2ekill0')) throw new Error('The bridge is still there.');
    } finally {
      await session.close();
    }
  });
}

/** Processes that this session's server started. */
async function extensionHosts(marker: string): Promise<number[]> {
  const pids: number[] = [];
  for (const entry of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const [environment, command] = await Promise.all(['environ', 'cmdline'].map((file) => readFile(join('/proc', entry, file), 'latin1').catch(() => '')));
    if (environment?.includes(`NETNS_E2E_RUN=${marker}`) === true && command?.includes('--type=extensionHost') === true) pids.push(Number(entry));
  }
  return pids;
}
