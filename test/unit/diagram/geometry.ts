import type { Point, Scene, SceneBox, SceneEdge } from '../../../src/core/diagram/scene';

const overlap = (left: SceneBox, right: SceneBox): boolean =>
  left.x + left.width > right.x + 0.01 && right.x + right.width > left.x + 0.01 && left.y + left.height > right.y + 0.01 && right.y + right.height > left.y + 0.01;

/** Pairs of boxes with the same parent that lie over each other. */
export function overlappingSiblings(scene: Scene): readonly string[] {
  const byParent = new Map<string, SceneBox[]>();
  for (const box of scene.boxes) byParent.set(box.parent ?? '', [...(byParent.get(box.parent ?? '') ?? []), box]);
  return [...byParent.values()].flatMap((boxes) =>
    boxes.flatMap((left, index) => boxes.slice(index + 1).filter((right) => overlap(left, right)).map((right) => `${left.id} over ${right.id}`)),
  );
}

/** Boxes that reach out of their parents or out of the scene. */
export function escapedBoxes(scene: Scene): readonly string[] {
  const byId = new Map(scene.boxes.map((box) => [box.id, box]));
  return scene.boxes.flatMap((box) => {
    const around = box.parent === undefined ? { x: 0, y: 0, width: scene.width, height: scene.height } : byId.get(box.parent);
    if (!around) return [`${box.id} has no parent`];
    const within = box.x >= around.x - 0.01 && box.y >= around.y - 0.01 && box.x + box.width <= around.x + around.width + 0.01 && box.y + box.height <= around.y + around.height + 0.01;
    return within ? [] : [box.id];
  });
}

/** Edges whose ends do not lie on the borders of the boxes that they join. */
export function looseEdges(scene: Scene): readonly string[] {
  const byId = new Map(scene.boxes.map((box) => [box.id, box]));
  const onBorder = (point: Point | undefined, box: SceneBox | undefined): boolean => {
    if (!point || !box) return false;
    const inX = point.x >= box.x - 0.01 && point.x <= box.x + box.width + 0.01;
    const inY = point.y >= box.y - 0.01 && point.y <= box.y + box.height + 0.01;
    const atX = Math.abs(point.x - box.x) < 0.01 || Math.abs(point.x - box.x - box.width) < 0.01;
    const atY = Math.abs(point.y - box.y) < 0.01 || Math.abs(point.y - box.y - box.height) < 0.01;
    return inX && inY && (atX || atY);
  };
  return scene.edges.filter((edge) => !onBorder(edge.points[0], byId.get(edge.from)) || !onBorder(edge.points.at(-1), byId.get(edge.to))).map((edge) => edge.id);
}

type Segment = readonly [Point, Point];
export const segments = (edge: SceneEdge): readonly Segment[] => edge.points.slice(1).map((point, index) => [edge.points[index] ?? point, point]);

/** Pairs of edges of one kind that cut each other, or run on top of each other. */
export function crossings(scene: Scene, kind: SceneEdge['kind']): readonly string[] {
  const edges = scene.edges.filter((edge) => edge.kind === kind);
  const found: string[] = [];
  edges.forEach((left, index) => {
    for (const right of edges.slice(index + 1)) if (segments(left).some((a) => segments(right).some((b) => meet(a, b)))) found.push(`${left.id} × ${right.id}`);
  });
  return found;
}

/** All segments are upright or level. */
function meet([a1, a2]: Segment, [b1, b2]: Segment): boolean {
  const range = (p: number, q: number): readonly [number, number] => [Math.min(p, q), Math.max(p, q)];
  const [ax, ay, bx, by] = [range(a1.x, a2.x), range(a1.y, a2.y), range(b1.x, b2.x), range(b1.y, b2.y)];
  return ax[0] < bx[1] + 0.01 && bx[0] < ax[1] + 0.01 && ay[0] < by[1] + 0.01 && by[0] < ay[1] + 0.01;
}

/** Edges that run through a box which they neither end at nor leave from within. */
export function edgesThroughBoxes(scene: Scene): readonly string[] {
  const byId = new Map(scene.boxes.map((box) => [box.id, box]));
  const ancestors = (id: string): readonly string[] => {
    const parent = byId.get(id)?.parent;
    return parent === undefined ? [id] : [id, ...ancestors(parent)];
  };
  const solid = scene.boxes.filter((box) => !['host', 'sandbox', 'group'].includes(box.kind));
  return scene.edges.flatMap((edge) => {
    const own = new Set([...ancestors(edge.from), ...ancestors(edge.to)]);
    const hit = solid.find((box) => !own.has(box.id) && segments(edge).some((segment) => meet(segment, [{ x: box.x + 1, y: box.y + 1 }, { x: box.x + box.width - 1, y: box.y + box.height - 1 }])));
    return hit ? [`${edge.id} through ${hit.id}`] : [];
  });
}
