import { parseHostAddress } from '../model/address';
import type { NestedNode } from '../model/topology';
import { printable } from '../report/printable';
import type { Imported, ImportedHost } from './importedHost';

/** A nested engine as a host: under its container's name, else under the name that it gives itself when it is read. Undefined where it was recorded. */
export function nestedHost({ address, containerId, owner, title }: NestedNode): ImportedHost | undefined {
  if (address === undefined) return undefined;
  const named = containerId !== undefined || owner?.kind === 'lxc' || owner?.kind === 'machine';
  return { address: parseHostAddress(address), groups: [], ...(named && { name: title }) };
}

/** The engines inside a host, as its last scan found them. */
export function nestedHosts(label: string, nested: readonly NestedNode[]): Imported {
  const hosts = nested.flatMap((node) => nestedHost(node) ?? []);
  return { hosts, faults: hosts.length > 0 ? [] : [`No engine was found inside ${printable(label)}. Read it again, and see that the engine runs.`] };
}
