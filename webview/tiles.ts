import { intersects, type Rect } from './view';

/** Things that are drawn only where they can be seen: cut into tiles, each made when it first comes into view and hidden when it leaves. */
export class Tiles<Thing extends { readonly id: string }> {
  private readonly tiles: { readonly rect: Rect; readonly things: readonly Thing[]; element: SVGGElement | undefined; shown: boolean }[];
  private readonly tileOf = new Map<string, number>();

  /** `rectOf`: what a thing covers. Things whose middles fall into one cell of `size` share a tile. */
  constructor(
    private readonly layer: SVGGElement,
    things: readonly Thing[],
    rectOf: (thing: Thing) => Rect,
    size: { readonly width: number; readonly height: number },
    private readonly build: (thing: Thing) => SVGElement,
  ) {
    const cells = new Map<string, { rect: Rect; things: Thing[] }>();
    for (const thing of things) {
      const rect = rectOf(thing);
      const key = `${String(Math.floor((rect.x + rect.width / 2) / size.width))} ${String(Math.floor((rect.y + rect.height / 2) / size.height))}`;
      const cell = cells.get(key);
      if (cell) {
        cell.rect = union(cell.rect, rect);
        cell.things.push(thing);
      } else {
        cells.set(key, { rect, things: [thing] });
      }
    }
    this.tiles = [...cells.values()].map((cell) => ({ ...cell, element: undefined, shown: false }));
    this.tiles.forEach((tile, at) => tile.things.forEach((thing) => this.tileOf.set(thing.id, at)));
  }

  /** Shows what meets `area` (nothing where it is undefined), and the tile of `kept` in any case. */
  update(area: Rect | undefined, kept: string | undefined): void {
    const keptTile = kept === undefined ? undefined : this.tileOf.get(kept);
    this.tiles.forEach((tile, at) => {
      const wanted = (area !== undefined && intersects(tile.rect, area)) || at === keptTile;
      if (wanted === tile.shown) return;
      tile.shown = wanted;
      if (!tile.element) {
        tile.element = document.createElementNS('http://www.w3.org/2000/svg', 'g');
        tile.element.append(...tile.things.map((thing) => this.build(thing)));
        this.layer.append(tile.element);
      }
      tile.element.style.display = wanted ? '' : 'none';
    });
  }
}

function union(left: Rect, right: Rect): Rect {
  const [x, y] = [Math.min(left.x, right.x), Math.min(left.y, right.y)];
  return { x, y, width: Math.max(left.x + left.width, right.x + right.width) - x, height: Math.max(left.y + left.height, right.y + right.height) - y };
}
