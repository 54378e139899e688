import { printable as visible } from '../core/report/printable';

/*
 * Names from hosts are hostile text. Each place that shows text reads it differently; here is one function for each place.
 */

/** One printable line of bounded length: for labels and descriptions of tree rows, titles of terminals, panels and documents. */
export function printable(text: string, limit = 200): string {
  const shown = visible(text);
  return shown.length > limit ? `${shown.slice(0, limit - 1)}…` : shown;
}

// The beginning of what VS Code takes for an icon (iconLabels.ts).
const icon = /\$\((?=[A-Za-z0-9-]+(?:~[A-Za-z]+)?\))/g;

/** For labels that VS Code reads `$(icon)` in: quick picks, the status bar. Its own escape, which it takes only before what would be an icon. */
export function iconSafe(text: string): string {
  return printable(text).replace(icon, '\\$(');
}

/** For names of terminals, which some of their places read icons in and others show as they are: no escape would suit both. */
export function terminalName(text: string): string {
  return printable(text, 80).replace(icon, '$ (');
}

/** For notifications and dialogs, which read `[text](link)`, command links among them. */
export function messageSafe(text: string): string {
  return printable(text, 600).replace(/\]\(/g, '] (');
}

/** For a cell of a Markdown table: nothing in it is markup or becomes a link by itself. CommonMark lets every ASCII punctuation be escaped. */
export function markdownSafe(text: string): string {
  return printable(text, 1000).replace(/[!-/:-@[-`{-~]/g, '\\$&');
}

/** For one segment of a document's path, which becomes its tab's title. */
export function pathSegment(text: string): string {
  const segment = printable(text, 60).replace(/[\\/:*?"<>|#%]/g, '-').trim();
  return /^\.*$/.test(segment) ? '-' : segment;
}
