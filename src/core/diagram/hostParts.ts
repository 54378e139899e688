import type { DiagramGraph, GraphBox, GraphEdge } from './graph';

/** One place in a host's grid: a member, the port that it hangs on, or a port alone. */
export interface Slot {
  readonly cell: GraphBox | undefined;
  /** The box inside the cell that the wire leaves from; the cell itself where it has none. */
  readonly plug: GraphBox | undefined;
  readonly port: GraphBox | undefined;
  readonly wire: GraphEdge | undefined;
  readonly group: GraphBox | undefined;
}

/** A bridge or lower device with everything that hangs on it from above and below. */
export interface Rack {
  /** Undefined: members that hang on nothing that is drawn, or on the namespace as a whole. */
  readonly bar: GraphBox | undefined;
  readonly slots: readonly Slot[];
  /** VXLAN devices and uplinks, with their edges to the bar. */
  readonly tails: readonly { readonly box: GraphBox; readonly edge: GraphEdge | undefined }[];
}

export interface HostParts {
  readonly host: GraphBox;
  /** The namespace that switches for the network. */
  readonly sandbox: GraphBox | undefined;
  readonly racks: readonly Rack[];
  /** Edges between bars. */
  readonly joints: readonly GraphEdge[];
  readonly vteps: readonly GraphBox[];
  readonly notes: readonly GraphBox[];
  /** Boxes directly within a box. */
  readonly inside: (id: string) => readonly GraphBox[];
}

/** Boxes by their parent. */
export function childrenOf(graph: DiagramGraph): (id: string) => readonly GraphBox[] {
  const children = new Map<string, GraphBox[]>();
  for (const box of graph.boxes) {
    if (box.parent === undefined) continue;
    const list = children.get(box.parent);
    if (list) list.push(box);
    else children.set(box.parent, [box]);
  }
  return (id) => children.get(id) ?? [];
}

/** Sorts a host's boxes by the part they play in its picture. */
export function hostParts(graph: DiagramGraph, host: GraphBox, inside: (id: string) => readonly GraphBox[]): HostParts {
  const direct = inside(host.id);
  const sandbox = direct.find((box) => box.kind === 'sandbox');
  const devices = sandbox ? inside(sandbox.id) : [];
  const deviceIds = new Map(devices.map((box) => [box.id, box]));

  const barOf = new Map<string, GraphBox>();
  const barIds = new Set(devices.filter((box) => box.kind === 'bridge').map((box) => box.id));
  for (const edge of graph.edges) if (edge.kind === 'parent' && deviceIds.has(edge.to)) barIds.add(edge.to);
  const tailEdge = new Map<string, GraphEdge>();
  for (const edge of graph.edges) {
    const [from, to] = [deviceIds.get(edge.from), deviceIds.get(edge.to)];
    if (!from || !to || (barIds.has(from.id) && barIds.has(to.id))) continue;
    if (barIds.has(to.id)) {
      barOf.set(from.id, to);
      if (from.kind !== 'port') tailEdge.set(from.id, edge);
    } else if (barIds.has(from.id)) {
      barOf.set(to.id, from);
      tailEdge.set(to.id, edge);
    }
  }

  const wires = new Map<string, GraphEdge>();
  for (const edge of graph.edges) {
    if (deviceIds.has(edge.to) || (sandbox && edge.to === sandbox.id)) wires.set(edge.from, edge);
  }
  const slots: { readonly slot: Slot; readonly bar: GraphBox | undefined }[] = [];
  const taken = new Set<string>();
  for (const box of direct) {
    const group = box.kind === 'group' ? box : undefined;
    for (const cell of group ? inside(group.id) : [box]) {
      if (cell.kind !== 'container') continue;
      const plug = inside(cell.id).find((candidate) => wires.has(candidate.id)) ?? cell;
      const wire = wires.get(plug.id);
      const target = wire && deviceIds.get(wire.to);
      const port = target?.kind === 'port' ? target : undefined;
      if (port) taken.add(port.id);
      slots.push({ slot: { cell, plug, port, wire, group }, bar: port ? barOf.get(port.id) : target });
    }
  }
  for (const port of devices) {
    if (port.kind !== 'port' || taken.has(port.id)) continue;
    slots.push({ slot: { cell: undefined, plug: undefined, port, wire: undefined, group: undefined }, bar: barOf.get(port.id) });
  }

  const bars = devices.filter((box) => barIds.has(box.id));
  const tails = devices.filter((box) => box.kind !== 'port' && !barIds.has(box.id));
  const rack = (bar: GraphBox | undefined): Rack => ({
    bar,
    slots: slots.filter((entry) => entry.bar?.id === bar?.id).map((entry) => entry.slot),
    tails: tails.filter((box) => barOf.get(box.id)?.id === bar?.id).map((box) => ({ box, edge: tailEdge.get(box.id) })),
  });
  return {
    host,
    sandbox,
    racks: [...bars.map(rack), rack(undefined)].filter((entry) => entry.bar !== undefined || entry.slots.length > 0 || entry.tails.length > 0),
    joints: graph.edges.filter(({ from, to }) => barIds.has(from) && barIds.has(to)),
    vteps: direct.filter((box) => box.kind === 'underlay'),
    notes: direct.filter((box) => box.kind === 'network'),
    inside,
  };
}
