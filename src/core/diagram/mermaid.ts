import type { DiagramGraph, GraphBox } from './graph';
import { childrenOf } from './hostParts';
import { printable } from './textFit';

/** The graph as a Mermaid flowchart: boxes that hold others become subgraphs. */
export function mermaid(graph: DiagramGraph): string {
  const names = new Map(graph.boxes.map((box, index) => [box.id, `n${String(index)}`]));
  const name = (id: string): string => names.get(id) ?? 'unknown';
  const inside = childrenOf(graph);
  const lines: string[] = ['---', `title: ${JSON.stringify(printable(graph.title))}`, '---', 'flowchart TB'];
  const write = (box: GraphBox, indent: string): void => {
    const children = inside(box.id);
    const label = `"${box.lines.map(escape).join('<br>')}"`;
    if (children.length === 0) {
      lines.push(`${indent}${name(box.id)}[${label}]:::${box.kind}`);
      return;
    }
    lines.push(`${indent}subgraph ${name(box.id)} [${label}]`);
    for (const child of children) write(child, `${indent}  `);
    lines.push(`${indent}end`);
  };
  for (const box of graph.boxes) if (box.parent === undefined) write(box, '  ');
  for (const edge of graph.edges) {
    const line = edge.kind === 'vtep' ? '<==>' : edge.kind === 'published' ? '-->' : edge.state === 'normal' ? '---' : '-.-';
    lines.push(`  ${name(edge.from)} ${line}${edge.label === undefined ? '' : `|"${escape(edge.label)}"|`} ${name(edge.to)}`);
  }
  lines.push(
    '  classDef container stroke:#0969da',
    '  classDef interface stroke:#8c96a3',
    '  classDef port stroke:#8c96a3',
    '  classDef bridge stroke:#1a7f37,stroke-width:2px',
    '  classDef vxlan stroke:#bc4c00,stroke-width:2px',
    '  classDef underlay stroke:#bc4c00,stroke-width:2px',
    '  classDef network stroke-dasharray:4 3',
    '  classDef sandbox stroke:#1a7f37',
    '  classDef host stroke:#8c96a3',
    '',
  );
  return lines.join('\n');
}

/** Every character that Mermaid, its Markdown strings or HTML could read as syntax becomes one of its entity codes (`#35;` is a number sign). */
function escape(text: string): string {
  return printable(text).replace(/[#&<>"'`\\;|[\](){}*_~]/g, (character) => `#${String(character.codePointAt(0))};`);
}
