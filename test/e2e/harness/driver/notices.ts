import type { Page } from 'playwright-core';
import type { Driver } from '../../bridge';
import { waitUntil } from '../wait';

const defaultLimitMs = 15_000;

type NoticesDriver = Pick<Driver, 'notifications' | 'waitForNotification' | 'clickNotification' | 'waitForDialog' | 'clickDialog'>;

export function noticesDriver(page: Page): NoticesDriver {
  const toasts = page.locator('.notifications-toasts .notification-list-item');
  const dialog = page.locator('.monaco-dialog-box');
  const texts = (): Promise<string[]> => toasts.locator('.notification-list-item-message').allInnerTexts();

  const waitFor = (read: () => Promise<readonly string[]>, pattern: string, limitMs: number, what: string): Promise<string> => {
    const expression = new RegExp(pattern);
    let last: readonly string[] = [];
    return waitUntil(
      async () => {
        last = await read();
        return last.find((text) => expression.test(text));
      },
      { limitMs, what: () => `${what} that matches ${String(expression)}; there is ${JSON.stringify(last)}` },
    );
  };

  return {
    notifications: texts,
    waitForNotification: (pattern, limitMs = defaultLimitMs) => waitFor(texts, pattern, limitMs, 'a notification'),
    async clickNotification(pattern, button) {
      const toast = toasts.filter({ hasText: new RegExp(pattern) }).first();
      await toast.getByRole('button', { name: button, exact: true }).click();
    },
    waitForDialog: (pattern, limitMs = defaultLimitMs) => waitFor(async () => ((await dialog.count()) > 0 ? [await dialog.innerText()] : []), pattern, limitMs, 'a dialog'),
    async clickDialog(button) {
      await dialog.getByRole('button', { name: button }).click();
      await dialog.waitFor({ state: 'detached' });
    },
  };
}
