import { describe, expect, it } from 'vitest';
import type { Link } from '../../../src/core/model/link';
import { findPeers } from '../../../src/core/topology/peers';
import { aLink, aVeth } from './builders';

const peers = (...namespaces: Link[][]): ((namespace: number, ifindex: number) => unknown) => {
  const found = findPeers(namespaces.map((links) => ({ links })));
  return (namespace, ifindex) => {
    const peer = found[namespace]?.get(ifindex);
    if (peer?.state === 'resolved') return [peer.place.namespace, peer.place.ifindex];
    if (peer?.state === 'ambiguous') return { ambiguous: peer.candidates.map((place) => place.namespace) };
    return peer?.state;
  };
};

it('two ends that name each other are peers', () => {
  const peer = peers([aVeth(5, 4, 0)], [aVeth(4, 5, 0)]);
  expect(peer(0, 5)).toEqual([1, 4]);
  expect(peer(1, 4)).toEqual([0, 5]);
});

it('a number alone is not enough: the other end must point back', () => {
  const peer = peers([aVeth(5, 4, 0)], [aVeth(4, 6, 0)]);
  expect(peer(0, 5)).toBe('unseen');
  expect(peer(1, 4)).toBe('unseen');
});

it('both ends in one namespace are found there, and nowhere else', () => {
  const peer = peers([aVeth(2, 3, undefined, { peerName: 'l3' }), aVeth(3, 2, undefined, { peerName: 'l2' })], [aVeth(2, 3, undefined, { peerName: 'l3' }), aVeth(3, 2, undefined, { peerName: 'l2' })]);
  expect(peer(0, 2)).toEqual([0, 3]);
  expect(peer(1, 3)).toEqual([1, 2]);
});

it('pairs with the same numbers are ambiguous', () => {
  const peer = peers([aVeth(2, 2, 0)], [aVeth(2, 2, 0)], [aVeth(2, 2, 0)], [aVeth(2, 2, 0)]);
  expect(peer(0, 2)).toEqual({ ambiguous: [1, 2, 3] });
  expect(peer(3, 2)).toEqual({ ambiguous: [0, 1, 2] });
});

it('links with one number lie in one namespace, which settles a collision', () => {
  const peer = peers([aVeth(2, 2, 0), aVeth(3, 7, 0)], [aVeth(2, 2, 0), aVeth(7, 3, 0)], [aVeth(2, 2, 0)], [aVeth(2, 2, 0)]);
  expect(peer(0, 2)).toEqual([1, 2]);
  // What is left over is then certain, too.
  expect(peer(2, 2)).toEqual([3, 2]);
});

it('different numbers mean different namespaces', () => {
  // 0 and 1 are joined by 9 and 8; 1's link 2 also fits 0's link 5, which has another number and must lie elsewhere.
  const peer = peers([aVeth(9, 8, 0), aVeth(5, 2, 1)], [aVeth(8, 9, 0), aVeth(2, 5, 1)], [aVeth(2, 5, 0)]);
  expect(peer(0, 9)).toEqual([1, 8]);
  expect(peer(0, 5)).toEqual([2, 2]);
  expect(peer(1, 2)).toBe('unseen');
});

it('the other ends must share one number of theirs', () => {
  const peer = peers([aVeth(2, 4, 0), aVeth(3, 5, 0)], [aVeth(4, 2, 0), aVeth(5, 3, 1)]);
  expect(peer(0, 2)).toBe('unseen');
});

it('a single candidate is not certain while it has another choice', () => {
  // 0's true other end was not read; 2 is the true other end of 1.
  const peer = peers([aVeth(2, 7, 0)], [aVeth(2, 7, 0)], [aVeth(7, 2, 0)]);
  expect(peer(0, 2)).toEqual({ ambiguous: [2] });
  expect(peer(2, 7)).toEqual({ ambiguous: [0, 1] });
});

it('without numbers, as from busybox, mutual ifindexes decide', () => {
  const busybox = (ifindex: number, peerIfindex: number): Link => aLink(ifindex, { peerIfindex });
  const peer = peers([busybox(5, 4), busybox(7, 6)], [busybox(4, 5)], [busybox(6, 7)]);
  expect(peer(0, 5)).toEqual([1, 4]);
  expect(peer(0, 7)).toEqual([2, 6]);
});

it("a macvlan's lower device does not point back", () => {
  const peer = peers([aLink(1, { linkType: 'loopback' }), aLink(40)], [aLink(6, { kind: 'macvlan', peerIfindex: 40, linkNetnsId: 0 })]);
  expect(peer(1, 6)).toEqual([0, 40]);
  expect(peer(0, 40)).toBeUndefined();
});

it('a lower device whose number occurs in several namespaces is ambiguous, unless a hint says which', () => {
  const namespaces = [{ links: [aLink(2)] }, { links: [aLink(2)] }, { links: [aLink(6, { kind: 'macvlan', peerIfindex: 2, linkNetnsId: 0 })] }];
  expect(findPeers(namespaces)[2]?.get(6)).toMatchObject({ state: 'ambiguous' });
  expect(findPeers(namespaces, () => 1)[2]?.get(6)).toEqual({ state: 'resolved', place: { namespace: 1, ifindex: 2 } });
});

it('a tunnel that gives its own number has no lower device', () => {
  expect(peers([aLink(16)], [aLink(16, { kind: 'vxlan', peerIfindex: 16, linkNetnsId: 0 })])(1, 16)).toBeUndefined();
});

