import type { Locator, Page } from 'playwright-core';
import type { BridgeHandlers } from '../../e2e/harness/bridgeServer';
import type { Figure } from './protocol';

const limitMs = 30_000;
const rowSelector = '.part.sidebar .monaco-list-row';
/** As high as all rows of the tree together; the ones on screen are drawn. */
const rowsSelector = '.part.sidebar .monaco-list-rows';
const rowPx = 22;

/** The first row that is called exactly so. */
const rowNamed = (page: Page, label: string): Locator =>
  page.locator(rowSelector).filter({ has: page.locator('.label-name', { hasText: new RegExp(`^${label}$`) }) }).first();

/** Times what happens in the page by the page's own clock, from the event's own time stamp to a frame's. */
export function stopwatch(page: Page, onFigure: (figure: Figure) => void): BridgeHandlers {
  /** Installs the waiting first, then presses; so nothing is missed. */
  const pressUntilRows = async (press: () => Promise<void>, rows: number): Promise<number> => {
    const waiting = page.evaluate(
      ({ rows: wanted, selector, height, limit }) =>
        new Promise<number>((resolve, reject) => {
          let pressed: number | undefined;
          document.addEventListener('pointerdown', (event) => (pressed = event.timeStamp), { capture: true, once: true });
          const end = performance.now() + limit;
          const look = (): void => {
            // Other views have lists too, and those of a view that is hidden stay.
            const lists = [...document.querySelectorAll<HTMLElement>(selector)].filter((list) => list.offsetParent !== null && list.childElementCount > 0);
            const seen = Math.max(0, ...lists.map((list) => Math.round(parseFloat(list.style.height) / height)));
            if (pressed !== undefined && seen >= wanted) {
              const from = pressed;
              requestAnimationFrame((now) => resolve(now - from));
            } else if (performance.now() > end) reject(new Error(`${String(seen)} rows instead of ${String(wanted)}`));
            else requestAnimationFrame(look);
          };
          requestAnimationFrame(look);
        }),
      { rows, selector: rowsSelector, height: rowPx, limit: limitMs },
    );
    const [milliseconds] = await Promise.all([waiting, press()]);
    return milliseconds;
  };

  return {
    clickIconUntilRows: async (rows: number) => {
      // Within 300 ms of the last one, VS Code takes a press on the same icon for a double click's second and leaves it.
      await page.waitForTimeout(350);
      return pressUntilRows(() => page.locator('.activitybar .action-item:has(.action-label[aria-label^="Netns Explorer"])').click(), rows);
    },
    openRowUntilRows: (label: string, rows: number) =>
      pressUntilRows(() => rowNamed(page, label).locator('.monaco-tl-twistie').click(), rows),
    rowSeenAt: (text: string, present: boolean) =>
      page.evaluate(
        ({ text: wanted, present: there, selector, limit }) =>
          new Promise<number>((resolve, reject) => {
            const end = performance.now() + limit;
            const look = (): void => {
              const seen = [...document.querySelectorAll(selector)].some((row) => row.textContent.includes(wanted));
              if (seen === there) requestAnimationFrame((now) => resolve(performance.timeOrigin + now));
              else if (performance.now() > end) reject(new Error(`"${wanted}" in vain`));
              else requestAnimationFrame(look);
            };
            look();
          }),
        { text, present, selector: rowSelector, limit: limitMs },
      ),
    clickActionAt: async (label: string, action: string) => {
      const row = rowNamed(page, label);
      await row.hover();
      const pressed = page.evaluate(
        () => new Promise<number>((resolve) => document.addEventListener('pointerdown', (event) => resolve(performance.timeOrigin + event.timeStamp), { capture: true, once: true })),
      );
      const [time] = await Promise.all([pressed, row.locator(`.actions .action-label[aria-label^="${action}"]`).click()]);
      return time;
    },
    figure: (figure: Figure) => {
      onFigure(figure);
      return Promise.resolve();
    },
  };
}
