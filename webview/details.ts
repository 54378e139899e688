import type { Fact, SceneBox, SceneEdge } from '../src/core/diagram/scene';
import { printable } from '../src/core/diagram/textFit';
import { button } from './controls';
import { boxStateName, edgeKindName, edgeTitle, kindName, edgeStateName } from './describe';
import type { Item, SceneIndex } from './sceneIndex';

type Action = SceneBox['actions'][number];

export interface DetailsEvents {
  readonly onAction: (action: Action, modelId: string) => void;
  readonly onFold: (key: string, open: boolean) => void;
  readonly onGoTo: (id: string) => void;
  readonly onClose: () => void;
}

const actionNames: Readonly<Record<Action, string>> = { enter: 'Enter', dump: 'Dump', reveal: 'Reveal in Tree' };
const actions: readonly Action[] = ['enter', 'dump', 'reveal'];

/** The panel that tells everything about the selected box or edge. */
export class Details {
  readonly element = document.createElement('aside');

  constructor(private readonly events: DetailsEvents) {
    this.element.className = 'details';
    this.element.setAttribute('aria-label', 'Details of the selection');
    this.element.hidden = true;
    // A click on its text leaves the keyboard here, so that Escape closes it then too.
    this.element.tabIndex = -1;
    this.element.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape') return;
      event.preventDefault();
      events.onClose();
    });
  }

  show(index: SceneIndex, item: Item | undefined): void {
    this.element.hidden = item === undefined;
    if (!item) {
      this.element.replaceChildren();
      return;
    }
    const close = button({ label: 'Close Details', look: 'icon', icon: 'M4 3.3 8 7.3l4-4 .7.7-4 4 4 4-.7.7-4-4-4 4-.7-.7 4-4-4-4z', onClick: this.events.onClose });
    const header = block('div', 'details-header');
    header.append(item.type === 'box' ? heading(kindName(item.box), item.box.lines[0] ?? '', boxStateName(item.box)) : heading(edgeKindName(item.edge), edgeTitle(index, item.edge), edgeStateName(item.edge)), close);
    const parts: HTMLElement[] = [header];
    if (item.type === 'box') parts.push(...this.actionRow(index, item.box));
    parts.push(factTable(item.type === 'box' ? item.box.facts : item.edge.facts));
    parts.push(...this.connections(index, item));
    this.element.replaceChildren(...parts);
    this.element.scrollTop = 0;
  }

  /** A device has no shell of its own: its namespace is entered, and the button says so. */
  private actionRow(index: SceneIndex, box: SceneBox): readonly HTMLElement[] {
    const row = block('div', 'actions');
    for (const action of actions) {
      const actor = index.actor(box.id, action);
      if (!actor || (action === 'reveal' && actor.id !== box.id)) continue;
      const label = actor.id === box.id ? actionNames[action] : `${actionNames[action]} ${printable(actor.lines[0] ?? '')}`;
      const element = button({ label, look: action === 'enter' ? 'primary' : 'secondary', onClick: () => this.events.onAction(action, actor.modelId ?? '') });
      element.dataset['action'] = action;
      row.append(element);
    }
    const { fold } = box;
    if (fold) {
      const element = button({ label: fold.open ? 'Show as One Box' : 'Show All', look: 'primary', onClick: () => this.events.onFold(fold.key, !fold.open) });
      element.dataset['action'] = 'fold';
      row.append(element);
    }
    return row.childElementCount > 0 ? [row] : [];
  }

  /** What the selection is joined to, as buttons: the keyboard's way to every edge. */
  private connections(index: SceneIndex, item: Item): readonly HTMLElement[] {
    const targets: { readonly id: string; readonly text: string }[] = [];
    if (item.type === 'edge') {
      for (const id of [item.edge.from, item.edge.to]) {
        const box = index.box(id);
        if (box) targets.push({ id, text: `${kindName(box)} ${box.lines[0] ?? ''}` });
      }
    } else {
      const edges = [item.box.id, ...index.inside(item.box.id).filter((box) => box.kind === 'interface').map((box) => box.id)].flatMap((id) => index.edgesAt(id));
      for (const edge of [...new Set(edges)].sort(byKind)) targets.push({ id: edge.id, text: `${edgeKindName(edge)}: ${edgeTitle(index, edge)}` });
    }
    if (targets.length === 0) return [];
    const title = block('h3', 'section');
    title.textContent = item.type === 'edge' ? 'Joins' : `Connections (${String(targets.length)})`;
    const list = block('ul', 'connections');
    for (const { id, text } of targets) {
      const entry = document.createElement('li');
      const link = document.createElement('button');
      link.type = 'button';
      link.className = 'connection';
      link.textContent = printable(text);
      link.addEventListener('click', () => this.events.onGoTo(id));
      entry.append(link);
      list.append(entry);
    }
    return [title, list];
  }
}

const edgeOrder: readonly SceneEdge['kind'][] = ['vtep', 'published', 'underlay', 'veth', 'parent', 'attachment', 'bridgePort'];
const byKind = (left: SceneEdge, right: SceneEdge): number => edgeOrder.indexOf(left.kind) - edgeOrder.indexOf(right.kind);

function heading(kind: string, title: string, state: string): HTMLElement {
  const element = block('div', 'heading');
  const [small, large] = [block('div', 'kind'), block('h2', 'title')];
  small.textContent = state === '' ? kind : `${kind} · ${state}`;
  large.textContent = printable(title);
  element.append(small, large);
  return element;
}

/** Facts in their order. Consecutive ones of one name stand under it once, so that rows read as a list. */
function factTable(facts: readonly Fact[]): HTMLElement {
  const list = block('dl', 'facts');
  let last: string | undefined;
  for (const { name, value } of facts) {
    if (name !== last) {
      const term = document.createElement('dt');
      term.textContent = printable(name);
      list.append(term);
    }
    last = name;
    const definition = document.createElement('dd');
    definition.textContent = printable(value);
    list.append(definition);
  }
  return list;
}

function block(tag: keyof HTMLElementTagNameMap, className: string): HTMLElement {
  const element = document.createElement(tag);
  element.className = className;
  return element;
}
