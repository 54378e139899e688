import './browserParts';
import ELK from 'elkjs/lib/elk.bundled.js';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Scene } from '../../src/core/diagram/scene';
import { layoutGraph } from '../../src/core/diagram/layout';
import { networkGraph } from '../../src/core/diagram/networkGraph';
import { step, type Direction } from '../../webview/navigation';
import { SceneIndex } from '../../webview/sceneIndex';
import { syntheticNetworkId, syntheticTopology, type SyntheticOptions } from '../unit/diagram/syntheticTopology';
import { open, scene, type Opened } from './harness';

function opened(made: Scene = scene(), state?: Parameters<typeof open>[0]): Opened {
  const page = open(state);
  page.app.receive({ type: 'scene', scene: made, hostCount: 2, networkId: 'net' });
  return page;
}

const byId = (page: Opened, id: string): SVGGElement => {
  const found = [...page.root.querySelectorAll<SVGGElement>('[data-id]')].find((element) => element.dataset['id'] === id);
  if (!found) throw new Error(`${id} is not drawn`);
  return found;
};
const click = (page: Opened, id: string): void => {
  for (const type of ['pointerdown', 'pointerup']) byId(page, id).dispatchEvent(new MouseEvent(type, { bubbles: true, button: 0 }));
};
const details = (page: Opened): HTMLElement => page.root.querySelector<HTMLElement>('.details')!;
const transform = (page: Opened): string => page.root.querySelector<SVGSVGElement>('.scene')!.style.transform;
const scaleOf = (page: Opened): number => Number(/scale\(([\d.e-]+)\)/.exec(transform(page))?.[1]);

afterEach(() => vi.useRealTimers());

describe('drawing a synthetic scene', () => {
  it('says that it is reading until a scene comes, then draws every box and edge with its kind', async () => {
    const page = open();
    expect(page.root.querySelector('.notice')?.textContent).toBe('Reading the network…');
    page.app.receive({ type: 'scene', scene: scene(), hostCount: 2 });
    expect(page.root.querySelector<HTMLElement>('.notice')?.hidden).toBe(true);
    expect(page.root.querySelectorAll('.box')).toHaveLength(16);
    expect(page.root.querySelectorAll('g.edge')).toHaveLength(7);
    expect(byId(page, 'vxlan1').dataset['kind']).toBe('vxlan');
    await vi.waitFor(() => expect(page.posted.find((message) => message.type === 'drawn')).toMatchObject({ boxes: 16, edges: 7 }));
  });

  it('shows a failure in its sentence, over the scene that was there', () => {
    const page = opened();
    page.app.receive({ type: 'failed', message: 'The layout worker stopped. Refresh to try again.' });
    expect(page.root.querySelector('.notice')?.textContent).toBe('The layout worker stopped. Refresh to try again.');
    expect(page.root.querySelectorAll('.box')).toHaveLength(16);
    page.app.receive({ type: 'scene', scene: scene(), hostCount: 2 });
    expect(page.root.querySelector<HTMLElement>('.notice')?.hidden).toBe(true);
  });

  it('says what to do where there is nothing to draw', () => {
    const page = opened({ title: 'gone', width: 0, height: 0, boxes: [], edges: [] });
    expect(page.root.querySelector('.notice')?.textContent).toContain('No added host has this network now');
  });

  it('shows hostile names as text, in boxes, details, connections and title', () => {
    const name = '<img src=x onerror=alert(1)>"\'`${1}';
    const made = scene({ first: name });
    const page = opened({ ...made, title: name });
    click(page, 'container1');
    expect(page.root.querySelector('img')).toBeNull();
    expect(details(page).querySelector('h2')?.textContent).toBe(name);
    expect(page.root.querySelector('.diagram-title')?.textContent).toBe(name);
    expect(byId(page, 'container1').getAttribute('aria-label')).toBe(`Container ${name}, in host host1`);
    expect(byId(page, 'container1').querySelector('text')?.textContent).toMatch(/^<img/);
  });

  it('makes control characters and direction overrides visible', () => {
    const page = opened(scene({ first: 'a\u001b[31m\u202Eb' }));
    expect(byId(page, 'container1').querySelector('text')?.textContent).toBe('a\uFFFD[31m\uFFFDb');
  });
});

