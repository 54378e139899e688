/**
 * The one spelling of a MAC, IPv4 or IPv6 address: lower case, no prefix length, no zone, zeros compressed (RFC 5952).
 * Text that is no address is only lower-cased.
 */
export function canonicalAddress(text: string): string {
  const bare = text.toLowerCase().replace(/[/%].*$/, '');
  if (!bare.includes(':') || /^[0-9a-f]{2}(?::[0-9a-f]{2})+$/.test(bare)) return bare;
  const groups = groupsOf(bare);
  return groups === undefined ? bare : compress(groups);
}

/** The eight groups of an IPv6 address without prefix length and zone; undefined for what is none. */
export function ipv6Groups(text: string): readonly number[] | undefined {
  return text.includes(':') ? groupsOf(text.toLowerCase()) : undefined;
}

function groupsOf(text: string): number[] | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const read = (half: string | undefined): number[] => (half === undefined || half === '' ? [] : half.split(':').flatMap(groupOf));
  const head = read(halves[0]);
  const tail = read(halves[1]);
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head, ...Array<number>(missing).fill(0), ...tail];
  return groups.every((group) => Number.isInteger(group) && group >= 0 && group <= 0xffff) ? groups : undefined;
}

/** One group, or two where the end is written as an IPv4 address. */
function groupOf(text: string): number[] {
  const four = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (four) {
    const [a = 0, b = 0, c = 0, d = 0] = four.slice(1).map(Number);
    return [a * 256 + b, c * 256 + d];
  }
  return [/^[0-9a-f]{1,4}$/.test(text) ? parseInt(text, 16) : Number.NaN];
}

function compress(groups: readonly number[]): string {
  let best = { at: -1, length: 1 };
  for (let at = 0; at < groups.length; at++) {
    let length = 0;
    while (groups[at + length] === 0) length++;
    if (length > best.length) best = { at, length };
    at += length;
  }
  const hex = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(':');
  return best.at < 0 ? hex(groups) : `${hex(groups.slice(0, best.at))}::${hex(groups.slice(best.at + best.length))}`;
}
