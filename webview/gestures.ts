import type { Point } from '../src/core/diagram/scene';

export interface GestureEvents {
  /** Moves what is seen by screen pixels. */
  readonly onPan: (dx: number, dy: number) => void;
  readonly onZoom: (at: Point, factor: number) => void;
  /** A click that was no drag: the id of what is under it. */
  readonly onPick: (id: string | undefined) => void;
  readonly onOpen: (id: string) => void;
}

/** Pixels that the pointer moves before a press is a drag. */
const dragThreshold = 4;

/** Pointer and wheel on the stage: drag and wheel pan, wheel with Ctrl (also what a trackpad's pinch sends) zooms at the pointer. */
export function listenToGestures(stage: HTMLElement, events: GestureEvents): void {
  let press: { readonly pointer: number; readonly id: string | undefined; x: number; y: number; dragging: boolean } | undefined;
  const position = (event: MouseEvent): Point => {
    const bounds = stage.getBoundingClientRect();
    return { x: event.clientX - bounds.left, y: event.clientY - bounds.top };
  };
  stage.addEventListener('pointerdown', (event) => {
    if (event.button !== 0 && event.button !== 1) return;
    press = { pointer: event.pointerId, id: idAt(event.target), x: event.clientX, y: event.clientY, dragging: false };
  });
  stage.addEventListener('pointermove', (event) => {
    if (press?.pointer !== event.pointerId) return;
    const [dx, dy] = [event.clientX - press.x, event.clientY - press.y];
    if (!press.dragging && Math.hypot(dx, dy) < dragThreshold) return;
    if (!press.dragging) {
      press.dragging = true;
      stage.setPointerCapture(event.pointerId);
      stage.classList.add('dragging');
    }
    [press.x, press.y] = [event.clientX, event.clientY];
    events.onPan(-dx, -dy);
  });
  const release = (event: PointerEvent, picks: boolean): void => {
    if (press?.pointer !== event.pointerId) return;
    const { dragging, id } = press;
    press = undefined;
    stage.classList.remove('dragging');
    if (!dragging && picks && event.button === 0) events.onPick(id);
  };
  stage.addEventListener('pointerup', (event) => release(event, true));
  stage.addEventListener('pointercancel', (event) => release(event, false));
  stage.addEventListener('dblclick', (event) => {
    const id = idAt(event.target);
    if (id !== undefined) events.onOpen(id);
  });
  stage.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault();
      // Lines and pages, where a mouse counts in them, as pixels.
      const unit = event.deltaMode === 1 ? 20 : event.deltaMode === 2 ? 400 : 1;
      if (event.ctrlKey || event.metaKey) events.onZoom(position(event), Math.exp(-event.deltaY * unit * 0.003));
      else if (event.shiftKey && event.deltaX === 0) events.onPan(event.deltaY * unit, 0);
      else events.onPan(event.deltaX * unit, event.deltaY * unit);
    },
    { passive: false },
  );
}

function idAt(target: EventTarget | null): string | undefined {
  const element = target instanceof Element ? target.closest<SVGElement>('[data-id],[data-edge]') : null;
  return element?.dataset['id'] ?? element?.dataset['edge'];
}
