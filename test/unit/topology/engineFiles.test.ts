import { describe, expect, it } from 'vitest';
import { buildTopology } from '../../../src/core/topology/buildTopology';
import type { Sandbox } from '../../../src/core/model/topology';
import type { NamespaceRecord } from '../../../src/core/model/snapshot';
import { aContainer, aNamespace, aNetwork, anEngine, aSnapshot } from './builders';

const overlay = aNetwork('fm11brvdbdblqo4723ep2norp', { name: 'mynet01', driver: 'overlay', scope: 'swarm' });
const ingress = aNetwork('ingressid000', { name: 'ingress', driver: 'overlay', scope: 'swarm', ingress: true });
const foreign = (inode: number, path: string, mountNamespace = 99): NamespaceRecord => aNamespace(inode, { mounts: [{ path, mountNamespace, pid: 70 }] });

function sandboxes(...namespaces: NamespaceRecord[]): Record<number, Pick<Sandbox, 'role' | 'title' | 'networkId'>> {
  const container = aContainer('a', { name: 'web', sandboxKey: '/var/run/docker/netns/aaaaaaaaaaaa' });
  const [host] = buildTopology([{ id: 'h', label: 'h', snapshot: aSnapshot([aNamespace(1), ...namespaces], anEngine([overlay, ingress], [container])) }]).hosts;
  return Object.fromEntries(host!.sandboxes.map(({ inode, role, title, networkId }) => [inode, { role, title, ...(networkId !== undefined && { networkId }) }]));
}

describe('an engine that keeps its files in a mount namespace of its own', () => {
  it('has its overlays, its ingress and its containers found there', () => {
    expect(sandboxes(foreign(2, '/run/docker/netns/1-fm11brvdbd'), foreign(3, '/run/docker/netns/ingress_sbox'), foreign(4, '/run/docker/netns/aaaaaaaaaaaa'))).toMatchObject({
      2: { role: 'overlay', title: 'mynet01', networkId: `h|net|${overlay.id}` },
      3: { role: 'ingress', title: 'ingress', networkId: `h|net|${ingress.id}` },
      4: { role: 'container', title: 'web' },
    });
  });
});

describe('a nested engine', () => {
  it("has namespaces that are named by their files and are not taken for the host's", () => {
    expect(sandboxes(aNamespace(2, { paths: ['/run/docker/netns/ingress_sbox'] }), foreign(3, '/run/docker/netns/ingress_sbox'))).toMatchObject({
      2: { role: 'ingress', title: 'ingress', networkId: `h|net|${ingress.id}` },
      3: { role: 'ingress', title: 'ingress_sbox' },
    });
    expect(sandboxes(aNamespace(2, { paths: ['/run/docker/netns/ingress_sbox'] }), foreign(3, '/run/docker/netns/ingress_sbox'))[3]).not.toHaveProperty('networkId');
  });

  it('beside another one is neither', () => {
    const found = sandboxes(foreign(2, '/run/docker/netns/1-fm11brvdbd', 98), foreign(3, '/run/docker/netns/1-fm11brvdbd', 99), foreign(4, '/run/docker/netns/aaaaaaaaaaaa', 98), foreign(5, '/run/docker/netns/aaaaaaaaaaaa', 99));
    expect(found[2]).toEqual({ role: 'overlay', title: '1-fm11brvdbd' });
    expect(found[3]).toEqual({ role: 'overlay', title: '1-fm11brvdbd' });
    expect(found[4]).toMatchObject({ role: 'unowned' });
  });
});
