import { describe, expect, test } from 'vitest';
import type { CommandOutput } from '../../../src/core/command/command';
import { dumpCommand, renderDump, type DumpOutput } from '../../../src/core/command/dump';
import { dumpById, dumps } from '../../../src/core/command/dumps';
import { dumpScript, dumpSteps } from '../../../src/core/command/dumpScript';
import { quoteArgv } from '../../../src/core/command/quote';

const target = { inode: 1, paths: ['/run/netns/a'], pids: [], rootPids: [5], label: 'a@b' };
const parse = (stdout: string, more: Partial<CommandOutput> = {}): DumpOutput => dumpCommand(target, ['links', 'fdb'], 'b').parse({ stdout, stderr: '', code: 0, ...more });
const links = 'b begin 0\n1: lo: <LOOPBACK>\n\nb end 0 0\n';
// Number 1 is the substitute for `ip -d link show`.
const fdb = 'b begin 2\n33:33:00:00:00:01 dev br0 self permanent\n\nb end 2 0\n';

describe('dumps', () => {
  test('have unique ids and say what to install', () => {
    expect(new Set(dumps.map((dump) => dump.id)).size).toBe(dumps.length);
    for (const dump of dumps) for (const command of dump.commands) expect(command.package).not.toBe('');
  });

  test('hold no command that changes anything', () => {
    const words = dumps.flatMap((dump) => dump.commands.flatMap((command) => [...command.argv, ...(command.otherwise?.argv ?? [])]));
    for (const verb of ['set', 'add', 'del', 'delete', 'replace', 'flush', 'append', '-A', '-D', '-F', '-I', '-w', '-S']) expect(words).not.toContain(verb);
  });

  test('hold no word that makes a tool print a key', () => {
    const texts = dumps.flatMap((dump) => dump.commands.flatMap((command) => [command.argv, ...(command.otherwise ? [command.otherwise.argv] : [])].map((argv) => argv.join(' '))));
    for (const text of texts) {
      expect(text).not.toMatch(/private-key|preshared-keys|showconf|wg show[^\n]* dump/);
      if (/xfrm state/.test(text)) expect(text).toMatch(/ nokeys$/);
      if (text.includes('wg show')) expect(text.match(/wg show .*/g)).toEqual(['wg show interfaces); do', 'wg show %s %s\\n\' "$device" "$fact"', 'wg show "$device" "$fact"']);
    }
  });

  test('a script is shown as what it does, and a sentence follows where its command fails', () => {
    expect(dumpSteps(['offloads'])[0]?.shown).toBe('for device in …; do ethtool -k "$device"; done');
    expect(dumpScript(['xfrm'])).toContain('The states were not read: without the word');
  });

  test('an unknown id is an error that names it', () => {
    expect(() => dumpById('nope' as 'links')).toThrow('There is no dump "nope".');
  });

  test('the script runs the substitute only after its command, and numbers both as the steps are', () => {
    const lines = dumpScript(['links', 'fdb']).split('\n');
    expect(lines).toContain("part 0 iproute2 '' '' ip '' 'ip -d link show' ip -d link show || part 1 iproute2 '' '' ip '' 'ip link show' ip link show");
    expect(dumpSteps(['links', 'fdb']).map((step) => quoteArgv(step.argv))).toEqual(['ip -d link show', 'ip link show', 'bridge fdb show']);
  });
});

describe('dumpCommand', () => {
  test('leaves the container\'s names out: no dump resolves any', () => {
    expect(dumpCommand(target, ['links'], 'b').argv[7]).toBe('');
  });

  test('draws another boundary each time, and refuses one that a pattern would misread', () => {
    const boundaries = [0, 1].map(() => dumpCommand(target, ['links']).argv.at(-1));
    expect(boundaries[0]).not.toBe(boundaries[1]);
    expect(() => dumpCommand(target, ['links'], '.*')).toThrow(RangeError);
  });

  test('reads the parts', () => {
    expect(parse(links + fdb)).toEqual({
      parts: [
        { dump: 'links', argv: ['ip', '-d', 'link', 'show'], text: '1: lo: <LOOPBACK>\n', code: 0 },
        { dump: 'fdb', argv: ['bridge', 'fdb', 'show'], text: '33:33:00:00:00:01 dev br0 self permanent\n', code: 0 },
      ],
    });
  });

  test('output without a last newline, empty output, and a command that did not run', () => {
    expect(parse('b begin 0\nx\nb end 0 1\nb begin 1\n\nb end 1 0\nb begin 2\nbridge is not installed\n\nb end 2 -\n').parts.map((part) => [part.text, part.code])).toEqual([
      ['x', 1],
      ['', 0],
      ['bridge is not installed\n', undefined],
    ]);
  });

  test('an answer that was cut off keeps what came, and says so', () => {
    expect(parse(`${links}b begin 2\n33:33:00`)).toMatchObject({ parts: [{}, { text: '33:33:00', code: undefined }], failure: 'The answer was cut off here. Read it again.' });
  });

  test.each([
    ['', 'The network namespace … is gone.\n', 1, 'The network namespace … is gone.'],
    ['', '', 137, 'Nothing came back (exit status 137). Try again.'],
    ['garbage', '', undefined, 'Nothing came back (exit status unknown). Try again.'],
  ])('%j with %j and status %j is a failure, not an empty dump', (stdout, stderr, code, failure) => {
    expect(parse(stdout, { stderr, code })).toEqual({ parts: [], failure });
  });
});

describe('renderDump', () => {
  test('shows each command before its output, and a status that is not 0', () => {
    const output = parse('b begin 0\nno such option\n\nb end 0 255\nb begin 1\n1: lo\n\nb end 1 0\n');
    expect(renderDump({ ...output, failure: 'Cut off.' })).toBe('$ ip -d link show\nno such option\n(exit status 255)\n\n$ ip link show\n1: lo\n\nCut off.\n');
  });

  test('says so where a command printed nothing, and not where it was cut off before it did', () => {
    expect(renderDump(parse('b begin 0\n\nb end 0 0\nb begin 2\n\nb end 2 1\n'))).toBe('$ ip -d link show\n# (no output)\n\n$ bridge fdb show\n# (no output)\n(exit status 1)\n');
    expect(renderDump(parse('b begin 0\n'))).toBe('$ ip -d link show\n\nThe answer was cut off here. Read it again.\n');
  });
});
