import { printable } from '../text';

/** How a row looks: plain data, every text of it printable. */
export interface Presentation {
  readonly label: string;
  readonly description?: string;
  readonly icon: string;
  /** A theme colour's id. */
  readonly color?: string;
  /** The kind, then tags, joined by '+': what the menus' `viewItem =~` conditions read. */
  readonly contextValue: string;
  readonly expanded?: boolean;
  /** The tooltip: a heading, and a table of facts. */
  readonly details: readonly Detail[];
}

export interface Detail {
  readonly name: string;
  readonly value: string;
}

export const detail = (name: string, value: string): Detail => ({ name: printable(name), value: printable(value) });
