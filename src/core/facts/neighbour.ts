import type { Neighbour } from '../model/link';
import { present, restOf, textOf, textsOf, type ToolRecord } from './record';

const understoodFields = new Set(['dst', 'dev', 'lladdr', 'state', 'proxy']);

/** One record of `ip -j neigh show` (print_neigh in iproute2's ip/ipneigh.c), or undefined where it is none. */
export function readNeighbour(record: ToolRecord): Neighbour | undefined {
  const address = textOf(record, 'dst');
  const device = textOf(record, 'dev');
  if (address === undefined || device === undefined) return undefined;
  return present<Neighbour>({
    address,
    device,
    mac: textOf(record, 'lladdr')?.toLowerCase(),
    states: textsOf(record, 'state'),
    proxy: 'proxy' in record ? true : undefined,
    rest: restOf(record, understoodFields),
  });
}
