import type { Scene, SceneBox, SceneEdge } from './scene';
import { boxClasses, boxText, cornerRadius, edgePath, type TextLine } from './shape';
import { printable, textWidth } from './textFit';

/** `auto` follows the viewer's colour scheme. */
export type SvgTheme = 'auto' | 'light' | 'dark';

const light = `--ground:#ffffff;--text:#1f2328;--muted:#59636e;--host:#f6f8fa;--host-line:#b6bec8;--space:#ffffff;--group:#eef1f5;--cell:#ffffff;--line:#8c96a3;--veth:#0969da;--bridge:#1a7f37;--tunnel:#bc4c00;--fault:#cf222e`;
const dark = `--ground:#1b1f24;--text:#e6edf3;--muted:#9da7b3;--host:#22272e;--host-line:#545d68;--space:#1b1f24;--group:#2a3038;--cell:#262c35;--line:#768390;--veth:#6cb6ff;--bridge:#57ab5a;--tunnel:#e0823d;--fault:#f47067`;

const rules = `
text{font-family:system-ui,-apple-system,"Segoe UI","DejaVu Sans",sans-serif;fill:var(--text)}
.muted{fill:var(--muted)}.strong{font-weight:600}
rect{fill:var(--cell);stroke:var(--line);stroke-width:1}
.ground{fill:var(--ground);stroke:none}
.host rect{fill:var(--host);stroke:var(--host-line)}
.sandbox rect{fill:var(--space);stroke:var(--bridge)}
.group rect{fill:var(--group);stroke:var(--host-line)}
.container rect{stroke:var(--veth)}.interface rect,.port rect{stroke:var(--line)}
.bridge rect{stroke:var(--bridge);stroke-width:1.5}.vxlan rect,.underlay rect{stroke:var(--tunnel);stroke-width:1.5}
.is-uplink rect{stroke:var(--line)}.is-published-ports rect{stroke:var(--veth)}
.unknown rect{stroke-dasharray:4 3}.down rect{stroke:var(--fault)}.network rect{fill:none}
path{fill:none;stroke:var(--line);stroke-width:1.25}
.veth path,.parent path,.attachment path,.published path{stroke:var(--veth)}.bridgePort path{stroke:var(--bridge)}
.vtep path,.underlay path{stroke:var(--tunnel);stroke-width:1.75}
.unknown path{stroke-dasharray:5 4}.down path{stroke:var(--fault);stroke-dasharray:2 3}
.label{fill:var(--ground);stroke:none}`;

/** A scene as a standalone SVG document: no script, no reference to anything outside; every box and edge has its full text as a tooltip. */
export function svg(scene: Scene, options: { readonly theme?: SvgTheme } = {}): string {
  const theme = options.theme ?? 'auto';
  const colours = theme === 'dark' ? `svg{${dark}}` : theme === 'light' ? `svg{${light}}` : `svg{${light}}@media(prefers-color-scheme:dark){svg{${dark}}}`;
  const [width, height] = [Math.ceil(scene.width), Math.ceil(scene.height)];
  const frames = new Set(['host', 'sandbox', 'group']);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${String(width)}" height="${String(height)}" viewBox="0 0 ${String(width)} ${String(height)}" role="img" aria-label="${escape(scene.title)}">`,
    `<title>${escape(scene.title)}</title>`,
    `<style>${colours}${rules}</style>`,
    `<rect class="ground" width="${String(width)}" height="${String(height)}"/>`,
    ...scene.boxes.filter((box) => frames.has(box.kind)).map(drawBox),
    ...scene.edges.map(drawEdge),
    ...scene.boxes.filter((box) => !frames.has(box.kind)).map(drawBox),
    ...scene.edges.map(drawLabel),
    '</svg>',
    '',
  ].join('\n');
}

function drawBox(box: SceneBox): string {
  const rect = `<rect x="${num(box.x)}" y="${num(box.y)}" width="${num(box.width)}" height="${num(box.height)}" rx="${String(cornerRadius(box))}"/>`;
  return `<g class="${boxClasses(box)}"><title>${escape(box.lines.join('\n'))}</title>${rect}${boxText(box).map(drawText).join('')}</g>`;
}

function drawText(line: TextLine): string {
  const classes = [line.strong ? 'strong' : '', line.muted ? 'muted' : ''].filter((name) => name !== '').join(' ');
  return `<text x="${num(line.x)}" y="${num(line.y)}" font-size="${num(line.size)}"${line.anchor === 'middle' ? ' text-anchor="middle"' : ''}${classes === '' ? '' : ` class="${classes}"`}>${escape(line.text)}</text>`;
}

function drawEdge(edge: SceneEdge): string {
  return `<g class="${edge.kind} ${edge.state}"><title>${escape(edge.facts.map((entry) => `${entry.name}: ${entry.value}`).join('\n'))}</title><path d="${edgePath(edge.points)}"/></g>`;
}

function drawLabel(edge: SceneEdge): string {
  if (!edge.label) return '';
  const size = edge.fontSize ?? 12;
  const width = textWidth(edge.label.text, size) + size;
  const height = size * 1.5;
  const { x, y, text } = edge.label;
  return `<g><rect class="label" x="${num(x - width / 2)}" y="${num(y - height / 2)}" width="${num(width)}" height="${num(height)}" rx="3"/><text x="${num(x)}" y="${num(y + size * 0.36)}" font-size="${num(size)}" text-anchor="middle">${escape(text)}</text></g>`;
}

const num = (value: number): string => String(Math.round(value * 100) / 100);

/** Hostile text for XML: first made printable (line breaks kept, for tooltips), since XML 1.0 has no place for most control characters. */
function escape(text: string): string {
  const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return text.split('\n').map(printable).join('\n').replace(/[&<>"']/g, (character) => entities[character] ?? '');
}
