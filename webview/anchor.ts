import type { SceneIndex } from './sceneIndex';
import { intersects, keepInSight, visibleRect, type Extent, type View } from './view';

/**
 * The view of a new scene in which what one looks at stays where it is on screen: the selected thing where it is in sight, else the box nearest to the middle.
 * @returns undefined where nothing would be in sight.
 */
export function anchoredView(before: SceneIndex, after: SceneIndex, view: View, stage: Extent, selected: string | undefined): View | undefined {
  const seen = visibleRect(view, stage);
  const middle = { x: seen.x + seen.width / 2, y: seen.y + seen.height / 2 };
  const inSight = (id: string | undefined): id is string => {
    const rect = id === undefined ? undefined : before.rect(id);
    return rect !== undefined && id !== undefined && after.rect(id) !== undefined && intersects(rect, seen);
  };
  const distance = (id: string): number => {
    const rect = before.rect(id);
    return rect ? Math.hypot(rect.x + rect.width / 2 - middle.x, rect.y + rect.height / 2 - middle.y) : Infinity;
  };
  const candidates = before.scene.boxes.map((box) => box.id).filter(inSight);
  const anchor = inSight(selected) ? selected : candidates.reduce<string | undefined>((best, id) => (best === undefined || distance(id) < distance(best) ? id : best), undefined);
  const [old, now] = [anchor === undefined ? undefined : before.rect(anchor), anchor === undefined ? undefined : after.rect(anchor)];
  if (!old || !now) return after.scene.boxes.some((box) => intersects(box, seen)) ? keepInSight(view, after.scene, stage) : undefined;
  return { ...view, x: view.x + now.x + now.width / 2 - old.x - old.width / 2, y: view.y + now.y + now.height / 2 - old.y - old.height / 2 };
}
