import type { FdbEntry } from '../model/link';
import { present, whole } from './record';
import { readLines, type TextRecords } from './textRecords';

/** Words that a value follows. */
const named = new Set(['dst', 'vlan', 'vni', 'src_vni', 'port', 'via', 'nhid', 'link-netnsid', 'used']);
/** NTF_* and NUD_* of linux/neighbour.h as fdb.c calls them. */
const flags = new Set(['self', 'router', 'extern_learn', 'offload', 'sticky', 'locked', 'added_by_user']);
const entryStates = new Set(['permanent', 'static', 'stale']);

/** Reads what `bridge fdb show` prints without JSON: "MAC dev NAME dst … vlan … master NAME self permanent". */
export function readFdbText(text: string): TextRecords<FdbEntry> {
  return readLines(text, (words) => {
    const mac = words[0];
    const device = words[1] === 'dev' ? words[2] : undefined;
    if (mac === undefined || device === undefined || !/^[0-9a-fA-F:.]+$/.test(mac)) return undefined;
    const values = new Map<string, string>();
    const lone: string[] = [];
    for (let at = 3; at < words.length; at++) {
      const word = words[at] ?? '';
      const next = words[at + 1];
      // "master" without a name is a flag (NTF_MASTER).
      const hasValue = named.has(word) || (word === 'master' && next !== undefined && !flags.has(next) && !entryStates.has(next));
      if (hasValue && next !== undefined) {
        values.set(word, next);
        at++;
      } else lone.push(word);
    }
    return present<FdbEntry>({
      mac: mac.toLowerCase(),
      device,
      destination: values.get('dst'),
      master: values.get('master'),
      vlan: numberFrom(values.get('vlan')),
      vni: numberFrom(values.get('vni')),
      port: numberFrom(values.get('port')),
      flags: lone.filter((word) => flags.has(word) || word === 'master'),
      state: lone.find((word) => entryStates.has(word)) ?? '',
    });
  });
}

function numberFrom(text: string | undefined): number | undefined {
  return text === undefined ? undefined : whole(Number(text));
}
