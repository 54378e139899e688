import ELK from 'elkjs/lib/elk.bundled.js';
import { describe, expect, it } from 'vitest';
import { layoutGraph } from '../../../src/core/diagram/layout';
import { networkGraph } from '../../../src/core/diagram/networkGraph';
import type { Scene } from '../../../src/core/diagram/scene';
import { textWidth } from '../../../src/core/diagram/textFit';
import { crossings, edgesThroughBoxes, escapedBoxes, looseEdges, overlappingSiblings, segments } from './geometry';
import { syntheticNetworkId, syntheticTopology, type SyntheticOptions } from './syntheticTopology';

const engine = new ELK();

async function scene(options: SyntheticOptions): Promise<Scene> {
  const graph = networkGraph(syntheticTopology(options), syntheticNetworkId);
  if (!graph) throw new Error('no graph');
  return layoutGraph(graph, engine);
}

const services = (_host: number, index: number): Readonly<Record<string, string>> => (index % 3 === 0 ? {} : { 'com.docker.swarm.service.name': `service-${String(index % 7)}` });
const shapes: Readonly<Record<string, SyntheticOptions>> = {
  'one host': { containers: [3] },
  'two hosts': { containers: [2, 2] },
  'a host without containers': { containers: [2, 0] },
  'five hosts of unlike size, an orphan port and a VTEP of an unknown host': { containers: [9, 1, 30, 2, 5], strangerVtep: '192.168.56.200', orphanPort: true },
  'ten hosts': { containers: Array<number>(10).fill(3) },
  'many in services': { containers: [90, 60], labels: services },
  '300 containers': { containers: [150, 150] },
  bridge: { driver: 'bridge', containers: [7] },
  'bridge with 120 containers': { driver: 'bridge', containers: [120] },
  macvlan: { driver: 'macvlan', containers: [6] },
  host: { driver: 'host', containers: [5] },
  none: { driver: 'null', containers: [2] },
  'names that are too long': { containers: [4, 4], name: (host, index) => `${'a-very-long-name-'.repeat(6)}${String(host)}-${String(index)}` },
};

describe('the layout of synthetic networks', () => {
  for (const [name, options] of Object.entries(shapes)) {
    it(`keeps boxes apart and inside their parents, and edges on their boxes: ${name}`, async () => {
      const made = await scene(options);
      expect(made.boxes.length).toBeGreaterThan(0);
      expect(overlappingSiblings(made)).toEqual([]);
      expect(escapedBoxes(made)).toEqual([]);
      expect(looseEdges(made)).toEqual([]);
    });

    it(`crosses no two veth pairs and runs no edge through a box: ${name}`, async () => {
      const made = await scene(options);
      expect(crossings(made, 'veth')).toEqual([]);
      expect(edgesThroughBoxes(made)).toEqual([]);
    });

    it(`gives every box and edge of the graph a place: ${name}`, async () => {
      const graph = networkGraph(syntheticTopology(options), syntheticNetworkId);
      const made = await scene(options);
      expect(new Set(made.boxes.map((box) => box.id))).toEqual(new Set(graph?.boxes.map((box) => box.id)));
      expect(new Set(made.edges.map((edge) => edge.id))).toEqual(new Set(graph?.edges.map((edge) => edge.id)));
    });
  }

  it('crosses no two tunnels of up to three hosts', async () => {
    expect(crossings(await scene({ containers: [2, 3, 1] }), 'vtep')).toEqual([]);
  });

  it('keeps tunnel labels clear of each other and of other tunnels, up to ten hosts', async () => {
    for (const hosts of [2, 3, 4, 5, 7, 10]) {
      const made = await scene({ containers: Array<number>(hosts).fill(2) });
      const labels = made.edges.flatMap((edge) => {
        const size = edge.fontSize ?? 12;
        return edge.label ? [{ edge, left: edge.label.x - textWidth(edge.label.text, size) / 2, right: edge.label.x + textWidth(edge.label.text, size) / 2, top: edge.label.y - size / 2, bottom: edge.label.y + size / 2 }] : [];
      });
      expect(labels.length).toBe((hosts * (hosts - 1)) / 2);
      for (const label of labels) {
        const cut = made.edges.filter((edge) => edge !== label.edge && segments(edge).some(([a, b]) => Math.min(a.x, b.x) < label.right && Math.max(a.x, b.x) > label.left && Math.min(a.y, b.y) < label.bottom && Math.max(a.y, b.y) > label.top));
        expect(cut.map((edge) => edge.id)).toEqual([]);
        expect(labels.filter((other) => other !== label && other.left < label.right && label.left < other.right && other.top < label.bottom && label.top < other.bottom)).toEqual([]);
      }
    }
  });

  it('is the same for the same graph', async () => {
    expect(await scene({ containers: [40, 3, 12], labels: services })).toEqual(await scene({ containers: [40, 3, 12], labels: services }));
  });

  it('keeps hosts in their order and the containers before it in their places when one is added', async () => {
    const [before, after] = [await scene({ containers: [7, 5] }), await scene({ containers: [8, 5] })];
    const place = (made: Scene, name: string): readonly number[] => made.boxes.filter((box) => box.lines[0] === name).flatMap((box) => [box.x, box.y]);
    for (let index = 1; index <= 7; index++) expect(place(after, `web1-00${String(index)}`)).toEqual(place(before, `web1-00${String(index)}`));
  });

  it('lays out 650 containers on two hosts within 700 ms (median of 5), all of them in named groups', async () => {
    const graph = networkGraph(syntheticTopology({ containers: [325, 325] }), syntheticNetworkId);
    if (!graph) throw new Error('no graph');
    const times: number[] = [];
    let made: Scene | undefined;
    for (let run = 0; run < 5; run++) {
      const start = performance.now();
      made = await layoutGraph(graph, engine);
      times.push(performance.now() - start);
    }
    expect(made?.boxes.filter((box) => box.kind === 'container')).toHaveLength(650);
    const groups = new Set(made?.boxes.filter((box) => box.kind === 'group').map((box) => box.id));
    expect(made?.boxes.filter((box) => box.kind === 'container' && !groups.has(box.parent ?? ''))).toEqual([]);
    expect(times.sort((left, right) => left - right)[2]).toBeLessThan(700);
  });
});
