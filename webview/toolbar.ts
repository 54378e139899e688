import type { FromDiagram } from '../src/protocol/diagram';
import { moment } from './clock';
import { button, searchField, type SearchField } from './controls';

type Format = Extract<FromDiagram, { type: 'export' }>['format'];

export interface ToolbarEvents {
  readonly onZoom: (factor: number) => void;
  readonly onFit: () => void;
  readonly onSearch: (text: string) => void;
  readonly onMatch: (offset: 1 | -1) => void;
  readonly onRefresh: () => void;
  readonly onExport: (format: Format) => void;
  /** Escape in the toolbar: back to the diagram. */
  readonly onLeave: () => void;
}

const formats: readonly { readonly format: Format; readonly name: string }[] = [
  { format: 'svg', name: 'SVG picture' },
  { format: 'mermaid', name: 'Mermaid flowchart' },
  { format: 'dot', name: 'Graphviz DOT' },
  { format: 'text', name: 'Plain text' },
];

const icons = {
  zoomIn: 'M7 1a6 6 0 0 1 4.7 9.7l3.6 3.6-.7.7-3.6-3.6A6 6 0 1 1 7 1zm0 1a5 5 0 1 0 0 10A5 5 0 0 0 7 2zm.5 2.5v2h2v1h-2v2h-1v-2h-2v-1h2v-2z',
  zoomOut: 'M7 1a6 6 0 0 1 4.7 9.7l3.6 3.6-.7.7-3.6-3.6A6 6 0 1 1 7 1zm0 1a5 5 0 1 0 0 10A5 5 0 0 0 7 2zM4.500 6.500h5v1h-5z',
  fit: 'M2 2h4v1H3v3H2zm8 0h4v4h-1V3h-3zM2 10h1v3h3v1H2zm11 0h1v4h-4v-1h3zM5 5h6v6H5zm1 1v4h4V6z',
  previous: 'M8 4.300 13.300 9.600l-.7.7L8 5.700 3.400 10.300l-.7-.7z',
  next: 'M8 11.700 2.700 6.400l.7-.7L8 10.300l4.600-4.600.7.7z',
  refresh: 'M13 8a5 5 0 1 1-1.600-3.660V2h1v4.100H8.300v-1h2.400A4 4 0 1 0 12 8z',
  exportAs: 'M8 1l3.500 3.500-.7.7L8.500 2.900V10h-1V2.900L5.200 5.200l-.7-.7zM2 9h1v4h10V9h1v5H2z',
} as const;

/** The bar above the diagram: what it shows, search, zoom, when it was read, export. */
export class Toolbar {
  readonly element = document.createElement('header');
  private readonly title = document.createElement('h1');
  private readonly count = document.createElement('span');
  private readonly read = document.createElement('span');
  private readonly field: SearchField;
  private readonly menu = document.createElement('div');
  private readonly menuButton: HTMLElement;

  constructor(private readonly events: ToolbarEvents) {
    this.element.className = 'toolbar';
    this.title.className = 'diagram-title';
    this.count.className = 'match-count';
    this.count.setAttribute('role', 'status');
    this.field = searchField({ label: 'Search name, IP or MAC', onInput: events.onSearch });
    this.field.element.addEventListener('keydown', (event) => {
      if (event.key === 'Enter') events.onMatch(event.shiftKey ? -1 : 1);
      else if (event.key === 'Escape') {
        this.field.clear();
        events.onLeave();
      } else return;
      event.preventDefault();
      event.stopPropagation();
    });
    const search = group('search', 'Search');
    search.append(
      this.field.element,
      this.count,
      button({ label: 'Previous Match', look: 'icon', icon: icons.previous, onClick: () => events.onMatch(-1) }),
      button({ label: 'Next Match', look: 'icon', icon: icons.next, onClick: () => events.onMatch(1) }),
    );
    const zoom = group('zoom', 'Zoom');
    zoom.append(
      button({ label: 'Zoom Out', look: 'icon', icon: icons.zoomOut, onClick: () => events.onZoom(1 / 1.3) }),
      button({ label: 'Zoom In', look: 'icon', icon: icons.zoomIn, onClick: () => events.onZoom(1.3) }),
      button({ label: 'Fit to Window', look: 'icon', icon: icons.fit, onClick: events.onFit }),
    );
    this.read.className = 'read-time';
    const reading = group('reading', 'Reading');
    reading.append(this.read, button({ label: 'Refresh', look: 'icon', icon: icons.refresh, onClick: events.onRefresh }));
    this.menuButton = button({ label: 'Export', look: 'icon', icon: icons.exportAs, onClick: () => this.toggleMenu(this.menu.hidden !== false) });
    this.menuButton.setAttribute('aria-haspopup', 'menu');
    this.menuButton.setAttribute('aria-expanded', 'false');
    const exporting = group('export', 'Export');
    exporting.append(this.menuButton, this.menu);
    this.buildMenu();
    this.element.append(this.title, search, zoom, reading, exporting);
    // Leaving the menu in any way closes it.
    exporting.addEventListener('focusout', (event) => {
      if (!exporting.contains(event.relatedTarget as Node | null)) this.toggleMenu(false);
    });
  }

  setTitle(text: string): void {
    this.title.textContent = text;
    this.title.title = text;
  }

  /** @param takenAt when what is shown was read, ISO 8601; undefined where that is not known */
  setRead(takenAt: string | undefined): void {
    const text = takenAt === undefined ? '' : moment(takenAt, new Date());
    this.read.textContent = text === '' ? '' : `Read ${text}`;
    this.read.title = takenAt === undefined ? '' : `The hosts shown were last read at ${takenAt}`;
  }

  setReading(): void {
    this.read.textContent = 'Reading…';
  }

  setMatches(current: number, total: number, searching: boolean): void {
    this.count.textContent = !searching ? '' : total === 0 ? 'no match' : `${String(current)} of ${String(total)}`;
  }

  focusSearch(): void {
    this.field.focus();
  }

  private buildMenu(): void {
    this.menu.className = 'menu';
    this.menu.hidden = true;
    this.menu.setAttribute('role', 'menu');
    this.menu.setAttribute('aria-label', 'Export as');
    for (const { format, name } of formats) {
      const entry = document.createElement('button');
      entry.type = 'button';
      entry.className = 'menu-item';
      entry.dataset['format'] = format;
      entry.setAttribute('role', 'menuitem');
      entry.textContent = name;
      entry.addEventListener('click', () => {
        this.toggleMenu(false);
        this.menuButton.focus();
        this.events.onExport(format);
      });
      this.menu.append(entry);
    }
    this.menu.addEventListener('keydown', (event) => {
      const entries = [...this.menu.querySelectorAll<HTMLElement>('.menu-item')];
      const at = entries.findIndex((entry) => entry === document.activeElement);
      const moves: Readonly<Record<string, number>> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: entries.length - 1 };
      const to = moves[event.key];
      if (event.key === 'Escape') {
        this.toggleMenu(false);
        this.menuButton.focus();
      } else if (to !== undefined) entries[(to + entries.length) % entries.length]?.focus();
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
  }

  private toggleMenu(open: boolean): void {
    this.menu.hidden = !open;
    this.menuButton.setAttribute('aria-expanded', String(open));
    if (open) this.menu.querySelector<HTMLElement>('.menu-item')?.focus();
  }
}

function group(className: string, label: string): HTMLElement {
  const element = document.createElement('div');
  element.className = `group-of-controls ${className}`;
  element.setAttribute('role', 'group');
  element.setAttribute('aria-label', label);
  return element;
}
