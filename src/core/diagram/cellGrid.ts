import type { GraphBox } from './graph';
import type { Slot } from './hostParts';
import { smallFont } from './shape';
import { textWidth } from './textFit';

/** Pixels of the picture's smallest parts; structure around them grows with `typeScale` where the picture is large. */
export const cell = { width: 156, gapY: 14, titleHeight: 22, line: 15, padding: 7 } as const;
export const port = { inset: 14, height: 22, gapY: 8 } as const;
export const lane = { step: 4, first: 10, spare: 10 } as const;
const leftGutter = 16;
const groupHeader = 26;
const groupFooter = 10;
const shelfGap = 16;

/** Where a slot stands: its column, and the top of its cell below the grid's top, in pixels. */
export interface PlacedSlot {
  readonly slot: Slot;
  readonly column: number;
  readonly y: number;
}

export interface Grid {
  readonly columns: number;
  /** From one column's cells to the next one's, pixels. */
  readonly pitch: number;
  readonly width: number;
  readonly height: number;
  readonly cellHeight: number;
  readonly cellWidth: number;
  /** Most slots in one column: as many port rows are needed. */
  readonly depth: number;
  readonly placed: readonly PlacedSlot[];
  readonly groups: readonly { readonly box: GraphBox; readonly x: number; readonly y: number; readonly width: number; readonly height: number }[];
}

/** Of columns, so that one member more seldom changes the shape of the whole. */
const columnSteps = [3, 4, 6, 8, 10, 12, 16, 20, 24, 32, 40];

/** Left edge of a column's cells within the grid. */
export const columnX = (grid: Pick<Grid, 'pitch'>, column: number): number => leftGutter + column * grid.pitch;

/** An address, MAC or gateway as a cell's interface shows it: what is cut off of one makes it another. */
const addressLine = /^(?:default via )?[0-9a-f:.]+(?:%\S{1,15})?$/i;
const widest = 300;

/** Width of cells in which all addresses among these lines can be read, in steps, so that one member more seldom changes it. */
export function cellWidthOf(lines: readonly string[]): number {
  const needed = lines.reduce((most, line) => (addressLine.test(line) ? Math.max(most, textWidth(line, smallFont)) : most), 0);
  return Math.min(widest, Math.max(cell.width, 12 * Math.ceil((needed + 2 * cell.padding + 8) / 12)));
}

/** Height of a cell that holds `lines` lines below its title; none: the title alone. */
export function cellHeightOf(lines: number): number {
  return lines === 0 ? cell.titleHeight + 6 : cell.titleHeight + lines * cell.line + 2 * cell.padding + cell.padding;
}

/**
 * Puts slots into a grid of cells of the given size whose shape, with the ports below it, comes near `aspect` (width by height). Groups are blocks of
 * whole columns, side by side on shelves. `fixedHeight`: pixels that the rest of the host needs below.
 */
export function cellGrid(slots: readonly Slot[], cellHeight: number, aspect: number, fixedHeight: number, cellWidth: number = cell.width): Grid {
  const blocks = blocksOf(slots);
  const candidates = slots.length <= 4 ? [Math.max(1, slots.length)] : columnSteps.map((step) => Math.min(step, slots.length));
  let best: Grid | undefined;
  let bestError = Infinity;
  for (const columns of candidates) {
    const grid = gridOf(blocks, columns, cellHeight, cellWidth);
    const error = Math.abs(Math.log(grid.width / (grid.height + grid.depth * (port.height + port.gapY) + fixedHeight) / aspect));
    if (error < bestError) [best, bestError] = [grid, error];
  }
  return best ?? gridOf(blocks, 1, cellHeight, cellWidth);
}

interface Block {
  readonly group: GraphBox | undefined;
  readonly slots: readonly Slot[];
}

function blocksOf(slots: readonly Slot[]): readonly Block[] {
  const blocks: { group: GraphBox | undefined; slots: Slot[] }[] = [];
  for (const slot of slots) {
    const last = blocks.at(-1);
    if (last && last.group?.id === slot.group?.id) last.slots.push(slot);
    else blocks.push({ group: slot.group, slots: [slot] });
  }
  return blocks;
}

function gridOf(blocks: readonly Block[], columns: number, cellHeight: number, cellWidth: number): Grid {
  const row = cellHeight + cell.gapY;
  const placed: PlacedSlot[] = [];
  const groups: { box: GraphBox; column: number; columns: number; y: number; height: number }[] = [];
  let [shelfY, shelfHeight, column] = [0, 0, 0];
  for (const block of blocks) {
    const width = block.group ? blockColumns(block.slots.length, columns, cellHeight, cellWidth) : Math.min(block.slots.length, columns);
    const rows = Math.ceil(block.slots.length / width);
    const chrome = block.group ? groupHeader + groupFooter : 0;
    if (column > 0 && column + width > columns) {
      shelfY += shelfHeight + shelfGap;
      [shelfHeight, column] = [0, 0];
    }
    const height = rows * row - cell.gapY + chrome;
    const top = shelfY + (block.group ? groupHeader : 0);
    block.slots.forEach((slot, index) => {
      placed.push({ slot, column: column + (index % width), y: top + Math.floor(index / width) * row });
    });
    if (block.group) groups.push({ box: block.group, column, columns: width, y: shelfY, height });
    shelfHeight = Math.max(shelfHeight, height);
    column += width;
  }
  const perColumn = new Map<number, number>();
  for (const { column: at } of placed) perColumn.set(at, (perColumn.get(at) ?? 0) + 1);
  const depth = Math.max(0, ...perColumn.values());
  const used = Math.max(1, ...[...perColumn.keys()].map((at) => at + 1));
  const pitch = leftGutter + cellWidth + (depth > 1 ? lane.first + (depth - 2) * lane.step + lane.spare : lane.spare);
  return {
    columns: used,
    pitch,
    width: used * pitch + leftGutter,
    height: blocks.length === 0 ? 0 : shelfY + shelfHeight,
    cellHeight,
    cellWidth,
    depth,
    placed,
    groups: groups.map((group) => ({
      box: group.box,
      x: columnX({ pitch }, group.column) - 6,
      y: group.y,
      width: (group.columns - 1) * pitch + cellWidth + 12,
      height: group.height,
    })),
  };
}

/** A block's width in columns: about half as wide again as high, and such that blocks of one size fill a shelf. */
function blockColumns(count: number, columns: number, cellHeight: number, cellWidth: number): number {
  const ideal = Math.max(1, Math.round(Math.sqrt((count * cellHeight * 1.5) / cellWidth)));
  if (count <= columns && ideal * 2 > columns) return Math.min(count, columns);
  const width = Math.min(columns, ideal);
  return Math.floor(columns / Math.max(1, Math.floor(columns / width)));
}
