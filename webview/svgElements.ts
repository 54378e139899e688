import type { SceneBox, SceneEdge } from '../src/core/diagram/scene';
import { boxClasses, boxText, cornerRadius, edgePath } from '../src/core/diagram/shape';
import { boxLabel, edgeLabel } from './describe';
import type { SceneIndex } from './sceneIndex';

const namespace = 'http://www.w3.org/2000/svg';

/** An SVG element. Attribute values are numbers and words of ours; text from hosts goes through `textContent` and `aria-label`. */
export function svgElement<Name extends keyof SVGElementTagNameMap>(name: Name, attributes: Readonly<Record<string, string | number>> = {}): SVGElementTagNameMap[Name] {
  const element = document.createElementNS(namespace, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return element;
}

export function boxElement(index: SceneIndex, box: SceneBox): SVGGElement {
  const element = svgElement('g', { class: `box ${boxClasses(box)}`, tabindex: -1, role: 'button', 'data-id': box.id, 'data-kind': box.kind, 'aria-label': boxLabel(index, box) });
  element.append(svgElement('rect', { x: box.x, y: box.y, width: box.width, height: box.height, rx: cornerRadius(box) }));
  drawBoxText(element, box);
  return element;
}

/** Writes a box's lines, at the scene's font size or a smaller one. */
export function drawBoxText(element: SVGGElement, box: SceneBox, size?: number): void {
  for (const old of element.querySelectorAll('text')) old.remove();
  for (const line of boxText(box, size)) {
    const classes = ['line', line.strong ? 'strong' : '', line.muted ? 'muted' : ''].filter((name) => name !== '').join(' ');
    const text = svgElement('text', { x: line.x, y: line.y, 'font-size': line.size, class: classes, ...(line.anchor === 'middle' && { 'text-anchor': 'middle' }) });
    text.textContent = line.text;
    element.append(text);
  }
}

/** The line itself, and under it a broader one that nobody sees, to be hit with the pointer. */
export function edgeElement(index: SceneIndex, edge: SceneEdge, hitWidth: number): SVGGElement {
  const element = svgElement('g', { class: `edge ${edge.kind} ${edge.state}`, tabindex: -1, role: 'button', 'data-id': edge.id, 'data-kind': edge.kind, 'aria-label': edgeLabel(index, edge) });
  const path = edgePath(edge.points);
  element.append(svgElement('path', { d: path, class: 'hit', 'stroke-width': hitWidth }), svgElement('path', { d: path, class: 'line' }));
  return element;
}

export const outline = (rect: { readonly x: number; readonly y: number; readonly width: number; readonly height: number }): string =>
  `M${String(rect.x)} ${String(rect.y)}h${String(rect.width)}v${String(rect.height)}h${String(-rect.width)}z`;
