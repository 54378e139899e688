import { join } from 'node:path';
import type { Page } from 'playwright-core';
import type { Driver, ScreenshotOptions } from '../../bridge';
import { noticesDriver } from './notices';
import { quickInputDriver } from './quickInput';
import { terminalDriver } from './terminal';
import { treeDriver } from './tree';
import { webviewDriver } from './webview';

const parts = { sidebar: '.part.sidebar', editor: '.part.editor', panel: '.part.panel' };

/** Drives a page as a user does. `smuggled` collects what only a smuggled script could cause. */
export function createDriver(page: Page, screenshots: string, smuggled: readonly string[]): Driver {
  return {
    async screenshot(name, options: ScreenshotOptions = {}) {
      const path = join(screenshots, `${name.replace(/[^\w.-]+/g, '-')}.png`);
      await page.mouse.move(0, 0);
      if (options.part === undefined) await page.screenshot({ path, ...(options.clip && { clip: options.clip }) });
      else await page.locator(parts[options.part]).screenshot({ path });
    },
    async resize(width, height) {
      await page.setViewportSize({ width, height });
    },
    press: (key) => page.keyboard.press(key),
    type: (text) => page.keyboard.type(text),
    ...quickInputDriver(page),
    ...treeDriver(page),
    ...terminalDriver(page),
    ...noticesDriver(page),
    ...webviewDriver(page),
    async clickInEditorTitle(name) {
      await page.locator('.editor-group-container.active .editor-actions').getByRole('button', { name }).first().click();
    },
    async smuggled() {
      const trapped = await Promise.all(page.frames().map((frame) => frame.evaluate(() => (globalThis as { netnsSmuggled?: string }).netnsSmuggled).catch(() => undefined)));
      return [...smuggled, ...trapped.filter((trap) => trap !== undefined)];
    },
  };
}
