import { basename, extname, parse } from 'node:path';
import { parseAnsibleIni } from '../../core/hosts/ansibleIni';
import { parseAnsibleJson } from '../../core/hosts/ansibleJson';
import type { Imported } from '../../core/hosts/importedHost';
import { printable } from '../../core/report/printable';
import { readText } from './readText';
import { readYamlInventory } from './readYamlInventory';
import { runTool } from './runTool';

const limitMs = 30_000;
const maxBytes = 8 * 1024 * 1024;

/**
 * Reads an Ansible inventory: with `ansible-inventory` where it is installed, which knows group_vars and host_vars too; else INI, YAML and JSON by itself. Nothing of the
 * inventory is executed: only Ansible's plugins for INI and YAML are on, no configuration beside the file is heeded, templates and
 * vaults stay closed. @param program in place of `ansible-inventory`.
 */
export async function readAnsible(path: string, signal?: AbortSignal, program = 'ansible-inventory'): Promise<Imported> {
  const name = basename(path);
  const read = await readText(path, maxBytes);
  if ('fault' in read) return { hosts: [], faults: [read.fault] };
  if (extname(path) === '.json' || /^\s*\{/.test(read.text)) return parseAnsibleJson(read.text, name);
  if (read.text.startsWith('#!')) return { hosts: [], faults: [`${printable(name)} is a program, and nothing is executed to import hosts. Save what it prints with --list as a file that ends with .json, and import that.`] };
  const yaml = /^\.ya?ml$/.test(extname(path)) || /^---\s*$/m.test(read.text);
  const output = await runTool(program, ['--list', '-i', path], {
    // Not where the inventory lies: plugins and a configuration in the current folder would be loaded.
    cwd: parse(path).root,
    env: { ANSIBLE_CONFIG: '/dev/null', ANSIBLE_INVENTORY_ENABLED: 'ini,yaml', ANSIBLE_VARS_ENABLED: 'host_group_vars', ANSIBLE_NOCOLOR: '1' },
    limitMs,
    ...(signal && { signal }),
  });
  if (output?.code === 0) return parseAnsibleJson(output.stdout, name);
  const imported = yaml ? readYamlInventory(read.text, name) : parseAnsibleIni(read.text, name);
  return output === undefined ? imported : { ...imported, faults: [`ansible-inventory could not read ${printable(name)} (${lastLine(output.stderr)}), so it was read without it.`, ...imported.faults] };
}

function lastLine(text: string): string {
  const line = text.split('\n').findLast((each) => each.trim() !== '') ?? 'it said nothing';
  return printable(line.trim()).slice(0, 300).replace(/\.$/, '');
}
