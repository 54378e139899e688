import type { Link, LinkAddress, Route } from '../model/link';
import type { Sandbox } from '../model/topology';
import { canonicalAddress, ipv6Groups } from '../topology/canonicalAddress';
import { parseIpv4 } from '../model/ipv4';

/** More than these many are counted. */
const most = 4;

const upToMost = (texts: readonly string[]): readonly string[] => (texts.length <= most ? texts : [...texts.slice(0, most - 1), `and ${String(texts.length - most + 1)} more`]);

/** A device's global addresses, IPv4 before IPv6. Those of its link alone, which nearly every device has, are left to its facts. */
export function globalAddresses({ addresses }: Pick<Link, 'addresses'>): readonly LinkAddress[] {
  const found = addresses.filter(({ scope }) => scope === 'global' || scope === 'site');
  return [...found.filter(({ family }) => family === 'inet'), ...found.filter(({ family }) => family === 'inet6')];
}

/**
 * The lines that tell a namespace's interface's addresses, without prefix lengths: the given ones first, then the device's global ones, each once; where there is none, one of
 * its link alone.
 */
export function addressLines(link: Pick<Link, 'addresses'> | undefined, given: readonly (string | undefined)[] = []): readonly string[] {
  const all = [...given, ...(link ? globalAddresses(link).map(({ address }) => address) : [])].flatMap((address) => (address === undefined || address === '' ? [] : [address]));
  const each = [...new Map(all.map((address) => [canonicalAddress(address), address])).values()];
  const lines = each.length > 0 ? each : (link?.addresses.slice(0, 1).map(({ address }) => address) ?? []);
  return upToMost([...lines.filter((line) => !line.includes(':')), ...lines.filter((line) => line.includes(':'))]);
}

/** `192.0.2.1/24`, `2001:db8::1/64`: a device's global addresses with their prefix lengths. */
export function prefixTexts(link: Pick<Link, 'addresses'>): readonly string[] {
  return upToMost(globalAddresses(link).map(({ address, prefixLength }) => `${address}/${String(prefixLength)}`));
}

/** The lines of a device that has a box of its own: `192.0.2.1/24 · MTU 1500`, then its IPv6 addresses, which are long, each by itself. */
export function deviceLines(link: Pick<Link, 'addresses' | 'mtuBytes'>, facts: readonly string[] = []): readonly string[] {
  const all = prefixTexts(link);
  const isLong = (text: string): boolean => text.includes(':');
  return [[...all.filter((each) => !isLong(each)), ...facts, `MTU ${String(link.mtuBytes)}`].join(' · '), ...all.filter(isLong)];
}

/** The main table's default routes, of each family the first; IPv4 before IPv6. */
export function defaultRoutes({ record: { routes } }: Pick<Sandbox, 'record'>): readonly Route[] {
  return (['inet', 'inet6'] as const).flatMap((wanted) => routes.find(({ family, destination, table, device }) => family === wanted && destination === 'default' && table === 'main' && device !== undefined) ?? []);
}

/** `default via 192.0.2.254`, for each default route by a device. */
export function gatewayLines(sandbox: Pick<Sandbox, 'record'>, { name }: Pick<Link, 'name'>, none: string): readonly string[] {
  return defaultRoutes(sandbox).filter(({ device }) => device === name).map(({ gateway }) => (gateway === undefined ? none : `default via ${gateway}`));
}

/** A namespace's own address in the subnet of a far one. */
export function addressTowards({ links }: Pick<Sandbox, 'links'>, remote: string | undefined): string | undefined {
  if (remote === undefined) return undefined;
  return links.flatMap(({ link }) => link.addresses).find(({ address, prefixLength, scope }) => scope !== 'link' && prefixLength > 0 && inSameSubnet(address, remote, prefixLength))?.address;
}

/** Whether two addresses of one family have the same first bits. */
export function inSameSubnet(left: string, right: string, prefixLength: number): boolean {
  const [one, other] = [bitsOf(left), bitsOf(right)];
  if (one === undefined || one.width !== other?.width) return false;
  const rest = BigInt(Math.max(0, one.width - prefixLength));
  return one.value >> rest === other.value >> rest;
}

function bitsOf(text: string): { readonly value: bigint; readonly width: number } | undefined {
  const four = parseIpv4(text);
  if (four !== undefined) return { value: BigInt(four), width: 32 };
  const groups = ipv6Groups(text);
  return groups && { value: groups.reduce((sum, group) => (sum << 16n) | BigInt(group), 0n), width: 128 };
}
