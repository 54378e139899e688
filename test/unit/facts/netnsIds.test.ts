import { expect, it } from 'vitest';
import { readNetnsIds, readNetnsNames } from '../../../src/core/facts/netnsIds';
import { fixture } from './fixtures';

const row = (key: string, name: string): string => `${key} /var/run/netns/${name}`;
const names = (...rows: [string, string][]): ReturnType<typeof readNetnsNames> => {
  const text = rows.map(([key, name]) => row(key, name)).join('\n');
  return readNetnsNames(text, text);
};
const known = names(['4:10', 'b'], ['4:11', 'two words)'], ['4:12', 'back\\slash "quoted"'], ["4:13", "it's"]);

it.each(['json', 'txt'])('reads what ip netns list-id prints (%s)', (kind) => {
  const text = fixture('debian-12-iproute2-6.1', `root.netnsids.${kind}`);
  expect(readNetnsIds(text, known)).toEqual([{ id: 0, key: '4:10' }, { id: 1, key: '4:11' }, { id: 2, key: '4:12' }, { id: 3, key: '4:13' }, { id: 4 }]);
});

it('reads the escaped quotes of older writers', () => {
  expect(readNetnsIds(`[{"nsid":0,"name":"it\\'s"}]`, known)).toEqual([{ id: 0, key: '4:13' }]);
});

it('keeps nothing that is not certain', () => {
  expect(readNetnsIds('[{"nsid":0,"name":"b"},{"nsid":0},{"nsid":1,"name":"elsewhere"},{"nsid":-1}]', known)).toEqual([]);
  expect(readNetnsIds('[{"nsid":0,"name":"b"},{"nsid":1', known)).toEqual([]);
  expect(readNetnsIds('nsid 0 (iproute2 netns name: b)\nsomething else', known)).toEqual([]);
  // A name that holds a line break.
  expect(readNetnsIds('nsid 0 (iproute2 netns name: x)\nnsid 1 (iproute2 netns name: b)\nnsid 1 (iproute2 netns name: two words))', known)).toEqual([]);
});

it('a name holds only where it was the same before and after, and no other of the same text', () => {
  const names = readNetnsNames([row('4:10', 'same'), row('4:11', 'moved'), row('4:12', 'gone'), row('4:13', 'x\ufffd'), row('4:14', 'x\ufffd'), row('4:15', 'cr\r')].join('\n'), [row('4:10', 'same'), row('4:12', 'moved'), row('4:16', 'new'), row('4:13', 'x\ufffd'), row('4:14', 'x\ufffd'), row('4:15', 'cr\r')].join('\n'));
  expect([...names].filter(([, key]) => key !== undefined)).toEqual([['same', '4:10'], ['cr\r', '4:15']]);
});
