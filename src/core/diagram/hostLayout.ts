import { cell, cellGrid, cellHeightOf, cellWidthOf, columnX, lane, port, type Grid, type PlacedSlot } from './cellGrid';
import { isOuter, type DiagramGraph, type GraphBox } from './graph';
import type { HostParts, Rack } from './hostParts';
import type { Point, SceneBox, SceneEdge } from './scene';
import { lineHeight, strongWidth, textWidth } from './textFit';

/** Text of the structure, at scale 1. */
export const baseFont = 12;
const margin = 16;
const barGap = 26;

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A host with everything in it, laid out from (0, 0). */
export interface PlacedHost {
  readonly size: Size;
  readonly boxes: readonly SceneBox[];
  readonly edges: readonly SceneEdge[];
}

/** What has been decided about a host before its lower part can be placed. */
export interface HostPlan {
  readonly parts: HostParts;
  readonly grids: readonly { readonly rack: Rack; readonly grid: Grid; /** The lines of its bar. */ readonly bar: readonly string[]; readonly width: number }[];
  /** Width of the column at the left in which the namespace's title stands, clear of every wire. */
  readonly titleWidth: number;
  readonly typeScale: number;
  readonly size: Size;
}

/** Room that lines of text need in a box, with its padding. */
export function textBox(lines: readonly string[], fontSize: number): Size {
  const widest = Math.max(0, ...lines.map((line, index) => textWidth(line, fontSize) * (index === 0 ? strongWidth : 1)));
  return { width: Math.ceil(widest + fontSize * 1.6), height: Math.ceil(lines.length * fontSize * lineHeight + fontSize * 0.9) };
}

/** Decides a host's grids and its size. `aspect`: width by height that its grids should come near. */
export function planHost(graph: DiagramGraph, parts: HostParts, aspect: number, typeScale: number): HostPlan {
  const font = baseFont * typeScale;
  const lines = parts.racks.reduce((most, rack) => rack.slots.reduce((inner, { cell }) => Math.max(inner, ...(cell ? parts.inside(cell.id).map((box) => box.lines.length) : [])), most), 0);
  const cellWidth = cellWidthOf(parts.racks.flatMap(({ slots }) => slots.flatMap(({ cell }) => (cell ? parts.inside(cell.id).flatMap((box) => box.lines) : []))));
  const titleWidth = parts.sandbox ? textBox(parts.sandbox.lines, font).width + margin : margin;
  const grids = parts.racks.map((rack) => {
    const grid = cellGrid(rack.slots, cellHeightOf(lines), aspect, 260 * typeScale, cellWidth);
    const tails = rack.tails.reduce((sum, { box }) => sum + textBox(box.lines, font).width + margin, margin);
    const below = Math.max(rack.slots.length > 0 ? grid.width : 0, tails);
    const bar = rack.bar ? barLines(rack.bar, Math.max(below - margin, shortBar * typeScale), font) : [];
    return { rack, grid, bar, width: Math.max(below, bar.length > 0 ? textBox(bar, font).width + margin : 0) };
  });
  const plan = { parts, grids, titleWidth, typeScale };
  const header = textBox(parts.host.lines, font * 1.2).width;
  const notes = Math.max(0, ...parts.notes.map((box) => textBox(box.lines, font).width + 2 * margin));
  const racks = grids.length > 0 ? titleWidth + grids.reduce((sum, entry) => sum + entry.width, 0) + 3 * margin : 0;
  const vteps = parts.vteps.reduce((sum, box) => sum + vtepWidth(graph, box, font) + margin, margin);
  const heights = heightsOf(plan);
  return { ...plan, size: { width: Math.max(240 * typeScale, header, notes, racks, vteps), height: heights.total } };
}

/** Pixels at scale 1 up to which a bar is flat, whatever hangs on it. */
const shortBar = 260;

/** A bar is flat, its lines beside each other, where that is no wider than what hangs on it. */
function barLines({ lines }: GraphBox, room: number, font: number): readonly string[] {
  const all = lines.filter((line) => line !== '');
  const flat = [all.join('  ·  ')];
  return textBox(flat, font).width <= room ? flat : all;
}

function vtepWidth(graph: DiagramGraph, box: GraphBox, font: number): number {
  const tunnels = graph.edges.filter((edge) => isOuter(edge) && (edge.from === box.id || edge.to === box.id)).length;
  return Math.max(textBox(box.lines, font).width, (tunnels + 1) * 14);
}

