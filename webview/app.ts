import type { Scene } from '../src/core/diagram/scene';
import { dispatch, type DiagramState, type FromDiagram, type ToDiagram } from '../src/protocol/diagram';
import { Canvas, frames } from './canvas';
import { Details } from './details';
import { Finder } from './finder';
import { FocusPoint } from './focusPoint';
import { listenToGestures } from './gestures';
import { listenToKeys } from './keys';
import { measureRun } from './measure';
import { step, type Direction } from './navigation';
import { SceneIndex } from './sceneIndex';
import { svgElement } from './svgElements';
import { Toolbar } from './toolbar';
import { Viewport } from './viewport';

/** The part of VS Code's webview API that the diagram needs. */
export interface Host {
  postMessage(message: FromDiagram): void;
  getState(): DiagramState | undefined;
  setState(state: DiagramState): void;
}

/** The diagram: shows scenes that arrive as messages, and says what the user does with them. */
export class DiagramApp {
  private readonly toolbar: Toolbar;
  private readonly details: Details;
  private readonly viewport: Viewport;
  private readonly finder: Finder;
  private readonly focusPoint: FocusPoint;
  private readonly stage = document.createElement('main');
  private readonly svg = svgElement('svg', { class: 'scene', role: 'application', 'aria-roledescription': 'network diagram' });
  private readonly notice = document.createElement('p');
  private canvas: Canvas | undefined;
  private selected: string | undefined;
  private networkId: string | undefined;
  /** The fold whose new scene is awaited. */
  private folded: string | undefined;
  private saving: ReturnType<typeof setTimeout> | undefined;
  /** Selecting because the tree said so must not be reported back to it. */
  private following = false;

  constructor(
    root: HTMLElement,
    private readonly host: Host,
  ) {
    this.focusPoint = new FocusPoint(this.svg);
    this.toolbar = this.makeToolbar();
    this.finder = new Finder(this.toolbar);
    this.details = this.makeDetails();
    this.build(root);
    this.viewport = new Viewport(this.stage, this.details.element, () => {
      this.focusPoint.update();
      this.save();
    });
    this.listen();
    const state = this.host.getState();
    this.networkId = state?.networkId;
    this.selected = state?.selected;
    if (state?.view) this.viewport.restore(state.view);
  }

  receive(message: ToDiagram): void {
    dispatch<ToDiagram>(
      {
        scene: ({ scene, hostCount, networkId }) => this.show(scene, hostCount, networkId),
        loading: () => this.stage.setAttribute('aria-busy', 'true'),
        select: ({ modelId }) => this.follow(modelId),
        failed: ({ message: text }) => this.fail(text),
        read: ({ takenAt }) => this.toolbar.setRead(takenAt),
        measure: ({ run, frames }) => void this.measure(run, frames),
      },
      message,
    );
  }

  private makeToolbar(): Toolbar {
    return new Toolbar({
      onZoom: (factor) => this.viewport.zoom(factor),
      onFit: () => this.viewport.fit(),
      onSearch: (text) => this.finder.search(this.canvas, text),
      onMatch: (offset) => this.goTo(this.finder.step(offset)),
      onRefresh: () => {
        this.toolbar.setReading();
        this.host.postMessage({ type: 'refresh' });
      },
      onExport: (format) => this.host.postMessage({ type: 'export', format }),
      onLeave: () => this.focusPoint.focus(),
    });
  }

  private makeDetails(): Details {
    return new Details({
      onFold: (key, open) => {
        this.folded = key;
        this.host.postMessage({ type: 'fold', key, open });
      },
      onAction: (action, modelId) => this.host.postMessage({ type: 'action', action, modelId }),
      onGoTo: (id) => this.goTo(id),
      onClose: () => {
        this.select(undefined);
        this.focusPoint.focus();
      },
    });
  }

  private build(root: HTMLElement): void {
    this.stage.className = 'stage';
    this.stage.tabIndex = -1;
    this.notice.className = 'notice';
    this.notice.setAttribute('role', 'status');
    this.notice.textContent = 'Reading the network…';
    this.stage.append(this.svg, this.notice);
    const body = document.createElement('div');
    body.className = 'body';
    body.append(this.stage, this.details.element);
    root.replaceChildren(this.toolbar.element, body);
  }

  private listen(): void {
    listenToGestures(this.stage, {
      onPan: (dx, dy) => this.viewport.pan(dx, dy),
      onZoom: (at, factor) => this.viewport.zoom(factor, at),
      onPick: (id) => {
        this.select(id);
        if (id === undefined) return;
        this.focusPoint.focus();
        this.viewport.uncover(id);
      },
      onOpen: (id) => this.viewport.zoomTo(id),
    });
    listenToKeys(this.stage, {
      onStep: (direction) => this.stepTo(direction),
      onPan: (dx, dy) => this.viewport.pan(dx, dy),
      onSelect: () => {
        if (this.focusPoint.current !== undefined) this.select(this.focusPoint.current);
      },
      onBack: () => this.back(),
      onZoom: (factor) => this.viewport.zoomAround(this.focusPoint.current, factor),
      onFit: () => this.viewport.fit(),
      onSearch: () => this.toolbar.focusSearch(),
      onHome: () => this.focus(this.canvas?.index.scene.boxes[0]?.id),
    });
    // Focus that moves by Tab makes the browser scroll the stage, whose content only ever moves by its transform.
    this.stage.addEventListener('scroll', () => this.stage.scrollTo(0, 0));
    document.addEventListener('keydown', (event) => {
      if ((event.ctrlKey || event.metaKey) && event.key === 'f') {
        event.preventDefault();
        this.toolbar.focusSearch();
      }
    });
  }

