import type { PlanPicture, PlanThing } from '../plan/plan';
import { lineHeight, strongWidth, textWidth } from './textFit';

/*
 * The small diagram of a plan: hosts beside each other, their things in rows. Plain data, in CSS pixels, origin top left.
 * Two hosts at most are joined, by straight lines between equal rows, so that nothing crosses.
 */

export interface PlanScene {
  readonly width: number;
  readonly height: number;
  readonly hosts: readonly PlanBox[];
  readonly boxes: readonly PlanBox[];
  readonly lines: readonly PlanLine[];
}

export interface PlanBox {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Hostile text. The first is its name. */
  readonly lines: readonly string[];
  readonly made: boolean;
}

export interface PlanLine {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
  readonly made: boolean;
  readonly label?: string;
}

export const planFont = 12;
const padding = 14;
const gap = 14;
const rowGap = 30;
const margin = 2;
const headHeight = 30;

interface Frame {
  readonly label: string | undefined;
  readonly rows: ReadonlyMap<number, readonly { readonly thing: PlanThing; readonly width: number; readonly height: number }[]>;
  readonly width: number;
}

/** @param labels of the hosts by their ids; `made`: whether what the plan makes is shown too. Rows have the same place with and without it. */
export function planScene(picture: PlanPicture, labels: ReadonlyMap<string, string>, made: boolean): PlanScene {
  const owners = [...new Set(picture.things.map(({ hostId }) => hostId))];
  const frames = owners.map((owner) => frameOf(picture.things.filter(({ hostId }) => hostId === owner), owner === undefined ? undefined : (labels.get(owner) ?? owner)));
  const rowNumbers = [...new Set(picture.things.map(({ row }) => row))].sort((a, b) => a - b);
  const heights = rowNumbers.map((row) => Math.max(...frames.flatMap((frame) => (frame.rows.get(row) ?? []).map(({ height }) => height)), 0));
  const between = Math.max(90, ...picture.joins.map(({ label }) => (label === undefined ? 0 : textWidth(label, planFont) + 3 * gap)));
  const height = headHeight + heights.reduce((sum, each) => sum + each, 0) + rowGap * Math.max(0, rowNumbers.length - 1) + gap;
  const places = new Map<string, PlanBox>();
  const hosts: PlanBox[] = [];
  let left = margin;
  for (const frame of frames) {
    if (frame.label !== undefined) hosts.push({ x: left, y: margin, width: frame.width, height, lines: [frame.label], made: false });
    let top = margin + headHeight;
    for (const [at, row] of rowNumbers.entries()) {
      const things = frame.rows.get(row) ?? [];
      const total = things.reduce((sum, { width }) => sum + width, 0) + gap * Math.max(0, things.length - 1);
      let x = left + (frame.width - total) / 2;
      for (const { thing, width, height: own } of things) {
        places.set(thing.id, { x, y: top + ((heights[at] ?? 0) - own) / 2, width, height: own, lines: thing.lines, made: thing.made === true });
        x += width + gap;
      }
      top += (heights[at] ?? 0) + rowGap;
    }
    left += frame.width + between;
  }
  return {
    width: left - between + margin,
    height: height + 2 * margin,
    hosts,
    boxes: [...places.values()].filter((box) => made || !box.made),
    lines: picture.joins.filter((join) => made || join.made !== true).flatMap((join) => {
      const [from, to] = [places.get(join.from), places.get(join.to)];
      return from === undefined || to === undefined ? [] : [{ ...lineBetween(from, to), made: join.made === true, ...(join.label !== undefined && { label: join.label }) }];
    }),
  };
}

function frameOf(things: readonly PlanThing[], label: string | undefined): Frame {
  const rows = new Map<number, { thing: PlanThing; width: number; height: number }[]>();
  for (const thing of things) {
    const width = Math.ceil(Math.max(60, ...thing.lines.map((line, at) => textWidth(line, planFont) * (at === 0 ? strongWidth : 1))) + 2 * padding);
    rows.set(thing.row, [...(rows.get(thing.row) ?? []), { thing, width, height: Math.ceil(thing.lines.length * planFont * lineHeight + 1.4 * padding) }]);
  }
  const widest = Math.max(...[...rows.values()].map((row) => row.reduce((sum, { width }) => sum + width, 0) + gap * (row.length - 1)));
  return { label, rows, width: Math.max(widest, label === undefined ? 0 : textWidth(label, planFont + 1) * strongWidth) + 2 * gap };
}

/** From side to side in one row, from bottom to top between rows. */
function lineBetween(from: PlanBox, to: PlanBox): { x1: number; y1: number; x2: number; y2: number } {
  const middle = (box: PlanBox): number => box.y + box.height / 2;
  const centre = (box: PlanBox): number => box.x + box.width / 2;
  if (Math.abs(middle(from) - middle(to)) < 1) {
    const [first, second] = from.x < to.x ? [from, to] : [to, from];
    return { x1: first.x + first.width, y1: middle(first), x2: second.x, y2: middle(second) };
  }
  const [upper, lower] = from.y < to.y ? [from, to] : [to, from];
  return { x1: centre(upper), y1: upper.y + upper.height, x2: centre(lower), y2: lower.y };
}
