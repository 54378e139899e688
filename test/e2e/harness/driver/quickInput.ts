import type { Page } from 'playwright-core';
import type { Driver } from '../../bridge';
import { waitUntil } from '../wait';

const limitMs = 15_000;

type QuickInputDriver = Pick<Driver, 'palette' | 'quickPickItems' | 'quickPick' | 'quickInput' | 'quickInputType' | 'waitForQuickInput' | 'fileDialog'>;

export function quickInputDriver(page: Page): QuickInputDriver {
  const widget = page.locator('.quick-input-widget');
  const input = widget.locator('.quick-input-filter input');
  const rows = widget.locator('.quick-input-list .monaco-list-row');
  const settled = async (): Promise<readonly string[]> => {
    await input.waitFor();
    await waitUntil(async () => (await widget.locator('.quick-input-progress.active').count()) === 0, { limitMs, what: 'the quick input to be done' });
    return rows.evaluateAll((elements) => elements.map((row) => row.querySelector('.label-name')?.textContent ?? ''));
  };

  const pick = async (label: string): Promise<void> => {
    const index = await waitUntil(
      async () => {
        const at = (await settled()).indexOf(label);
        // The list may have been sorted anew meanwhile.
        return at !== -1 && (await rows.nth(at).locator('.label-name').first().textContent()) === label ? at : undefined;
      },
      { limitMs, what: `"${label}" in the quick pick` },
    );
    await rows.nth(index).click();
  };

  return {
    async palette(title) {
      await page.keyboard.press('F1');
      await input.waitFor();
      await input.fill(`>${title}`);
      await pick(title);
    },
    async quickPickItems() {
      return waitUntil(
        async () => {
          const items = await settled();
          return items.length > 0 && items;
        },
        { limitMs, what: 'rows in the quick pick' },
      );
    },
    quickPick: pick,
    async quickInput(text) {
      await input.waitFor();
      await input.fill(text);
      await settled();
      await page.keyboard.press('Enter');
    },
    async quickInputType(text) {
      await input.waitFor();
      await input.fill(text);
      await settled();
      const message = await widget.locator('.quick-input-message').textContent();
      return { title: ((await widget.locator('.quick-input-title').textContent()) ?? '').trim(), message: (message ?? '').trim() };
    },
    async fileDialog(path) {
      await input.waitFor();
      await waitUntil(async () => (await widget.getByRole('button', { name: 'OK', exact: true }).count()) > 0, { limitMs, what: 'a file dialog' });
      const title = widget.locator('.quick-input-title');
      const own = await title.textContent();
      // What comes next may be there at once, and is not to be answered.
      const isOver = async (): Promise<boolean> => !(await input.isVisible()) || (await title.textContent()) !== own;
      // The dialog follows what is typed into the folder, writes into its input meanwhile, and takes no answer while it does.
      await waitUntil(
        async () => {
          if (await isOver()) return true;
          await settled();
          if ((await input.inputValue()) !== path) await input.fill(path);
          await settled();
          if ((await input.inputValue()) !== path) return false;
          await page.keyboard.press('Enter');
          return waitUntil(isOver, { limitMs: 1_000, what: 'the file dialog to close' }).catch(() => false);
        },
        { limitMs, what: 'the file dialog to close' },
      );
    },
    async waitForQuickInput(text) {
      const said = async (): Promise<string> => {
        if (!(await input.isVisible())) return '';
        const placeholder = (await input.getAttribute('placeholder')) ?? '';
        return [placeholder, await widget.innerText()].join('\n');
      };
      let last = '';
      await waitUntil(
        async () => {
          last = await said();
          return last.includes(text);
        },
        { limitMs, what: () => `a quick input that says "${text}"; it says "${last}"` },
      );
    },
  };
}