it('many collisions are told in reasonable time', () => {
  const namespaces = Array.from({ length: 500 }, () => [aVeth(2, 2, 0)]);
  const started = performance.now();
  expect(findPeers(namespaces.map((links) => ({ links })))[0]?.get(2)).toMatchObject({ state: 'ambiguous' });
  expect(performance.now() - started).toBeLessThan(2000);
});

const aVxlan = (ifindex: number, device: string | undefined, netnsId?: number): Link =>
  aLink(ifindex, { kind: 'vxlan', ...(netnsId !== undefined && { peerIfindex: ifindex, linkNetnsId: netnsId }), vxlan: { vni: 7, port: 4789, learning: true, proxy: false, l2miss: false, l3miss: false, ...(device !== undefined && { device }) } });

it('a VXLAN device sits on the device that its own data names, in this namespace or in the one of its number', () => {
  const up = aLink(77, { name: 'up0' });
  expect(peers([up, aVxlan(3, 'up0')])(0, 3)).toEqual([0, 77]);
  expect(peers([up], [aVxlan(3, 'if77', 0)])(1, 3)).toEqual([0, 77]);
  // The tool found the index among this namespace's own devices, and the same index may be the VXLAN device's.
  expect(peers([up], [aLink(77, { name: 'br0' }), aVxlan(3, 'br0', 0)])(1, 3)).toEqual([0, 77]);
  expect(peers([aLink(3, { name: 'up0' })], [aVxlan(3, 'l3', 0)])(1, 3)).toEqual([0, 3]);
  expect(peers([up], [aVxlan(3, 'if77', 0)], [aLink(77)])(1, 3)).toEqual({ ambiguous: [0, 2] });
});

it('a VXLAN device without a device under it, or with one that cannot be told, has none', () => {
  expect(peers([aLink(3)], [aVxlan(3, undefined, 0)])(1, 3)).toBeUndefined();
  expect(peers([aLink(5)], [aVxlan(3, 'gone')])(1, 3)).toBeUndefined();
  expect(peers([aLink(5), aLink(9)], [aLink(9, { name: 'if5' }), aVxlan(3, 'if5', 0)])(1, 3)).toBeUndefined();
  expect(peers([aLink(5)], [aVxlan(3, 'if77', 0)])(1, 3)).toBe('unseen');
});

describe('what the kernel tells of numbers', () => {
  /** Pairs a–b and c–d, of equal numbers everywhere. */
  const four = ['1:10', '1:11', '1:12', '1:13'].map((key) => ({ key, links: [aVeth(2, 2, 0)] }));
  const resolved = (namespace: number): unknown => ({ state: 'resolved', place: { namespace, ifindex: 2 } });
  const at = (found: ReturnType<typeof findPeers>): unknown[] => found.map((links) => links.get(2));

  it('settles pairs that are alike in all else, one row for both ends and the rest by elimination', () => {
    const [a, ...others] = four;
    expect(at(findPeers([{ ...a!, netnsIds: [{ id: 0, key: '1:11' }] }, ...others]))).toEqual([resolved(1), resolved(0), resolved(3), resolved(2)]);
  });

  it('that a number is no named namespace leaves those without a name', () => {
    const parents = [{ key: '1:1', links: [aLink(2)] }, { key: '1:2', links: [aLink(2)], named: true as const }];
    const above = { key: '1:3', links: [aLink(6, { kind: 'macvlan', peerIfindex: 2, linkNetnsId: 0 })], named: true as const };
    expect(findPeers([...parents, { ...above, netnsIds: [{ id: 0 }] }])[2]?.get(6)).toEqual(resolved(0));
    expect(findPeers([...parents, { ...above, netnsIds: [{ id: 1 }] }])[2]?.get(6)).toMatchObject({ state: 'ambiguous' });
    expect(findPeers([...parents, { ...above, netnsIds: [{ id: 0, key: '1:2' }] }], () => 0)[2]?.get(6)).toEqual(resolved(1));
  });

  it('a namespace that was not read, or has no such device, is no reason to take another', () => {
    const [a, b, c, d] = four;
    expect(findPeers([{ ...a!, netnsIds: [{ id: 0, key: '1:99' }] }, b!, c!, d!])[0]?.get(2)).toEqual({ state: 'unseen' });
    expect(findPeers([{ ...a!, netnsIds: [{ id: 0, key: '1:98' }] }, b!, c!, d!, { key: '1:98', links: [aVeth(3, 2, 0)] }])[0]?.get(2)).toEqual({ state: 'unseen' });
  });

  it('a row that the other end contradicts settles nothing', () => {
    const [a, b, c, d] = four;
    expect(at(findPeers([{ ...a!, netnsIds: [{ id: 0, key: '1:11' }] }, { ...b!, netnsIds: [{ id: 0, key: '1:12' }] }, c!, d!]))).toEqual([{ state: 'unseen' }, resolved(2), resolved(1), { state: 'unseen' }]);
    expect(at(findPeers([{ ...a!, netnsIds: [{ id: 0, key: '1:11' }] }, { ...b!, netnsIds: [{ id: 0, key: '1:12' }] }, { ...c!, netnsIds: [{ id: 0, key: '1:10' }] }]))).toEqual([{ state: 'unseen' }, { state: 'unseen' }, { state: 'unseen' }]);
  });
});
