import { planFont, type PlanBox, type PlanScene } from '../src/core/diagram/planScene';
import { lineHeight } from '../src/core/diagram/textFit';
import { svgElement } from './svgElements';

/** The small diagram of a plan. */
export function planPicture(scene: PlanScene): SVGElement {
  const names = scene.boxes.map(({ lines, made }) => `${lines.join(', ')}${made ? ' (new)' : ''}`).join('; ');
  const svg = svgElement('svg', { viewBox: `0 0 ${String(scene.width)} ${String(scene.height)}`, width: scene.width, height: scene.height, role: 'img', 'aria-label': names });
  for (const host of scene.hosts) svg.append(frame(host));
  for (const line of scene.lines) {
    svg.append(svgElement('line', { x1: line.x1, y1: line.y1, x2: line.x2, y2: line.y2, class: line.made ? 'made' : '' }));
    if (line.label === undefined) continue;
    const label = svgElement('text', { x: (line.x1 + line.x2) / 2, y: (line.y1 + line.y2) / 2 - 5, 'text-anchor': 'middle', 'font-size': planFont, class: line.made ? 'label made' : 'label' });
    label.textContent = line.label;
    svg.append(label);
  }
  for (const box of scene.boxes) svg.append(boxElement(box));
  return svg;
}

function frame(host: PlanBox): SVGElement {
  const group = svgElement('g', { class: 'host' });
  group.append(svgElement('rect', { x: host.x, y: host.y, width: host.width, height: host.height, rx: 6 }));
  const name = svgElement('text', { x: host.x + 12, y: host.y + 19, 'font-size': planFont + 1, class: 'strong' });
  name.textContent = host.lines[0] ?? '';
  group.append(name);
  return group;
}

function boxElement(box: PlanBox): SVGElement {
  const group = svgElement('g', { class: box.made ? 'thing made' : 'thing' });
  group.append(svgElement('rect', { x: box.x, y: box.y, width: box.width, height: box.height, rx: 4 }));
  const step = planFont * lineHeight;
  const top = box.y + (box.height - box.lines.length * step) / 2 + planFont * 0.95;
  box.lines.forEach((line, at) => {
    const text = svgElement('text', { x: box.x + box.width / 2, y: top + at * step, 'text-anchor': 'middle', 'font-size': planFont, class: at === 0 ? 'strong' : 'muted' });
    text.textContent = line;
    group.append(text);
  });
  return group;
}
