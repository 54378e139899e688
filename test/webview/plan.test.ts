import './browserParts';
import { describe, expect, it } from 'vitest';
import type { PlanAction, PlanPageState, PlanPageView } from '../../src/protocol/plan';
import { registerControls } from '../../webview/controls';
import { PlanApp } from '../../webview/planApp';

const box = (lines: readonly string[], made: boolean) => ({ x: 0, y: 0, width: 100, height: 40, lines, made });
const scene = (made: boolean) => ({ width: 200, height: 100, hosts: [box(['node1'], false)], boxes: [box(['eth0'], false), ...(made ? [box(['<b>gre1</b>'], true)] : [])], lines: [] });
const view: PlanPageView = {
  title: 'GRE tunnel between <i>a</i> and b',
  id: '0123abcd',
  pictures: { without: scene(false), with: scene(true) },
  preconditions: [{ host: 'a', what: 'the name gre1 is free' }],
  hosts: [{ label: 'a', steps: [{ number: 0, what: 'make the device gre1', command: 'ip link add <script>alert(1)</script>', undo: 'ip link del gre1' }] }],
  checks: ['ping a → b'],
  notes: ['MTU: 1500 - 24'],
  files: [{ title: '/etc/docker/daemon.json', diff: ['-{}', '+{"bip": "10.0.0.1/24"}'] }],
};
const state = (more: Partial<PlanPageState> = {}): PlanPageState => ({ preconditions: [{ state: 'asking' }], steps: [{ state: 'waiting' }], checks: [{ state: 'waiting' }], actions: ['apply', 'copy'], first: 'apply', ...more });

function open() {
  registerControls();
  const root = document.createElement('div');
  document.body.replaceChildren(root);
  const acted: PlanAction[] = [];
  const app = new PlanApp(root, (action) => acted.push(action));
  app.receive({ type: 'plan', view, state: state() });
  return { root, acted, app };
}

describe('a plan\'s page', () => {
  it('shows commands, undo, conditions, checks and the diff as text, whatever they hold', () => {
    const { root } = open();
    expect(root.querySelector('script, i, b')).toBeNull();
    expect(root.querySelector('h1')?.textContent).toBe('GRE tunnel between <i>a</i> and b');
    expect(root.querySelector('code.command')?.textContent).toBe('ip link add <script>alert(1)</script>');
    expect(root.querySelector('code.undo')?.textContent).toBe('ip link del gre1');
    expect([...root.querySelectorAll('figure')].map((figure) => figure.querySelector('svg')?.getAttribute('aria-label'))).toEqual(['eth0', 'eth0; <b>gre1</b> (new)']);
    expect(root.querySelector('.diff .added')?.textContent).toBe('+{"bip": "10.0.0.1/24"}\n');
  });

  it('offers what there is to do, and tells what was pressed', () => {
    const { root, acted, app } = open();
    const buttons = () => [...root.querySelectorAll<HTMLElement>('vscode-button')];
    expect(buttons().map(({ textContent }) => textContent)).toEqual(['Apply', 'Copy as Script']);
    buttons()[0]?.click();
    expect(acted).toEqual(['apply']);
    const [first] = buttons();
    app.receive({ type: 'state', state: state({ steps: [{ state: 'running' }] }) });
    expect(buttons()[0]).toBe(first);
    app.receive({ type: 'state', state: state({ actions: [] }) });
    expect(buttons()).toEqual([]);
  });

  it('tells how each step stands, by a mark with a name, and in the tool\'s own words', () => {
    const { root, app } = open();
    app.receive({ type: 'state', state: state({ preconditions: [{ state: 'holds' }], steps: [{ state: 'failed', said: 'RTNETLINK answers: File exists' }], checks: [{ state: 'fails', said: 'nothing comes through' }], verdict: { kind: 'bad', text: 'Not applied.' } }) });
    expect([...root.querySelectorAll('.mark')].map((mark) => mark.getAttribute('aria-label'))).toEqual(['holds', 'failed', 'does not pass']);
    expect(root.querySelector('.failed .said')?.textContent).toBe('RTNETLINK answers: File exists');
    expect(root.querySelector('[role=status]')?.textContent).toBe('Not applied.');
  });

  it('does not show a step of a removal that has found nothing', () => {
    const { root, app } = open();
    const row = root.querySelector<HTMLElement>('.steps li');
    expect(row?.hidden).toBe(false);
    app.receive({ type: 'state', state: state({ steps: [{ state: 'absent' }] }) });
    expect(row?.hidden).toBe(true);
    app.receive({ type: 'state', state: state({ steps: [{ state: 'undone' }] }) });
    expect(row?.hidden).toBe(false);
  });
});
