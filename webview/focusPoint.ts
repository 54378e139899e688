import type { Canvas } from './canvas';

/** The box or edge that has the keyboard, or would have it: the one element of the scene that takes part in Tab. */
export class FocusPoint {
  /** Its id. */
  current: string | undefined;
  canvas: Canvas | undefined;
  private tabStop: SVGGElement | undefined;

  constructor(private readonly svg: SVGElement) {
    // Assistive technology moves the focus by itself.
    svg.addEventListener('focusin', (event) => {
      const id = event.target instanceof SVGElement ? event.target.dataset['id'] : undefined;
      if (id === undefined || id === this.current) return;
      this.current = id;
      this.update();
    });
  }

  get isHere(): boolean {
    return this.svg.contains(document.activeElement);
  }

  focus(): void {
    this.update()?.focus({ preventScroll: true });
  }

  /** Gives the tab stop to the current thing's element, which may have been drawn anew. */
  update(): SVGGElement | undefined {
    if (!this.canvas || this.current === undefined) return undefined;
    const element = this.canvas.element(this.current);
    if (element !== this.tabStop) {
      this.tabStop?.setAttribute('tabindex', '-1');
      element?.setAttribute('tabindex', '0');
      this.tabStop = element;
    }
    return element;
  }
}
