import type { Point } from '../src/core/diagram/scene';
import { anchoredView } from './anchor';
import type { Canvas } from './canvas';
import type { SceneIndex } from './sceneIndex';
import { centreOn, contains, fitView, intersects, keepInSight, panBy, showRect, visibleRect, zoomAt, type Extent, type View } from './view';

/** Which part of the scene the stage shows, and how it moves there. */
export class Viewport {
  private shown: View = { x: 0, y: 0, scale: 1 };
  /** What is moved; undefined until the first scene. */
  canvas: Canvas | undefined;
  /** Fitted views stay fitted when the stage or the scene changes. */
  fitted = true;

  constructor(
    private readonly stage: HTMLElement,
    /** Lies over the stage's right or lower side while it is shown. */
    private readonly details: HTMLElement,
    private readonly onMoved: () => void,
  ) {
    if (typeof ResizeObserver !== 'undefined') new ResizeObserver(() => this.onResize()).observe(stage);
  }

  get view(): View {
    return this.shown;
  }

  /** The view that a page had before it was closed or hidden. */
  restore(view: View): void {
    this.shown = view;
    this.fitted = false;
  }

  /** Chooses the view of a new scene: what one looks at stays, or all of it is shown. */
  enter(before: SceneIndex, after: SceneIndex, selected: string | undefined): void {
    const anchored = this.fitted ? undefined : anchoredView(before, after, this.shown, this.extent(), selected);
    this.fitted = anchored === undefined;
    this.shown = anchored ?? fitView(after.scene, this.extent());
  }

  extent(): Extent {
    return { width: this.stage.clientWidth || 1000, height: this.stage.clientHeight || 700 };
  }

  move(view: View): void {
    if (!this.canvas) return;
    this.fitted = false;
    this.shown = keepInSight(view, this.canvas.index.scene, this.extent());
    this.canvas.setView(this.shown, this.extent());
    this.onMoved();
  }

  /** By screen pixels. */
  pan(dx: number, dy: number): void {
    this.move(panBy(this.shown, dx, dy));
  }

  /** Around a point of the stage, in screen pixels from its corner; its middle where none is given. */
  zoom(factor: number, at: Point = this.middle()): void {
    this.move(zoomAt(this.shown, at, factor));
  }

  /** Around a box or edge where that is in sight, else around the middle. */
  zoomAround(id: string | undefined, factor: number): void {
    const rect = id === undefined ? undefined : this.canvas?.index.rect(id);
    const isSeen = rect && intersects(rect, visibleRect(this.shown, this.extent()));
    this.zoom(factor, isSeen ? { x: (rect.x + rect.width / 2 - this.shown.x) * this.shown.scale, y: (rect.y + rect.height / 2 - this.shown.y) * this.shown.scale } : this.middle());
  }

  fit(): void {
    if (!this.canvas) return;
    this.move(fitView(this.canvas.index.scene, this.room()));
    this.fitted = true;
    this.onMoved();
  }

  /** Zooms to a box with what is in it, or to a small one at life size. */
  zoomTo(id: string): void {
    const rect = this.canvas?.index.rect(id);
    if (rect) this.move(showRect(rect, this.room(), 1));
  }

  /** Whether some of a box or edge is in the part of the stage that the details leave free. */
  sees(id: string): boolean {
    const rect = this.canvas?.index.rect(id);
    return rect !== undefined && intersects(visibleRect(this.shown, this.free()), rect);
  }

  /** Brings a box or edge into view, large enough to be read; does nothing where it is already. */
  reveal(id: string, readable = true): void {
    const { canvas } = this;
    const rect = canvas?.index.rect(id);
    if (!canvas || !rect) return;
    const scale = readable && canvas.index.isDetail(id) && !canvas.detailed ? Math.max(canvas.nearFrom * 1.6, 0.8) : this.shown.scale;
    const seen = visibleRect(this.shown, this.free());
    if (scale === this.shown.scale && (contains(seen, rect) || (rect.width > seen.width && intersects(seen, rect)))) return;
    this.move(centreOn(rect, this.free(), scale));
  }

  /** Moves a box out from under the details that its selection opened; what is in sight stays where it is. */
  uncover(id: string): void {
    const box = this.canvas?.index.box(id);
    if (!box) return;
    const free = visibleRect(this.shown, this.free());
    const [right, below] = [box.x + box.width - (free.x + free.width), box.y + box.height - (free.y + free.height)];
    const [dx, dy] = [right > 0 && box.width < free.width ? right : 0, below > 0 && box.height < free.height ? below : 0];
    if (dx > 0 || dy > 0) this.pan(dx > 0 ? dx * this.shown.scale + 16 : 0, dy > 0 ? dy * this.shown.scale + 16 : 0);
  }

  private onResize(): void {
    if (!this.canvas) return;
    if (this.fitted) this.shown = fitView(this.canvas.index.scene, this.room());
    this.canvas.setView(this.shown, this.extent());
  }

  /** The part of the stage that the details leave free: all of them lie at its right or lower edge. */
  private free(): Extent {
    const stage = this.extent();
    const { hidden, offsetWidth, offsetHeight } = this.details;
    if (hidden) return stage;
    return offsetWidth < stage.width ? { ...stage, width: stage.width - offsetWidth } : { ...stage, height: Math.max(100, stage.height - offsetHeight) };
  }

  /** The part of the stage that the details leave free; they lie over its right side, or over its lower one. */
  private room(): Extent {
    const { width, height } = this.extent();
    const { hidden, offsetWidth, offsetHeight } = this.details;
    if (hidden) return { width, height };
    return offsetHeight >= height ? { width: width - offsetWidth, height } : { width, height: height - offsetHeight };
  }

  private middle(): Point {
    const { width, height } = this.extent();
    return { x: width / 2, y: height / 2 };
  }
}
