/** Gathers what comes in a short time and hands it over at once. */
export class Burst<Item> {
  #items: Item[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `waitMs` counts from the first item, so that a steady stream is not put off for ever. */
  constructor(
    private readonly waitMs: number,
    private readonly deliver: (items: readonly Item[]) => void,
  ) {}

  add(item: Item): void {
    this.#items.push(item);
    this.#timer ??= setTimeout(() => {
      const items = this.#items;
      this.clear();
      this.deliver(items);
    }, this.waitMs);
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#items = [];
  }
}
