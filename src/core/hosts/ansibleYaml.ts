import { printable } from '../report/printable';
import { maxHosts, namedHosts } from './ansibleIni';
import { emptyInventory, groupOf, inventoryHosts, oddity, type Inventory, type InventoryGroup, type Variable } from './ansibleInventory';
import { HostRangeError } from './hostRange';
import type { Imported } from './importedHost';

/** A YAML value as data: maps stay maps, so that no name of theirs means anything to JavaScript. */
export type YamlValue = string | number | boolean | null | undefined | readonly YamlValue[] | ReadonlyMap<unknown, YamlValue>;

/** Groups within groups, deeper than anybody writes. */
const maxDepth = 100;
/** An anchor may stand for a group that holds it twice: what it names then has no end in practice. */
const maxGroups = 10_000;

interface Reading {
  readonly inventory: Inventory;
  readonly faults: string[];
  readonly file: string;
  groups: number;
  readonly lineOf: (host: string) => number | undefined;
}

/**
 * Reads an Ansible inventory in YAML syntax (ansible.builtin.yaml) that has become data: groups by name, each with `hosts`, `vars` and `children`. What does not
 * fit is a fault with its place; the rest is taken. @param lineOf where a host's name stands first. @param file its name, for messages.
 */
export function readAnsibleTree(tree: YamlValue, file: string, lineOf: (host: string) => number | undefined): Imported {
  const shown = printable(file);
  if (tree === null || tree === undefined) return { hosts: [], faults: [`${shown} is empty: it names no host.`] };
  if (!(tree instanceof Map)) return { hosts: [], faults: [`${shown} is no inventory: groups by name were expected.`] };
  const reading: Reading = { inventory: emptyInventory(), faults: [], file: shown, groups: 0, lineOf };
  for (const [name, group] of tree as ReadonlyMap<unknown, YamlValue>) addGroup(reading, String(name), group, 0);
  const { inventory, faults } = reading;
  if (inventory.hosts.size >= maxHosts) faults.push(`${shown} names ${String(maxHosts)} hosts or more; the rest is left out.`);
  const imported = inventoryHosts(inventory);
  return { hosts: imported.hosts, faults: [...new Set([...faults, ...imported.faults])] };
}

function addGroup(reading: Reading, name: string, value: YamlValue, depth: number): void {
  const { inventory, faults, file } = reading;
  if (reading.groups++ >= maxGroups) {
    if (reading.groups === maxGroups + 1) faults.push(`${file} names more than ${String(maxGroups)} groups; the rest is left out.`);
    return;
  }
  const fault = (what: string): void => void faults.push(`${file}: ${what}`);
  if (depth > maxDepth) {
    fault(`the group "${printable(name)}" is left out: it is more than ${String(maxDepth)} groups deep.`);
    return;
  }
  const group = groupOf(inventory, name);
  if (value === null || value === undefined) return;
  if (!(value instanceof Map)) {
    fault(`the group "${printable(name)}" is left out: it is no map with hosts, vars and children.`);
    return;
  }
  for (const [key, part] of value as ReadonlyMap<unknown, YamlValue>) {
    const section = asMap(part);
    if (key !== 'hosts' && key !== 'vars' && key !== 'children') fault(`"${printable(String(key))}" in the group "${printable(name)}" is left out: hosts, vars and children are known.`);
    else if (section === undefined) fault(`"${key}" of the group "${printable(name)}" is left out: it is no map.`);
    else if (key === 'vars') take(group.variables, section);
    else if (key === 'hosts') for (const [host, variables] of section) addHosts(reading, group, String(host), variables);
    else {
      for (const [child, inner] of section) {
        group.children.add(String(child));
        addGroup(reading, String(child), inner, depth + 1);
      }
    }
  }
}

function addHosts({ inventory, faults, file, lineOf }: Reading, group: InventoryGroup, word: string, variables: YamlValue): void {
  if (inventory.hosts.size >= maxHosts && !inventory.hosts.has(word)) return;
  const line = lineOf(word);
  const place = line === undefined ? file : `${file}:${String(line)}`;
  try {
    const { hosts, port } = namedHosts(word, maxHosts - inventory.hosts.size);
    for (const name of hosts) {
      if (!inventory.hosts.has(name) && inventory.hosts.size >= maxHosts) return;
      const host = inventory.hosts.get(name) ?? { variables: new Map<string, Variable>(), place };
      inventory.hosts.set(name, host);
      group.hosts.add(name);
      if (port !== undefined) host.variables.set('ansible_port', port);
      take(host.variables, asMap(variables) ?? new Map());
    }
    if (asMap(variables) === undefined) faults.push(`${place}: what "${printable(word)}" has is left out: variables by name were expected.`);
  } catch (error) {
    if (!(error instanceof HostRangeError)) throw error;
    faults.push(`${place}: ${error.message}`);
  }
}

/** Nothing, and a lone word, stand for a map in Ansible too. */
function asMap(value: YamlValue): ReadonlyMap<unknown, YamlValue> | undefined {
  if (value === null || value === undefined) return new Map();
  if (typeof value === 'string') return new Map([[value, null]]);
  return value instanceof Map ? (value as ReadonlyMap<unknown, YamlValue>) : undefined;
}

function take(into: Map<string, Variable>, variables: ReadonlyMap<unknown, YamlValue>): void {
  for (const [key, value] of variables) {
    const odd = typeof value === 'string' || typeof value === 'number' ? String(value) : oddity(value);
    if (odd !== undefined) into.set(String(key), odd);
  }
}
