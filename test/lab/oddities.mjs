// Namespaces and devices with names that nobody should trust.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { execIn } from './hosts.mjs';

/** Adds them to a host. @returns what was made: names as base64, because not all of them are text. */
export async function addOddities(pid) {
  const script = await readFile(fileURLToPath(new URL('host/oddities.sh', import.meta.url)), 'utf8');
  const { stdout } = await execIn(pid, ['bash', '-c', script]);
  const made = { namespaces: [], interfaces: [] };
  for (const line of stdout.trimEnd().split('\n')) {
    const [kind, name] = line.split(' ');
    made[kind]?.push(name);
  }
  return made;
}
