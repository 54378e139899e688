import type { FdbEntry } from '../model/link';
import { present, restOf, textOf, textsOf, wholeOf, type ToolRecord } from './record';

const understoodFields = new Set(['mac', 'ifname', 'dev', 'dst', 'master', 'vlan', 'vni', 'port', 'flags', 'state']);

/** One record of `bridge -j fdb show` (print_fdb in iproute2's bridge/fdb.c), or undefined where it is none. */
export function readFdbEntry(record: ToolRecord): FdbEntry | undefined {
  const mac = textOf(record, 'mac');
  const device = textOf(record, 'ifname') ?? textOf(record, 'dev');
  if (mac === undefined || device === undefined) return undefined;
  return present<FdbEntry>({
    mac: mac.toLowerCase(),
    device,
    destination: textOf(record, 'dst'),
    master: textOf(record, 'master'),
    vlan: wholeOf(record, 'vlan'),
    vni: wholeOf(record, 'vni'),
    port: wholeOf(record, 'port'),
    flags: textsOf(record, 'flags'),
    state: textOf(record, 'state') ?? '',
    rest: restOf(record, understoodFields),
  });
}
