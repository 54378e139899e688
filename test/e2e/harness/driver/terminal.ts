import type { Page } from 'playwright-core';
import type { Driver } from '../../bridge';
import { waitUntil } from '../wait';

type TerminalDriver = Pick<Driver, 'terminalLines' | 'terminalRun' | 'terminalWait' | 'terminalPanes'>;

export function terminalDriver(page: Page): TerminalDriver {
  const shown = page.locator('.terminal-wrapper.active .xterm:visible, .terminal-editor .xterm:visible');
  const active = shown.filter({ has: page.locator(':focus') }).or(shown).last();

  const lines = async (): Promise<readonly string[]> => {
    // Rows are elements of xterm's DOM renderer; a blank is drawn as a no-break space.
    const rows = await active.locator('.xterm-rows > div').evaluateAll((elements) => elements.map((row) => row.textContent.replaceAll('\u00a0', ' ').trimEnd()));
    return rows;
  };

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
    async terminalPanes() {
      return shown.count();
    },
  };
}
