import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { commonOptions, parseVerb, readCommon } from '../../../src/cli/arguments';
import type { CliError } from '../../../src/cli/cliError';

describe('readCommon', () => {
  test('without --host it is this machine on Linux, and a question elsewhere', () => {
    expect(readCommon('scan', {}, 'linux').hosts).toEqual([{ kind: 'local' }]);
    expect(() => readCommon('scan', {}, 'darwin')).toThrow('Network namespaces are on Linux only: name a host with --host ssh://… or --host file:… See: netns-explorer scan --help');
  });

  test('with --from and no --host it is whatever the source names, on any system', () => {
    expect(readCommon('scan', { from: ['hosts.ini'] }, 'darwin')).toMatchObject({ hosts: [], from: ['hosts.ini'], runVagrant: false });
  });

  test('hosts keep their order, and files become absolute', () => {
    expect(readCommon('scan', { host: ['node1', 'ssh://me@h:2222', 'file:x.json', 'local'] }).hosts).toEqual([
      { kind: 'ssh', host: 'node1' },
      { kind: 'ssh', host: 'h', user: 'me', port: 2222 },
      { kind: 'file', path: resolve('x.json') },
      { kind: 'local' },
    ]);
  });

  test.each(['-oProxyCommand=id', 'ssh://-x', 'http://x', '', 'a b'])('--host %j is refused with a sentence and status 2', (host) => {
    expect(() => readCommon('scan', { host: [host] })).toThrow(expect.objectContaining({ name: 'CliError', exitCode: 2 }) as CliError);
  });

  test('--ssh-client is one of three', () => {
    expect(readCommon('scan', {}, 'linux').sshClient).toBe('auto');
    expect(readCommon('scan', { 'ssh-client': 'openssh' }, 'linux').sshClient).toBe('openssh');
    expect(() => readCommon('scan', { 'ssh-client': 'ssh' }, 'linux')).toThrow('--ssh-client takes auto, builtin or openssh. See: netns-explorer scan --help');
  });

  test('--timeout is in seconds', () => {
    expect(readCommon('scan', { timeout: '5' }, 'linux').limitMs).toBe(5000);
    for (const timeout of ['0', 'x', '', '1e9']) expect(() => readCommon('scan', { timeout }, 'linux')).toThrow('--timeout takes seconds, from 1 to 3600. See: netns-explorer scan --help');
  });
});

describe('--sources', () => {
  test('names the dear sources, of which none is looked into unless asked for', () => {
    expect(readCommon('scan', {}, 'linux').sources).toEqual([]);
    expect(readCommon('scan', { sources: 'threads,fds' }, 'linux').sources).toEqual(['fds', 'threads']);
    for (const sources of ['', 'fds,', 'all', 'FDS']) expect(() => readCommon('scan', { sources }, 'linux')).toThrow(/is no source; there are fds, threads. See: netns-explorer scan --help$/);
  });
});

describe('parseVerb', () => {
  test('an unknown option is one sentence that names the help', () => {
    const refused = (verb: string, ...args: string[]) => expect(() => parseVerb(verb, { args, options: commonOptions, allowPositionals: true }));
    refused('scan', '--jsn').toThrow('"--jsn" is no option of scan. See: netns-explorer scan --help');
    refused('enter', '-n', 'web1').toThrow('"-n" is no option of enter; a command follows --. See: netns-explorer enter --help');
    refused('scan', '--host').toThrow('--host wants a value. See: netns-explorer scan --help');
    refused('scan', '--host', '--helper').toThrow('--host wants a value; one that begins with "-" is written --host=-… See: netns-explorer scan --help');
    refused('scan', '--verbose=yes').toThrow('--verbose takes no value. See: netns-explorer scan --help');
  });
});
