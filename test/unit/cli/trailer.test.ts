import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { TrailerReader, withTrailer } from '../../../src/cli/trailer';

function read(bytes: Buffer, size: number): { output: string; trailer: unknown } {
  const reader = new TrailerReader('abc');
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) parts.push(reader.push(bytes.subarray(at, at + size)));
  const { trailer, rest } = reader.finish();
  return { output: Buffer.concat([...parts, rest]).toString('latin1'), trailer };
}

describe('TrailerReader', () => {
  test.each([1, 2, 3, 7, 1000])('parts output and trailer in pieces of %d bytes', (size) => {
    const output = 'a\nb\xff\0\nab \nabc';
    expect(read(Buffer.from(`abc 42\n${output}\nabc 3\nwhat\nwas said`, 'latin1'), size)).toEqual({ output, trailer: { code: 3, stderr: 'what\nwas said\n' } });
  });

  test('holds back only what may be the trailer', () => {
    const reader = new TrailerReader('abc');
    expect(reader.push(Buffer.from('abc 4')).toString()).toBe('');
    expect(reader.push(Buffer.from('2\n613\n')).toString()).toBe('613');
    expect(reader.pid).toBe(42);
    expect(reader.push(Buffer.from('ab')).toString()).toBe('');
    expect(reader.push(Buffer.from('x')).toString()).toBe('\nabx');
  });

  test('no output and no errors', () => {
    expect(read(Buffer.from('abc 42\n\nabc 0\n'), 4)).toEqual({ output: '', trailer: { code: 0, stderr: '' } });
  });

  test.each(['some output', '\nab', '\nabc 3'])('%j was cut off: it is handed out, without a trailer', (text) => {
    const { output, trailer } = read(Buffer.from(`abc 42\n${text}`), 3);
    expect(trailer).toBeUndefined();
    expect(output).toBe(text.includes('abc ') ? '' : text);
  });
});

test.skipIf(process.platform === 'win32')('a command keeps its input, output, arguments and status', () => {
  const [name, ...rest] = withTrailer({ argv: ['sh', '-c', 'cat; echo "no $1" >&2; exit 4', 'sh', "it's"], privilege: 'user' }, 'abc').argv;
  const { stdout, stderr } = spawnSync(name, rest, { input: 'in\0put', encoding: 'utf8' });
  expect([stdout.replace(/^abc \d+\n/, ''), stderr]).toEqual(["in\0put\nabc 4\nno it's", '']);
});
