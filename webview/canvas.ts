import type { SceneBox, SceneEdge } from '../src/core/diagram/scene';
import { defaultFont, edgePath } from '../src/core/diagram/shape';
import { fitText, textWidth } from '../src/core/diagram/textFit';
import { boundsOf, type SceneIndex } from './sceneIndex';
import { boxElement, drawBoxText, edgeElement, outline, svgElement } from './svgElements';
import { Tiles } from './tiles';
import { visibleRect, type Extent, type Rect, type View } from './view';

/**
 * Below this many screen pixels per scene pixel, the smallest parts are shown as outlines under the names of their groups. Where
 * there are few of them, they are drawn until their text is a mere hint; many would be a grey mass long before.
 */
const detailScale = { few: 0.34, many: 0.5, manyFrom: 240 } as const;

/** Tiles of boxes; wires run down whole hosts, so theirs are strips. */
const boxTile = { width: 320, height: 240 } as const;
const wireStrip = { width: 320, height: Number.MAX_SAFE_INTEGER } as const;
/** Boxes that hold others. */
export const frames: readonly SceneBox['kind'][] = ['host', 'sandbox', 'group'];

/** Names written over a group (or over a host with ungrouped containers) while its parts are too small to be read. */
interface Caption {
  readonly rect: Rect;
  readonly lines: readonly string[];
  readonly element: SVGGElement;
}

/**
 * Draws one scene into an SVG element. The view changes by one transform; what is drawn depends on scale and place: structure
 * always, containers and wires near by and in sight only.
 */
export class Canvas {
  private readonly viewport = svgElement('g', { class: 'viewport', 'stroke-width': 1.25 });
  private readonly layers = {
    frames: svgElement('g', { class: 'layer frames' }),
    silhouette: svgElement('g', { class: 'layer silhouette', 'aria-hidden': 'true' }),
    wires: svgElement('g', { class: 'layer wires' }),
    trunks: svgElement('g', { class: 'layer trunks' }),
    devices: svgElement('g', { class: 'layer devices' }),
    cells: svgElement('g', { class: 'layer cells' }),
    marks: svgElement('g', { class: 'layer marks', 'aria-hidden': 'true' }),
    labels: svgElement('g', { class: 'layer labels' }),
  };
  private readonly marks = {
    related: svgElement('path', { class: 'related' }),
    matches: svgElement('path', { class: 'matches' }),
    selected: svgElement('path', { class: 'selected' }),
  };
  private cells: Tiles<SceneBox>;
  private wires: Tiles<SceneEdge>;
  /** Of every box and edge that has been made so far. */
  private readonly elements = new Map<string, SVGGElement>();
  private readonly labels: { readonly edge: SceneEdge; readonly element: SVGGElement }[] = [];
  private readonly captions: Caption[] = [];
  private textStep: number | undefined;
  private stage: Extent;
  private kept: string | undefined;
  private pressed: SVGGElement | undefined;

  constructor(
    private readonly svg: SVGSVGElement,
    readonly index: SceneIndex,
    private view: View,
    stage: Extent,
  ) {
    this.stage = stage;
    for (const box of index.structure) {
      const element = this.made(box.id, boxElement(index, box));
      (frames.includes(box.kind) ? this.layers.frames : this.layers.devices).append(element);
    }
    const isWire = (edge: SceneEdge): boolean => index.isDetail(edge.from) || index.isDetail(edge.to);
    const wires = index.scene.edges.filter(isWire);
    for (const edge of index.scene.edges) {
      if (!isWire(edge)) this.layers.trunks.append(this.made(edge.id, edgeElement(index, edge, 12)));
      if (edge.label) this.addLabel(edge);
    }
    this.cells = new Tiles(this.layers.cells, index.details, (box) => box, boxTile, (box) => this.made(box.id, boxElement(index, box)));
    this.wires = new Tiles(this.layers.wires, wires, boundsOf, wireStrip, (edge) => this.made(edge.id, edgeElement(index, edge, 4)));
    this.drawSilhouette(wires);
    this.addCaptions();
    this.layers.marks.append(this.marks.related, this.marks.matches, this.marks.selected);
    this.viewport.append(...Object.values(this.layers));
    this.svg.replaceChildren(this.viewport);
    this.setView(view, stage);
  }

