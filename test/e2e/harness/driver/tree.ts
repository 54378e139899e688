import type { Locator, Page } from 'playwright-core';
import type { Driver, RowPath, TreeRow } from '../../bridge';
import { waitUntil } from '../wait';

const limitMs = 15_000;

type TreeDriver = Pick<
  Driver,
  'openSidebar' | 'sidebarText' | 'waitForSidebarText' | 'clickInSidebar' | 'treeRows' | 'readTree' | 'revealRow' | 'clickRow' | 'doubleClickRow' | 'rowMenu' | 'rowMenuItems' | 'rowAction' | 'rowHover'
>;

/** High enough for the whole tree of a lab to be drawn at once: the list draws only what fits. */
const tallPx = 16_000;

export function treeDriver(page: Page): TreeDriver {
  const sidebar = page.locator('.part.sidebar');
  const list = sidebar.locator('.tree-explorer-viewlet-tree-view .monaco-list, .customview-tree .monaco-list').first();
  const rows = list.locator('.monaco-list-row');

  const read = (): Promise<TreeRow[]> =>
    rows.evaluateAll((elements) =>
      elements
        .map((row) => ({
          index: Number(row.getAttribute('data-index')),
          expanded: row.getAttribute('aria-expanded'),
          row: {
            label: row.querySelector('.label-name')?.textContent ?? '',
            description: row.querySelector('.label-description')?.textContent ?? '',
            level: Number(row.getAttribute('aria-level')),
            selected: row.getAttribute('aria-selected') === 'true',
            ariaLabel: row.getAttribute('aria-label') ?? '',
          },
        }))
        .sort((a, b) => a.index - b.index)
        .map(({ expanded, row }) => (expanded === null ? row : { ...row, expanded: expanded === 'true' })),
    );

  const atIndex = (index: number): Locator => list.locator(`.monaco-list-row[data-index="${String(index)}"]`);

  /** Opens by the twistie: a click on the label would select, which a diagram follows. Fails where the row has moved meanwhile. */
  const open = async (index: number, label: string): Promise<void> => {
    await atIndex(index).filter({ hasText: label }).locator('.monaco-tl-twistie').click({ timeout: 3000 });
    await waitUntil(
      async () => {
        const all = await read();
        return all[index]?.label !== label || (all[index].expanded === true && (all[index + 1]?.level ?? 0) > all[index].level);
      },
      { limitMs: 5000, what: 'a row to open' },
    );
    await idle();
  };

  const idle = (): Promise<true> =>
    waitUntil(async () => (await sidebar.locator('.monaco-progress-container.active, .codicon-tree-item-loading').count()) === 0, { limitMs: 60_000, what: 'the view to be done' });

  /** Runs with a window so high that every row is drawn, then restores the window. */
  const tall = async <T>(action: () => Promise<T>): Promise<T> => {
    const viewport = page.viewportSize();
    if (viewport === null || viewport.height === tallPx) return action();
    await page.setViewportSize({ width: viewport.width, height: tallPx });
    try {
      await waitUntil(async () => (await list.evaluate((element) => element.clientHeight)) > tallPx / 2, { limitMs, what: 'the view to grow' });
      return await action();
    } finally {
      await page.setViewportSize(viewport);
      await waitUntil(async () => (await list.evaluate((element) => element.clientHeight)) < viewport.height, { limitMs, what: 'the view to shrink' });
    }
  };

  /** Index of the row that a part of a path names, among the rows from `start` on that are of its level and under one parent. */
  const indexOf = (all: readonly TreeRow[], start: number, level: number, part: string): number | undefined => {
    const end = all.findIndex((row, at) => at >= start && row.level < level);
    const siblings = [...all.entries()].slice(start, end === -1 ? undefined : end).filter(([, row]) => row.level === level);
    const [, label, number] = /^(.*?)(?:#(\d+))?$/s.exec(part)!;
    const found = number === undefined ? siblings.find(([, row]) => row.label === part) : siblings[Number(number)];
    return found !== undefined && (number === undefined || found[1].label === label) ? found[0] : undefined;
  };

  /** Opens what is above, and answers the row's index. A refresh may move rows at any moment, so each step begins with a new reading. */
  const find = (path: RowPath): Promise<{ index: number; row: TreeRow }> =>
    tall(() => {
      let reached = path[0] ?? '';
      return waitUntil(
        async () => {
          const all = await read();
          let from = 0;
          for (const [depth, part] of path.entries()) {
            const index = indexOf(all, from, depth + 1, part);
            const row = index === undefined ? undefined : all[index];
            reached = path.slice(0, depth + 1).join(' › ');
            if (index === undefined || row === undefined) return undefined;
            if (depth === path.length - 1) return { index, row };
            if (row.expanded === false) {
              await open(index, row.label).catch(() => undefined);
              return undefined;
            }
            from = index + 1;
          }
          throw new Error('A row path names at least one row.');
        },
        { limitMs: 2 * limitMs, what: () => `the row ${reached}` },
      );
    });

  /** On screen in the window's usual height. */
  const onScreen = async (path: RowPath): Promise<Locator> => {
    const { index } = await find(path);
    const row = atIndex(index);
    await waitUntil(
      async () => {
        if ((await row.count()) > 0 && (await inside(row, list))) return true;
        const first = Number(await rows.first().getAttribute('data-index'));
        const box = (await list.boundingBox())!;
        await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
        await page.mouse.wheel(0, (index - first) * 22 - box.height / 2);
        return false;
      },
      { limitMs, what: `${path.join(' › ')} on screen` },
    );
    return row;
  };

  const openMenu = (path: RowPath): Promise<Locator> =>
    waitUntil(
      async () => {
        const name = (await onScreen(path)).locator('.label-name');
        const wanted = path.at(-1)?.replace(/#\d+$/, '');
        await name.click({ button: 'right' });
        const menu = page.locator('.monaco-menu-container .monaco-menu').first();
        await menu.waitFor();
        // Rows that came or went meanwhile have moved another one under the pointer.
        if ((await name.textContent()) === wanted) return menu;
        await page.keyboard.press('Escape');
        await menu.waitFor({ state: 'detached' });
        return undefined;
      },
      { limitMs, what: () => `the menu of ${path.join(' › ')}` },
    );

  return {
    async openSidebar(title) {
      const icon = page.locator(`.activitybar .action-item:has(.action-label[aria-label^="${title}"])`);
      await icon.waitFor();
      if (!(await icon.evaluate((element) => element.classList.contains('checked')))) await icon.click();
      await sidebar.locator('.pane-body, .split-view-view').first().waitFor();
    },
    async sidebarText() {
      return sidebar.innerText();
    },
    async waitForSidebarText(text) {
      await waitUntil(async () => (await sidebar.innerText()).includes(text), { limitMs, what: `"${text}" in the sidebar` });
    },
    async clickInSidebar(name) {
      await sidebar.hover();
      await sidebar.getByRole('button', { name }).or(sidebar.getByRole('link', { name })).first().click();
    },
    treeRows: read,
    async readTree(levels, branch) {
      await idle();
      return tall(async () => {
        const from = branch === undefined ? 0 : (await find(branch)).index;
        const rowsOf = async (): Promise<TreeRow[]> => {
          const all = (await read()).slice(from);
          const end = branch === undefined ? -1 : all.findIndex((row, at) => at > 0 && row.level <= branch.length);
          return end === -1 ? all : all.slice(0, end);
        };
        // Bounded by the number of rows: each turn opens one at most.
        for (let index = 0, all = await rowsOf(); index < all.length; index += 1) {
          if (all[index]!.expanded !== false || all[index]!.level >= levels) continue;
          await open(from + index, all[index]!.label);
          all = await rowsOf();
        }
        return rowsOf();
      });
    },
    async revealRow(path) {
      await onScreen(path);
      return (await find(path)).row;
    },
    async clickRow(path) {
      await (await onScreen(path)).locator('.label-name').click();
    },
    async doubleClickRow(path) {
      await (await onScreen(path)).locator('.label-name').dblclick();
    },
    async rowMenu(path, choose) {
      let within = await openMenu(path);
      for (const [depth, label] of choose.entries()) {
        const entry = within.locator('.action-item').filter({ has: page.locator(`.action-label[aria-label="${label}"]`) }).first();
        await entry.hover();
        await waitUntil(() => entry.evaluate((element) => element.classList.contains('focused')), { limitMs, what: `"${label}" to be the menu's choice` });
        // By key: a menu takes no click in its first moments, so that the click that opened it does not choose.
        await page.keyboard.press(depth === choose.length - 1 ? 'Enter' : 'ArrowRight');
        if (depth < choose.length - 1) {
          within = page.locator('.monaco-submenu').last();
          await within.waitFor();
        }
      }
    },
    async rowMenuItems(path) {
      const menu = await openMenu(path);
      const items = await menu.locator('.action-label[aria-label]').evaluateAll((labels) => labels.map((label) => label.getAttribute('aria-label') ?? ''));
      await page.keyboard.press('Escape');
      await menu.waitFor({ state: 'detached' });
      return items.filter((item) => item !== '');
    },
    async rowAction(path, name) {
      const row = await onScreen(path);
      await row.hover();
      await row.locator(`.actions .action-label[aria-label^="${name}"]`).click();
    },
    async rowHover(path) {
      const row = await onScreen(path);
      await page.mouse.move(0, 0);
      await row.locator('.label-name').hover();
      const hover = page.locator('.workbench-hover-container .workbench-hover').first();
      await hover.waitFor();
      const text = await hover.innerText();
      await page.keyboard.press('Escape');
      await page.mouse.move(0, 0);
      return text;
    },
  };
}

async function inside(inner: Locator, outer: Locator): Promise<boolean> {
  const [a, b] = await Promise.all([inner.boundingBox(), outer.boundingBox()]);
  return a !== null && b !== null && a.y >= b.y && a.y + a.height <= b.y + b.height;
}
