import type { NamespaceKey, NetnsId } from '../model/snapshot';
import { readJsonRecords } from './json';
import { textOf, wholeOf } from './record';

/** What the names of `ip netns` are, by name; undefined where a text stands for several of them or for another than before. */
export type NetnsNames = ReadonlyMap<string, NamespaceKey | undefined>;

const nameRow = /^(\d{1,12}:\d{1,15}) (?:\/var)?\/run\/netns\/(.+)$/s;

/**
 * Lines "DEVICE:INODE PATH", read twice (`stat -L -c '%d:%i %n'`). Names are bytes, of which several may be read as one text.
 * @returns nothing for names that were not there both times.
 */
export function readNetnsNames(before: string, after: string): NetnsNames {
  const [first, second] = [namesOf(before), namesOf(after)];
  return new Map([...first].flatMap(([name, key]) => (second.has(name) ? [[name, second.get(name) === key ? key : undefined] as const] : [])));
}

function namesOf(text: string): Map<string, NamespaceKey | undefined> {
  const names = new Map<string, NamespaceKey | undefined>();
  for (const line of text.split('\n')) {
    const [, key, name] = nameRow.exec(line) ?? [];
    if (key !== undefined && name !== undefined) names.set(name, names.has(name) ? undefined : key);
  }
  return names;
}

const textRow = /^nsid (\d{1,10}) *(?:\(iproute2 netns name: (.+)\) *)?$/s;

/**
 * `ip [-j] netns list-id` (print_nsid in iproute2's ip/ipnetns.c; JSON since 5.0): the numbers of a namespace for others, and of those that have a name, one.
 * Only what is certain is kept: no number that is told twice, none of an unknown name, and nothing of an answer that is not whole.
 */
export function readNetnsIds(text: string, names: NetnsNames): readonly NetnsId[] {
  const rows = rowsOf(text) ?? [];
  return rows.flatMap(({ id, name }) => {
    const key = name === undefined ? undefined : names.get(name);
    if ((name !== undefined && key === undefined) || rows.filter((row) => row.id === id).length > 1) return [];
    return [{ id, ...(key !== undefined && { key }) }];
  });
}

function rowsOf(text: string): readonly { readonly id: number; readonly name?: string }[] | undefined {
  if (text.startsWith('[')) {
    const { records, whole } = readJsonRecords(text);
    if (!whole) return undefined;
    return records.flatMap((record) => {
      const [id, name] = [wholeOf(record, 'nsid'), textOf(record, 'name')];
      return id === undefined ? [] : [{ id, ...(name !== undefined && { name }) }];
    });
  }
  const rows: { id: number; name?: string }[] = [];
  for (const line of text.split('\n')) {
    const [, id, name] = textRow.exec(line) ?? [];
    if (id !== undefined) rows.push({ id: Number(id), ...(name !== undefined && { name }) });
    else if (line !== '' && !line.startsWith('nsid unassigned')) return undefined;
  }
  return rows;
}