/** Heights of the bands of a host, from top to bottom. */
function heightsOf(plan: Pick<HostPlan, 'parts' | 'grids' | 'typeScale'>): { header: number; notes: number; cells: number; lower: number; vteps: number; total: number } {
  const { parts, grids, typeScale } = plan;
  const font = baseFont * typeScale;
  const header = Math.ceil(font * 1.2 * lineHeight + 18);
  const notes = parts.notes.reduce((sum, box) => sum + textBox(box.lines, font).height + margin, 0);
  const cells = Math.max(0, ...grids.map(({ grid }) => grid.height));
  const lower = parts.sandbox ? Math.max(textBox(parts.sandbox.lines, font).height + 12, ...grids.map((entry) => lowerHeight(entry, font))) : 0;
  const vteps = parts.vteps.length > 0 ? Math.max(...parts.vteps.map((box) => textBox(box.lines, font).height)) + barGap : 0;
  const gap = cells > 0 && lower > 0 ? 34 : 0;
  return { header, notes, cells, lower, vteps, total: header + notes + cells + gap + lower + vteps + margin };
}

const portRows = (grid: Grid): number => (grid.placed.some(({ slot }) => slot.port) ? grid.depth * (port.height + port.gapY) - port.gapY : 0);
const barHeight = (lines: readonly string[], font: number): number => Math.ceil(lines.length * font * lineHeight + font * 0.9);
const tailGap = (rack: Rack, font: number): number => (rack.tails.some(({ edge }) => edge?.label !== undefined) ? Math.ceil(font * 1.8) + 10 : barGap);

function lowerHeight({ rack, grid, bar }: HostPlan['grids'][number], font: number): number {
  const ports = portRows(grid);
  const tails = Math.max(0, ...rack.tails.map(({ box }) => tailSize(box, font).height));
  return margin + ports + (rack.bar ? (ports > 0 ? barGap : 0) + barHeight(bar, font) : 0) + (tails > 0 ? (rack.bar ? tailGap(rack, font) : ports > 0 ? margin : 0) + tails : 0) + margin;
}

const tailSize = (box: GraphBox, font: number): Size => textBox(box.lines, font);

/** Places a planned host's parts within `height`, which may be more than it asked for: the room goes between members and switch. */
export function placeHost(graph: DiagramGraph, plan: HostPlan, height: number): PlacedHost {
  const { parts, grids, titleWidth, typeScale, size } = plan;
  const font = baseFont * typeScale;
  const bands = heightsOf(plan);
  const boxes: SceneBox[] = [];
  const edges: SceneEdge[] = [];
  const put = (box: GraphBox, x: number, y: number, width: number, boxHeight: number, fontSize?: number): void => {
    boxes.push({ ...box, x, y, width, height: boxHeight, ...(fontSize !== undefined && fontSize !== baseFont && { fontSize }) });
  };

  put(parts.host, 0, 0, size.width, height, font * 1.2);
  let noteY = bands.header;
  for (const note of parts.notes) {
    const box = textBox(note.lines, font);
    put(note, margin, noteY, size.width - 2 * margin, box.height, font);
    noteY += box.height + margin;
  }
  const cellsTop = noteY;
  const lowerTop = height - margin - bands.vteps - bands.lower;
  if (parts.sandbox) put(parts.sandbox, margin, lowerTop, size.width - 2 * margin, bands.lower, font);

  const below = new Map<string, Point>();
  let x = margin + titleWidth;
  // Racks share what is left of the host's width, so that bars reach its edge.
  const spare = Math.max(0, size.width - 3 * margin - titleWidth - grids.reduce((sum, entry) => sum + entry.width, 0));
  for (const { rack, grid, bar, width } of grids) {
    const rackWidth = width + spare / grids.length;
    const inset = x + Math.max(0, (rackWidth - grid.width) / 2);
    for (const group of grid.groups) put(group.box, inset + group.x, cellsTop + group.y, group.width, group.height);
    const portsTop = lowerTop + margin;
    const ports = portRows(grid);
    const barTop = portsTop + ports + (ports > 0 ? barGap : 0);
    const barBottom = rack.bar ? barTop + barHeight(bar, font) : barTop - barGap;
    placeSlots(graph, parts, grid, { x: inset, cellsTop, portsTop, barTop, sandboxTop: lowerTop }, put, edges);
    if (rack.bar) put({ ...rack.bar, lines: bar }, x, barTop, rackWidth - margin, barHeight(bar, font), font);
    placeTails(rack, { x, width: rackWidth - margin, top: rack.bar ? barBottom + tailGap(rack, font) : portsTop + ports + (ports > 0 ? margin : 0), barBottom, font }, put, edges, below);
    x += rackWidth;
  }
  placeJoints(parts, boxes, edges);
  placeVteps(graph, plan, height - margin, below, put, edges);
  return { size: { width: size.width, height }, boxes: sortByParent(boxes), edges };
}

