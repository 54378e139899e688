import { expect, it } from 'vitest';
import { isEncodable, unescapeBytes } from '../../../src/core/facts/bytes';
import { readNamespaceMounts } from '../../../src/core/facts/mountinfo';

const octal = (bytes: Iterable<number>): string => [...bytes].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');

it('what is UTF-8 is its text', () => {
  const text = Array.from({ length: 0x300 }, (_, at) => String.fromCodePoint([0, 0xd600, 0xe000, 0xff00, 0x1f600, 0x10fc00][at % 6]! + at + 1)).filter((character) => isEncodable(character)).join('');
  expect(unescapeBytes(octal(new TextEncoder().encode(text)))).toBe(text);
});

it.each([
  [[0xff], '\udcff'],
  [[0x80], '\udc80'],
  [[0x61, 0xc3], 'a\udcc3'],
  [[0xc0, 0xaf], '\udcc0\udcaf'],
  [[0xe0, 0x80, 0xaf], '\udce0\udc80\udcaf'],
  [[0xed, 0xb3, 0xbf], '\udced\udcb3\udcbf'],
  [[0xf4, 0x90, 0x80, 0x80], '\udcf4\udc90\udc80\udc80'],
  [[0xe2, 0x82, 0x41], '\udce2\udc82A'],
  [[0xef, 0xbf, 0xbd], '\ufffd'],
])('each of the bytes %j that is none stands for itself', (bytes, text) => {
  expect(unescapeBytes(octal(bytes))).toBe(text);
});

it('mount points may hold any byte, written by the kernel or by the probe', () => {
  const row = (path: string): string => `42 27 0:4 net:[4026532177] ${path} rw shared:2 - nsfs nsfs rw`;
  const paths = ['/run/netns/a\\015b', '/run/netns/a\rb', '/run/netns/x\\377', '/run/netns/two\\040words\\134\\011', '/run/netns/no\u00a0break', '/run/netns/\\303\\244//deleted'];
  expect(readNamespaceMounts(paths.map(row).join('\n')).map(({ path }) => path)).toEqual(['/run/netns/a\rb', '/run/netns/a\rb', '/run/netns/x\udcff', '/run/netns/two words\\\t', '/run/netns/no\u00a0break', '/run/netns/ä']);
});
