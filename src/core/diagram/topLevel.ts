import type { EngineGraph, EngineNode, LayoutEngine } from './engine';
import type { Size } from './hostLayout';
import type { Point } from './scene';

/** A host, or a VTEP of an unread host: a block whose inside is laid out already. */
export interface TopLevelItem {
  readonly id: string;
  readonly size: Size;
  /** The boxes on its lower side that tunnels leave from, relative to the item. */
  readonly vteps: readonly { readonly id: string; readonly left: number; readonly right: number; readonly bottom: number }[];
}

export interface Tunnel {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  /** Of its label. */
  readonly size: Size;
}

export interface Arranged {
  readonly size: Size;
  readonly origins: ReadonlyMap<string, Point>;
  readonly ways: ReadonlyMap<string, { readonly points: readonly Point[]; readonly label: Point }>;
}

interface Plug {
  readonly item: number;
  readonly id: string;
}

/**
 * Arranges hosts side by side in their given order, and the tunnels between their VTEPs in lanes below. A lane takes tunnels that
 * lie beside each other; longer ones run in deeper lanes, and a VTEP's tunnels leave it in such an order that nested ones do not
 * cross. The engine finds the hosts' places and the lanes' depths, with room for every label.
 */
export async function arrangeTopLevel(items: readonly TopLevelItem[], tunnels: readonly Tunnel[], engine: LayoutEngine): Promise<Arranged> {
  const [only] = items;
  if (!only) return { size: { width: 0, height: 0 }, origins: new Map(), ways: new Map() };
  if (items.length === 1) return { size: only.size, origins: new Map([[only.id, { x: 0, y: 0 }]]), ways: new Map() };

  const position = new Map<string, number>();
  items.forEach((item, index) => item.vteps.forEach((vtep) => position.set(vtep.id, index)));
  const known = tunnels.flatMap((tunnel) => {
    const [from, to] = [position.get(tunnel.from), position.get(tunnel.to)];
    return from === undefined || to === undefined || from === to ? [] : [{ tunnel, left: Math.min(from, to), right: Math.max(from, to) }];
  });
  const laneOf = assignLanes(known);
  const plugs = plugPoints(items, known);

  const nodes: EngineNode[] = items.map((item) => ({
    id: item.id,
    width: item.size.width,
    height: item.size.height,
    layoutOptions: { 'elk.partitioning.partition': '0' },
  }));
  const graph: EngineGraph = {
    id: 'top',
    layoutOptions: {
      'elk.algorithm': 'layered',
      'elk.direction': 'DOWN',
      'elk.padding': '[top=0,left=0,bottom=0,right=0]',
      'elk.partitioning.activate': 'true',
      'elk.randomSeed': '1',
      // The order given is the order wanted: hosts keep their places when one is added.
      'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
      'elk.layered.crossingMinimization.strategy': 'NONE',
      'elk.layered.crossingMinimization.greedySwitch.type': 'OFF',
      // Order and lanes are decided; without edges the engine's time stays linear in their number, for a full mesh of hosts too.
      'elk.separateConnectedComponents': 'false',
      'elk.layered.nodePlacement.strategy': 'SIMPLE',
      'elk.spacing.nodeNode': '40',
      'elk.layered.spacing.nodeNodeBetweenLayers': '22',
    },
    children: [
      ...nodes,
      ...known.map(({ tunnel }) => ({
        id: tunnel.id,
        ...tunnel.size,
        layoutOptions: { 'elk.partitioning.partition': String((laneOf.get(tunnel.id) ?? 0) + 1) },
      })),
    ],
  };
  const result = new Map((await engine.layout(graph)).children?.map((node) => [node.id, node]));
  return assemble(items, known, laneOf, plugs, result);
}

interface KnownTunnel {
  readonly tunnel: Tunnel;
  readonly left: number;
  readonly right: number;
}

const plugId = (tunnel: Tunnel, end: 'from' | 'to'): string => `${tunnel.id}|${end}`;

/** Shortest first, each into the first lane where nothing lies over it. Lane 0 is nearest to the hosts. */
function assignLanes(tunnels: readonly KnownTunnel[]): ReadonlyMap<string, number> {
  const lanes: KnownTunnel[][] = [];
  const laneOf = new Map<string, number>();
  const order = [...tunnels].sort((a, b) => a.right - a.left - (b.right - b.left) || a.left - b.left);
  for (const entry of order) {
    // Never above a tunnel that it spans: its ends would cut through.
    const lowest = lanes.findLastIndex((lane) => lane.some((other) => other.left < entry.right && entry.left < other.right)) + 1;
    (lanes[lowest] ??= []).push(entry);
    laneOf.set(entry.tunnel.id, lowest);
  }
  return laneOf;
}

