import { expect, test } from 'vitest';
import { table, width } from '../../../src/core/report/columns';

test.each([
  ['abc', 3],
  ['größe', 5],
  ['gro\u0308ße', 5],
  ['名前', 4],
  ['🐳', 2],
])('%s takes %d columns', (text, columns) => {
  expect(width(text)).toBe(columns);
});

test('columns are as wide as their widest cell, and no line ends in blanks', () => {
  expect(table(['NAME', 'X', 'LAST'], [['名前', '1', ''], ['a', '22', 'end']])).toEqual(['NAME  X   LAST', '名前  1', 'a     22  end']);
});

test('a table may be longer than a call has room for arguments', () => {
  expect(table(['A'], Array.from({ length: 300_000 }, () => ['x']))).toHaveLength(300_001);
});
