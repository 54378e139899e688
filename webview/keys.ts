import type { Direction } from './navigation';

/** What the keyboard can ask of the diagram. */
export interface KeyEvents {
  readonly onStep: (direction: Direction) => void;
  /** By screen pixels. */
  readonly onPan: (dx: number, dy: number) => void;
  readonly onSelect: () => void;
  readonly onBack: () => void;
  readonly onZoom: (factor: number) => void;
  readonly onFit: () => void;
  readonly onSearch: () => void;
  readonly onHome: () => void;
}

const arrows: Readonly<Record<string, Direction>> = { ArrowLeft: 'left', ArrowRight: 'right', ArrowUp: 'up', ArrowDown: 'down' };
const panStep = 80;

/** Keys on the stage: arrows walk from box to box, with Shift they move the view. Keys with another modifier are left to the editor. */
export function listenToKeys(stage: HTMLElement, events: KeyEvents): void {
  const others: Readonly<Record<string, () => void>> = {
    Enter: events.onSelect, ' ': events.onSelect, Escape: events.onBack, '+': () => events.onZoom(1.3), '=': () => events.onZoom(1.3), '-': () => events.onZoom(1 / 1.3), '0': events.onFit, '/': events.onSearch, Home: events.onHome,
  };
  stage.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const arrow = arrows[event.key];
    const other = others[event.key];
    if (arrow && event.shiftKey) events.onPan(arrow === 'left' ? -panStep : arrow === 'right' ? panStep : 0, arrow === 'up' ? -panStep : arrow === 'down' ? panStep : 0);
    else if (arrow) events.onStep(arrow);
    else if (other) other();
    else return;
    event.preventDefault();
  });
}