describe('selecting', () => {
  it('shows the facts of a clicked box, says which it was, and offers what can be done with it', () => {
    const page = opened();
    click(page, 'container1');
    expect(details(page).hidden).toBe(false);
    expect(page.posted.filter((message) => message.type === 'selected')).toEqual([{ type: 'selected', modelId: 'model-container1' }]);
    const buttons = [...details(page).querySelectorAll<HTMLElement>('[data-action]')];
    expect(buttons.map((element) => element.textContent)).toEqual(['Enter', 'Dump', 'Reveal in Tree']);
    buttons[0]!.click();
    expect(page.posted.at(-1)).toEqual({ type: 'action', action: 'enter', modelId: 'model-container1' });
  });

  it('asks for all that a folded box stands for, and to fold it again', () => {
    const page = opened();
    for (const [open, words] of [[false, 'Show All'], [true, 'Show as One Box']] as const) {
      const made = scene();
      page.app.receive({ type: 'scene', hostCount: 2, scene: { ...made, boxes: made.boxes.map((box) => (box.id === 'port1' ? { ...box, fold: { key: 'the key', open } } : box)) } });
      click(page, 'host1');
      click(page, 'port1');
      const button = details(page).querySelector<HTMLElement>('[data-action=fold]')!;
      expect(button.textContent).toBe(words);
      button.click();
      expect(page.posted.at(-1)).toEqual({ type: 'fold', key: 'the key', open: !open });
    }
  });

  it('offers to enter the namespace that a device lies in, by its name', () => {
    const page = opened();
    click(page, 'bridge1');
    const enter = details(page).querySelector<HTMLElement>('[data-action=enter]')!;
    expect(enter.textContent).toBe('Enter mynet01');
    enter.click();
    expect(page.posted.at(-1)).toEqual({ type: 'action', action: 'enter', modelId: 'model-sandbox1' });
  });

  it('shows the FDB rows of a tunnel, and leads from a box to its edges and on', () => {
    const page = opened();
    click(page, 'vtep1');
    const links = [...details(page).querySelectorAll<HTMLElement>('.connection')];
    expect(links.map((link) => link.textContent)).toEqual(['Tunnel: 192.168.56.101 (host1) ⇄ 192.168.56.102 (host2)', 'Underlay: vxlan0 ⇄ 192.168.56.101 (host1)']);
    links[0]!.click();
    expect(details(page).querySelector('dd')?.textContent).toBe('02:42:0a:00:00:02 dev vxlan0 dst 192.168.56.102 self permanent');
  });

  it('closes its details by Escape from within them', () => {
    const page = opened();
    click(page, 'vtep1');
    details(page).querySelector('dd')!.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));
    expect(details(page).hidden).toBe(true);
  });

  it('follows the tree, by a second name too, without reporting back', () => {
    const page = opened();
    page.app.receive({ type: 'select', modelId: 'model-endpoint2' });
    expect(details(page).querySelector('h2')?.textContent).toBe('web2');
    expect(byId(page, 'container2').getAttribute('aria-pressed')).toBe('true');
    page.app.receive({ type: 'select', modelId: 'unknown' });
    expect(details(page).hidden).toBe(true);
    expect(page.posted.filter((message) => message.type === 'selected')).toEqual([]);
  });

  it('brings what the tree selects into view only where it is out of sight', () => {
    const page = opened();
    page.app.receive({ type: 'select', modelId: 'model-container1' });
    const inSight = transform(page);
    page.app.receive({ type: 'select', modelId: 'model-container2' });
    expect(transform(page)).toBe(inSight);
    for (let zoom = 0; zoom < 8; zoom++) page.press('+');
    const near = transform(page);
    page.app.receive({ type: 'select', modelId: 'model-container1' });
    expect(transform(page)).not.toBe(near);
  });
});

