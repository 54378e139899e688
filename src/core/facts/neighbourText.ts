import type { Neighbour } from '../model/link';
import { present } from './record';
import { readLines, wordAfter, type TextRecords } from './textRecords';

/** NUD_* in linux/neighbour.h. */
const states = /^(?:NONE|INCOMPLETE|REACHABLE|STALE|DELAY|PROBE|FAILED|NOARP|PERMANENT)$/;

/** Reads what `ip neigh show` prints without JSON, iproute2's or busybox's. */
export function readNeighboursText(text: string): TextRecords<Neighbour> {
  return readLines(text, (words) => {
    const address = words[0];
    const device = words[1] === 'dev' ? words[2] : undefined;
    if (address === undefined || device === undefined || !/^[0-9a-fA-F.:]+$/.test(address)) return undefined;
    const rest = words.slice(3);
    return present<Neighbour>({
      address,
      device,
      mac: wordAfter(rest, 'lladdr')?.toLowerCase(),
      states: rest.filter((word) => states.test(word)),
      proxy: rest.includes('proxy') ? true : undefined,
    });
  });
}
