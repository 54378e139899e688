import { isMap, isScalar, LineCounter, parseDocument, visit, type Document } from 'yaml';
import { readAnsibleTree, type YamlValue } from '../../core/hosts/ansibleYaml';
import type { Imported } from '../../core/hosts/importedHost';
import { printable } from '../../core/report/printable';
import { dataFault, doubleNames, placeOf, syntaxSentence } from './yamlFaults';

/** It is read in one go on the thread that others wait for too; inventories of thousands of hosts have less. */
const maxCharacters = 1024 * 1024;
/** How often all aliases together may be followed: a few lines of them can name billions of values. */
const maxAliasCount = 1000;

/**
 * Reads an Ansible inventory in YAML syntax without Ansible. Tags make nothing: what `!vault`, `!unsafe` or `!!python/object` stands before is a text or a map like any other.
 * Where the syntax is wrong nothing of the file is taken, for the indentation says what belongs to what. @param file its name, for messages.
 */
export function readYamlInventory(text: string, file: string): Imported {
  const shown = printable(file);
  const nothing = (fault: string): Imported => ({ hosts: [], faults: [fault] });
  if (text.length > maxCharacters) {
    return nothing(`${shown} is larger than ${String(maxCharacters / 1024 / 1024)} MiB, which is too much YAML to read without ansible-inventory. "ansible-inventory --list -i FILE > hosts.json" makes a file that can be imported.`);
  }
  const lines = new LineCounter();
  let document: Document | undefined;
  try {
    // Of 1.1, which Ansible reads, only the merge key: its times and base-60 numbers make something else of a name. Comparing all keys with each other takes too long where there are many.
    document = parseDocument(text, { version: '1.2', schema: 'core', merge: true, uniqueKeys: false, prettyErrors: false, lineCounter: lines });
    const [error] = document.errors;
    if (error !== undefined) return nothing(`${shown}:${placeOf(lines, error.pos[0])}: ${syntaxSentence(error.code)}. Nothing of the file is taken.`);
    const tree = document.toJS({ mapAsMap: true, maxAliasCount }) as YamlValue;
    const hosts = hostLines(document, lines);
    const imported = readAnsibleTree(tree, file, (host) => hosts.get(host));
    return { hosts: imported.hosts, faults: [...doubleNames(document, lines, shown), ...imported.faults] };
  } catch (error) {
    return nothing(dataFault(error, document, lines, shown));
  }
}

/** The line on which each host's name stands first. */
function hostLines(document: Document, lines: LineCounter): Map<string, number> {
  const found = new Map<string, number>();
  visit(document, {
    Pair(_, { key, value }) {
      if (!isScalar(key) || key.value !== 'hosts' || !isMap(value)) return;
      for (const { key: host } of value.items) {
        if (isScalar(host) && host.range && !found.has(String(host.value))) found.set(String(host.value), lines.linePos(host.range[0]).line);
      }
    },
  });
  return found;
}