describe('the keyboard', () => {
  it('has one tab stop, moves it with the arrows, opens with Enter and goes back with Escape', () => {
    const page = opened();
    byId(page, 'host1').focus();
    expect(page.root.querySelectorAll('.scene [tabindex="0"]')).toHaveLength(1);
    page.press('ArrowDown');
    expect(page.focused()).toBe('container1');
    expect(page.root.querySelectorAll('.scene [tabindex="0"]')).toHaveLength(1);
    page.press('Enter');
    expect(details(page).hidden).toBe(false);
    page.press('Escape');
    expect(details(page).hidden).toBe(true);
    page.press('Escape');
    expect(page.focused()).toBe('host1');
  });

  it('goes on from where assistive technology put the focus', () => {
    const page = opened();
    byId(page, 'vxlan2').focus();
    page.press('Enter');
    expect(details(page).querySelector('h2')?.textContent).toBe('vxlan0');
    expect(page.root.querySelectorAll('.scene [tabindex="0"]')).toHaveLength(1);
  });

  it('reaches every box and every tunnel from the first box, with arrows alone, near and far', () => {
    const index = new SceneIndex(scene({ extra: true }));
    for (const withDetails of [true, false]) {
      const reached = new Set(['host1']);
      for (const id of reached) {
        for (const direction of ['left', 'right', 'up', 'down'] satisfies Direction[]) {
          const next = step(index, id, direction, withDetails);
          if (next !== undefined) reached.add(next);
        }
      }
      const wanted = index.scene.boxes.map((box) => box.id).filter((id) => withDetails || !index.isDetail(id));
      expect([...wanted, 'tunnel'].filter((id) => !reached.has(id))).toEqual([]);
    }
  });

  it('reaches every box of laid-out synthetic networks', async () => {
    for (const options of [{ containers: [30, 3] }, { containers: [3, 0, 2], strangerVtep: '192.168.56.200', orphanPort: true }, { driver: 'bridge', containers: [5] }, { driver: 'macvlan', containers: [6] }, { driver: 'host', containers: [3] }, { driver: 'null', containers: [2] }] satisfies SyntheticOptions[]) {
      const graph = networkGraph(syntheticTopology(options), syntheticNetworkId)!;
      const index = new SceneIndex(await layoutGraph(graph, new ELK()));
      const reached = new Set([index.scene.boxes[0]!.id]);
      for (const id of reached) {
        for (const direction of ['left', 'right', 'up', 'down'] satisfies Direction[]) {
          const next = step(index, id, direction, true);
          if (next !== undefined) reached.add(next);
        }
      }
      expect(index.scene.boxes.filter((box) => !reached.has(box.id)).map((box) => [box.kind, box.lines[0]])).toEqual([]);
    }
  });

  it('zooms with + and -, fits with 0, pans with Shift and arrows', () => {
    const page = opened();
    const fitted = transform(page);
    page.press('+');
    expect(scaleOf(page)).toBeGreaterThan(1.2);
    page.press('-');
    page.press('-');
    expect(scaleOf(page)).toBeLessThan(1);
    page.press('0');
    expect(transform(page)).toBe(fitted);
    page.press('ArrowRight', { shiftKey: true });
    expect(transform(page)).not.toBe(fitted);
  });
});

describe('pointer and wheel', () => {
  it('zooms at the pointer with Ctrl and the wheel, and pans with the wheel alone', () => {
    const page = opened();
    const stage = page.root.querySelector('.stage')!;
    const before = transform(page);
    stage.dispatchEvent(new WheelEvent('wheel', { deltaY: -100, ctrlKey: true, clientX: 0, clientY: 0, cancelable: true, bubbles: true }));
    expect(scaleOf(page)).toBeGreaterThan(1.1);
    const zoomed = transform(page);
    stage.dispatchEvent(new WheelEvent('wheel', { deltaY: 30, cancelable: true, bubbles: true }));
    expect(transform(page)).not.toBe(zoomed);
    expect(transform(page)).not.toBe(before);
  });

  it('drops the selection on a click beside everything', () => {
    const page = opened();
    click(page, 'container1');
    const stage = page.root.querySelector('.stage')!;
    for (const type of ['pointerdown', 'pointerup']) stage.dispatchEvent(new MouseEvent(type, { bubbles: true, button: 0 }));
    expect(details(page).hidden).toBe(true);
    expect(page.posted.at(-1)).toEqual({ type: 'selected', modelId: undefined });
  });
});

