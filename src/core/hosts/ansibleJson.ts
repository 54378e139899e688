import * as v from 'valibot';
import { printable } from '../report/printable';
import { emptyInventory, groupOf, inventoryHosts, oddity, type Variable } from './ansibleInventory';
import { maxHosts } from './ansibleIni';
import type { Imported } from './importedHost';

const VariablesSchema = v.fallback(v.record(v.string(), v.unknown()), {});
const NamesSchema = v.fallback(v.array(v.unknown()), []);
const GroupSchema = v.object({ hosts: NamesSchema, children: NamesSchema, vars: VariablesSchema });
const MetaSchema = v.object({ hostvars: v.fallback(v.record(v.string(), VariablesSchema), {}) });

/** Reads what `ansible-inventory --list` prints (and any script of the same kind): groups by name, and `_meta.hostvars`. @param source its name, for messages. */
export function parseAnsibleJson(text: string, source: string): Imported {
  const shown = printable(source);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { hosts: [], faults: [`${shown} is no JSON: ${printable(error instanceof Error ? error.message : String(error))}.`] };
  }
  const top = v.safeParse(v.record(v.string(), v.unknown()), value);
  if (!top.success || Array.isArray(value)) return { hosts: [], faults: [`${shown} is no inventory: an object with groups was expected.`] };
  const inventory = emptyInventory();
  const faults: string[] = [];
  const addHost = (name: string): void => {
    if (inventory.hosts.size < maxHosts && !inventory.hosts.has(name)) inventory.hosts.set(name, { variables: new Map(), place: shown });
  };
  for (const [name, raw] of Object.entries(top.output)) {
    if (name === '_meta') continue;
    const parsed = v.safeParse(GroupSchema, typeof raw === 'object' && raw !== null ? { hosts: [], children: [], vars: {}, ...raw } : raw);
    if (!parsed.success) {
      faults.push(`${shown}: the group "${printable(name)}" is left out: it is no object.`);
      continue;
    }
    const group = groupOf(inventory, name);
    const [hosts, children] = [parsed.output.hosts.filter((each) => typeof each === 'string'), parsed.output.children.filter((each) => typeof each === 'string')];
    if (hosts.length < parsed.output.hosts.length || children.length < parsed.output.children.length) faults.push(`${shown}: the group "${printable(name)}" lists what is no name; that is left out.`);
    for (const host of hosts) {
      addHost(host);
      group.hosts.add(host);
    }
    for (const child of children) group.children.add(child);
    take(group.variables, parsed.output.vars);
  }
  const meta = v.safeParse(MetaSchema, top.output['_meta']);
  for (const [name, variables] of Object.entries(meta.success ? meta.output.hostvars : {})) {
    addHost(name);
    const host = inventory.hosts.get(name);
    if (host !== undefined) take(host.variables, variables);
  }
  if (inventory.hosts.size >= maxHosts) faults.push(`${shown} names ${String(maxHosts)} hosts or more; the rest is left out.`);
  const imported = inventoryHosts(inventory);
  return { hosts: imported.hosts, faults: [...faults, ...imported.faults] };
}

function take(into: Map<string, Variable>, variables: Readonly<Record<string, unknown>>): void {
  for (const [key, value] of Object.entries(variables)) {
    if (typeof value === 'string' || typeof value === 'number') into.set(key, String(value));
    // {"__ansible_vault": "…"}: kept as what it is, so that it is said.
    else if (typeof value === 'object' && value !== null && '__ansible_vault' in value) into.set(key, JSON.stringify(value));
    else {
      const odd = oddity(value);
      if (odd !== undefined) into.set(key, odd);
    }
  }
}
