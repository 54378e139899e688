import { printable } from '../report/printable';
import { emptyInventory, groupOf, inventoryHosts, type Inventory, type Variable } from './ansibleInventory';
import { expandRanges, HostRangeError } from './hostRange';
import type { Imported } from './importedHost';

interface Section {
  readonly group: string;
  readonly kind: 'hosts' | 'vars' | 'children';
}

/** More hosts than anybody looks at; a range may name billions. */
export const maxHosts = 5000;

/**
 * Reads an Ansible inventory in INI syntax (ansible.builtin.ini): groups, `:children`, `:vars`, host ranges, variables on a host's line.
 * A line that cannot be read is a fault with its number; the rest is taken.
 * @param file its name, for messages.
 */
export function parseAnsibleIni(text: string, file: string): Imported {
  const inventory = emptyInventory();
  const faults: string[] = [];
  let section: Section | undefined = { group: 'ungrouped', kind: 'hosts' };
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const place = `${printable(file)}:${String(index + 1)}`;
    const line = raw.trim();
    if (line === '' || line.startsWith('#') || line.startsWith(';')) continue;
    const fault = (what: string): void => void faults.push(`${place}: ${what}`);
    // "[a:b]-host" and "[::1]" begin with a bracket too.
    const header = /^\[([^\]]*)\]\s*(?:[#;].*)?$/.exec(line);
    if (header !== null && !isHost(line)) {
      section = parseHeader(header[1] ?? '');
      if (section === undefined) fault(`"${printable(line)}" is no section; [group], [group:vars] and [group:children] are. What follows it is left out.`);
      else groupOf(inventory, section.group);
      continue;
    }
    if (section === undefined) continue;
    try {
      addLine(inventory, section, line, place);
    } catch (error) {
      if (!(error instanceof LineError) && !(error instanceof HostRangeError)) throw error;
      fault(error.message);
    }
  }
  const imported = inventoryHosts(inventory);
  return { hosts: imported.hosts, faults: [...faults, ...imported.faults] };
}

class LineError extends Error {}

/** An IPv6 address in brackets has two colons at least, and a section's name has one at most. */
function isHost(line: string): boolean {
  return /^\[[0-9a-fA-F.]*:[0-9a-fA-F.]*:[0-9a-fA-F:.]*(?:%[\w.-]+)?\]/.test(line);
}

function parseHeader(text: string): Section | undefined {
  const match = /^([^\s:]+)(?::(vars|children|hosts))?$/.exec(text.trim());
  if (match?.[1] === undefined) return undefined;
  const kind = match[2];
  return { group: match[1], kind: kind === 'vars' || kind === 'children' ? kind : 'hosts' };
}

function addLine(inventory: Inventory, { group: name, kind }: Section, line: string, place: string): void {
  const group = groupOf(inventory, name);
  if (kind === 'vars') {
    const match = /^([^\s=]+)\s*=\s*(.*)$/.exec(line);
    if (match?.[1] === undefined || match[2] === undefined) throw new LineError(`"${printable(line)}" is no variable; write name=value.`);
    group.variables.set(match[1], unquote(match[2]));
    return;
  }
  const words = splitWords(line);
  const [first, ...rest] = words;
  if (first === undefined) return;
  if (kind === 'children') {
    if (rest.length > 0) throw new LineError(`"${printable(line)}" is no group's name.`);
    groupOf(inventory, first);
    group.children.add(first);
    return;
  }
  const variables = rest.map((word): [string, string] => {
    const at = word.indexOf('=');
    if (at < 1) throw new LineError(`"${printable(word)}" is no variable; write name=value.`);
    return [word.slice(0, at), word.slice(at + 1)];
  });
  const { hosts, port } = namedHosts(first, maxHosts - inventory.hosts.size);
  for (const host of hosts) {
    const known = inventory.hosts.get(host) ?? { variables: new Map<string, Variable>(), place };
    inventory.hosts.set(host, known);
    group.hosts.add(host);
    if (port !== undefined) known.variables.set('ansible_port', port);
    for (const [key, value] of variables) known.variables.set(key, value);
  }
}

/** The hosts that a word names, and their port: `web[01:10]`, `host:2222`, `[2001:db8::1]:2222`. @throws HostRangeError; @param most of a range. */
export function namedHosts(word: string, most: number): { readonly hosts: readonly string[]; readonly port?: string } {
  const { pattern, port } = splitPort(word);
  return { hosts: isHost(pattern) ? [pattern.slice(1, -1)] : expandRanges(pattern, most), ...(port !== undefined && { port }) };
}

/** `host:2222`, `[2001:db8::1]:2222`. A colon inside a range is none of a port. */
function splitPort(word: string): { readonly pattern: string; readonly port?: string } {
  const match = /^(.*?[^:]):(\d{1,5})$/.exec(word);
  if (match?.[1] === undefined || match[2] === undefined) return { pattern: word };
  // An IPv6 address without brackets has no port.
  if (!match[1].startsWith('[') && match[1].replace(/\[[^\]]*\]/g, '').includes(':')) return { pattern: word };
  return { pattern: match[1], port: match[2] };
}

/** Words as Python's shlex gives them: quotes, backslashes, a comment from " #" on. */
function splitWords(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote: string | undefined;
  for (let at = 0; at < line.length; at++) {
    const character = line.charAt(at);
    if (quote !== undefined) {
      if (character === quote) quote = undefined;
      else if (character === '\\' && quote === '"' && /["\\]/.test(line.charAt(at + 1))) word = (word ?? '') + line.charAt(++at);
      else word = (word ?? '') + character;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= '';
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (character === '#' && word === undefined) break;
    else if (character === '\\' && at + 1 < line.length) word = (word ?? '') + line.charAt(++at);
    else word = (word ?? '') + character;
  }
  if (quote !== undefined) throw new LineError('a quote is opened and not closed.');
  if (word !== undefined) words.push(word);
  return words;
}

function unquote(value: string): string {
  const text = value.trim();
  return /^"[^"]*"$|^'[^']*'$/.test(text) ? text.slice(1, -1) : text;
}
