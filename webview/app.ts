import type { Point, Scene } from '../src/core/diagram/scene';
import { dispatch, type DiagramState, type FromDiagram, type ToDiagram } from '../src/protocol/diagram';
import { Canvas, frames } from './canvas';
import { Details } from './details';
import { listenToGestures } from './gestures';
import { measureFrames, panPath, zoomPath } from './measure';
import { step, type Direction } from './navigation';
import { SceneIndex } from './sceneIndex';
import { svgElement } from './svgElements';
import { Toolbar } from './toolbar';
import { centreOn, contains, fitView, intersects, keepInSight, panBy, showRect, visibleRect, zoomAt, type Extent, type View } from './view';

/** The part of VS Code's webview API that the diagram needs. */
export interface Host {
  postMessage(message: FromDiagram): void;
  getState(): DiagramState | undefined;
  setState(state: DiagramState): void;
}

const arrows: Readonly<Record<string, Direction>> = { ArrowLeft: 'left', ArrowRight: 'right', ArrowUp: 'up', ArrowDown: 'down' };
const keyPan = 80;

/** The diagram: shows scenes that arrive as messages, and says what the user does with them. */
export class DiagramApp {
  private readonly toolbar: Toolbar;
  private readonly details: Details;
  private readonly stage = document.createElement('main');
  private readonly svg = svgElement('svg', { class: 'scene', role: 'application', 'aria-roledescription': 'network diagram' });
  private readonly notice = document.createElement('p');
  private canvas: Canvas | undefined;
  private view: View = { x: 0, y: 0, scale: 1 };
  /** Fitted views stay fitted when the stage or the scene changes. */
  private fitted = true;
  private selected: string | undefined;
  /** The box or edge that has the keyboard, or would have it. */
  private current: string | undefined;
  private tabStop: SVGGElement | undefined;
  private matches: readonly string[] = [];
  private match = -1;
  private query = '';
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
    this.toolbar = new Toolbar({
      onZoom: (factor) => this.zoom(this.middle(), factor),
      onFit: () => this.fit(),
      onSearch: (text) => this.search(text),
      onMatch: (offset) => this.goToMatch(offset),
      onRefresh: () => {
        this.toolbar.setReading();
        this.host.postMessage({ type: 'refresh' });
      },
      onExport: (format) => this.host.postMessage({ type: 'export', format }),
      onLeave: () => this.focusCurrent(),
    });
    this.details = new Details({
      onFold: (key, open) => {
        this.folded = key;
        this.host.postMessage({ type: 'fold', key, open });
      },
      onAction: (action, modelId) => this.host.postMessage({ type: 'action', action, modelId }),
      onGoTo: (id) => {
        this.select(id);
        this.reveal(id);
      },
      onClose: () => {
        this.select(undefined);
        this.focusCurrent();
      },
    });
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

    listenToGestures(this.stage, {
      onPan: (dx, dy) => this.move(panBy(this.view, dx, dy)),
      onZoom: (at, factor) => this.zoom(at, factor),
      onPick: (id) => {
        this.select(id);
        if (id === undefined) return;
        this.focusCurrent();
        this.uncover(id);
      },
      onOpen: (id) => this.zoomTo(id),
    });
    this.stage.addEventListener('keydown', (event) => this.onKey(event));
    // Assistive technology moves the focus by itself.
    this.svg.addEventListener('focusin', (event) => {
      const id = event.target instanceof SVGElement ? event.target.dataset['id'] : undefined;
      if (id === undefined || id === this.current) return;
      this.current = id;
      this.setTabStop();
    });
    // Focus that moves by Tab makes the browser scroll the stage, whose content only ever moves by its transform.
    this.stage.addEventListener('scroll', () => this.stage.scrollTo(0, 0));
    document.addEventListener('keydown', (event) => {
      if ((event.ctrlKey || event.metaKey) && event.key === 'f') {
        event.preventDefault();
        this.toolbar.focusSearch();
      }
    });
    if (typeof ResizeObserver !== 'undefined') new ResizeObserver(() => this.onResize()).observe(this.stage);

