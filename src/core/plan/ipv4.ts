import { PlanRefused } from './plan';

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

/** @throws PlanRefused that names what the text was for */
export function requirePrefix(text: string, what: string): Prefix {
  const prefix = parsePrefix(text);
  if (prefix === undefined) throw new PlanRefused(`${what} is "${text}", which is no IPv4 address with a prefix length, such as 10.9.0.1/30.`);
  return prefix;
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

/** The first /30 of 10.213.0.0/16 that overlaps none of these, as its two usable addresses. @throws PlanRefused where none is free */
export function freePair(taken: readonly Prefix[]): readonly [Prefix, Prefix] {
  const pool = parsePrefix('10.213.0.0/16') as Prefix;
  for (let address = pool.address; address < pool.address + 65536; address += 4) {
    const candidate = { address, length: 30 };
    if (!taken.some((each) => overlaps(each, candidate))) return [{ address: address + 1, length: 30 }, { address: address + 2, length: 30 }];
  }
  throw new PlanRefused('No /30 of 10.213.0.0/16 is free on both hosts. Say which addresses the tunnel is to have.');
}
