import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import type { Command } from '../../../src/core/command/command';
import { elevate, endGroup, type Elevation } from '../../../src/host/command/elevation';
import { negotiateElevation } from '../../../src/host/command/negotiate';
import { reportedPid, withoutReport } from '../../../src/host/command/words';
import { TransportError, type Questions } from '../../../src/host/transport';

const mark = 'netns-explorer-0123';
const command: Command = { argv: ['cat', '-', "it's"], privilege: 'root' };

describe('elevate', () => {
  it('leaves a command alone that needs nothing', () => {
    expect(elevate(command, { kind: 'root' }, mark, false)).toEqual({ argv: command.argv, preface: '', reportsPid: false });
    expect(elevate({ ...command, privilege: 'user' }, { kind: 'sudo' }, mark, false).argv).toEqual(command.argv);
  });

  it('runs sudo without a question, and keeps the arguments as they are', () => {
    const { argv, preface } = elevate(command, { kind: 'sudo' }, mark, false);
    expect(argv.slice(0, 5)).toEqual(['sudo', '-n', '--', 'sh', '-c']);
    expect(argv.slice(-3)).toEqual(command.argv);
    expect(preface).toBe('');
  });

  it('puts a password on standard input alone, before a mark, and never into an argument', () => {
    const { argv, preface } = elevate(command, { kind: 'sudoPassword', password: 'geheim' }, mark, false);
    expect(preface).toBe(`geheim\n${mark}\n`);
    expect(argv.join('\0')).not.toContain('geheim');
    expect(argv.slice(0, 6)).toEqual(['sudo', '-k', '-S', '-p', '', '--']);
  });

  const inner = (elevation: Elevation, stdin: string) => {
    const { argv, preface } = elevate({ argv: ['cat'], privilege: 'root' }, elevation, mark, true);
    // What sudo would start: everything after its own "--".
    const started = argv.slice(argv.indexOf('--') + 1);
    return spawnSync(started[0] ?? '', started.slice(1), { input: stdin.replace('PREFACE', preface), encoding: 'utf8' });
  };

  it.each([
    ['sudo has read the password', `${mark}\nscript\nline two`],
    ['sudo has not read it, for it wanted none', 'PREFACEscript\nline two'],
  ])('keeps the password from the command where %s', (_when, stdin) => {
    const result = inner({ kind: 'sudoPassword', password: 'geheim' }, stdin);
    expect(result.stdout).toBe('script\nline two');
    expect(result.stderr).toMatch(new RegExp(`^${mark} \\d+\\n$`));
    expect(result.status).toBe(0);
  });

  it('starts nothing where the mark never comes', () => {
    expect(inner({ kind: 'sudoPassword', password: 'geheim' }, 'rm -rf something')).toMatchObject({ status: 125, stdout: '' });
  });

  it('reports the process, which is the command itself', () => {
    const { argv } = elevate({ argv: ['sh', '-c', 'echo $$'], privilege: 'user' }, { kind: 'user' }, mark, true);
    const result = spawnSync(argv[0], argv.slice(1), { encoding: 'utf8' });
    expect(reportedPid(result.stderr, mark)).toBe(Number(result.stdout));
    expect(withoutReport(`${result.stderr}its own\n`, mark)).toBe('its own\n');
  });
});

describe('reportedPid', () => {
  it('waits for the whole line, and finds it after what sudo may have said', () => {
    expect(reportedPid(`${mark} 12`, mark)).toBeUndefined();
    expect(reportedPid(`sudo: unable to resolve host\n${mark} 123\nmore`, mark)).toBe(123);
    expect(withoutReport(`sudo: unable to resolve host\n${mark} 123\nmore`, mark)).toBe('sudo: unable to resolve host\nmore');
    expect(reportedPid('other 123\n', mark)).toBeUndefined();
    expect(withoutReport('plain', undefined)).toBe('plain');
  });
});

describe('endGroup', () => {
  it('does nothing for a process that has gone', () => {
    const { argv } = endGroup(2 ** 22 - 1, 'root');
    expect(spawnSync(argv[0], argv.slice(1)).status).toBe(0);
  });
});