/** From bar to bar beside it, through the gap between them. Bars that are not beside each other say in their facts that they are joined. */
function placeJoints(parts: HostParts, boxes: readonly SceneBox[], edges: SceneEdge[]): void {
  const bars = parts.racks.flatMap(({ bar }) => boxes.find(({ id }) => id === bar?.id) ?? []);
  for (const edge of parts.joints) {
    const [from, to] = [bars.findIndex(({ id }) => id === edge.from), bars.findIndex(({ id }) => id === edge.to)];
    const [left, right] = [bars[Math.min(from, to)], bars[Math.max(from, to)]];
    if (!left || !right || Math.abs(from - to) !== 1) continue;
    const middle = (box: SceneBox): number => box.y + box.height / 2;
    const [start, end] = [left.x + left.width, right.x];
    const points = [{ x: start, y: middle(left) }, { x: (start + end) / 2, y: middle(left) }, { x: (start + end) / 2, y: middle(right) }, { x: end, y: middle(right) }];
    edges.push({ ...withoutLabel(edge), points: from < to ? points : points.toReversed() });
  }
}

type Put = (box: GraphBox, x: number, y: number, width: number, height: number, fontSize?: number) => void;

/**
 * Members in their grid, ports under them in the mirrored order, and the wires between. In each column the lowest member's wire
 * goes straight down; the others go right into the gutter, the higher the member the further out, and in again to ports the
 * lower the further out: nested, so that no two wires cross.
 */
function placeSlots(graph: DiagramGraph, parts: HostParts, grid: Grid, at: { x: number; cellsTop: number; portsTop: number; barTop: number; sandboxTop: number }, put: Put, edges: SceneEdge[]): void {
  const byColumn = new Map<number, PlacedSlot[]>();
  for (const placed of grid.placed) {
    const list = byColumn.get(placed.column);
    if (list) list.push(placed);
    else byColumn.set(placed.column, [placed]);
  }
  const bridgeEdge = new Map(graph.edges.filter((edge) => edge.kind === 'bridgePort').map((edge) => [edge.from, edge]));
  for (const [column, slots] of byColumn) {
    const left = at.x + columnX(grid, column);
    const right = left + grid.cellWidth;
    slots.forEach(({ slot, y }, index) => {
      const top = at.cellsTop + y;
      let plug = { left, right, top, bottom: top + grid.cellHeight };
      if (slot.cell) {
        put(slot.cell, left, top, grid.cellWidth, grid.cellHeight);
        plug = placeInterfaces(parts.inside(slot.cell.id), { left, top, width: grid.cellWidth, height: grid.cellHeight }, put) ?? plug;
      }
      const outer = slots.length - 1 - index;
      const laneX = right + lane.first + (outer - 1) * lane.step;
      const centre = left + grid.cellWidth / 2;
      const portTop = at.portsTop + outer * (port.height + port.gapY);
      const portMid = portTop + port.height / 2;
      const plugMid = (plug.top + plug.bottom) / 2;
      if (slot.port) put(slot.port, left + port.inset, portTop, grid.cellWidth - 2 * port.inset, port.height);
      if (slot.wire) {
        const end = slot.port ? undefined : slot.wire.to === parts.sandbox?.id ? at.sandboxTop : at.barTop;
        const points: readonly Point[] =
          outer === 0
            ? [{ x: centre, y: plug.bottom }, { x: centre, y: end ?? portTop }]
            : end === undefined
              ? [{ x: plug.right, y: plugMid }, { x: laneX, y: plugMid }, { x: laneX, y: portMid }, { x: right - port.inset, y: portMid }]
              : [{ x: plug.right, y: plugMid }, { x: laneX, y: plugMid }, { x: laneX, y: end }];
        edges.push({ ...withoutLabel(slot.wire), points });
      }
      const toBar = slot.port && bridgeEdge.get(slot.port.id);
      if (toBar) {
        const trunk = left - 5;
        const last = index === 0;
        edges.push({
          ...withoutLabel(toBar),
          points: last
            ? [{ x: centre, y: portTop + port.height }, { x: centre, y: at.barTop }]
            : [{ x: left + port.inset, y: portMid }, { x: trunk, y: portMid }, { x: trunk, y: at.barTop }],
        });
      }
    });
  }
}

