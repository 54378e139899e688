import { AddressError, formatHostAddress, parseHostAddress, type HostAddress } from '../model/address';
import type { ImportedHost } from './importedHost';

/** A host as the settings keep it: an address, and for an imported one what its source said. */
export interface HostEntry {
  readonly address: HostAddress;
  /** What the source calls it. */
  readonly name?: string;
  /** Absolute path of the private key. */
  readonly keyFile?: string;
  readonly groups?: readonly string[];
  /** A helper container may run on the machine behind it: a person agreed. */
  readonly helper?: true;
  /** As `formatImportSource` writes it. */
  readonly source?: string;
}

/** Reads an item of the setting: an address, or an object with one. @throws AddressError with a sentence */
export function parseHostEntry(value: unknown): HostEntry {
  if (typeof value === 'string') return { address: parseHostAddress(value) };
  if (typeof value !== 'object' || value === null) throw new AddressError('A host is an address, or an object with one.');
  const { address, name, keyFile, groups, source, helper } = value as Readonly<Record<string, unknown>>;
  if (typeof address !== 'string') throw new AddressError('A host has no address.');
  if (typeof keyFile === 'string' && /\p{Cc}/u.test(keyFile)) throw new AddressError('The path of a key file has control characters in it.');
  return {
    address: parseHostAddress(address),
    ...(typeof name === 'string' && name !== '' && { name }),
    ...(typeof keyFile === 'string' && keyFile !== '' && { keyFile }),
    ...(Array.isArray(groups) && { groups: groups.filter((group): group is string => typeof group === 'string') }),
    ...(typeof source === 'string' && source !== '' && { source }),
    ...(helper === true && { helper }),
  };
}

/** The item for the setting; `parseHostEntry` reads it back. */
export function formatHostEntry({ address, ...rest }: HostEntry): unknown {
  const text = formatHostAddress(address);
  return Object.keys(rest).length === 0 ? text : { address: text, ...rest };
}

export function importedEntry({ name, address, keyFile, groups }: ImportedHost, source: string): HostEntry {
  return { address, ...(name !== undefined && { name }), source, ...(keyFile !== undefined && { keyFile }), ...(groups.length > 0 && { groups }) };
}

/** What reading a source again would change. A host is the same where its name is, or else its address. */
export interface SyncPlan {
  readonly changed: readonly { readonly before: HostEntry; readonly after: HostEntry }[];
  readonly gone: readonly HostEntry[];
  readonly added: readonly HostEntry[];
}

/** @param entries what is in the settings, of any source. */
export function planSync(entries: readonly HostEntry[], source: string, now: readonly HostEntry[]): SyncPlan {
  const idOf = ({ address }: HostEntry): string => formatHostAddress(address);
  const before = entries.filter((entry) => entry.source === source);
  const names = new Set(before.map(({ name }) => name));
  const byName = new Map(now.map((entry) => [entry.name, entry]));
  const renamed = new Map(now.filter(({ name }) => name === undefined || !names.has(name)).map((entry) => [idOf(entry), entry]));
  const pairs = before.map((entry) => {
    const found = (entry.name === undefined ? undefined : byName.get(entry.name)) ?? renamed.get(idOf(entry));
    // What a person agreed to holds for the address, not for the name.
    return { before: entry, after: found && entry.helper === true && idOf(found) === idOf(entry) ? { ...found, helper: entry.helper } : found };
  });
  const known = new Set([...entries.map(idOf), ...pairs.flatMap(({ after }) => (after === undefined ? [] : [idOf(after)]))]);
  return {
    changed: pairs.flatMap(({ before: old, after }) => (after === undefined || JSON.stringify(formatHostEntry(after)) === JSON.stringify(formatHostEntry(normal(old))) ? [] : [{ before: old, after }])),
    gone: pairs.filter(({ after }) => after === undefined).map(({ before: old }) => old),
    added: now.filter((entry) => (entry.name === undefined || !names.has(entry.name)) && !known.has(idOf(entry))),
  };
}

/** With its parts in the order in which an import writes them, whatever a person's editing made of it. */
function normal({ address, name, source, keyFile, groups, helper }: HostEntry): HostEntry {
  return { address, ...(name !== undefined && { name }), ...(source !== undefined && { source }), ...(keyFile !== undefined && { keyFile }), ...(groups !== undefined && groups.length > 0 && { groups }), ...(helper && { helper }) };
}
