import { AddressError } from '../model/address';
import { printable } from '../report/printable';
import { importHost, type Imported, type ImportedHost } from './importedHost';

/** Its text, or what it is where it has none: a name, a port, a user is one word. */
export type Variable = string | { readonly odd: 'a list' | 'a map' | 'true or false' };

/** An inventory as it was read, whatever its syntax. Variables keep their text. */
export interface Inventory {
  readonly hosts: Map<string, InventoryHost>;
  readonly groups: Map<string, InventoryGroup>;
}

export interface InventoryHost {
  readonly variables: Map<string, Variable>;
  /** For messages: `inventory.ini:3`. */
  readonly place: string;
}

export interface InventoryGroup {
  readonly hosts: Set<string>;
  readonly children: Set<string>;
  readonly variables: Map<string, Variable>;
}

export const emptyInventory = (): Inventory => ({ hosts: new Map(), groups: new Map() });

export function groupOf(inventory: Inventory, name: string): InventoryGroup {
  const found = inventory.groups.get(name);
  if (found !== undefined) return found;
  const made: InventoryGroup = { hosts: new Set(), children: new Set(), variables: new Map() };
  inventory.groups.set(name, made);
  return made;
}

/** Each with the name that it had before Ansible 2.0, which is still read. */
const spellings = {
  host: ['ansible_host', 'ansible_ssh_host'],
  user: ['ansible_user', 'ansible_ssh_user'],
  port: ['ansible_port', 'ansible_ssh_port'],
  keyFile: ['ansible_ssh_private_key_file', 'ansible_private_key_file'],
  connection: ['ansible_connection'],
  arguments: ['ansible_ssh_common_args', 'ansible_ssh_extra_args', 'ansible_ssh_args'],
} as const;

/** Connections that are SSH; "smart" chooses between the other two. */
const sshConnections = new Set(['ssh', 'smart', 'paramiko', 'paramiko_ssh', 'ansible.builtin.ssh', 'ansible.builtin.paramiko_ssh']);

/**
 * The hosts of an inventory that SSH reaches. A host's own variables win over those of its groups, a nearer group's over a farther one's. Templates are not
 * evaluated, lookups not run and vaults not opened: a value that needs one is left out, and said.
 */
export function inventoryHosts(inventory: Inventory): Imported {
  const hosts: ImportedHost[] = [];
  const faults: string[] = [];
  for (const [name, { variables, place }] of inventory.hosts) {
    const groups = groupsOf(inventory, name);
    const scopes = [variables, ...groups.map((group) => inventory.groups.get(group)?.variables ?? new Map<string, Variable>()), inventory.groups.get('all')?.variables ?? new Map<string, Variable>()];
    const at = `${place}: ${printable(name)}`;
    const value = (key: keyof typeof spellings): string | undefined => {
      for (const scope of scopes) {
        for (const spelling of spellings[key]) {
          const text = scope.get(spelling);
          if (text === undefined || text === '') continue;
          if (typeof text !== 'string') throw new AddressError(`${spelling} is ${text.odd}, and one value was expected.`);
          if (!/\{\{|\{%|\$ANSIBLE_VAULT|__ansible_vault/.test(text)) return text;
          throw new AddressError(`${spelling} is a template or a vault, which is not evaluated.`);
        }
      }
      return undefined;
    };
    try {
      const connection = value('connection');
      if (connection !== undefined && !sshConnections.has(connection)) {
        faults.push(`${at} is left out: it is reached by "${printable(connection)}" and not over SSH.`);
        continue;
      }
      const host = importHost({ name, host: value('host') ?? name, user: value('user'), port: value('port'), keyFile: value('keyFile'), groups });
      hosts.push(host);
      if (hasArguments(scopes)) faults.push(`${at}: the arguments that Ansible gives to ssh for it are not taken over; where they are needed (ProxyCommand, ProxyJump …), put them into your SSH configuration.`);
    } catch (error) {
      if (!(error instanceof AddressError)) throw error;
      faults.push(`${at} is left out: ${error.message}`);
    }
  }
  return { hosts, faults };
}

function hasArguments(scopes: readonly ReadonlyMap<string, Variable>[]): boolean {
  return scopes.some((scope) => spellings.arguments.some((spelling) => scope.get(spelling) !== undefined && scope.get(spelling) !== ''));
}

/** What a value that is no text is to a person; undefined where there is none. */
export function oddity(value: unknown): Variable | undefined {
  if (value === null || value === undefined) return undefined;
  return { odd: Array.isArray(value) ? 'a list' : typeof value === 'boolean' ? 'true or false' : 'a map' };
}

/** Groups that hold a host, nearest first, without the ones that Ansible makes by itself. */
function groupsOf(inventory: Inventory, host: string): string[] {
  const found = [...inventory.groups].filter(([, group]) => group.hosts.has(host)).map(([name]) => name);
  // Grows while it is walked; a group that is in itself is met once.
  for (const name of found) {
    for (const [parent, group] of inventory.groups) if (group.children.has(name) && !found.includes(parent)) found.push(parent);
  }
  return found.filter((name) => name !== 'all' && name !== 'ungrouped');
}