  /** The smallest scale at which containers and wires are drawn. */
  get nearFrom(): number {
    return this.index.details.length < detailScale.manyFrom ? detailScale.few : detailScale.many;
  }

  get detailed(): boolean {
    return this.view.scale >= this.nearFrom;
  }

  setView(view: View, stage: Extent): void {
    this.view = view;
    this.stage = stage;
    this.svg.style.transform = `scale(${String(view.scale)}) translate(${String(-view.x)}px, ${String(-view.y)}px)`;
    this.svg.classList.toggle('far', !this.detailed);
    this.updateTiles();
    // Text and lines of the structure keep their size on screen; in steps, since each step writes to the document.
    const step = Math.round(Math.log(view.scale) / Math.log(1.2));
    if (step !== this.textStep) {
      this.textStep = step;
      this.resize();
    }
  }

  /** The element of a box or edge, made if need be; it stays while it is the one that was asked for last. */
  element(id: string): SVGGElement | undefined {
    if (this.kept !== id) {
      this.kept = id;
      this.updateTiles();
    }
    return this.elements.get(id);
  }

  /** Outlines a box or edge and what it is joined to. */
  select(id: string | undefined): void {
    const item = id === undefined ? undefined : this.index.item(id);
    this.marks.selected.setAttribute('d', item ? (item.type === 'box' ? outline(item.box) : edgePath(item.edge.points)) : '');
    this.marks.related.setAttribute('d', item?.type === 'box' ? this.chain(item.box).map((edge) => edgePath(edge.points)).join('') : '');
    this.pressed?.removeAttribute('aria-pressed');
    this.pressed = item && id !== undefined ? this.element(id) : undefined;
    this.pressed?.setAttribute('aria-pressed', 'true');
  }

  setMatches(ids: readonly string[]): void {
    const rects = ids.flatMap((id) => this.index.rect(id) ?? []);
    this.marks.matches.setAttribute('d', rects.map(outline).join(''));
  }

  /** Edges at a box and at the boxes within it; from a container on, through its port to the bridge. */
  private chain(box: SceneBox): readonly SceneEdge[] {
    if (frames.includes(box.kind)) return [];
    const ids = [box.id, ...this.index.inside(box.id).map((inner) => inner.id)];
    const direct = ids.flatMap((id) => this.index.edgesAt(id));
    const ports = direct.flatMap((edge) => [edge.from, edge.to]).filter((id) => this.index.box(id)?.kind === 'port' && !ids.includes(id));
    const onward = box.kind === 'container' || box.kind === 'interface' ? ports.flatMap((id) => this.index.edgesAt(id)) : [];
    return [...new Set([...direct, ...onward])];
  }

  private made(id: string, element: SVGGElement): SVGGElement {
    this.elements.set(id, element);
    return element;
  }

  private updateTiles(): void {
    const seen = visibleRect(this.view, this.stage);
    const margin = 0.05;
    const area = this.detailed
      ? { x: seen.x - seen.width * margin, y: seen.y - seen.height * margin, width: seen.width * (1 + 2 * margin), height: seen.height * (1 + 2 * margin) }
      : undefined;
    this.cells.update(area, this.kept);
    this.wires.update(area, this.kept);
  }

  /** Sizes of text and lines on the structure, for the present scale. */
  private resize(): void {
    const { scale } = this.view;
    for (const box of this.index.structure) {
      const element = this.elements.get(box.id);
      if (!element) continue;
      const base = defaultFont(box);
      const size = Math.max(base, Math.min(box.fontSize ?? base, (base + 1) / scale));
      element.classList.toggle('unreadable', size * scale < 5);
      if (box.fontSize !== undefined) drawBoxText(element, box, size);
    }
    const line = Math.max(1.25, Math.min(12, 1.25 / scale));
    for (const layer of [this.layers.frames, this.layers.trunks, this.layers.devices]) layer.setAttribute('stroke-width', String(line));
    this.layers.marks.setAttribute('stroke-width', String(2.5 / scale));
    for (const { edge, element } of this.labels) this.placeLabel(edge, element);
    for (const caption of this.captions) this.placeCaption(caption);
  }

