import { describe, expect, it } from 'vitest';
import { findTarget } from '../../../../src/ui/commands/target';
import type { Network } from '../../../../src/core/model/topology';
import { keys, sampleTopology } from '../sampleTopology';

const topology = sampleTopology();
const keyOf = (modelId: string) => {
  const target = findTarget(modelId, topology);
  return typeof target === 'string' ? target : target.sandbox.key;
};

describe('the namespace that a thing stands for', () => {
  it('is the root namespace for a host', () => expect(keyOf('local')).toBe(keys.root));
  it('is its own sandbox for an overlay', () => expect(keyOf('local|net|overlay0000000')).toBe(keys.overlay));
  it('is where its bridge is for a bridge network', () => expect(keyOf('local|net|bridge00000000')).toBe(keys.root));
  it('is where it lives for a link', () => expect(keyOf(`local|ns|${keys.overlay}|link|9`)).toBe(keys.overlay));
  it('is the container\'s for a container and its endpoints, and says which container', () => {
    for (const id of ['local|ctr|c1aaaaaaaaaaaaaa', 'local|net|overlay0000000|ep|c1aaaaaaaaaaaaaa']) {
      const target = findTarget(id, topology);
      expect(target).toMatchObject({ sandbox: { key: keys.container }, container: { name: 'docker1n' } });
    }
  });
  it('is none, with the reason, for what has none', () => {
    expect(keyOf('local|ctr|c2bbbbbbbbbbbbbb')).toBe('notRunning');
    expect(keyOf('local|ns|4:1')).toBe('gone');
    const [overlay] = topology.hosts[0]!.networks;
    const without: Network = { ...overlay! };
    delete (without as { sandboxId?: string }).sandboxId;
    const unused = { ...topology, network: new Map([[without.id, without]]) };
    expect(findTarget(without.id, unused)).toBe('noSandboxYet');
    expect(findTarget(without.id, { ...topology, network: new Map([[without.id, { ...without, driver: 'null' }]]) })).toBe('none');
  });
});
