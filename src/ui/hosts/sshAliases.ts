import { readFile, readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve, sep } from 'node:path';
import { isSshHost } from '../../core/hosts/sshName';

/** OpenSSH's own limit (READCONF_MAX_DEPTH in readconf.c). */
const includeDepth = 16;

/**
 * The host aliases of an ssh_config(5), `Include` followed, in the order of the file, each once. Patterns (`*`, `?`, `!`) name no
 * host and are left out. A file that is not there or cannot be read has none: as with ssh itself, that is no error.
 */
export async function sshAliases(file: string): Promise<string[]> {
  const found = new Set<string>();
  await read(file, 0, found);
  return [...found];
}

/** `~/.ssh/config`, or the configured file with a leading `~` resolved. */
export function sshConfigPath(configured: string): string {
  if (configured === '') return join(homedir(), '.ssh', 'config');
  return configured === '~' || configured.startsWith('~/') ? join(homedir(), configured.slice(1)) : resolve(configured);
}

async function read(file: string, depth: number, found: Set<string>): Promise<void> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch {
    return;
  }
  for (const { keyword, values } of directives(text)) {
    if (keyword === 'host') {
      for (const value of values) if (isSshHost(value)) found.add(value);
    } else if (keyword === 'include' && depth < includeDepth) {
      for (const value of values) for (const path of await expand(value)) await read(path, depth + 1, found);
    }
  }
}

/** The lines of an ssh_config as keyword and arguments: `Key value`, `Key=value`, double quotes, comments at a line's start. */
export function directives(text: string): { keyword: string; values: string[] }[] {
  return text.split(/\r?\n/).flatMap((line) => {
    const match = /^\s*([A-Za-z]+)(?:\s*=\s*|\s+)(.*?)\s*$/.exec(line);
    if (match?.[1] === undefined || match[2] === undefined) return [];
    const values = [...match[2].matchAll(/"([^"]*)"|([^\s"]+)/g)].map((word) => word[1] ?? word[2] ?? '');
    const comment = values.findIndex((value) => value.startsWith('#'));
    return [{ keyword: match[1].toLowerCase(), values: comment === -1 ? values : values.slice(0, comment) }];
  });
}

/** An Include's argument: `~`, or relative to the user's `~/.ssh` wherever the file itself lies (ssh_config(5)), with glob(7) wildcards in any part. */
async function expand(value: string): Promise<string[]> {
  const path = value.startsWith('~/') ? join(homedir(), value.slice(2)) : isAbsolute(value) ? value : join(homedir(), '.ssh', value);
  const [root = '', ...parts] = path.split(/[\\/]/);
  let paths = [root];
  for (const part of parts) {
    if (!/[*?]/.test(part)) {
      paths = paths.map((prefix) => `${prefix}${sep}${part}`);
      continue;
    }
    const pattern = new RegExp(`^${part.replace(/[.+^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '.*').replace(/\?/g, '.')}$`);
    const next: string[] = [];
    for (const prefix of paths) {
      const names = await readdir(prefix === '' ? sep : prefix).catch(() => []);
      for (const name of names.sort()) if (pattern.test(name) && (part.startsWith('.') || !name.startsWith('.'))) next.push(`${prefix}${sep}${name}`);
    }
    paths = next;
  }
  return paths;
}
