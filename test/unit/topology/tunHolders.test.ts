import { describe, expect, it } from 'vitest';
import { findTunHolders } from '../../../src/core/topology/tunHolders';
import type { TunHolder } from '../../../src/core/model/snapshot';
import { aLink, aNamespace, aSnapshot } from './builders';

describe('the process behind a TUN device', () => {
  const tun = (name: string) => aLink(5, { name, kind: 'tun' });
  const holders = (tuns: readonly TunHolder[] | undefined, key: string, name: string): readonly number[] => {
    const snapshot = aSnapshot([aNamespace(1, { links: [tun('tun0')] }), aNamespace(2, { links: [tun('tun0'), tun('vpn'), aLink(6, { name: 'veth' })] }), aNamespace(3)]);
    return findTunHolders({ ...snapshot, host: { ...snapshot.host, ...(tuns && { tuns }) } })(key, tun(name)).map(({ pid }) => pid);
  };

  it('holds the device of its own namespace, where others have one of that name', () => {
    expect(holders([{ pid: 7, name: 'tun0', namespace: '4:2' }], '4:2', 'tun0')).toEqual([7]);
    expect(holders([{ pid: 7, name: 'tun0', namespace: '4:2' }], '4:1', 'tun0')).toEqual([]);
  });

  it('holds the only device of that name, wherever the process went', () => {
    expect(holders([{ pid: 7, name: 'vpn', namespace: '4:3' }, { pid: 8, name: 'vpn' }], '4:2', 'vpn')).toEqual([7, 8]);
  });

  it('is not told where several may be meant, none is there, or it was not read', () => {
    expect(holders([{ pid: 7, name: 'tun0', namespace: '4:3' }], '4:1', 'tun0')).toEqual([]);
    expect(holders([{ pid: 7, name: 'veth', namespace: '4:2' }], '4:2', 'veth')).toEqual([]);
    expect(holders(undefined, '4:2', 'vpn')).toEqual([]);
  });
});
