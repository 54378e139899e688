import type { FdbEntry } from '../model/link';
import { present } from './record';
import { readLines, wordAfter, type TextRecords } from './textRecords';

const flags = new Set(['self', 'master', 'router', 'extern_learn', 'offload', 'sticky', 'added_by_user', 'locked']);
const entryStates = new Set(['permanent', 'static', 'stale']);

/** Reads what `bridge fdb show` prints without JSON: "MAC dev NAME dst … vlan … master … self permanent". */
export function readFdbText(text: string): TextRecords<FdbEntry> {
  return readLines(text, (words) => {
    const mac = words[0];
    const device = words[1] === 'dev' ? words[2] : undefined;
    if (mac === undefined || device === undefined || !/^[0-9a-fA-F:.]+$/.test(mac)) return undefined;
    const rest = words.slice(3);
    const number = (name: string): number | undefined => {
      const value = Number(wordAfter(rest, name));
      return Number.isFinite(value) ? value : undefined;
    };
    // "master br0" names a bridge; a lone "master" is the flag NTF_MASTER.
    const master = wordAfter(rest, 'master');
    const names = new Set(['dst', 'vlan', 'vni', 'port', 'via', 'master', 'src_vni', 'link-netnsid', 'nhid']);
    const lone = rest.filter((_, at) => at === 0 || !names.has(rest[at - 1] ?? ''));
    return present<FdbEntry>({
      mac: mac.toLowerCase(),
      device,
      destination: wordAfter(rest, 'dst'),
      master: master !== undefined && !flags.has(master) && !entryStates.has(master) ? master : undefined,
      vlan: number('vlan'),
      vni: number('vni'),
      port: number('port'),
      flags: lone.filter((word) => flags.has(word) && word !== 'master'),
      state: lone.find((word) => entryStates.has(word)) ?? '',
    });
  });
}
