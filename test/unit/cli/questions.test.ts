import { describe, expect, test } from 'vitest';
import { cliQuestions, type AskLine } from '../../../src/cli/questions';

/** Answers in turn, and what was asked. */
function asker(...answers: (string | undefined)[]): { readonly ask: AskLine; readonly asked: [string, boolean][] } {
  const asked: [string, boolean][] = [];
  return {
    asked,
    ask: (prompt, echo) => {
      asked.push([prompt, echo]);
      return Promise.resolve(answers.shift());
    },
  };
}

const key = { host: 'node1', keyType: 'ssh-ed25519', fingerprint: 'SHA256:abc' };

describe('an unknown host key', () => {
  test.each([
    [['yes'], true],
    [['y', '', 'YES'], true],
    [['no'], false],
    [['y', 'n'], false],
    [[undefined], false],
  ])('%j', async (answers, trusted) => {
    const { ask, asked } = asker(...answers);
    expect(await cliQuestions(() => undefined, ask).unknownHostKey(key)).toBe(trusted);
    expect(asked).toHaveLength(answers.length);
    expect(asked[0]).toEqual(['The ssh-ed25519 host key of node1 is not known: SHA256:abc.\nTrust it and remember it? (yes/no) ', true]);
  });
});

describe('a secret', () => {
  test('is asked without echo, by the prompt as it came but printable', async () => {
    const { ask, asked } = asker('geheim');
    expect(await cliQuestions(() => undefined, ask).secret({ kind: 'keyboard-interactive', prompt: 'Code\x1b[2J: ', host: 'h' })).toBe('geheim');
    expect(asked).toEqual([['Code\\x1b[2J: ', false]]);
  });

  test('is shown while typed only where the server allows that', async () => {
    const { ask, asked } = asker('me');
    await cliQuestions(() => undefined, ask).secret({ kind: 'keyboard-interactive', prompt: 'User', host: 'h', echo: true });
    expect(asked).toEqual([['User: ', true]]);
  });
});

test('questions of several hosts come one after another', async () => {
  const open: ((answer: string) => void)[] = [];
  const asked: string[] = [];
  const questions = cliQuestions(() => undefined, (prompt) => {
    asked.push(prompt);
    return new Promise((resolve) => open.push(resolve));
  });
  const first = questions.secret({ kind: 'password', prompt: 'one', host: 'a' });
  const second = questions.secret({ kind: 'password', prompt: 'two', host: 'b' });
  await new Promise((resolve) => setImmediate(resolve));
  expect(asked).toEqual(['one: ']);
  open[0]?.('1');
  expect(await first).toBe('1');
  await new Promise((resolve) => setImmediate(resolve));
  expect(asked).toEqual(['one: ', 'two: ']);
  open[1]?.('2');
  expect(await second).toBe('2');
});
