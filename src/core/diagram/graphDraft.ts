import type { DiagramGraph, GraphBox, GraphEdge } from './graph';

type BoxInput = Pick<GraphBox, 'id' | 'kind' | 'lines'> & Partial<GraphBox>;
type EdgeInput = Pick<GraphEdge, 'kind' | 'from' | 'to'> & Partial<GraphEdge>;

/** A graph while it is put together. A box or edge that is there already is not added twice. */
export class GraphDraft {
  private readonly boxes = new Map<string, GraphBox>();
  private readonly edges = new Map<string, GraphEdge>();

  add(box: BoxInput): string {
    if (!this.boxes.has(box.id)) this.boxes.set(box.id, { facts: [], state: 'normal', actions: [], ...box });
    return box.id;
  }

  has(id: string): boolean {
    return this.boxes.has(id);
  }

  /** Boxes by the place at which they were added. */
  order(): ReadonlyMap<string, number> {
    return new Map([...this.boxes.keys()].map((id, at) => [id, at]));
  }

  kindOf(id: string): GraphBox['kind'] | undefined {
    return this.boxes.get(id)?.kind;
  }

  connect(edge: EdgeInput): void {
    const id = edge.id ?? `${edge.kind}|${edge.from}|${edge.to}`;
    if (!this.edges.has(id)) this.edges.set(id, { facts: [], state: 'normal', ...edge, id });
  }

  finish(title: string): DiagramGraph {
    return { title, boxes: [...this.boxes.values()], edges: [...this.edges.values()] };
  }
}