  private show(scene: Scene, hostCount: number, networkId: string | undefined): void {
    const arrived = performance.now();
    delete this.svg.dataset['drawn'];
    const before = this.canvas?.index;
    const index = new SceneIndex(scene);
    const hadFocus = this.focusPoint.isHere;
    const other = networkId !== undefined && this.networkId !== undefined && networkId !== this.networkId;
    if (other) [this.viewport.fitted, this.selected] = [true, undefined];
    this.networkId = networkId ?? this.networkId;
    this.viewport.enter(before ?? index, index, this.selected);
    this.canvas = new Canvas(this.svg, index, this.viewport.view, this.viewport.extent());
    this.viewport.canvas = this.canvas;
    this.focusPoint.canvas = this.canvas;
    this.svg.setAttribute('aria-label', `${scene.title}: ${String(scene.boxes.length)} boxes on ${String(hostCount)} ${hostCount === 1 ? 'host' : 'hosts'}`);
    this.toolbar.setTitle(scene.title);
    this.stage.removeAttribute('aria-busy');
    const empty = scene.boxes.length === 0;
    this.say(empty ? 'No added host has this network now. Refresh the hosts, or choose another network in the tree.' : '');
    if (this.selected !== undefined && !index.item(this.selected)) this.selected = undefined;
    const { current } = this.focusPoint;
    if (current === undefined || !index.item(current)) this.focusPoint.current = this.selected ?? scene.boxes[0]?.id;
    this.canvas.select(this.selected);
    this.details.show(index, this.selected === undefined ? undefined : index.item(this.selected));
    this.finder.search(this.canvas);
    this.focusPoint.update();
    if (hadFocus) this.focusPoint.focus();
    this.showFolded(before);
    this.save();
    requestAnimationFrame(() =>
      // The frame after the one that draws: the scene is on screen.
      requestAnimationFrame(() => {
        if (this.canvas?.index === index) this.svg.dataset['drawn'] = '';
        this.host.postMessage({ type: 'drawn', boxes: scene.boxes.length, edges: scene.edges.length, milliseconds: performance.now() - arrived });
      }),
    );
  }

  /** Brings what a fold was opened to, or the fold that was closed, into view: what lay around it may have gone far from there. */
  private showFolded(before: SceneIndex | undefined): void {
    const { canvas, folded } = this;
    this.folded = undefined;
    if (!canvas || folded === undefined) return;
    const { boxes } = canvas.index.scene;
    const target = boxes.find(({ fold }) => fold?.key === folded) ?? boxes.find(({ id, kind }) => !frames.includes(kind) && before?.box(id) === undefined);
    if (target && !this.viewport.sees(target.id)) this.viewport.reveal(target.id, false);
  }

  private fail(text: string): void {
    this.stage.removeAttribute('aria-busy');
    this.say(text);
  }

  private say(text: string): void {
    this.notice.textContent = text;
    this.notice.hidden = text === '';
    this.stage.classList.toggle('has-notice', text !== '');
  }

  private select(id: string | undefined): void {
    const { canvas } = this;
    if (!canvas) return;
    const item = id === undefined ? undefined : canvas.index.item(id);
    const changed = this.selected !== id;
    this.selected = item ? id : undefined;
    if (item && id !== undefined) this.focusPoint.current = id;
    canvas.select(this.selected);
    this.details.show(canvas.index, item);
    this.focusPoint.update();
    this.save();
    if (changed && !this.following) this.host.postMessage({ type: 'selected', modelId: item?.type === 'box' ? item.box.modelId : undefined });
  }

  private follow(modelId: string | undefined): void {
    const box = modelId === undefined ? undefined : this.canvas?.index.byModel(modelId);
    this.following = true;
    this.select(box?.id);
    this.following = false;
    if (box) this.viewport.reveal(box.id, false);
  }

  private goTo(id: string | undefined): void {
    if (id === undefined) return;
    this.select(id);
    this.viewport.reveal(id);
  }

  private stepTo(direction: Direction): void {
    const { canvas } = this;
    if (!canvas) return;
    const { current } = this.focusPoint;
    this.focus(current === undefined ? canvas.index.scene.boxes[0]?.id : step(canvas.index, current, direction, canvas.detailed));
  }

  /** Escape: first the selection goes, then one steps out to the box around. */
  private back(): void {
    if (this.selected !== undefined) this.select(undefined);
    else this.focus(this.canvas?.index.box(this.focusPoint.current)?.parent);
  }

  private focus(id: string | undefined): void {
    if (id === undefined) return;
    this.focusPoint.current = id;
    this.viewport.reveal(id, false);
    this.focusPoint.focus();
  }

  private save(): void {
    clearTimeout(this.saving);
    this.saving = setTimeout(() => {
      this.host.setState({
        ...(this.networkId !== undefined && { networkId: this.networkId }),
        ...(!this.viewport.fitted && { view: this.viewport.view }),
        ...(this.selected !== undefined && { selected: this.selected }),
      });
    }, 120);
  }

  private async measure(run: 'pan' | 'zoom', count: number): Promise<void> {
    const frameMilliseconds = this.canvas && (await measureRun(this.viewport, this.canvas.index.scene, run, count));
    if (frameMilliseconds) this.host.postMessage({ type: 'measured', run, frameMilliseconds });
  }
}