/** Where each tunnel leaves its VTEP, as an x within the item: nearest partners at the outer sides, farthest in the middle. */
function plugPoints(items: readonly TopLevelItem[], tunnels: readonly KnownTunnel[]): ReadonlyMap<string, { readonly item: number; readonly x: number; readonly y: number }> {
  const points = new Map<string, { item: number; x: number; y: number }>();
  items.forEach((item, index) => {
    for (const vtep of item.vteps) {
      const plugs: (Plug & { readonly far: number })[] = [];
      for (const { tunnel, left, right } of tunnels) {
        for (const end of ['from', 'to'] as const) {
          if (tunnel[end] === vtep.id) plugs.push({ item: index, id: plugId(tunnel, end), far: index === left ? right : left });
        }
      }
      const toLeft = plugs.filter((plug) => plug.far < index).sort((a, b) => b.far - a.far);
      const toRight = plugs.filter((plug) => plug.far > index).sort((a, b) => b.far - a.far);
      [...toLeft, ...toRight].forEach((plug, nth, all) => {
        points.set(plug.id, { item: index, x: vtep.left + ((vtep.right - vtep.left) * (nth + 1)) / (all.length + 1), y: vtep.bottom });
      });
    }
  });
  return points;
}

function assemble(
  items: readonly TopLevelItem[],
  tunnels: readonly KnownTunnel[],
  laneOf: ReadonlyMap<string, number>,
  plugs: ReadonlyMap<string, { readonly item: number; readonly x: number; readonly y: number }>,
  result: ReadonlyMap<string, EngineNode>,
): Arranged {
  const origins = new Map(items.map((item) => [item.id, { x: result.get(item.id)?.x ?? 0, y: 0 }]));
  const bottom = Math.max(...items.map((item) => item.size.height));
  const firstY = Math.min(...items.map((item) => result.get(item.id)?.y ?? 0));
  // One height for a lane, and every label in the middle of its way: a lane holds only tunnels that lie beside each other.
  const laneY = new Map<number, number>();
  for (const { tunnel } of tunnels) {
    const lane = laneOf.get(tunnel.id) ?? 0;
    const node = result.get(tunnel.id);
    laneY.set(lane, Math.max(laneY.get(lane) ?? 0, (node?.y ?? 0) - firstY + tunnel.size.height / 2));
  }
  const ways = new Map<string, { points: readonly Point[]; label: Point }>();
  let height = bottom;
  const end = (id: string): Point => {
    const plug = plugs.get(id);
    const origin = plug && origins.get(items[plug.item]?.id ?? '');
    return { x: (origin?.x ?? 0) + (plug?.x ?? 0), y: plug?.y ?? 0 };
  };
  const ends = tunnels.map(({ tunnel }) => ({ tunnel, y: laneY.get(laneOf.get(tunnel.id) ?? 0) ?? bottom, from: end(plugId(tunnel, 'from')), to: end(plugId(tunnel, 'to')) }));
  for (const { tunnel, y, from, to } of ends) {
    const drops = ends.filter((other) => other.y > y).flatMap((other) => [other.from.x, other.to.x]);
    ways.set(tunnel.id, { points: [from, { x: from.x, y }, { x: to.x, y }, to], label: { x: labelX(from.x, to.x, drops, tunnel.size.width), y } });
    height = Math.max(height, y + tunnel.size.height / 2);
  }
  const width = Math.max(...items.map((item) => (origins.get(item.id)?.x ?? 0) + item.size.width));
  return { size: { width, height }, origins, ways };
}

/** The place nearest to a way's middle where a label stands between the ends of deeper tunnels that cut through the lane. */
function labelX(from: number, to: number, drops: readonly number[], width: number): number {
  const [left, right] = [Math.min(from, to), Math.max(from, to)];
  const middle = (left + right) / 2;
  const cuts = [left, ...drops.filter((x) => x > left && x < right).sort((a, b) => a - b), right];
  let best = { x: middle, error: Infinity };
  cuts.slice(1).forEach((end, index) => {
    const start = cuts[index] ?? left;
    const room = end - start - width;
    const x = room <= 0 ? (start + end) / 2 : Math.min(Math.max(middle, start + width / 2), end - width / 2);
    // Too little room counts more than any distance.
    const error = Math.abs(x - middle) + (room < 0 ? 1e6 - room : 0);
    if (error < best.error) best = { x, error };
  });
  return best.x;
}
