/** An IPv4 network or an interface's address with its prefix (RFC 4632). */
export interface Prefix {
  /** The address as a number, bits beyond the prefix included. */
  readonly address: number;
  readonly length: number;
}

/** @returns undefined for what is no dotted quad. A leading zero, which some tools read as octal, is none. */
export function parseIpv4(text: string): number | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || parts.some((part) => !/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255)) return undefined;
  return parts.reduce((sum, part) => sum * 256 + Number(part), 0);
}

/** `10.0.0.0/8`; a bare address is a host's own. @returns undefined for what is none */
export function parsePrefix(text: string): Prefix | undefined {
  const [address, length = '32', ...more] = text.split('/');
  const value = parseIpv4(address ?? '');
  if (value === undefined || more.length > 0 || !/^\d{1,2}$/.test(length) || Number(length) > 32) return undefined;
  return { address: value, length: Number(length) };
}

export function formatIpv4(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}

export const formatPrefix = ({ address, length }: Prefix): string => `${formatIpv4(address)}/${String(length)}`;

/** The network that an address is in. */
export function networkOf({ address, length }: Prefix): Prefix {
  const size = 2 ** (32 - length);
  return { address: Math.floor(address / size) * size, length };
}

export function overlaps(a: Prefix, b: Prefix): boolean {
  const length = Math.min(a.length, b.length);
  return networkOf({ ...a, length }).address === networkOf({ ...b, length }).address;
}
