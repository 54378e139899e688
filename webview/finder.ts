import type { Canvas } from './canvas';
import type { Toolbar } from './toolbar';

/** What was typed into the search field, and which of its matches one stands on. */
export class Finder {
  private matches: readonly string[] = [];
  private at = -1;
  private query = '';

  constructor(private readonly toolbar: Toolbar) {}

  /** Searches a canvas, also anew for the same text where its scene is another. */
  search(canvas: Canvas | undefined, text: string = this.query): void {
    if (!canvas) return;
    if (text !== this.query) this.at = -1;
    this.query = text;
    this.matches = canvas.index.search(text);
    this.at = Math.min(this.at, this.matches.length - 1);
    canvas.setMatches(this.matches);
    this.toolbar.setMatches(this.at + 1, this.matches.length, text.trim() !== '');
  }

  /** Steps to the next match or the one before, around the end; undefined where there is none. */
  step(offset: 1 | -1): string | undefined {
    const { length } = this.matches;
    if (length === 0) return undefined;
    this.at = (this.at === -1 && offset === -1 ? length - 1 : this.at + offset + length) % length;
    this.toolbar.setMatches(this.at + 1, length, true);
    return this.matches[this.at];
  }
}