describe('searching', () => {
  const type = (page: Opened, text: string): HTMLElement => {
    const field = page.root.querySelector<HTMLElement & { value: string }>('vscode-text-field')!;
    field.value = text;
    field.dispatchEvent(new Event('input', { bubbles: true }));
    return field;
  };

  it('counts matches in names, IPs and MACs and goes through them in both directions', () => {
    const page = opened();
    const field = type(page, '02:42');
    const count = page.root.querySelector('.match-count')!;
    expect(count.textContent).toBe('0 of 2');
    field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
    expect(count.textContent).toBe('1 of 2');
    expect(page.posted.at(-1)).toEqual({ type: 'selected', modelId: 'model-interface1' });
    field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', shiftKey: true, bubbles: true }));
    expect(count.textContent).toBe('2 of 2');
    type(page, 'nothing of the kind');
    expect(count.textContent).toBe('no match');
    type(page, '');
    expect(count.textContent).toBe('');
  });
});

describe('a new scene', () => {
  it('keeps the scale, and keeps what one looks at where it was, when everything moved', () => {
    const page = opened();
    for (let zoom = 0; zoom < 4; zoom++) page.press('+');
    click(page, 'container1');
    const screenX = (offset: number): number => {
      const [, scale, x] = /scale\(([\d.e-]+)\) translate\(([\d.e-]+)px/.exec(transform(page)) ?? [];
      return (175 + offset + Number(x)) * Number(scale);
    };
    const [before, scale] = [screenX(0), scaleOf(page)];
    page.app.receive({ type: 'scene', scene: scene({ shift: 250, extra: true }), hostCount: 2, networkId: 'net' });
    expect(scaleOf(page)).toBe(scale);
    expect(screenX(250)).toBeCloseTo(before, 3);
    expect(details(page).querySelector('h2')?.textContent).toBe('web1');
  });

  it('is fitted where nothing of it would be in sight, as after the removal of the host one looked at; else the view stays', () => {
    const page = opened();
    byId(page, 'vtep2').focus();
    for (let zoom = 0; zoom < 8; zoom++) page.press('+');
    const near = transform(page);
    const whole = scene();
    page.app.receive({ type: 'scene', scene: whole, hostCount: 2, networkId: 'net' });
    expect(transform(page)).toBe(near);
    const left = { ...whole, width: 360, boxes: whole.boxes.filter(({ x }) => x < 360), edges: [] };
    page.app.receive({ type: 'scene', scene: left, hostCount: 1, networkId: 'net' });
    expect(transform(page)).not.toBe(near);
    expect(transform(page)).toBe(transform(opened(left)));
  });

  it('keeps the view of an emptier part of which something is still in sight', () => {
    const page = opened();
    for (let zoom = 0; zoom < 2; zoom++) page.press('+');
    const scale = scaleOf(page);
    const whole = scene();
    page.app.receive({ type: 'scene', scene: { ...whole, boxes: whole.boxes.filter(({ x }) => x < 360), edges: [] }, hostCount: 1, networkId: 'net' });
    expect(scaleOf(page)).toBe(scale);
  });

  it('keeps the keyboard on the box that had it', () => {
    const page = opened();
    byId(page, 'host1').focus();
    page.press('ArrowDown');
    page.app.receive({ type: 'scene', scene: scene({ extra: true }), hostCount: 2, networkId: 'net' });
    expect(page.focused()).toBe('container1');
  });

  it('closes the details of what is gone', () => {
    const page = opened(scene({ extra: true }));
    click(page, 'container3');
    page.app.receive({ type: 'scene', scene: scene(), hostCount: 2, networkId: 'net' });
    expect(details(page).hidden).toBe(true);
  });
});

describe('what is kept', () => {
  it('saves network, view and selection, and takes them up again after a reload', () => {
    vi.useFakeTimers();
    const first = opened();
    for (let zoom = 0; zoom < 3; zoom++) first.press('+');
    click(first, 'vxlan2');
    vi.runAllTimers();
    const saved = first.state();
    expect(saved).toMatchObject({ networkId: 'net', selected: 'vxlan2' });
    const view = transform(first);
    const second = opened(scene(), saved);
    expect(transform(second)).toBe(view);
    expect(details(second).querySelector('h2')?.textContent).toBe('vxlan0');
  });
});

describe('reading again', () => {
  const readTime = (page: Opened): HTMLElement => page.root.querySelector<HTMLElement>('.read-time')!;

  it('asks for the hosts to be read, says so meanwhile, and then when it was, in local time', () => {
    const page = opened();
    expect(readTime(page).textContent).toBe('');
    page.root.querySelector<HTMLElement>('[aria-label=Refresh]')!.click();
    expect(page.posted.at(-1)).toEqual({ type: 'refresh' });
    expect(readTime(page).textContent).toBe('Reading…');
    const boxes = [...page.root.querySelectorAll('.box')];
    const now = new Date();
    now.setHours(7, 8, 9);
    page.app.receive({ type: 'read', takenAt: now.toISOString() });
    expect(readTime(page).textContent).toBe('Read 07:08:09');
    expect([...page.root.querySelectorAll('.box')]).toEqual(boxes);
    page.app.receive({ type: 'read', takenAt: undefined });
    expect(readTime(page).textContent).toBe('');
  });

  it('gives the moment of another day, a recording\'s, with its date; nothing for what is no moment', () => {
    const page = opened();
    page.app.receive({ type: 'read', takenAt: new Date(2025, 2, 4, 5, 6, 7).toISOString() });
    expect(readTime(page).textContent).toBe('Read 2025-03-04 05:06');
    page.app.receive({ type: 'read', takenAt: '9999-99-99T99:99Z' });
    expect(readTime(page).textContent).toBe('');
  });
});

describe('exporting', () => {
  it('offers four formats in a menu that the keyboard can use', () => {
    const page = opened();
    const trigger = page.root.querySelector<HTMLElement>('[aria-haspopup=menu]')!;
    trigger.click();
    const entries = [...page.root.querySelectorAll<HTMLElement>('[role=menuitem]')];
    expect(entries.map((entry) => entry.dataset['format'])).toEqual(['svg', 'mermaid', 'dot', 'text']);
    expect(document.activeElement).toBe(entries[0]);
    entries[0]!.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowDown', bubbles: true }));
    expect(document.activeElement).toBe(entries[1]);
    entries[1]!.click();
    expect(page.posted.at(-1)).toEqual({ type: 'export', format: 'mermaid' });
    expect(page.root.querySelector<HTMLElement>('.menu')?.hidden).toBe(true);
  });
});

describe('detail by scale', () => {
  it('draws containers and wires only near by, and names their groups from afar', () => {
    const page = opened();
    expect(page.root.querySelector('.scene')?.classList.contains('far')).toBe(false);
    for (let zoom = 0; zoom < 5; zoom++) page.press('-');
    expect(page.root.querySelector('.scene')?.classList.contains('far')).toBe(true);
    const shown = (id: string): boolean => (byId(page, id).parentElement as unknown as SVGElement).style.display !== 'none';
    expect(shown('container2')).toBe(false);
    expect([...page.root.querySelectorAll('.caption')].map((caption) => [...caption.querySelectorAll('text')].map((line) => line.textContent))).toEqual([['host1', '1 container'], ['host2', '1 container']]);
  });

  it('comes near enough to read a container that a search finds', () => {
    const page = opened();
    for (let zoom = 0; zoom < 5; zoom++) page.press('-');
    const field = page.root.querySelector<HTMLElement & { value: string }>('vscode-text-field')!;
    field.value = 'web2';
    field.dispatchEvent(new Event('input', { bubbles: true }));
    field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
    expect(scaleOf(page)).toBeGreaterThanOrEqual(0.5);
    expect((byId(page, 'container2').parentElement as unknown as SVGElement).style.display).toBe('');
  });
});

describe('words for what leads out of a synthetic host', () => {
  const changed = (make: (each: Scene) => Partial<Scene>): Scene => ({ ...scene(), ...make(scene()) });

  it('call an uplink and a far end what they are, and are classes to be styled by', () => {
    const page = opened(changed(({ boxes }) => ({ boxes: boxes.map((box) => (box.id === 'vtep1' ? { ...box, word: 'uplink' } : box.id === 'vtep2' ? { ...box, word: 'far end of a tunnel' } : box)) })));
    expect(byId(page, 'vtep1').getAttribute('aria-label')).toBe('Uplink 192.168.56.101, in host host1');
    expect(byId(page, 'vtep1').classList.contains('is-uplink')).toBe(true);
    expect(byId(page, 'vtep2').getAttribute('aria-label')).toMatch(/^Far end of a tunnel 192\.168\.56\.102/);
    expect(byId(opened(), 'vtep1').getAttribute('aria-label')).toMatch(/^Tunnel endpoint \(VTEP\) /);
  });

  it('say of a tunnel that is down whether rows are missing or its other half', () => {
    const down = (name: string): string | null => byId(opened(changed(({ edges }) => ({ edges: edges.map((edge) => (edge.kind === 'vtep' ? { ...edge, state: 'down' as const, facts: [{ name, value: 'x' }] } : edge)) }))), 'tunnel').getAttribute('aria-label');
    expect(down('FDB row')).toContain('FDB rows are missing');
    expect(down('Other half')).toContain('its other half is missing or does not fit');
  });
});

describe('measuring', () => {
  it('answers one time per frame and puts the view back', async () => {
    const page = opened();
    const before = transform(page);
    page.app.receive({ type: 'measure', run: 'zoom', frames: 5 });
    await vi.waitFor(() => expect(page.posted.find((message) => message.type === 'measured')).toMatchObject({ run: 'zoom' }));
    const measured = page.posted.find((message) => message.type === 'measured');
    expect(measured?.type === 'measured' && measured.frameMilliseconds.length).toBe(5);
    expect(transform(page)).toBe(before);
  });
});

describe('a fold', () => {
  const box = (id: string, x: number, rest: Partial<Scene['boxes'][number]> = {}): Scene['boxes'][number] => ({ id, kind: 'bridge', x, y: 100, width: 100, height: 40, parent: 'frame', lines: [id], facts: [], state: 'normal', actions: [], ...rest });
  const frame: Scene['boxes'][number] = { id: 'frame', kind: 'host', x: 0, y: 0, width: 20_000, height: 400, lines: ['frame'], facts: [], state: 'normal', actions: [] };
  const made = (...boxes: readonly Scene['boxes'][number][]): Scene => ({ title: 'host', width: 20_000, height: 400, boxes: [frame, ...boxes], edges: [] });
  const folded = made(box('few', 100, { fold: { key: 'k', open: false } }), box('far', 18_000));

  it.each([false, true])('that is opened brings what it held into sight, however far the layout put it; what nobody asked for moves nothing (asked: %s)', (asked) => {
    const page = opened(folded, { networkId: 'net', selected: 'few', view: { x: 0, y: 0, scale: 1 } });
    if (asked) page.root.querySelector<HTMLElement>('.details [data-action="fold"]')!.click();
    expect(page.posted.filter(({ type }) => type === 'fold')).toEqual(asked ? [{ type: 'fold', key: 'k', open: true }] : []);
    page.app.receive({ type: 'scene', scene: made(box('one', 9000), box('two', 9200), box('far', 18_000)), hostCount: 1, networkId: 'net' });
    const left = Number(/translate\(([-\d.]+)px/.exec(transform(page))?.[1]);
    expect(-left + 1000 > 9000 && -left < 9100).toBe(asked);
  });
});
