import type { LayoutEngine } from './engine';
import { isOuter, type DiagramGraph, type GraphBox } from './graph';
import { baseFont, placeHost, planHost, textBox, type HostPlan, type PlacedHost, type Size } from './hostLayout';
import { childrenOf, hostParts, type HostParts } from './hostParts';
import type { Scene, SceneBox, SceneEdge } from './scene';
import { arrangeTopLevel, type TopLevelItem, type Tunnel } from './topLevel';

/** The panel that a scene is made for, in pixels: what can be read when all of it is in view is judged by this. */
const panel = { width: 1200, height: 760 } as const;
const outerMargin = 24;
const rowGap = 40;

/**
 * Gives every box of a graph its place and every edge its way. Members stand in grids that are computed here, in time linear in
 * their number; the engine arranges the hosts and the tunnels between them. The same graph gives the same scene.
 * Rejects where the engine does.
 */
export async function layoutGraph(graph: DiagramGraph, engine: LayoutEngine): Promise<Scene> {
  const inside = childrenOf(graph);
  const tops = graph.boxes.filter((box) => box.parent === undefined);
  const parts = new Map<string, HostParts>(tops.filter((box) => box.kind === 'host').map((box) => [box.id, hostParts(graph, box, inside)]));
  const plans = planHosts(graph, [...parts.values()]);
  const typeScale = plans.values().next().value?.typeScale ?? 1;
  const font = baseFont * typeScale;
  const rows = graph.wrapped === true ? rowsOf(graph, tops, plans, font) : [tops];
  const boxes: SceneBox[] = [];
  const edges: SceneEdge[] = [];
  let [width, bottom] = [0, outerMargin];
  for (const row of rows) {
    const placed = await layoutRow(graph, row, plans, font, bottom, engine);
    boxes.push(...placed.boxes);
    edges.push(...placed.edges);
    width = Math.max(width, placed.size.width);
    bottom += placed.size.height + rowGap;
  }
  return { title: graph.title, width: width + 2 * outerMargin, height: (rows.length > 0 ? bottom - rowGap : bottom) + outerMargin, boxes, edges };
}

/**
 * Cuts the top level into rows that together come near the panel's shape. What tunnels join stays in one row, so that none leaves it;
 * otherwise the order stays.
 */
function rowsOf(graph: DiagramGraph, tops: readonly GraphBox[], plans: ReadonlyMap<string, HostPlan>, font: number): readonly (readonly GraphBox[])[] {
  const topOf = new Map<string, string>();
  for (const box of graph.boxes) topOf.set(box.id, box.parent === undefined ? box.id : (topOf.get(box.parent) ?? box.id));
  const groupOf = new Map(tops.map((box) => [box.id, [box]]));
  const at = new Map(tops.map((box, index) => [box, index]));
  const firstOf = ([box]: readonly GraphBox[]): number => (box && at.get(box)) ?? 0;
  for (const edge of graph.edges) {
    if (!isOuter(edge)) continue;
    const [from, to] = [groupOf.get(topOf.get(edge.from) ?? ''), groupOf.get(topOf.get(edge.to) ?? '')];
    if (!from || !to || from === to) continue;
    // A published port enters from outside, its box is added after the frame that it leads to.
    const [first, second] = firstOf(from) < firstOf(to) ? [from, to] : [to, from];
    first.push(...second);
    for (const box of second) groupOf.set(box.id, first);
  }
  const sizeOf = (box: GraphBox): Size => plans.get(box.id)?.size ?? textBox(box.lines, font);
  const groups = [...new Set(tops.flatMap((box) => { const group = groupOf.get(box.id); return group ? [group] : []; }))].map((boxes) => ({
    boxes,
    width: boxes.reduce((sum, box) => sum + sizeOf(box).width + rowGap, 0),
    height: Math.max(...boxes.map((box) => sizeOf(box).height)) + 60,
  }));
  const area = groups.reduce((sum, group) => sum + group.width * group.height, 0);
  const limit = Math.max(panel.width, Math.sqrt((area * panel.width) / panel.height), ...groups.map((group) => group.width));
  const rows: GraphBox[][] = [];
  let used = Infinity;
  for (const group of groups) {
    if (used + group.width > limit) {
      rows.push([]);
      used = 0;
    }
    rows.at(-1)?.push(...group.boxes);
    used += group.width;
  }
  return rows;
}

interface PlacedRow {
  readonly size: Size;
  readonly boxes: readonly SceneBox[];
  readonly edges: readonly SceneEdge[];
}