/** Fills a cell below its title; returns the area, or undefined where there is nothing to put there. */
function placeInterfaces(inner: readonly GraphBox[], { left, top, width, height }: Size & { readonly left: number; readonly top: number }, put: Put): { left: number; right: number; top: number; bottom: number } | undefined {
  if (inner.length === 0) return undefined;
  const area = { left: left + cell.padding, right: left + width - cell.padding, top: top + cell.titleHeight, bottom: top + height - cell.padding };
  inner.forEach((box, index) => {
    const share = (area.bottom - area.top) / inner.length;
    put(box, area.left, area.top + index * share, area.right - area.left, share);
  });
  return area;
}

function placeTails(rack: Rack, at: { x: number; width: number; top: number; barBottom: number; font: number }, put: Put, edges: SceneEdge[], below: Map<string, Point>): void {
  const sizes = rack.tails.map(({ box }) => tailSize(box, at.font));
  const total = sizes.reduce((sum, size) => sum + size.width, 0) + margin * Math.max(0, sizes.length - 1);
  let x = at.x + Math.max(0, (at.width - total) / 2);
  rack.tails.forEach(({ box, edge }, index) => {
    const size = sizes[index] ?? { width: 0, height: 0 };
    put(box, x, at.top, size.width, size.height, at.font);
    const centre = x + size.width / 2;
    below.set(box.id, { x: centre, y: at.top + size.height });
    if (edge) {
      const points = edge.from === box.id ? [{ x: centre, y: at.top }, { x: centre, y: at.barBottom }] : [{ x: centre, y: at.barBottom }, { x: centre, y: at.top }];
      edges.push({
        ...withoutLabel(edge),
        points,
        ...(edge.label !== undefined && {
          label: { text: edge.label, x: centre + textWidth(edge.label, at.font) / 2 + 8, y: (at.barBottom + at.top) / 2 },
          ...(at.font !== baseFont && { fontSize: at.font }),
        }),
      });
    }
    x += size.width + margin;
  });
}

function placeVteps(graph: DiagramGraph, plan: HostPlan, bottom: number, below: ReadonlyMap<string, Point>, put: Put, edges: SceneEdge[]): void {
  const font = baseFont * plan.typeScale;
  const widths = plan.parts.vteps.map((box) => vtepWidth(graph, box, font));
  const total = widths.reduce((sum, width) => sum + width, 0) + margin * Math.max(0, widths.length - 1);
  // Above the tallest: a way to one box must not lead through another.
  const rowTop = bottom - Math.max(0, ...plan.parts.vteps.map((box) => textBox(box.lines, font).height));
  const feeders = [...below.values()].map((point) => point.x);
  const middle = feeders.length > 0 ? feeders.reduce((sum, x) => sum + x, 0) / feeders.length : plan.size.width / 2;
  let x = Math.min(Math.max(margin, middle - total / 2), Math.max(margin, plan.size.width - margin - total));
  plan.parts.vteps.forEach((box, index) => {
    const size = { width: widths[index] ?? 0, height: textBox(box.lines, font).height };
    const top = bottom - size.height;
    put(box, x, top, size.width, size.height, font);
    const incoming = graph.edges.filter((edge) => edge.kind === 'underlay' && edge.to === box.id && below.has(edge.from));
    incoming.forEach((edge, nth) => {
      const from = below.get(edge.from);
      if (!from) return;
      const lands = from.x >= x + 6 && from.x <= x + size.width - 6 ? from.x : x + (size.width * (nth + 1)) / (incoming.length + 1);
      const bend = rowTop - 5 - ((nth * 4) % (barGap - 10));
      edges.push({
        ...withoutLabel(edge),
        points: lands === from.x ? [from, { x: lands, y: top }] : [from, { x: from.x, y: bend }, { x: lands, y: bend }, { x: lands, y: top }],
      });
    });
    x += size.width + margin;
  });
}

function withoutLabel({ id, kind, from, to, facts, state }: DiagramGraph['edges'][number]): Omit<SceneEdge, 'points' | 'label'> {
  return { id, kind, from, to, facts, state };
}

function sortByParent(boxes: readonly SceneBox[]): readonly SceneBox[] {
  const depths = new Map<string, number>();
  for (const box of boxes) depths.set(box.id, 0);
  const byId = new Map(boxes.map((box) => [box.id, box]));
  const depthOf = (box: SceneBox): number => {
    const parent = box.parent === undefined ? undefined : byId.get(box.parent);
    return parent ? depthOf(parent) + 1 : 0;
  };
  return boxes.map((box, index) => ({ box, index, depth: depthOf(box) })).sort((left, right) => left.depth - right.depth || left.index - right.index).map(({ box }) => box);
}
