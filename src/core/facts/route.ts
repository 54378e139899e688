import type { Route } from '../model/link';
import { numberOf, present, recordOf, recordsOf, restOf, textOf, type ToolRecord } from './record';

const understoodFields = new Set(['dst', 'type', 'table', 'gateway', 'via', 'dev', 'prefsrc', 'protocol', 'scope', 'metric', 'nexthops']);

/** One record of `ip -j -d route show table all` (print_route in iproute2's ip/iproute.c), or undefined where it is none. */
export function readRoute(record: ToolRecord): Route | undefined {
  const destination = textOf(record, 'dst');
  if (destination === undefined) return undefined;
  const gateway = textOf(record, 'gateway') ?? textOf(recordOf(record, 'via') ?? {}, 'host');
  const source = textOf(record, 'prefsrc');
  const hops = recordsOf(record, 'nexthops').map((hop) =>
    present<NonNullable<Route['nexthops']>[number]>({
      gateway: textOf(hop, 'gateway') ?? textOf(recordOf(hop, 'via') ?? {}, 'host'),
      device: textOf(hop, 'dev'),
      weight: numberOf(hop, 'weight'),
    }),
  );
  // The record does not name its family; only IPv6 routes have a preference (RFC 4191).
  const six = destination.includes(':') || (source ?? '').includes(':') || 'pref' in record || (destination === 'default' && (gateway ?? '').includes(':'));
  return present<Route>({
    family: six ? 'inet6' : 'inet',
    destination,
    type: textOf(record, 'type') ?? 'unicast',
    // Left out for the main table where no details were asked for.
    table: textOf(record, 'table') ?? String(numberOf(record, 'table') ?? 'main'),
    gateway,
    device: textOf(record, 'dev'),
    source,
    protocol: textOf(record, 'protocol'),
    scope: textOf(record, 'scope'),
    metric: numberOf(record, 'metric'),
    nexthops: hops.length === 0 ? undefined : hops,
    rest: restOf(record, understoodFields),
  });
}
