import type { SceneBox } from '../src/core/diagram/scene';
import type { SceneIndex } from './sceneIndex';
import type { Rect } from './view';

export type Direction = 'left' | 'right' | 'up' | 'down';

export interface Target {
  readonly id: string;
  readonly rect: Rect;
}

/**
 * The target that an arrow key leads to: the nearest one that lies further that way, where being off to the side counts
 * double. Among boxes within boxes, the centres decide. Undefined where nothing lies there.
 */
export function neighbour(from: Rect, targets: readonly Target[], direction: Direction): string | undefined {
  const horizontal = direction === 'left' || direction === 'right';
  const sign = direction === 'right' || direction === 'down' ? 1 : -1;
  const [fromX, fromY] = [from.x + from.width / 2, from.y + from.height / 2];
  let best: string | undefined;
  let bestCost = Infinity;
  for (const { id, rect } of targets) {
    const [dx, dy] = [rect.x + rect.width / 2 - fromX, rect.y + rect.height / 2 - fromY];
    const ahead = sign * (horizontal ? dx : dy);
    if (ahead <= 1) continue;
    const aside = horizontal ? gap(from.y, from.height, rect.y, rect.height) : gap(from.x, from.width, rect.x, rect.width);
    const offset = Math.abs(horizontal ? dy : dx);
    const cost = ahead + 3 * aside + 0.2 * offset;
    if (cost < bestCost) [best, bestCost] = [id, cost];
  }
  return best;
}

/** Distance between two intervals; 0 where they overlap. */
function gap(start: number, length: number, otherStart: number, otherLength: number): number {
  return Math.max(0, otherStart - (start + length), start - (otherStart + otherLength));
}

const frameKinds: readonly string[] = ['host', 'sandbox', 'group'];

/**
 * Where an arrow key leads from a box or edge. Among things, to the nearest that way; up from the uppermost, and left from the
 * leftmost, to the box around it. From a box that holds others, down goes inside, up goes out, left and right to the next of its kind.
 * `withDetails`: containers, interfaces and ports are on screen; without them, a group is a thing like any other.
 */
export function step(index: SceneIndex, id: string, direction: Direction, withDetails: boolean): string | undefined {
  const rect = index.rect(id);
  if (!rect) return undefined;
  const isFrame = (box: SceneBox): boolean => frameKinds.includes(box.kind) && index.inside(box.id).some((inner) => withDetails || !index.isDetail(inner.id));
  const box = index.box(id);
  const targets = (kept: (candidate: SceneBox) => boolean): Target[] =>
    index.scene.boxes.filter((candidate) => candidate.id !== id && (withDetails || !index.isDetail(candidate.id)) && kept(candidate)).map((candidate) => ({ id: candidate.id, rect: candidate }));
  if (box && isFrame(box)) {
    if (direction === 'up') return box.parent ?? neighbour(rect, targets((candidate) => candidate.kind === box.kind), direction);
    if (direction === 'down') return firstInside(index, box, withDetails);
    return neighbour(rect, targets((candidate) => candidate.kind === box.kind || (candidate.parent === undefined && box.parent === undefined)), direction);
  }
  const labelled = index.scene.edges.flatMap((edge) => (edge.label && edge.id !== id ? [{ id: edge.id, rect: labelRect(edge.label) }] : []));
  const edge = index.item(id);
  const from = edge?.type === 'edge' && edge.edge.label ? labelRect(edge.edge.label) : rect;
  const things = [...targets((candidate) => !isFrame(candidate) && !(candidate.kind === 'container' && index.inside(candidate.id).some((inner) => inner.id === id))), ...labelled];
  const next = neighbour(from, things.filter((thing) => box === undefined || !index.inside(box.id).some((inner) => inner.id === thing.id) || direction === 'down'), direction);
  // The container around an interface is reached upwards, whatever lies above both.
  const around = box && index.parent(box);
  if (direction === 'up' && around?.kind === 'container') return around.id;
  // What leads out of a frame to the left leads first to the frame itself, whose title stands there.
  if (direction === 'left' && around && isFrame(around) && !isWithin(index, next, around.id)) return around.id;
  return next ?? (direction === 'up' ? around?.id : undefined);
}

function isWithin(index: SceneIndex, id: string | undefined, frame: string): boolean {
  for (let box = index.box(id); box; box = index.parent(box)) if (box.parent === frame) return true;
  return false;
}

function firstInside(index: SceneIndex, frame: SceneBox, withDetails: boolean): string | undefined {
  const inner = index.inside(frame.id).filter((box) => withDetails || !index.isDetail(box.id));
  return [...inner].sort((left, right) => left.y - right.y || left.x - right.x)[0]?.id;
}

const labelRect = (label: { readonly x: number; readonly y: number }): Rect => ({ x: label.x - 1, y: label.y - 1, width: 2, height: 2 });
