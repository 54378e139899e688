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