  private addLabel(edge: SceneEdge): void {
    const element = svgElement('g', { class: 'edge-label', 'data-edge': edge.id, 'aria-hidden': 'true' });
    element.append(svgElement('rect', { rx: 3 }), svgElement('text', { 'text-anchor': 'middle' }));
    this.labels.push({ edge, element });
    this.layers.labels.append(element);
  }

  private placeLabel(edge: SceneEdge, element: SVGGElement): void {
    const { label } = edge;
    const [rect, text] = [element.querySelector('rect'), element.querySelector('text')];
    if (!label || !rect || !text) return;
    const size = Math.max(12, Math.min(edge.fontSize ?? 12, 13 / this.view.scale));
    const [width, height] = [textWidth(label.text, size) + size, size * 1.5];
    for (const [name, value] of Object.entries({ x: label.x - width / 2, y: label.y - height / 2, width, height })) rect.setAttribute(name, String(value));
    for (const [name, value] of Object.entries({ x: label.x, y: label.y + size * 0.36, 'font-size': size })) text.setAttribute(name, String(value));
    text.textContent = label.text;
    element.classList.toggle('unreadable', size * this.view.scale < 5);
  }

  private drawSilhouette(wires: readonly SceneEdge[]): void {
    const { details } = this.index;
    const draw = (name: string, boxes: readonly SceneBox[]): void => {
      if (boxes.length > 0) this.layers.silhouette.append(svgElement('path', { class: name, d: boxes.map(outline).join('') }));
    };
    const lines = (kinds: readonly SceneEdge['kind'][]): string => wires.filter((edge) => kinds.includes(edge.kind)).map((edge) => edgePath(edge.points, 0)).join('');
    this.layers.silhouette.append(svgElement('path', { class: 'edge bridgePort', d: lines(['bridgePort']) }), svgElement('path', { class: 'edge veth', d: lines(['veth', 'parent', 'attachment']) }));
    draw('container', details.filter((box) => box.kind === 'container' && box.state === 'normal'));
    draw('container faulty', details.filter((box) => box.kind === 'container' && box.state !== 'normal'));
    draw('port', details.filter((box) => box.kind === 'port'));
  }

  private addCaptions(): void {
    for (const box of this.index.structure) {
      const containers = this.index.inside(box.id).filter((inner) => inner.kind === 'container');
      const [first] = containers;
      if (!first) continue;
      const element = svgElement('g', { class: 'caption', 'aria-hidden': 'true' });
      const isGroup = box.kind === 'group';
      const lines = [box.lines[0] ?? '', `${String(containers.length)} ${containers.length === 1 ? 'container' : 'containers'}`];
      for (const line of lines) element.append(svgElement('text', { 'text-anchor': 'middle', class: line === lines[0] ? 'strong' : '' }));
      this.captions.push({ rect: isGroup ? box : { x: box.x, y: box.y, width: box.width, height: box.height * 0.6 }, lines, element });
      this.layers.labels.append(element);
    }
  }

  private placeCaption({ rect, lines, element }: Caption): void {
    const { scale } = this.view;
    const widest = Math.max(...lines.map((line) => textWidth(line, 1.06)));
    const size = Math.min(15 / scale, Math.max((rect.width * 0.94) / widest, 9 / scale), rect.height * 0.4);
    element.classList.toggle('unreadable', size * scale < 6);
    element.querySelectorAll('text').forEach((text, at) => {
      text.setAttribute('x', String(rect.x + rect.width / 2));
      text.setAttribute('y', String(rect.y + rect.height / 2 + size * (0.36 + (at - 0.5) * 1.25)));
      text.setAttribute('font-size', String(size));
      text.textContent = fitText(lines[at] ?? '', rect.width * 0.98, size);
    });
  }
}
