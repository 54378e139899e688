import { describe, expect, it } from 'vitest';
import { planScene } from '../../../src/core/diagram/planScene';
import { tunnelPicture } from '../../../src/core/plan/tunnelPicture';

const device = (hostId: string, routes: readonly string[]) => ({ hostId, name: 'gre1', kind: 'gre' as const, remote: '192.0.2.2', mtuBytes: 1476, addresses: ['10.9.0.1/30'], routes, forward: false });
const picture = tunnelPicture([{ device: device('a', ['172.19.0.0/16', '172.20.0.0/16']), uplink: 'eth0', underlay: '192.0.2.1' }, { device: device('b', []), uplink: 'eth0', underlay: '192.0.2.2' }], undefined);

describe('the small diagram of a plan', () => {
  const labels = new Map([['a', 'node1'], ['b', 'node2']]);
  const [without, whole] = [planScene(picture, labels, false), planScene(picture, labels, true)];

  it('has what is there in the same places with and without the plan', () => {
    for (const box of without.boxes) expect(whole.boxes).toContainEqual(box);
    expect(without.boxes.some(({ made }) => made)).toBe(false);
    expect(whole.boxes.filter(({ made }) => made).map(({ lines }) => lines[0])).toEqual(['gre1', 'gre1']);
  });

  it('has every box within its host, none over another', () => {
    for (const [at, box] of whole.boxes.entries()) {
      expect(whole.hosts.some((host) => box.x >= host.x && box.x + box.width <= host.x + host.width && box.y >= host.y && box.y + box.height <= host.y + host.height), box.lines[0]).toBe(true);
      for (const other of whole.boxes.slice(at + 1)) expect(box.x + box.width <= other.x || other.x + other.width <= box.x || box.y + box.height <= other.y || other.y + other.height <= box.y, `${String(box.lines[0])} over ${String(other.lines[0])}`).toBe(true);
    }
  });

  it('joins hosts by level lines', () => {
    const between = whole.lines.filter(({ label }) => label !== undefined);
    expect(between.map(({ label }) => label)).toEqual(['tunnel', 'underlay']);
    for (const { y1, y2 } of between) expect(y1).toBe(y2);
  });
});
