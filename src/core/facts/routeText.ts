import type { Route } from '../model/link';
import { present } from './record';
import { readLines, wordAfter, type TextRecords } from './textRecords';

/** rtnl_rttable_a2n's opposite: route types that are printed; "unicast" is not. */
const types = new Set(['local', 'broadcast', 'anycast', 'multicast', 'blackhole', 'unreachable', 'prohibit', 'throw', 'nat', 'xresolve', 'unicast']);

/** Reads what `ip route show table all` prints without JSON, iproute2's or busybox's. */
export function readRoutesText(text: string): TextRecords<Route> {
  // A multipath route's hops follow on lines of their own, indented.
  return readLines(text.replace(/\n\s+nexthop /g, ' nexthop '), readRoute);
}

function readRoute(words: readonly string[]): Route | undefined {
  const typed = types.has(words[0] ?? '');
  const destination = words[typed ? 1 : 0];
  if (destination === undefined || !/^(?:default|[0-9a-fA-F.:]+(?:\/\d+)?)$/.test(destination)) return undefined;
  const hopAt = words.indexOf('nexthop');
  const own = hopAt < 0 ? words : words.slice(0, hopAt);
  const gateway = gatewayOf(own);
  const source = wordAfter(own, 'src');
  const metric = Number(wordAfter(own, 'metric'));
  const six = destination.includes(':') || own.includes('pref') || (destination === 'default' && (gateway ?? '').includes(':'));
  return present<Route>({
    family: six ? 'inet6' : 'inet',
    destination,
    type: typed ? (words[0] ?? 'unicast') : 'unicast',
    table: wordAfter(own, 'table') ?? 'main',
    gateway,
    device: wordAfter(own, 'dev'),
    source,
    protocol: wordAfter(own, 'proto'),
    scope: wordAfter(own, 'scope'),
    metric: Number.isFinite(metric) ? metric : undefined,
    nexthops: hopAt < 0 ? undefined : hopsOf(words.slice(hopAt)),
  });
}

/** "via 10.0.0.1", or "via inet6 fe80::1" where the families differ. */
function gatewayOf(words: readonly string[]): string | undefined {
  const next = wordAfter(words, 'via');
  return next === 'inet' || next === 'inet6' ? wordAfter(words, next) : next;
}

function hopsOf(words: readonly string[]): NonNullable<Route['nexthops']> {
  const hops: string[][] = [];
  for (const word of words) {
    if (word === 'nexthop') hops.push([]);
    else hops.at(-1)?.push(word);
  }
  return hops.map((hop) => {
    const weight = Number(wordAfter(hop, 'weight'));
    return present<NonNullable<Route['nexthops']>[number]>({
      gateway: gatewayOf(hop),
      device: wordAfter(hop, 'dev'),
      weight: Number.isFinite(weight) ? weight : undefined,
    });
  });
}
