/** What the measuring suite asks of the process that drives the page, beside what the end-to-end tests ask. */
export interface Stopwatch {
  /** Clicks the extension's icon; milliseconds from the press to the frame in which the tree has so many rows, and those that fit are drawn. */
  clickIconUntilRows(rows: number): Promise<number>;
  /** Opens a row by its arrow; milliseconds from the press to the frame in which the tree has so many rows. */
  openRowUntilRows(label: string, rows: number): Promise<number>;
  /** Waits until a row's text holds what is given (or, where `present` is false, no row's does any more); the frame's time, ms since the epoch. */
  rowSeenAt(text: string, present: boolean): Promise<number>;
  /** Clicks a row's inline action; the time of the press, ms since the epoch. */
  clickActionAt(row: string, action: string): Promise<number>;
  /** One figure, with every value that it is the median of. */
  figure(figure: Figure): Promise<void>;
}

export interface Figure {
  readonly name: string;
  readonly unit: string;
  readonly values: readonly number[];
  readonly target: number;
  readonly better: 'less' | 'more';
}
