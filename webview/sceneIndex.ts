import type { Scene, SceneBox, SceneEdge } from '../src/core/diagram/scene';
import type { Rect } from './view';

export type Item = { readonly type: 'box'; readonly box: SceneBox } | { readonly type: 'edge'; readonly edge: SceneEdge };

/** Parts that are drawn only where they are large enough to be read; the rest is the structure around them. */
const detailKinds: readonly SceneBox['kind'][] = ['container', 'interface', 'port'];

/** Answers questions about one scene. */
export class SceneIndex {
  private readonly boxes: ReadonlyMap<string, SceneBox>;
  private readonly edges: ReadonlyMap<string, SceneEdge>;
  private readonly children = new Map<string, SceneBox[]>();
  private readonly incident = new Map<string, SceneEdge[]>();
  private readonly detailIds: ReadonlySet<string>;
  readonly details: readonly SceneBox[];
  readonly structure: readonly SceneBox[];

  constructor(readonly scene: Scene) {
    this.boxes = new Map(scene.boxes.map((box) => [box.id, box]));
    this.edges = new Map(scene.edges.map((edge) => [edge.id, edge]));
    for (const box of scene.boxes) if (box.parent !== undefined) append(this.children, box.parent, box);
    for (const edge of scene.edges) {
      append(this.incident, edge.from, edge);
      append(this.incident, edge.to, edge);
    }
    // An interface within a namespace that switches is part of the structure; one within a container is detail.
    const isDetail = (box: SceneBox): boolean => detailKinds.includes(box.kind) && (box.kind !== 'interface' || this.boxes.get(box.parent ?? '')?.kind === 'container');
    this.details = scene.boxes.filter(isDetail);
    this.detailIds = new Set(this.details.map((box) => box.id));
    this.structure = scene.boxes.filter((box) => !this.detailIds.has(box.id));
  }

  item(id: string): Item | undefined {
    const box = this.boxes.get(id);
    if (box) return { type: 'box', box };
    const edge = this.edges.get(id);
    return edge && { type: 'edge', edge };
  }

  box(id: string | undefined): SceneBox | undefined {
    return id === undefined ? undefined : this.boxes.get(id);
  }

  parent(box: SceneBox): SceneBox | undefined {
    return this.box(box.parent);
  }

  inside(id: string): readonly SceneBox[] {
    return this.children.get(id) ?? [];
  }

  edgesAt(id: string): readonly SceneEdge[] {
    return this.incident.get(id) ?? [];
  }

  isDetail(id: string): boolean {
    return this.detailIds.has(id);
  }

  /** The box that shows a node of the tree: the one that is made for it, else one that stands for it too. */
  byModel(modelId: string): SceneBox | undefined {
    return this.scene.boxes.find((box) => box.modelId === modelId) ?? this.scene.boxes.find((box) => box.aliases?.includes(modelId));
  }

  rect(id: string): Rect | undefined {
    const item = this.item(id);
    if (!item) return undefined;
    return item.type === 'box' ? item.box : boundsOf(item.edge);
  }

  /** The nearest box, from this one outwards, that offers an action. */
  actor(id: string, action: SceneBox['actions'][number]): SceneBox | undefined {
    for (let box = this.box(id); box; box = this.parent(box)) if (box.actions.includes(action) && box.modelId !== undefined) return box;
    return undefined;
  }

  /** Boxes whose text contains what was typed, in any case, in the scene's order. An interface counts before the container around it. */
  search(text: string): readonly string[] {
    const wanted = text.trim().toLowerCase();
    if (wanted === '') return [];
    return this.scene.boxes.filter((box) => box.lines.some((line) => line.toLowerCase().includes(wanted))).map((box) => box.id);
  }
}

export function boundsOf(edge: SceneEdge): Rect {
  const [xs, ys] = [edge.points.map((point) => point.x), edge.points.map((point) => point.y)];
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}

function append<Value>(map: Map<string, Value[]>, key: string, value: Value): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
