import type { Point, Scene } from '../src/core/diagram/scene';

/** What part of a scene is on screen: the scene point at the stage's top left corner, and screen pixels per scene pixel. */
export interface View {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

/** Of the stage, in screen pixels. */
export interface Extent {
  readonly width: number;
  readonly height: number;
}

export interface Rect extends Extent {
  readonly x: number;
  readonly y: number;
}

export const scaleLimits = { min: 0.02, max: 4 } as const;
const fitMargin = 16;

/** The whole scene in the middle of the stage, never larger than life. */
export function fitView(scene: Pick<Scene, 'width' | 'height'>, stage: Extent): View {
  return showRect({ x: 0, y: 0, width: scene.width, height: scene.height }, stage, 1);
}

/** A part of the scene in the middle of the stage, at most at `most` screen pixels per scene pixel. */
export function showRect(rect: Rect, stage: Extent, most: number): View {
  const scale = clampScale(Math.min(most, (stage.width - 2 * fitMargin) / Math.max(1, rect.width), (stage.height - 2 * fitMargin) / Math.max(1, rect.height)));
  return centreOn(rect, stage, scale);
}

export function centreOn(rect: Rect, stage: Extent, scale: number): View {
  return { x: rect.x + rect.width / 2 - stage.width / scale / 2, y: rect.y + rect.height / 2 - stage.height / scale / 2, scale };
}

/** Zooms by a factor such that the scene point under `at` (screen pixels from the stage's corner) stays where it is. */
export function zoomAt(view: View, at: Point, factor: number): View {
  const scale = clampScale(view.scale * factor);
  return { x: view.x + at.x / view.scale - at.x / scale, y: view.y + at.y / view.scale - at.y / scale, scale };
}

/** Moves the stage over the scene by screen pixels. */
export function panBy(view: View, dx: number, dy: number): View {
  return { ...view, x: view.x + dx / view.scale, y: view.y + dy / view.scale };
}

/** Keeps a piece of the scene on the stage, so that nobody gets lost in emptiness. */
export function keepInSight(view: View, scene: Pick<Scene, 'width' | 'height'>, stage: Extent): View {
  const [width, height] = [stage.width / view.scale, stage.height / view.scale];
  const [keepX, keepY] = [Math.min(width, scene.width) * 0.2, Math.min(height, scene.height) * 0.2];
  return {
    ...view,
    x: Math.min(Math.max(view.x, keepX - width), scene.width - keepX),
    y: Math.min(Math.max(view.y, keepY - height), scene.height - keepY),
  };
}

export function visibleRect(view: View, stage: Extent): Rect {
  return { x: view.x, y: view.y, width: stage.width / view.scale, height: stage.height / view.scale };
}

export function intersects(left: Rect, right: Rect): boolean {
  return left.x <= right.x + right.width && right.x <= left.x + left.width && left.y <= right.y + right.height && right.y <= left.y + left.height;
}

export function contains(outer: Rect, inner: Rect): boolean {
  return inner.x >= outer.x && inner.y >= outer.y && inner.x + inner.width <= outer.x + outer.width && inner.y + inner.height <= outer.y + outer.height;
}

function clampScale(scale: number): number {
  return Math.min(scaleLimits.max, Math.max(scaleLimits.min, scale));
}
