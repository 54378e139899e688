import type { Frame, Locator, Page } from 'playwright-core';
import type { Driver, InWebview, WebviewElement } from '../../bridge';
import { waitUntil } from '../wait';

const defaultLimitMs = 15_000;

type WebviewDriver = Pick<Driver, 'webviewQuery' | 'webviewWait' | 'webviewClick' | 'webviewFocus' | 'webviewFill' | 'webviewDrag' | 'webviewWheel'>;

export function webviewDriver(page: Page): WebviewDriver {
  const locate = async ({ selector, text }: InWebview): Promise<Locator> => {
    const found = (await webviewFrame(page)).locator(selector);
    return text === undefined ? found : found.filter({ hasText: text });
  };

  /** The middle of the webview, in the page. */
  const middle = async (): Promise<{ x: number; y: number }> => {
    const box = await (await (await webviewFrame(page)).parentFrame()!.frameElement()).boundingBox();
    if (box === null) throw new Error('The webview is not on screen.');
    return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  };

  return {
    async webviewQuery(target) {
      return describe(await locate(target));
    },
    async webviewWait(target, limitMs = defaultLimitMs) {
      return waitUntil(
        async () => {
          if ((await visibleFrame(page)) === undefined) return undefined;
          return (await describe(await locate(target)))[0];
        },
        { limitMs, what: `${target.selector}${target.text === undefined ? '' : ` with "${target.text}"`} in the webview` },
      );
    },
    async webviewClick(target, options) {
      const found = (await locate(target)).first();
      await found.click(options?.corner === true ? { position: { x: 8, y: 8 } } : {});
    },
    async webviewFocus(target) {
      await (await locate(target)).first().focus();
    },
    async webviewFill(target, text) {
      await (await locate(target)).first().fill(text);
    },
    async webviewDrag(byX, byY) {
      const { x, y } = await middle();
      await page.mouse.move(x, y);
      await page.mouse.down();
      await page.mouse.move(x + byX, y + byY, { steps: 5 });
      await page.mouse.up();
    },
    async webviewWheel(byY) {
      const { x, y } = await middle();
      await page.mouse.move(x, y);
      await page.mouse.wheel(0, byY);
    },
  };
}

/** The innermost document of the webview that is shown: VS Code puts the extension's page into two frames. */
export async function webviewFrame(page: Page): Promise<Frame> {
  return waitUntil(() => visibleFrame(page), { limitMs: defaultLimitMs, what: 'a webview on screen' });
}

/** The one that lies on top: a page that VS Code is about to take away may still be there, under the new one. */
async function visibleFrame(page: Page): Promise<Frame | undefined> {
  for (const frame of page.frames().toReversed()) {
    if (!frame.url().includes('/webview/browser/pre/fake.html')) continue;
    const outer = frame.parentFrame();
    if (outer === null || frame.isDetached()) continue;
    try {
      const element = await outer.frameElement();
      const onTop = await element.evaluate((node) => {
        const { x, y, width, height } = (node as Element).getBoundingClientRect();
        return document.elementFromPoint(x + width / 2, y + height / 2) === node;
      });
      if (onTop && (await (await frame.frameElement()).isVisible())) return frame;
    } catch {
      // A frame that was taken away between the list and the question is not on screen.
    }
  }
  return undefined;
}

function describe(found: Locator): Promise<WebviewElement[]> {
  return found.evaluateAll((elements) =>
    elements.map((element) => {
      const { x, y, width, height } = element.getBoundingClientRect();
      return {
        tag: element.localName,
        text: element.textContent.trim(),
        attributes: Object.fromEntries([...element.attributes].map(({ name, value }) => [name, value])),
        focused: element.ownerDocument.activeElement === element,
        rectangle: { x, y, width, height },
      };
    }),
  );
}
