import type { Locator, Page } from 'playwright-core';
import type { Driver } from '../../bridge';
import { waitUntil } from '../wait';

type TerminalDriver = Pick<Driver, 'terminalLines' | 'terminalRun' | 'terminalWait' | 'terminalsWait' | 'terminalSettled' | 'terminalColours'>;

export function terminalDriver(page: Page): TerminalDriver {
  const shown = page.locator('.terminal-wrapper.active .xterm:visible, .terminal-editor .xterm:visible');
  const active = shown.filter({ has: page.locator(':focus') }).or(shown).last();

  const lines = (): Promise<readonly string[]> => linesOf(active);

  return {
    terminalLines: lines,
    async terminalRun(line) {
      await active.locator('.xterm-screen').click();
      await page.keyboard.type(line);
      await page.keyboard.press('Enter');
    },
    async terminalWait(pattern, limitMs = 20_000) {
      const expression = new RegExp(pattern, 'm');
      let text = '';
      return waitUntil(
        async () => {
          text = (await shown.count()) === 0 ? '' : (await lines()).join('\n').trimEnd();
          return expression.test(text) && text;
        },
        { limitMs, what: () => `${String(expression)} in the terminal, which shows:\n${text}` },
      );
    },
    async terminalsWait(count, pattern, limitMs = 20_000) {
      const expression = new RegExp(pattern, 'm');
      let texts: string[] = [];
      await waitUntil(
        async () => {
          texts = await Promise.all((await shown.all()).map(async (each) => (await linesOf(each)).join('\n').trimEnd()));
          return texts.filter((text) => expression.test(text)).length >= count;
        },
        { limitMs, what: () => `${String(count)} terminals with ${String(expression)}; they show:\n${texts.join('\n--\n')}` },
      );
    },
    async terminalSettled() {
      await page.locator('.terminal-resize-overlay.visible').waitFor({ state: 'hidden' });
    },
    async terminalColours() {
      return active.locator('.xterm-rows span[class*="xterm-fg-"]').allTextContents();
    },
  };
}

/** Rows are elements of xterm's DOM renderer; a blank is drawn as a no-break space. */
function linesOf(terminal: Locator): Promise<string[]> {
  return terminal.locator('.xterm-rows > div').evaluateAll((elements) => elements.map((row) => row.textContent.replaceAll('\u00a0', ' ').trimEnd()));
}
