import type { Point, SceneBox } from './scene';
import { fitText, lineHeight, strongWidth } from './textFit';

/*
 * How boxes and edges look, as far as geometry goes: shared by the webview and the SVG export, so that both show the same picture.
 */

export interface TextLine {
  /** Fitted to its box and printable. */
  readonly text: string;
  readonly x: number;
  /** Of the baseline. */
  readonly y: number;
  readonly size: number;
  readonly anchor: 'start' | 'middle';
  readonly strong: boolean;
  readonly muted: boolean;
}

/** Of ports and interfaces, in scene pixels. */
export const smallFont = 11;
const normal = 12;
const groupTitleWidth = 176;

/** Size of a box's text where the scene says nothing else, in scene pixels. */
export function defaultFont(box: Pick<SceneBox, 'kind'>): number {
  return box.kind === 'port' || box.kind === 'interface' ? smallFont : normal;
}

/** Classes of a box by which it is styled. */
export function boxClasses({ kind, state, word }: Pick<SceneBox, 'kind' | 'state' | 'word'>): string {
  return [kind, state, ...(word === undefined ? [] : [`is-${word.replaceAll(' ', '-')}`])].join(' ');
}

export function cornerRadius(box: Pick<SceneBox, 'kind'>): number {
  switch (box.kind) {
    case 'host':
      return 8;
    case 'sandbox':
    case 'group':
      return 6;
    default:
      return 4;
  }
}

/** The lines of a box in their places, at a font size that may be smaller than the scene's. */
export function boxText(box: SceneBox, size = box.fontSize ?? defaultFont(box)): readonly TextLine[] {
  const at = { size, muted: false };
  switch (box.kind) {
    case 'host':
      return [{ ...at, text: fitText(box.lines[0] ?? '', (box.width - size * 2) / strongWidth, size), x: box.x + Math.max(14, size * 0.8), y: box.y + size * 1.25 + 6, anchor: 'start', strong: true }];
    case 'sandbox':
      return box.lines.map((line, index) => ({
        ...at, text: fitText(line, (box.width - 20) / (index === 0 ? strongWidth : 1), size), x: box.x + 12, y: box.y + 10 + size * (0.95 + index * lineHeight), anchor: 'start', strong: index === 0, muted: index > 0,
      }));
    case 'container':
      return [{ ...at, text: fitText(box.lines[0] ?? '', (box.width - 14) / strongWidth, size), x: box.x + 8, y: box.y + 15.5, anchor: 'start', strong: true }];
    case 'group':
      // No wider than one column: wires of members above pass through the gutters to its right.
      return [{ ...at, text: fitText(box.lines[0] ?? '', (Math.min(box.width, groupTitleWidth) - 10) / strongWidth, size), x: box.x + 8, y: box.y + 17, anchor: 'start', strong: true }];
    default: {
      const middle = box.y + box.height / 2;
      const strong = (index: number): boolean => index === 0 && box.kind !== 'port' && box.lines.length > 1;
      return box.lines.map((line, index) => ({
        ...at,
        text: fitText(line, (box.width - 8) / (strong(index) ? strongWidth : 1), size),
        x: box.x + box.width / 2,
        y: middle + size * (0.36 + (index - (box.lines.length - 1) / 2) * lineHeight),
        anchor: 'middle',
        strong: strong(index),
        muted: index > 0 && !(box.kind === 'interface' && index === 1),
      }));
    }
  }
}

/** An edge's polyline as SVG path data, its corners rounded. */
export function edgePath(points: readonly Point[], radius = 5): string {
  const [first, ...rest] = points;
  if (!first) return '';
  let path = `M${at(first)}`;
  rest.forEach((point, index) => {
    const next = rest[index + 1];
    const previous = index === 0 ? first : rest[index - 1];
    if (!next || !previous) {
      path += `L${at(point)}`;
      return;
    }
    const reach = Math.min(radius, distance(previous, point) / 2, distance(point, next) / 2);
    path += `L${at(towards(point, previous, reach))}Q${at(point)} ${at(towards(point, next, reach))}`;
  });
  return path;
}

const round = (value: number): string => String(Math.round(value * 100) / 100);
const at = (point: Point): string => `${round(point.x)} ${round(point.y)}`;
const distance = (left: Point, right: Point): number => Math.hypot(left.x - right.x, left.y - right.y);

function towards(from: Point, to: Point, reach: number): Point {
  const length = distance(from, to);
  return length === 0 ? from : { x: from.x + ((to.x - from.x) * reach) / length, y: from.y + ((to.y - from.y) * reach) / length };
}
