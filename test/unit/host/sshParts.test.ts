import { spawnSync } from 'node:child_process';
import { describe, expect, it, vi } from 'vitest';
import { Clock } from '../../../src/host/ssh/clock';
import { throughLoginShell } from '../../../src/host/ssh/loginShell';
import { Sessions } from '../../../src/host/sessions';
import { SudoDialogue } from '../../../src/host/ssh/sudoDialogue';
import { SharedAttempt } from '../../../src/host/sharedAttempt';

describe('a command line through a login shell', () => {
  const hostile = ['', ' ', "it's", '"', '$(id)', '`id`', 'line\nbreak', 'ends\n', '\\', "\\'", '!!', '!', '%s', '*', '~', '#', '-n', '⇄', '\t', '\u001b[31m', '\\0101'];
  // csh and fish are those that this answers to; they are tried where they are installed.
  const shells = ['sh', 'bash', 'dash', 'busybox', 'zsh', 'tcsh', 'fish'].filter((shell) => spawnSync('sh', ['-c', `command -v ${shell}`]).status === 0);

  it.each(shells)('keeps every argument as it is (%s)', (shell) => {
    for (const argument of hostile) {
      const line = throughLoginShell(['printf', '%s|', argument, 'end']);
      const argv = shell === 'busybox' ? ['sh', '-c', line] : ['-c', line];
      expect(spawnSync(shell, argv, { encoding: 'utf8' }).stdout).toBe(`${argument}|end|`);
    }
  });

  it('stays readable where nothing in it is special to any shell', () => {
    expect(throughLoginShell(['ip', '-d', 'link', 'show', 'a b'])).toBe("ip -d link show 'a b'");
  });

  it('holds nothing that csh or fish would read inside quotes', () => {
    expect(throughLoginShell(['echo', 'a!b\n\\c'])).toMatch(/^exec sh -c '[^!\n\\]*' '[\\0-9A-Za-z]*'$/);
    expect(throughLoginShell(['echo', 'a!b\n\\c'])).not.toMatch(/\\\\|\\'/);
  });
});

describe('sudo\'s dialogue on a terminal', () => {
  const open = () => {
    const sent: string[] = [];
    const dialogue = new SudoDialogue('MARK', 'geheim', '[question]', (data) => sent.push(data));
    return { dialogue, sent };
  };

  it('answers the prompt, hides both marks, and holds what is typed until the command runs', () => {
    const { dialogue, sent } = open();
    dialogue.input('typed early');
    expect(dialogue.output('lecture\r\nMARK-password')).toBe('lecture\r\n');
    expect(sent).toEqual(['geheim\n']);
    dialogue.input(' and late');
    expect(dialogue.output('\r\nMARK-readyroot# ')).toBe('\r\nroot# ');
    expect(sent).toEqual(['geheim\n', 'typed early and late']);
    dialogue.input('now');
    expect(sent.at(-1)).toBe('now');
  });

  it('recognises marks however they are cut', () => {
    const { dialogue, sent } = open();
    const shown = Array.from('hello MAR MARK-password\r\nMARK-MARK-ready$ ').map((character) => dialogue.output(character)).join('');
    expect(shown).toBe('hello MAR \r\nMARK-$ ');
    expect(sent).toEqual(['geheim\n']);
  });

  it('sends the password once: a second prompt is the user\'s to answer', () => {
    const { dialogue, sent } = open();
    dialogue.output('MARK-password');
    expect(dialogue.output('\r\nSorry, try again.\r\nMARK-password')).toBe('\r\nSorry, try again.\r\n[question]');
    dialogue.input('mine\n');
    expect(sent).toEqual(['geheim\n', 'mine\n']);
  });

  it('sends nothing where sudo wants no password, and nothing to what a program prints later', () => {
    const { dialogue, sent } = open();
    expect(dialogue.output('MARK-ready$ ')).toBe('$ ');
    expect(dialogue.output('MARK-password')).toBe('MARK-password');
    expect(sent).toEqual([]);
  });
});

describe('sessions on one connection', () => {
  const take = async (sessions: Sessions, use: 'run' | 'long' | 'end', count: number) => Promise.all(Array.from({ length: count }, () => sessions.acquire(use, undefined)));
  const isOpen = async (promise: Promise<unknown>) => (await Promise.race([promise, new Promise((resolve) => setTimeout(() => resolve('waiting'), 5))])) !== 'waiting';

  it('are given in turn, and again as soon as one comes back', async () => {
    const sessions = new Sessions();
    const given = await take(sessions, 'run', 9);
    const tenth = sessions.acquire('run', undefined);
    expect(await isOpen(tenth)).toBe(false);
    given[0]?.();
    given[0]?.();
    expect(await isOpen(tenth)).toBe(true);
    expect(sessions.open).toBe(9);
  });

  it('keep room for commands beside terminals, and for ending a command beside commands', async () => {
    const sessions = new Sessions();
    await take(sessions, 'long', 7);
    expect(await isOpen(sessions.acquire('long', AbortSignal.timeout(50)).catch(() => 'aborted'))).toBe(false);
    await take(sessions, 'run', 2);
    expect(await isOpen(sessions.acquire('run', AbortSignal.timeout(50)).catch(() => 'aborted'))).toBe(false);
    expect(await isOpen(sessions.acquire('end', undefined))).toBe(true);
  });

  it('are not given to who has gone', async () => {
    const sessions = new Sessions();
    const given = await take(sessions, 'run', 9);
    const controller = new AbortController();
    const gone = sessions.acquire('run', controller.signal);
    const next = sessions.acquire('run', undefined);
    controller.abort(new Error('gone'));
    await expect(gone).rejects.toThrow('gone');
    given[0]?.();
    expect(await isOpen(next)).toBe(true);
    await expect(sessions.acquire('run', AbortSignal.abort(new Error('before')))).rejects.toThrow('before');
  });
});

describe('a clock that stands still while somebody is asked', () => {
  it('runs on from where it was', async () => {
    vi.useFakeTimers();
    try {
      const expired = vi.fn();
      const clock = new Clock(1000, expired);
      vi.advanceTimersByTime(900);
      let answer: (value: string) => void = () => undefined;
      const questions = clock.stopFor({
        unknownHostKey: () => Promise.resolve(true),
        secret: () =>
          new Promise((resolve) => {
            answer = resolve;
          }),
      });
      const asked = questions.secret({ kind: 'password', prompt: '', host: '' });
      vi.advanceTimersByTime(60_000);
      expect(expired).not.toHaveBeenCalled();
      answer('x');
      await asked;
      vi.advanceTimersByTime(99);
      expect(expired).not.toHaveBeenCalled();
      vi.advanceTimersByTime(1);
      expect(expired).toHaveBeenCalledOnce();
      clock.stop();
    } finally {
      vi.useRealTimers();
    }
  });

  it('never expires once it is stopped', () => {
    vi.useFakeTimers();
    try {
      const expired = vi.fn();
      new Clock(10, expired).stop();
      vi.advanceTimersByTime(100);
      expect(expired).not.toHaveBeenCalled();
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('an attempt that is shared', () => {
  it('is made once, and goes on while anybody waits', async () => {
    let finish: (value: string) => void = () => undefined;
    let aborted = false;
    const attempt = new SharedAttempt<string>((signal) => {
      signal.addEventListener('abort', () => {
        aborted = true;
      });
      return new Promise((resolve) => {
        finish = resolve;
      });
    });
    const controller = new AbortController();
    const one = attempt.join(controller.signal, () => new Error('left'));
    const two = attempt.join(undefined, () => new Error('left'));
    controller.abort();
    await expect(one).rejects.toThrow('left');
    expect(aborted).toBe(false);
    finish('done');
    expect(await two).toBe('done');
  });

  it('ends when the last one has left', async () => {
    const attempt = new SharedAttempt<never>((signal) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('ended')))));
    const controllers = [new AbortController(), new AbortController()];
    const waiting = controllers.map((controller) => attempt.join(controller.signal, () => new Error('left')));
    controllers[0]?.abort();
    expect(attempt.abandoned).toBe(false);
    controllers[1]?.abort();
    expect(attempt.abandoned).toBe(true);
    for (const each of waiting) await expect(each).rejects.toThrow('left');
  });
});
