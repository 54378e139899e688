import type { DiagramGraph, GraphBox } from './graph';
import { childrenOf } from './hostParts';
import { printable } from './textFit';

const colour: Readonly<Record<GraphBox['kind'], string>> = {
  host: '#8c96a3', sandbox: '#1a7f37', container: '#0969da', bridge: '#1a7f37', vxlan: '#bc4c00', port: '#8c96a3', interface: '#8c96a3', underlay: '#bc4c00', network: '#8c96a3', group: '#8c96a3',
};

/** The graph in Graphviz' DOT language: boxes that hold others become clusters. */
export function dot(graph: DiagramGraph): string {
  const names = new Map(graph.boxes.map((box, index) => [box.id, `n${String(index)}`]));
  const inside = childrenOf(graph);
  const lines = [
    `graph ${quote(graph.title)} {`,
    `  label=${quote(graph.title)}; compound=true; fontname="sans-serif";`,
    '  node [shape=box, style=rounded, fontname="sans-serif", fontsize=10];',
    '  edge [fontname="sans-serif", fontsize=9];',
  ];
  const write = (box: GraphBox, indent: string): void => {
    const children = inside(box.id);
    const name = names.get(box.id) ?? '';
    const attributes = `label=${quote(...box.lines)}, color="${colour[box.kind]}"`;
    if (children.length === 0) {
      lines.push(`${indent}${name} [${attributes}${box.state === 'normal' ? '' : ', style="rounded,dashed"'}];`);
      return;
    }
    lines.push(`${indent}subgraph cluster_${name} {`, `${indent}  ${attributes.replace(', color', '; color')}; style=rounded;`);
    for (const child of children) write(child, `${indent}  `);
    lines.push(`${indent}}`);
  };
  for (const box of graph.boxes) if (box.parent === undefined) write(box, '  ');
  // Graphviz draws edges between nodes: an end that is a cluster is drawn at the first node within it, and cut at its border.
  const end = (id: string): { readonly node: string; readonly cluster: string | undefined } => {
    let [first] = inside(id);
    if (!first) return { node: names.get(id) ?? '', cluster: undefined };
    for (let next: GraphBox | undefined = first; next; [next] = inside(next.id)) first = next;
    return { node: names.get(first.id) ?? '', cluster: `cluster_${names.get(id) ?? ''}` };
  };
  for (const edge of graph.edges) {
    const [from, to] = [end(edge.from), end(edge.to)];
    const attributes = [
      ...(edge.label === undefined ? [] : [`label=${quote(edge.label)}`]),
      ...(edge.state === 'normal' ? [] : ['style=dashed']),
      ...(edge.kind === 'vtep' ? ['color="#bc4c00"', 'penwidth=2', 'constraint=false'] : edge.kind === 'published' ? ['color="#0969da"', 'constraint=false'] : []),
      ...(from.cluster === undefined ? [] : [`ltail=${from.cluster}`]),
      ...(to.cluster === undefined ? [] : [`lhead=${to.cluster}`]),
    ];
    lines.push(`  ${from.node} -- ${to.node}${attributes.length > 0 ? ` [${attributes.join(', ')}]` : ''};`);
  }
  lines.push('}', '');
  return lines.join('\n');
}

/** A quoted string; a backslash would start one of Graphviz' own escapes (`\N`, `\G`), so it is doubled. */
function quote(...texts: readonly string[]): string {
  return `"${texts.map((text) => printable(text).replace(/[\\"]/g, '\\$&')).join('\\n')}"`;
}
