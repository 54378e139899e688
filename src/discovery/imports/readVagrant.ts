import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Imported } from '../../core/hosts/importedHost';
import { parseVagrantConfig } from '../../core/hosts/vagrantConfig';
import { printable } from '../../core/report/printable';
import { readText } from './readText';
import { runTool } from './runTool';

/** Vagrant starts slowly, and asks the provider about each machine. */
const limitMs = 120_000;
const maxBytes = 1024 * 1024;

/** What `vagrant ssh-config` printed, saved as a file. */
export async function readVagrantConfig(path: string): Promise<Imported> {
  const read = await readText(path, maxBytes);
  return 'fault' in read ? { hosts: [], faults: [read.fault] } : parseVagrantConfig(read.text, basename(path));
}

/**
 * The machines of a Vagrantfile's folder. `execute`: run `vagrant ssh-config`, which executes the Vagrantfile; else only `.vagrant` is looked at, which knows the machines' names and
 * keys and not where they listen. @param program in place of `vagrant`.
 */
export async function readVagrant(folder: string, execute: boolean, signal?: AbortSignal, program = 'vagrant'): Promise<Imported> {
  if (!execute) return { hosts: [], faults: await machineFaults(folder, 'The file does not say where it listens; only "vagrant ssh-config" does, which was not run') };
  const output = await runTool(program, ['ssh-config'], { cwd: folder, env: { VAGRANT_NO_COLOR: '1', VAGRANT_CHECKPOINT_DISABLE: '1' }, limitMs, ...(signal && { signal }) });
  if (output === undefined) return { hosts: [], faults: await machineFaults(folder, 'Where it listens only the program "vagrant" knows, which is not installed on this machine') };
  // With some machines down it ends with 1 and still prints the others.
  const imported = output.stdout.trim() === '' ? { hosts: [], faults: [] } : parseVagrantConfig(output.stdout, 'vagrant ssh-config');
  if (output.code === 0) return imported;
  const said = output.stderr.split('\n').find((line) => line.trim() !== '') ?? 'it said nothing';
  return { hosts: imported.hosts, faults: [`vagrant ssh-config failed in ${printable(folder)}: ${printable(said.trim()).slice(0, 300).replace(/\.$/, '')}.`, ...imported.faults] };
}

/** `.vagrant/machines/NAME/PROVIDER/` (Vagrant's local data path); `id` is there while the machine is. */
async function machineFaults(folder: string, why: string): Promise<string[]> {
  const machines = join(folder, '.vagrant', 'machines');
  const names = await readdir(machines).catch(() => undefined);
  if (names === undefined) return [`${printable(folder)} has no .vagrant/machines: no machine was made there yet.`];
  const faults: string[] = [];
  for (const name of names.sort()) {
    for (const provider of await readdir(join(machines, name)).catch(() => [])) {
      if (!(await exists(join(machines, name, provider, 'id')))) continue;
      const key = join(machines, name, provider, 'private_key');
      const keyText = (await exists(key)) ? ` Its key is ${printable(key)}.` : '';
      faults.push(`The machine "${printable(name)}" (${printable(provider)}) is there. ${why}.${keyText} Save the output of "vagrant ssh-config" as a file and import that, or add the host by its address.`);
    }
  }
  return faults.length > 0 ? faults : [`${printable(folder)} has no machine that exists; "vagrant up" makes them.`];
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
