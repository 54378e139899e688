import { describe, expect, test } from 'vitest';
import { printable, printableText } from '../../../src/core/report/printable';

describe('printable', () => {
  test.each([
    ['plain name-1.2', 'plain name-1.2'],
    ['größe 名前', 'größe 名前'],
    ['\x1b[31mred\x1b[0m', '\\x1b[31mred\\x1b[0m'],
    ['two\nlines\r\tand\0', 'two\\nlines\\r\\tand\\x00'],
    ['\x9b31m', '\\u{9b}31m'],
    ['byte\udcff', 'byte\\xff'],
    ['evil\u202egpj.exe', 'evil\\u{202e}gpj.exe'],
    ['zero\u200bwidth\ufeff', 'zero\\u{200b}width\\u{feff}'],
    ['line\u2028break', 'line\\u{2028}break'],
    ['tag\u{e0041}', 'tag\\u{e0041}'],
    ['half\ud800', 'half\\u{d800}'],
  ])('%j is shown as %j', (text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  test('several lines keep their line feeds and tabs, and nothing else', () => {
    expect(printableText('a\tb\n\x1b[2Jc\r\n')).toBe('a\tb\n\\x1b[2Jc\\r\n');
  });
});
