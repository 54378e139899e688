import { describe, expect, test } from 'vitest';
import { findNetwork } from '../../../src/cli/diagram';
import { findTarget } from '../../../src/cli/findTarget';
import type { Topology } from '../../../src/core/model/topology';
import { buildTopology } from '../../../src/core/topology/buildTopology';
import { sampleSnapshot, sampleTopology } from './sample';

const topology = sampleTopology();
const messageOf = (topology: Topology, word: string): string => {
  try {
    return `found ${findTarget(topology, word).title}`;
  } catch (error) {
    return (error as Error).message;
  }
};
const inodeOf = (word: string): number => findTarget(topology, word).sandbox.inode;

describe('findTarget', () => {
  test.each([
    ['web1', 4026532102],
    ['container:web1', 4026532102],
    ['node1web1', 4026532102],
    ['4026532203', 4026532203],
    ['net:[4026532203]', 4026532203],
    ['/run/docker/netns/web2', 4026532202],
  ])('%s is one namespace', (word, inode) => {
    expect(inodeOf(word)).toBe(inode);
  });

  test('a container that was named is told along, for its names and the prompt', () => {
    expect(findTarget(topology, 'web1').container?.name).toBe('web1');
    expect(findTarget(topology, '4026532102').container).toBeUndefined();
  });

  test.each([
    ['mynet01', 'network:mynet01'],
    ['root', 'root:'],
    ['1-fm11brvdbd', 'name:1-fm11brvdbd'],
    ['new\nline', "'name:new\\nline'"],
    ['new\\nline', "'name:new\\nline'"],
    ['network:bridge', 'network:bridge'],
  ])('%j is on both hosts: both are listed, neither is chosen, and it is said what to type', (word, words) => {
    const message = messageOf(topology, word);
    expect(message).toMatch(/may be one of these\. Type what stands before it instead:\n {2}--host ssh:\/\/node1 .* on node1, inode \d+\n {2}--host ssh:\/\/node2 .* on node2, inode \d+$/);
    expect(message).toContain(`  --host ssh://node1 ${words}  `);
  });

  test.each([
    ['network:unused', 'host', '"network:unused" is the network of driver host on node1, and has no namespace: a container on it is in the host\'s root namespace. Enter "root".'],
    ['unused', 'null', '"unused" is the network of driver null on node1, and has no namespace: a container on it has one of its own, with nothing but loopback. Enter the container.'],
    ['unused', 'constructor', '"unused" is a network without a namespace of its own on node1'],
  ])('%s of driver %s has none, and the sentence says where its containers are', (word, driver, sentence) => {
    const network = new Map([...topology.network].map(([id, each]) => [id, each.name === 'unused' ? { ...each, engine: { ...each.engine, driver } } : each]));
    expect(() => findTarget({ ...topology, network }, word)).toThrow(sentence);
  });

  test('a bridge network leads to the root namespace, where its bridge is', () => {
    expect(messageOf(topology, 'network:bridge')).toContain('network bridge on node1, inode 4026532100');
  });

  describe('on one host, where names are also other things', () => {
    const snapshot = sampleSnapshot('node1', 1);
    const more = (inode: number, ...paths: string[]) => ({ ...snapshot.namespaces[3]!, key: `4:${String(inode)}`, inode, paths });
    const odd = buildTopology([
      {
        id: 'ssh://node1',
        label: 'node1',
        snapshot: {
          ...snapshot,
          namespaces: [...snapshot.namespaces, more(1, '/run/netns/root'), more(2, '/run/netns/web1'), more(3, '/run/netns/4026532102'), more(4, '/run/netns/node1web1'), more(5, '/run/netns/x\udcff'), more(6, '/run/netns/x\\xff'), more(7, '/run/netns/same', '/tmp/a'), more(8, '/opt/same'), more(9, '/run/netns/inode:5'), more(10, '/run/netns/a\rb')],
        },
      },
    ]);

    test.each([
      ['root', [4026532100, 1]],
      ['web1', [4026532102, 2]],
      ['4026532102', [4026532102, 3]],
      ['same', [7, 8]],
    ])('each that %j may mean is told with words that mean it alone', (word, inodes) => {
      const rows = messageOf(odd, word).split('\n').slice(1).map((row) => /^ {2}(\S+) +.* inode (\d+)$/.exec(row)!);
      expect(rows.map((row) => Number(row[2])).sort((a, b) => a - b)).toEqual([...inodes].sort((a, b) => a - b));
      for (const [, words, inode] of rows) expect(findTarget(odd, words!).sandbox.inode).toBe(Number(inode));
    });

    test('every namespace can be typed as it is shown, and by its inode', () => {
      for (const { inode, title, role } of odd.sandbox.values()) {
        expect(findTarget(odd, `inode:${String(inode)}`).sandbox.inode).toBe(inode);
        if (role === 'named' && title !== 'web1' && title !== 'same') expect([title, findTarget(odd, `name:${title}`).sandbox.title]).toEqual([title, title]);
      }
    });

    test.each([
      ['root:', 4026532100],
      ['name:root', 1],
      ['container:web1', 4026532102],
      ['/run/netns/web1', 2],
      ['node1web1', 4],
      ['node1we', 4026532102],
      ['x\\xff', 5],
      ['x\udcff', 5],
      ['x\\\\xff', 6],
      ['/run/netns/x\\\\xff', 6],
      ['/tmp/a', 7],
      ['name:inode:5', 9],
      ['a\\rb', 10],
      ['a\rb', 10],
    ])('%j is exact', (word, inode) => {
      expect(findTarget(odd, word).sandbox.inode).toBe(inode);
    });

    test.each(['inode:5x', 'root:x', 'name:4026532100', 'inode:root', 'name:', 'inode:', 'container:root:'])('%j is none', (word) => {
      expect(() => findTarget(odd, word)).toThrow('Nothing on node1 is called');
    });
  });

  test.each([
    ['nothing-like-it', 'Nothing on node1, node2 is called "nothing-like-it". "netns-explorer scan" lists what is there.'],
    ['network:web1', 'Nothing on node1, node2 is called "network:web1".'],
    ['container:mynet01', 'Nothing on node1, node2 is called "container:mynet01".'],
    ['stopped', '"stopped" is a container without a network namespace now: it is exited. Start it, and try again.'],
    ['unused', '"unused" is a network without a namespace of its own on node1: an overlay has one once a container there uses it.'],
    ['evil\x1b[31m', 'is called "evil\\x1b[31m"'],
    ['', 'Nothing on node1, node2 is called "".'],
  ])('%j is none: one sentence says why', (word, sentence) => {
    expect(() => findTarget(topology, word)).toThrow(sentence);
  });
});

describe('findNetwork', () => {
  test('an overlay on several hosts is one network', () => {
    expect(findNetwork(topology, 'mynet01').hostId).toBe('ssh://node1');
  });

  test('the same name for another network on each host is asked about, and an id is an answer', () => {
    expect(() => findNetwork(topology, 'bridge')).toThrow('"bridge" is another network on each host. Say which by its id, or name one --host:\n  bridge (bridge) on node1, id 111111111111\n  bridge (bridge) on node2, id 222222222222');
    expect(findNetwork(topology, '222222222222').hostId).toBe('ssh://node2');
  });

  test('an unknown name is told with those that are there', () => {
    expect(() => findNetwork(topology, 'x')).toThrow('There is no network "x". There are: bridge, mynet01, unused.');
  });
});
