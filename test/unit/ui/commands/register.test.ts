import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { CommandHandlers } from '../../../../src/ui/commands/commandIds';
import { createReporter, registerCommands } from '../../../../src/ui/commands/register';
import { Notice } from '../../../../src/ui/notice';
import { answers, messages, registered } from '../fakeVscode';

vi.mock('vscode', () => import('../fakeVscode'));

const logged: string[] = [];
const log = { info: (text: string) => logged.push(`info ${text}`), warn: (text: string) => logged.push(`warn ${text}`), error: (text: string) => logged.push(`error ${text}`) };
let logShown = 0;
const report = createReporter(log, () => logShown++);

beforeEach(() => {
  messages.length = 0;
  logged.length = 0;
  answers.length = 0;
  logShown = 0;
});

const id = 'netnsExplorer.log.show';
const run = async (handler: (...args: unknown[]) => unknown, ...args: unknown[]) => {
  registerCommands(() => Promise.resolve({ [id]: handler } as unknown as CommandHandlers), report);
  const result = await registered.get(id)?.(...args);
  await new Promise(setImmediate);
  return result;
};

describe('a command', () => {
  it('is given its arguments and gives its result', async () => {
    expect(await run((a, b) => [a, b], 1, 'x')).toEqual([1, 'x']);
    expect(messages).toEqual([]);
  });

  it('that fails says so, offers the log, and has the fault in it', async () => {
    answers.push('Show Log');
    await run(() => Promise.reject(new Error('node1 does not answer.')));
    expect(messages).toEqual([{ level: 'error', text: 'node1 does not answer.', actions: ['Show Log'] }]);
    expect(logged).toEqual(['error node1 does not answer.']);
    expect(logShown).toBe(1);
  });

  it('that has something to tell warns, and does what mends it where that is chosen', async () => {
    let refreshed = 0;
    answers.push('Refresh');
    await run(() => {
      throw new Notice('It is gone.', { title: 'Refresh', run: () => refreshed++ });
    });
    expect(messages).toEqual([{ level: 'warning', text: 'It is gone.', actions: ['Refresh'] }]);
    expect([refreshed, logShown]).toEqual([1, 0]);
    await run(() => {
      throw new Notice('It is gone.', { title: 'Refresh', run: () => refreshed++ });
    });
    expect(refreshed).toBe(1);
  });

  it('that was cancelled says nothing', async () => {
    await run(() => {
      throw new DOMException('stopped', 'AbortError');
    });
    await run(() => {
      throw Object.assign(new Error('declined'), { code: 'cancelled' });
    });
    expect([messages, logged]).toEqual([[], []]);
  });

  it('shows no link that a host\'s name smuggles into a message', async () => {
    await run(() => {
      throw new Error('[Free money](command:workbench.action.quit) is gone\x1b[2J.');
    });
    expect(messages[0]?.text).toBe('[Free money] (command:workbench.action.quit) is gone\\x1b[2J.');
  });
});
