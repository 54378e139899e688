import type { PlanAction, PlanPageState, PlanPageStep, PlanPageView, PlanStepState, ToPlanPage } from '../src/protocol/plan';
import { button } from './controls';
import { planPicture } from './planPicture';

const actionNames: Readonly<Record<PlanAction, string>> = {
  apply: 'Apply',
  terminals: 'Apply in Terminals',
  verify: 'Verify',
  remove: 'Remove',
  copy: 'Copy as Script',
  export: 'Export…',
  check: 'Check Again',
};

/** A mark that tells by shape, not by colour alone, and a word for assistive technology. */
const marks: Readonly<Record<PlanStepState | 'asking' | 'holds' | 'fails' | 'passes', readonly [string, string]>> = {
  waiting: ['', ''],
  absent: ['', ''],
  asking: ['…', 'being read'],
  running: ['…', 'running'],
  done: ['✓', 'done'],
  already: ['✓', 'was there already'],
  holds: ['✓', 'holds'],
  passes: ['✓', 'passes'],
  failed: ['✗', 'failed'],
  fails: ['✗', 'does not hold'],
  undone: ['↶', 'undone'],
  notReached: ['–', 'not reached'],
  unknown: ['?', 'cannot be told'],
};

/** A plan's page: what will be there, what must hold, what runs where and how it is undone, and how all of that stands. */
export class PlanApp {
  private readonly rows = { preconditions: [] as Row[], steps: new Map<number, Row>(), checks: [] as Row[] };
  private readonly bar = element('div', 'actions');
  private readonly verdict = element('p', 'verdict');

  constructor(
    private readonly root: HTMLElement,
    private readonly act: (action: PlanAction) => void,
  ) {
    this.bar.setAttribute('role', 'toolbar');
    this.bar.setAttribute('aria-label', 'Plan');
    this.verdict.setAttribute('role', 'status');
  }

  receive(message: ToPlanPage): void {
    if (message.type === 'plan') this.build(message.view);
    this.show(message.state);
  }

  private build(view: PlanPageView): void {
    this.rows.preconditions = view.preconditions.map(({ host, what }) => new Row([text('span', 'host', host), text('span', '', what)]));
    this.rows.steps = new Map();
    this.rows.checks = view.checks.map((check) => new Row([text('span', '', check)]));
    const parts: HTMLElement[] = [];
    const { pictures } = view;
    if (pictures) parts.push(section('What it makes', [figure('Without it', planPicture(pictures.without)), figure('With it', planPicture(pictures.with))], 'pictures'));
    if (view.preconditions.length > 0) parts.push(section('What must hold', [list(this.rows.preconditions)]));
    for (const file of view.files) parts.push(section(file.title, [diff(file.diff)]));
    parts.push(...view.hosts.map(({ label, steps }) => section(`On ${label}, as root`, [this.steps(steps)])));
    if (view.checks.length > 0) parts.push(section('Verified by', [list(this.rows.checks)]));
    if (view.notes.length > 0) parts.push(section('To know', view.notes.map((note) => text('p', 'note', note))));
    const heading = element('header', 'head');
    heading.append(text('h1', '', view.title), text('span', 'id', `plan ${view.id}`));
    const top = element('div', 'top');
    top.append(heading, this.bar, this.verdict);
    const page = element('main', '');
    page.append(...parts);
    this.root.replaceChildren(top, page);
  }

  private steps(steps: readonly PlanPageStep[]): HTMLElement {
    const rows = steps.map((step) => {
      const undo = text('code', 'undo', step.undo);
      undo.title = 'Undone by';
      const row = new Row([text('span', 'what', step.what), ...(step.command === '' ? [] : [text('code', 'command', step.command)]), undo]);
      this.rows.steps.set(step.number, row);
      return row;
    });
    return list(rows, 'steps');
  }

  private show(state: PlanPageState): void {
    state.preconditions.forEach(({ state: own, said }, at) => this.rows.preconditions[at]?.show(own, said));
    state.steps.forEach(({ state: own, said }, number) => this.rows.steps.get(number)?.show(own, said));
    state.checks.forEach(({ state: own, said }, at) => this.rows.checks[at]?.show(own, said, own === 'fails' ? 'does not pass' : undefined));
    this.verdict.className = `verdict ${state.verdict?.kind ?? ''}`;
    this.verdict.textContent = state.verdict?.text ?? '';
    this.verdict.hidden = state.verdict === undefined;
    const key = `${state.actions.join()} ${state.first ?? ''}`;
    // The buttons stay the same elements while they are the same, so that none loses the focus.
    if (this.bar.dataset['key'] !== key) {
      this.bar.dataset['key'] = key;
      this.bar.replaceChildren(...state.actions.map((action) => button({ label: actionNames[action], look: action === state.first ? 'primary' : 'secondary', onClick: () => this.act(action) })));
    }
  }
}

class Row {
  readonly element = element('li', '');
  private readonly mark = element('span', 'mark');
  private readonly said = element('pre', 'said');

  constructor(parts: readonly HTMLElement[]) {
    const body = element('div', 'body');
    this.said.hidden = true;
    body.append(...parts, this.said);
    this.element.append(this.mark, body);
  }

  show(state: keyof typeof marks, said: string | undefined, word = marks[state][1]): void {
    this.element.className = state;
    this.element.hidden = state === 'absent';
    this.mark.textContent = marks[state][0];
    if (word === '') this.mark.removeAttribute('aria-label');
    else {
      this.mark.setAttribute('role', 'img');
      this.mark.setAttribute('aria-label', word);
      this.mark.title = word;
    }
    this.said.hidden = said === undefined || said === '';
    this.said.textContent = said ?? '';
  }
}

function element(name: string, className: string): HTMLElement {
  const made = document.createElement(name);
  if (className !== '') made.className = className;
  return made;
}

function text(name: string, className: string, content: string): HTMLElement {
  const made = element(name, className);
  made.textContent = content;
  return made;
}

function section(title: string, parts: readonly Element[], className = ''): HTMLElement {
  const made = element('section', className);
  made.append(text('h2', '', title), ...parts);
  return made;
}

function figure(caption: string, picture: SVGElement): HTMLElement {
  const made = element('figure', '');
  made.append(text('figcaption', '', caption), picture);
  return made;
}

function list(rows: readonly Row[], className = ''): HTMLElement {
  const made = element('ol', className);
  made.append(...rows.map((row) => row.element));
  return made;
}

function diff(lines: readonly string[]): HTMLElement {
  const made = element('pre', 'diff');
  for (const line of lines) made.append(text('span', line.startsWith('+') ? 'added' : line.startsWith('-') ? 'removed' : '', `${line}\n`));
  return made;
}