describe('negotiateElevation', () => {
  const asking = (...answers: (string | undefined)[]): Questions & { asked: number } => {
    const questions = {
      asked: 0,
      unknownHostKey: () => Promise.resolve(false),
      secret: () => {
        questions.asked++;
        return Promise.resolve(answers.shift());
      },
    };
    return questions;
  };
  /** A stand-in host: what its first look prints and exits with, and the password that its sudo takes. */
  const host =
    (stdout: string, code: number, right?: string, said = 'sudo: 1 incorrect password attempt') =>
    ({ argv, stdin }: Command) =>
      Promise.resolve(argv[0] === 'sudo' ? { stdout: '', stderr: stdin === `${right ?? ''}\n` ? '' : said, code: stdin === `${right ?? ''}\n` ? 0 : 1 } : { stdout, stderr: '', code });
  const negotiate = (runAsUser: ReturnType<typeof host>, questions: Questions, more: { password?: string; mayAsk?: boolean } = {}) =>
    negotiateElevation({ runAsUser, questions, hostLabel: 'h', password: more.password, mayAsk: more.mayAsk ?? true });

  it('asks nothing of root, of a user whom sudo lets, or where there is no sudo', async () => {
    const questions = asking();
    expect((await negotiate(host('0\n', 3), questions)).elevation).toEqual({ kind: 'root' });
    expect((await negotiate(host('1000\n', 0), questions)).elevation).toEqual({ kind: 'sudo' });
    expect(await negotiate(host('1000\n', 3), questions)).toMatchObject({ elevation: { kind: 'user' }, reason: 'sudo is not installed' });
    expect(questions.asked).toBe(0);
  });

  it('says of a stand-in shell that floods or is silent what to look at, and not which command it was given', async () => {
    const broken = (code: 'truncated' | 'time-limit') => () => Promise.reject(new TransportError(code, 'sh -c … did not finish'));
    await expect(negotiate(broken('truncated'), asking())).rejects.toMatchObject({ code: 'truncated', message: 'The shell on h printed far more than it was asked for. Log in there by hand and look at what its start-up files do.' });
    await expect(negotiate(broken('time-limit'), asking())).rejects.toThrow(/^The shell on h gave no answer within \d+ s\./);
  });

  it('asks until the password is right, three times at most', async () => {
    const second = asking('wrong', 'right');
    expect((await negotiate(host('1000\n', 4, 'right'), second)).elevation).toEqual({ kind: 'sudoPassword', password: 'right' });
    const never = asking('1', '2', '3', 'right');
    expect((await negotiate(host('1000\n', 4, 'right'), never)).elevation).toEqual({ kind: 'user' });
    expect(never.asked).toBe(3);
  });

  it('stops asking a user whom no password helps, or who declines', async () => {
    const barred = asking('1', '2', '3');
    expect((await negotiate(host('1000\n', 4, 'right', 'me is not in the sudoers file.'), barred)).declined).toBe(true);
    expect(barred.asked).toBe(1);
    const declining = asking(undefined);
    expect(await negotiate(host('1000\n', 4, 'right'), declining)).toMatchObject({ elevation: { kind: 'user' }, declined: true });
    expect(declining.asked).toBe(1);
  });

  it('uses the password of an earlier connection first, and asks nothing where it may not', async () => {
    const questions = asking('right');
    expect((await negotiate(host('1000\n', 4, 'right'), questions, { password: 'right', mayAsk: false })).elevation.kind).toBe('sudoPassword');
    expect((await negotiate(host('1000\n', 4, 'right'), questions, { mayAsk: false })).elevation.kind).toBe('user');
    expect(questions.asked).toBe(0);
    expect((await negotiate(host('1000\n', 4, 'right'), questions, { password: 'changed' })).elevation.kind).toBe('sudoPassword');
  });

  it('takes no password with a line break, which would be two', async () => {
    const questions = asking('right\nrm -rf /', 'right');
    expect((await negotiate(host('1000\n', 4, 'right'), questions)).elevation).toEqual({ kind: 'sudoPassword', password: 'right' });
  });
});