    const state = this.host.getState();
    this.networkId = state?.networkId;
    this.selected = state?.selected;
    if (state?.view) {
      this.view = state.view;
      this.fitted = false;
    }
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

  private show(scene: Scene, hostCount: number, networkId: string | undefined): void {
    const arrived = performance.now();
    delete this.svg.dataset['drawn'];
    const before = this.canvas?.index;
    const index = new SceneIndex(scene);
    const hadFocus = this.svg.contains(document.activeElement);
    const other = networkId !== undefined && this.networkId !== undefined && networkId !== this.networkId;
    if (other) [this.fitted, this.selected] = [true, undefined];
    this.networkId = networkId ?? this.networkId;
    const anchored = this.fitted ? undefined : this.anchored(before ?? index, index);
    this.fitted = anchored === undefined;
    this.view = anchored ?? fitView(scene, this.extent());
    this.canvas = new Canvas(this.svg, index, this.view, this.extent());
    this.svg.setAttribute('aria-label', `${scene.title}: ${String(scene.boxes.length)} boxes on ${String(hostCount)} ${hostCount === 1 ? 'host' : 'hosts'}`);
    this.toolbar.setTitle(scene.title);
    this.stage.removeAttribute('aria-busy');
    const empty = scene.boxes.length === 0;
    this.say(empty ? 'No added host has this network now. Refresh the hosts, or choose another network in the tree.' : '');
    if (this.selected !== undefined && !index.item(this.selected)) this.selected = undefined;
    if (this.current === undefined || !index.item(this.current)) this.current = this.selected ?? scene.boxes[0]?.id;
    this.canvas.select(this.selected);
    this.details.show(index, this.selected === undefined ? undefined : index.item(this.selected));
    this.search(this.query);
    this.setTabStop();
    if (hadFocus) this.focusCurrent();
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
    const rect = target && canvas.index.rect(target.id);
    if (target && rect && !intersects(visibleRect(this.view, this.free()), rect)) this.reveal(target.id, false);
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

  /** The view of a new scene in which what one looks at stays where it is on screen; undefined where nothing would be in sight. */
  private anchored(before: SceneIndex, after: SceneIndex): View | undefined {
    const seen = visibleRect(this.view, this.extent());
    const middle = { x: seen.x + seen.width / 2, y: seen.y + seen.height / 2 };
    const inSight = (id: string | undefined): id is string => {
      const rect = id === undefined ? undefined : before.rect(id);
      return rect !== undefined && id !== undefined && after.rect(id) !== undefined && intersects(rect, seen);
    };
    const distance = (id: string): number => {
      const rect = before.rect(id);
      return rect ? Math.hypot(rect.x + rect.width / 2 - middle.x, rect.y + rect.height / 2 - middle.y) : Infinity;
    };
    const candidates = before.scene.boxes.map((box) => box.id).filter(inSight);
    const anchor = inSight(this.selected) ? this.selected : candidates.reduce<string | undefined>((best, id) => (best === undefined || distance(id) < distance(best) ? id : best), undefined);
    const [old, now] = [anchor === undefined ? undefined : before.rect(anchor), anchor === undefined ? undefined : after.rect(anchor)];
    if (!old || !now) return after.scene.boxes.some((box) => intersects(box, seen)) ? keepInSight(this.view, after.scene, this.extent()) : undefined;
    return { ...this.view, x: this.view.x + now.x + now.width / 2 - old.x - old.width / 2, y: this.view.y + now.y + now.height / 2 - old.y - old.height / 2 };
  }

  private extent(): Extent {
    return { width: this.stage.clientWidth || 1000, height: this.stage.clientHeight || 700 };
  }

  /** The part of the stage that the details leave free: all of them lie at its right or lower edge. */
  private free(): Extent {
    const stage = this.extent();
    const { hidden, offsetWidth, offsetHeight } = this.details.element;
    if (hidden) return stage;
    return offsetWidth < stage.width ? { ...stage, width: stage.width - offsetWidth } : { ...stage, height: Math.max(100, stage.height - offsetHeight) };
  }

  /** The part of the stage that the details leave free; they lie over its right side, or over its lower one. */
  private room(): Extent {
    const { width, height } = this.extent();
    const { element } = this.details;
    if (element.hidden) return { width, height };
    return element.offsetHeight >= height ? { width: width - element.offsetWidth, height } : { width, height: height - element.offsetHeight };
  }

  private middle(): Point {
    const { width, height } = this.extent();
    return { x: width / 2, y: height / 2 };
  }

  private onResize(): void {
    if (!this.canvas) return;
    if (this.fitted) this.view = fitView(this.canvas.index.scene, this.room());
    this.canvas.setView(this.view, this.extent());
  }

  private move(view: View): void {
    if (!this.canvas) return;
    this.fitted = false;
    this.view = keepInSight(view, this.canvas.index.scene, this.extent());
    this.canvas.setView(this.view, this.extent());
    this.setTabStop();
    this.save();
  }

  private zoom(at: Point, factor: number): void {
    this.move(zoomAt(this.view, at, factor));
  }

  private fit(): void {
    if (!this.canvas) return;
    this.move(fitView(this.canvas.index.scene, this.room()));
    this.fitted = true;
    this.save();
  }

  /** Zooms to a box with what is in it, or to a small one at life size. */
  private zoomTo(id: string): void {
    const rect = this.canvas?.index.rect(id);
    if (rect) this.move(showRect(rect, this.room(), 1));
  }

  /** Brings a box or edge into view, large enough to be read; does nothing where it is already. */
  private reveal(id: string, readable = true): void {
    const { canvas } = this;
    const rect = canvas?.index.rect(id);
    if (!canvas || !rect) return;
    const scale = readable && canvas.index.isDetail(id) && !canvas.detailed ? Math.max(canvas.nearFrom * 1.6, 0.8) : this.view.scale;
    const seen = visibleRect(this.view, this.free());
    if (scale === this.view.scale && (contains(seen, rect) || (rect.width > seen.width && intersects(seen, rect)))) return;
    this.move(centreOn(rect, this.free(), scale));
  }

  /** Moves a box out from under the details that its selection opened; what is in sight stays where it is. */
  private uncover(id: string): void {
    const box = this.canvas?.index.box(id);
    if (!box) return;
    const free = visibleRect(this.view, this.free());
    const [right, below] = [box.x + box.width - (free.x + free.width), box.y + box.height - (free.y + free.height)];
    const [dx, dy] = [right > 0 && box.width < free.width ? right : 0, below > 0 && box.height < free.height ? below : 0];
    if (dx > 0 || dy > 0) this.move(panBy(this.view, dx > 0 ? dx * this.view.scale + 16 : 0, dy > 0 ? dy * this.view.scale + 16 : 0));
  }

  private select(id: string | undefined): void {
    const { canvas } = this;
    if (!canvas) return;
    const item = id === undefined ? undefined : canvas.index.item(id);
    const changed = this.selected !== id;
    this.selected = item ? id : undefined;
    if (item && id !== undefined) this.current = id;
    canvas.select(this.selected);
    this.details.show(canvas.index, item);
    this.setTabStop();
    this.save();
    if (changed && !this.following) this.host.postMessage({ type: 'selected', modelId: item?.type === 'box' ? item.box.modelId : undefined });
  }

  private follow(modelId: string | undefined): void {
    const box = modelId === undefined ? undefined : this.canvas?.index.byModel(modelId);
    this.following = true;
    this.select(box?.id);
    this.following = false;
    if (box) this.reveal(box.id, false);
  }

  private search(text: string): void {
    if (!this.canvas) return;
    if (text !== this.query) this.match = -1;
    this.query = text;
    this.matches = this.canvas.index.search(text);
    this.match = Math.min(this.match, this.matches.length - 1);
    this.canvas.setMatches(this.matches);
    this.toolbar.setMatches(this.match + 1, this.matches.length, text.trim() !== '');
  }

  private goToMatch(offset: 1 | -1): void {
    if (this.matches.length === 0) return;
    this.match = (this.match === -1 && offset === -1 ? this.matches.length - 1 : this.match + offset + this.matches.length) % this.matches.length;
    const id = this.matches[this.match];
    this.toolbar.setMatches(this.match + 1, this.matches.length, true);
    if (id === undefined) return;
    this.select(id);
    this.reveal(id);
  }

  private onKey(event: KeyboardEvent): void {
    const { canvas } = this;
    if (!canvas || event.ctrlKey || event.metaKey || event.altKey) return;
    const arrow = arrows[event.key];
    if (arrow && event.shiftKey) this.move(panBy(this.view, arrow === 'left' ? -keyPan : arrow === 'right' ? keyPan : 0, arrow === 'up' ? -keyPan : arrow === 'down' ? keyPan : 0));
    else if (arrow) {
      const next = this.current === undefined ? canvas.index.scene.boxes[0]?.id : step(canvas.index, this.current, arrow, canvas.detailed);
      if (next !== undefined) this.focus(next);
    } else if (event.key === 'Enter' || event.key === ' ') {
      if (this.current !== undefined) this.select(this.current);
    } else if (event.key === 'Escape') this.back();
    else if (event.key === '+' || event.key === '=') this.zoomAtCurrent(1.3);
    else if (event.key === '-') this.zoomAtCurrent(1 / 1.3);
    else if (event.key === '0') this.fit();
    else if (event.key === '/') this.toolbar.focusSearch();
    else if (event.key === 'Home') {
      const first = canvas.index.scene.boxes[0]?.id;
      if (first !== undefined) this.focus(first);
    } else return;
    event.preventDefault();
  }

  /** Escape: first the selection goes, then one steps out to the box around. */
  private back(): void {
    if (this.selected !== undefined) {
      this.select(undefined);
      return;
    }
    const around = this.canvas?.index.box(this.current)?.parent;
    if (around !== undefined) this.focus(around);
  }

  /** Keys zoom where the keyboard is. */
  private zoomAtCurrent(factor: number): void {
    const rect = this.current === undefined ? undefined : this.canvas?.index.rect(this.current);
    const seen = visibleRect(this.view, this.extent());
    const at = rect && intersects(rect, seen) ? { x: (rect.x + rect.width / 2 - this.view.x) * this.view.scale, y: (rect.y + rect.height / 2 - this.view.y) * this.view.scale } : this.middle();
    this.zoom(at, factor);
  }

  private focus(id: string): void {
    this.current = id;
    this.reveal(id, false);
    this.focusCurrent();
  }

  private focusCurrent(): void {
    this.setTabStop()?.focus({ preventScroll: true });
  }

  /** Exactly one element takes part in Tab: the current one. */
  private setTabStop(): SVGGElement | undefined {
    if (!this.canvas || this.current === undefined) return undefined;
    const element = this.canvas.element(this.current);
    if (element !== this.tabStop) {
      this.tabStop?.setAttribute('tabindex', '-1');
      element?.setAttribute('tabindex', '0');
      this.tabStop = element;
    }
    return element;
  }

  private save(): void {
    clearTimeout(this.saving);
    this.saving = setTimeout(() => {
      this.host.setState({
        ...(this.networkId !== undefined && { networkId: this.networkId }),
        ...(!this.fitted && { view: this.view }),
        ...(this.selected !== undefined && { selected: this.selected }),
      });
    }, 120);
  }

  private async measure(run: 'pan' | 'zoom', frames: number): Promise<void> {
    const { canvas } = this;
    if (!canvas) return;
    const [before, fitted] = [this.view, this.fitted];
    const { scene } = canvas.index;
    const whole = fitView(scene, this.extent()).scale;
    const frameMilliseconds = await measureFrames(frames, (progress) =>
      this.move(run === 'pan' ? panPath(scene, this.extent(), progress) : zoomPath(scene, this.extent(), whole, progress)),
    );
    this.move(before);
    this.fitted = fitted;
    this.host.postMessage({ type: 'measured', run, frameMilliseconds });
  }
}
