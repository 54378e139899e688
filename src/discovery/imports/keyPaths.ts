import { homedir } from 'node:os';
import { dirname, resolve } from 'node:path';
import type { Imported } from '../../core/hosts/importedHost';
import type { ImportSource } from '../../core/hosts/importSource';

/** With the paths of keys made absolute: "~" is this user's home, and a relative one is seen from the file or folder that names it. */
export function withKeyPaths(source: ImportSource, { hosts, faults }: Imported): Imported {
  const base = source.kind === 'ansible' || source.kind === 'vagrant-config' ? dirname(source.path) : source.kind === 'vagrant' ? source.path : homedir();
  return { hosts: hosts.map((host) => ({ ...host, ...(host.keyFile !== undefined && { keyFile: absolute(host.keyFile, base) }) })), faults };
}

function absolute(path: string, base: string): string {
  return path === '~' || path.startsWith('~/') ? resolve(homedir(), path.slice(2)) : resolve(base, path);
}