/** One row of the top level, from `y` on: frames of one height, so that tunnels leave them at one; of a host's diagram those without any are no higher than they need be. */
async function layoutRow(graph: DiagramGraph, tops: readonly GraphBox[], plans: ReadonlyMap<string, HostPlan>, font: number, y: number, engine: LayoutEngine): Promise<PlacedRow> {
  const hosts = tops.flatMap((box) => plans.get(box.id) ?? []);
  const height = Math.max(0, ...hosts.map((plan) => plan.size.height), ...tops.filter((box) => !plans.has(box.id)).map((box) => textBox(box.lines, font).height));
  const placed = new Map<string, PlacedHost>(hosts.map((plan) => [plan.parts.host.id, placeHost(graph, plan, graph.wrapped === true && plan.parts.vteps.length === 0 ? plan.size.height : height)]));

  const items = tops.map((box): TopLevelItem => itemOf(box, placed.get(box.id), font, height));
  const tunnels = graph.edges.filter(isOuter);
  const arranged = await arrangeTopLevel(items, tunnels.map((edge): Tunnel => ({ id: edge.id, from: edge.from, to: edge.to, size: textBox([edge.label ?? ''], font) })), engine);

  const boxes: SceneBox[] = [];
  const edges: SceneEdge[] = [];
  for (const box of tops) {
    const at = arranged.origins.get(box.id) ?? { x: 0, y: 0 };
    const [dx, dy] = [at.x + outerMargin, at.y + y];
    const host = placed.get(box.id);
    if (host) {
      for (const inner of host.boxes) boxes.push({ ...inner, x: inner.x + dx, y: inner.y + dy });
      for (const edge of host.edges) {
        edges.push({
          ...edge,
          points: edge.points.map((point) => ({ x: point.x + dx, y: point.y + dy })),
          ...(edge.label && { label: { ...edge.label, x: edge.label.x + dx, y: edge.label.y + dy } }),
        });
      }
    } else {
      const size = textBox(box.lines, font);
      boxes.push({ ...box, x: dx, y: dy + height - size.height, width: size.width, height: size.height, ...(font !== baseFont && { fontSize: font }) });
    }
  }
  for (const { label, ...edge } of tunnels) {
    const way = arranged.ways.get(edge.id);
    if (!way) continue;
    edges.push({
      ...edge,
      points: way.points.map((point) => ({ x: point.x + outerMargin, y: point.y + y })),
      ...(label !== undefined && { label: { text: label, x: way.label.x + outerMargin, y: way.label.y + y } }),
      ...(font !== baseFont && { fontSize: font }),
    });
  }
  return { size: arranged.size, boxes, edges };
}

/** Plans every host twice: at scale 1 to see how large the whole becomes, then with type that can be read at that size. */
function planHosts(graph: DiagramGraph, parts: readonly HostParts[]): ReadonlyMap<string, HostPlan> {
  const populated = parts.filter((part) => part.racks.some((rack) => rack.slots.length > 0)).length;
  const aspect = Math.max(0.6, panel.width / panel.height / Math.max(1, populated));
  const plan = (typeScale: number): Map<string, HostPlan> => new Map(parts.map((part) => [part.host.id, planHost(graph, part, aspect, typeScale)]));
  const first = plan(1);
  let [width, height] = [0, 0];
  for (const { size } of first.values()) {
    width += size.width;
    height = Math.max(height, size.height);
  }
  const fit = Math.min(1, panel.width / Math.max(1, width), panel.height / Math.max(1, height + 80));
  const widestGrid = Math.max(0, ...[...first.values()].flatMap((entry) => entry.grids.map(({ grid }) => grid.width)));
  // Structure grows with the grid beside it, never by itself; in half steps, so that one member more seldom changes the type.
  const typeScale = Math.min(7, Math.max(1, Math.round(Math.min(0.9 / fit, widestGrid / 500) * 2) / 2));
  return typeScale === 1 ? first : plan(typeScale);
}

function itemOf(box: GraphBox, host: PlacedHost | undefined, font: number, height: number): TopLevelItem {
  if (!host) {
    const size = textBox(box.lines, font);
    return { id: box.id, size: { width: size.width, height }, vteps: [{ id: box.id, left: 0, right: size.width, bottom: height }] };
  }
  const vteps = host.boxes.filter((inner) => inner.kind === 'underlay');
  return { id: box.id, size: host.size, vteps: vteps.map((inner) => ({ id: inner.id, left: inner.x, right: inner.x + inner.width, bottom: inner.y + inner.height })) };
}
