import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseDockerContext } from '../../core/hosts/dockerContext';
import type { Imported } from '../../core/hosts/importedHost';
import { dockerFolder } from '../../host/docker/contextFiles';
import { printable } from '../../core/report/printable';
import { readText } from './readText';

const maxBytes = 1024 * 1024;

/** Every context of `docker context ls` but the default one. @param folder in place of DOCKER_CONFIG or ~/.docker. */
export async function readDockerContexts(folder = dockerFolder()): Promise<Imported> {
  const meta = join(folder, 'contexts', 'meta');
  let names: string[];
  try {
    names = await readdir(meta);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return { hosts: [], faults: [code === 'ENOENT' ? `There are no Docker contexts in ${printable(meta)}.` : `${printable(meta)} cannot be read (${printable(code ?? String(error))}).`] };
  }
  const all: Imported[] = [];
  for (const name of names.sort()) {
    const path = join(meta, name, 'meta.json');
    const read = await readText(path, maxBytes);
    all.push('fault' in read ? { hosts: [], faults: [read.fault] } : parseDockerContext(read.text, path));
  }
  const hosts = all.flatMap((each) => each.hosts);
  const faults = all.flatMap((each) => each.faults);
  return { hosts, faults: hosts.length + faults.length === 0 ? [`There are no Docker contexts in ${printable(meta)}.`] : faults };
}
