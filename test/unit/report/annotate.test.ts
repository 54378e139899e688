import { describe, expect, test } from 'vitest';
import type { HostNode, KnownAddress } from '../../../src/core/model/topology';
import { annotateAddresses } from '../../../src/core/report/annotate';

const known = new Map<string, readonly KnownAddress[]>([
  ['02:42:0a:0d:11:08', [{ hostId: 'b', name: 'docker2n' }]],
  ['10.13.17.8', [{ hostId: 'b', name: 'docker2n' }]],
  ['10.13.17.7', [{ hostId: 'a', name: 'docker1n' }, { hostId: 'b', name: 'twin' }]],
  ['10.13.17.9', [{ hostId: 'a', name: 'first', networkName: 'mynet01' }, { hostId: 'a', name: 'second', networkName: 'mynet01' }, { hostId: 'b', name: 'third', networkName: 'mynet01' }]],
  ['02:42:ac:11:00:02', [{ hostId: 'a', name: 'web' }, { hostId: 'b', name: 'docker2n', networkName: 'mynet01' }, { hostId: 'b', name: 'db', networkName: 'bridge' }]],
  ['192.168.56.12', [{ hostId: 'b', name: 'unshare (812)', sandboxId: 'b|4:7' }, { hostId: 'b', name: 'node2', sandboxId: 'b|4:1' }]],
  ['fd00::7', [{ hostId: 'a', name: 'six' }]],
  ['10.0.0.1', [{ hostId: 'a', name: 'bad\x1b[31m\nname' }]],
]);
const host = new Map([['a', { label: 'node1', rootSandbox: 'a|4:1' } as HostNode], ['b', { label: 'node2', rootSandbox: 'b|4:1' } as HostNode]]);
const annotate = (text: string): string => annotateAddresses(text, { known, host }, 'a');

describe('annotateAddresses', () => {
  test('names the owner of a MAC and of an address once, in one column', () => {
    expect(annotate('33:33:00:00:00:01 dev br0 self permanent\n02:42:0a:0d:11:08 dev vxlan0 dst 192.168.56.12 self permanent\n10.13.17.8 dev vxlan0 lladdr 02:42:0A:0D:11:08 PERMANENT\n')).toBe(
      [
        '33:33:00:00:00:01 dev br0 self permanent',
        '02:42:0a:0d:11:08 dev vxlan0 dst 192.168.56.12 self permanent  # docker2n on node2',
        '10.13.17.8 dev vxlan0 lladdr 02:42:0A:0D:11:08 PERMANENT       # docker2n on node2',
        '',
      ].join('\n'),
    );
  });

  test('names every owner of an address that several have, the host\'s own without the host', () => {
    expect(annotate('10.13.17.9 dev eth0')).toBe('10.13.17.9 dev eth0  # first, second');
    expect(annotateAddresses('10.13.17.9 dev veth1', { known, host }, 'a', 'mynet01')).toBe('10.13.17.9 dev veth1  # first, second, third on node2');
  });

  test('names those in the same network, else those on the same host, else hosts, where addresses collide', () => {
    const at = (networkName?: string): string => annotateAddresses('02:42:ac:11:00:02 dev vxlan0', { known, host }, 'a', networkName).split('# ')[1] ?? '';
    expect(at()).toBe('web');
    expect(at('mynet01')).toBe('docker2n on node2');
    expect(at('another')).toBe('web');
    expect(annotate('192.168.56.12')).toBe('192.168.56.12  # node2');
  });

  test('knows IPv6, with prefix length and within brackets', () => {
    expect(annotate('fd00::7/64 x')).toBe('fd00::7/64 x  # six');
    expect(annotate('[fd00::7]')).toBe('[fd00::7]  # six');
  });

  test.each(['110.13.17.7', '10.13.17.77', '10.13.17.7.1', '02:42:0a:0d:11:08:99', 'a02:42:0a:0d:11:08'])('does not take a part of %s for an address', (text) => {
    expect(annotate(text)).toBe(text);
  });

  test('shows hostile names printable', () => {
    expect(annotate('10.0.0.1')).toBe('10.0.0.1  # bad\\x1b[31m\\nname');
  });

  test('a long hostile line takes no long time', () => {
    const start = performance.now();
    annotate(`${'1:'.repeat(50_000)}\n${'1.'.repeat(50_000)}`);
    expect(performance.now() - start).toBeLessThan(2000);
  });

  test('takes text that is longer than a call has room for arguments', () => {
    expect(annotate('10.0.0.1 dev x\n'.repeat(150_000))).toMatch(/# bad/);
  });
});
