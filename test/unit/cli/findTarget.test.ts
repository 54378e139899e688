import { describe, expect, test } from 'vitest';
import { findNetwork } from '../../../src/cli/diagram';
import { findTarget } from '../../../src/cli/findTarget';
import { sampleTopology } from './sample';

const topology = sampleTopology();
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

  test.each(['mynet01', 'root', '1-fm11brvdbd', 'new\nline', 'network:bridge'])('%j is on both hosts: both are listed, neither is chosen', (word) => {
    expect(() => findTarget(topology, word)).toThrow(/may be one of these\. Say which by --host, .*:\n {2}.* on node1, inode \d+\n {2}.* on node2, inode \d+$/);
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
    expect(() => findTarget(topology, 'network:bridge')).toThrow('network bridge on node1, inode 4026532100');
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
