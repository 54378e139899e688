import type { DiagramGraph, GraphBox, GraphEdge } from './graph';
import { childrenOf } from './hostParts';
import { printable } from './textFit';

/**
 * The graph in words, for terminals, tickets and screen readers: each host with its members, the namespace that switches for them
 * with every port and the veth pair behind it, then the tunnels with every FDB row, and the ports that are published.
 */
export function text(graph: DiagramGraph): string {
  const inside = childrenOf(graph);
  const byId = new Map(graph.boxes.map((box) => [box.id, box]));
  const lines: string[] = [printable(graph.title), ''];
  const write = (depth: number, line: string): void => {
    lines.push(`${'  '.repeat(depth)}${line}`);
  };
  const title = (box: GraphBox | undefined): string => printable(box?.lines[0] ?? '');
  const whole = (box: GraphBox): string => box.lines.filter((line) => line !== '').map(printable).join('  ') + mark(box);
  const outer = (id: string): string => {
    const box = byId.get(id);
    // A far end's second line says whose it is.
    const whose = box?.parent === undefined ? printable(box?.lines[1] ?? '') : title(byId.get(box.parent));
    return whose === '' ? title(box) : `${title(box)} (${whose})`;
  };
  const word = (box: GraphBox, other: string): string => (box.word === undefined ? other : `${box.word.slice(0, 1).toUpperCase()}${box.word.slice(1)}`);
  const wireTo = new Map<string, GraphEdge>();
  const portOf = new Map<string, string>();
  for (const edge of graph.edges) {
    if (edge.kind === 'veth') wireTo.set(edge.to, edge);
    if (edge.kind === 'bridgePort') portOf.set(edge.from, edge.to);
  }

  const member = (container: GraphBox, depth: number): void => {
    const interfaces = inside(container.id);
    write(depth, `${title(container)}${mark(container)}${interfaces.map((box) => `  ${whole(box)}`).join('')}`);
  };
  const port = (box: GraphBox, depth: number): void => {
    const plug = byId.get(wireTo.get(box.id)?.from ?? '');
    const owner = plug && byId.get(plug.parent ?? '');
    const peer = box.facts.find(({ name }) => name === 'Peer' || name === 'Leads to')?.value;
    write(depth, `${whole(box)} ⇄ ${plug ? `${title(plug)} of ${title(owner)}` : printable(peer ?? 'unknown')}`);
  };

  for (const host of graph.boxes.filter((box) => box.parent === undefined && box.kind === 'host')) {
    // A host's diagram shows further namespaces as boxes beside it.
    write(0, `${host.modelId === undefined ? 'Namespace on' : 'Host'} ${title(host)}${mark(host)}`);
    for (const box of inside(host.id)) {
      if (box.kind === 'group') {
        write(1, `${whole(box)}:`);
        for (const inner of inside(box.id)) member(inner, 2);
      } else if (box.kind === 'container') member(box, 1);
      else if (box.kind === 'underlay') write(1, `${word(box, 'VTEP')} ${whole(box)}`);
      else if (box.kind === 'sandbox') {
        write(1, `Namespace ${whole(box)}`);
        const devices = inside(box.id);
        const masters = new Set(devices.filter((device) => device.kind !== 'port').map((device) => device.id));
        for (const device of devices) {
          if (masters.has(device.id)) write(2, `${device.word ?? device.kind} ${whole(device)}`);
          for (const slave of devices) if (slave.kind === 'port' && portOf.get(slave.id) === device.id) port(slave, 3);
        }
        for (const stray of devices) if (stray.kind === 'port' && !masters.has(portOf.get(stray.id) ?? '')) port(stray, 2);
      } else write(1, whole(box));
    }
    lines.push('');
  }
  const tunnels = graph.edges.filter((edge) => edge.kind === 'vtep');
  if (tunnels.length > 0) {
    write(0, 'Tunnels');
    for (const edge of tunnels) {
      write(1, `${outer(edge.from)} ⇄ ${outer(edge.to)}`);
      for (const entry of edge.facts.filter((candidate) => candidate.name !== 'VTEPs')) write(2, `${printable(entry.name)}: ${printable(entry.value)}`);
    }
    lines.push('');
  }
  const published = graph.edges.filter((edge) => edge.kind === 'published');
  if (published.length > 0) {
    write(0, 'Published ports');
    for (const edge of published) for (const { name, value } of edge.facts) write(1, `${printable(value)}  of ${printable(name)}, reached by ${title(byId.get(edge.to))}`);
    lines.push('');
  }
  return lines.join('\n');
}

function mark(box: GraphBox): string {
  return box.state === 'down' ? '  [down]' : box.state === 'unknown' ? '  [not known]' : '';
}
