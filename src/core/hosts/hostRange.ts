import { printable } from '../report/printable';

/** Its message is a sentence. */
export class HostRangeError extends Error {
  override readonly name = 'HostRangeError';
}

/**
 * The hosts that an Ansible pattern names: `web[01:10]`, `db-[a:f]`, `n[1:9:2]`, several ranges in one. A leading zero keeps its width; both ends belong to it.
 * @throws HostRangeError with a sentence, also where there are more than `limit`.
 */
export function expandRanges(pattern: string, limit: number): string[] {
  let found = [''];
  let at = 0;
  for (const match of pattern.matchAll(/\[([^\]]*)\]/g)) {
    const before = pattern.slice(at, match.index);
    const values = rangeValues(match[1] ?? '', pattern, limit);
    if (found.length * values.length > limit) throw tooMany(pattern);
    found = found.flatMap((start) => values.map((value) => `${start}${before}${value}`));
    at = match.index + match[0].length;
  }
  const rest = pattern.slice(at);
  if (/[[\]]/.test(rest) || /[[\]]/.test(pattern.slice(0, at).replace(/\[[^\]]*\]/g, ''))) throw new HostRangeError(`"${printable(pattern)}" has a bracket that is not closed.`);
  if (found.length > limit) throw tooMany(pattern);
  return found.map((start) => `${start}${rest}`);
}

function rangeValues(range: string, pattern: string, limit: number): string[] {
  const match = /^(?:(\d*):(\d+)|([a-z]):([a-z])|([A-Z]):([A-Z]))(?::(\d+))?$/.exec(range);
  if (match === null) throw new HostRangeError(`"${printable(pattern)}" has a range that is none; [1:9], [01:10], [a:f] and [1:9:2] are.`);
  const step = match[7] === undefined ? 1 : Number(match[7]);
  if (step < 1) throw new HostRangeError(`"${printable(pattern)}" has a range with a step of 0.`);
  const letters = match[3] ?? match[5];
  const first = letters === undefined ? Number(match[1] === '' ? '0' : match[1]) : letters.charCodeAt(0);
  const last = letters === undefined ? Number(match[2]) : (match[4] ?? match[6] ?? '').charCodeAt(0);
  if (last < first) throw new HostRangeError(`"${printable(pattern)}" has a range that ends before it begins.`);
  if ((last - first) / step >= limit) throw tooMany(pattern);
  const width = match[1]?.startsWith('0') === true && match[1].length > 1 ? match[1].length : 0;
  const values: string[] = [];
  for (let value = first; value <= last; value += step) values.push(letters === undefined ? String(value).padStart(width, '0') : String.fromCharCode(value));
  return values;
}

function tooMany(pattern: string): HostRangeError {
  return new HostRangeError(`"${printable(pattern)}" names more hosts than can be shown.`);
}
