// Made at first use: it loads locale data, which activation need not wait for.
let collator: Intl.Collator | undefined;

/** Orders names as people read them: `web2` before `web10`. */
export function compareNames(left: string, right: string): number {
  collator ??= new Intl.Collator('en', { numeric: true });
  return collator.compare(left, right);
}
