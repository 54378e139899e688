import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** An extension that lies unpacked in a folder. */
export interface ExtensionFolder {
  readonly path: string;
  /** Files that belong to it, relative to the folder. */
  readonly files: readonly string[];
}

interface Manifest {
  readonly name: string;
  readonly publisher: string;
  readonly version: string;
}

/**
 * Puts extensions among the installed ones of a fresh extensions folder, as an installation would. (Opened for development
 * instead, with the smoke-test driver that this takes in a browser, VS Code shows no notifications and takes one folder only.)
 */
export async function installFolders(extensionsDir: string, folders: readonly ExtensionFolder[]): Promise<void> {
  await mkdir(extensionsDir, { recursive: true });
  const entries = await Promise.all(folders.map((folder) => installFolder(extensionsDir, folder)));
  await writeFile(join(extensionsDir, 'extensions.json'), JSON.stringify(entries));
}

async function installFolder(extensionsDir: string, folder: ExtensionFolder): Promise<unknown> {
  const { name, publisher, version } = JSON.parse(await readFile(join(folder.path, 'package.json'), 'utf8')) as Manifest;
  const relativeLocation = `${publisher}.${name}-${version}`;
  const path = join(extensionsDir, relativeLocation);
  for (const file of folder.files) {
    await mkdir(dirname(join(path, file)), { recursive: true });
    await cp(join(folder.path, file), join(path, file));
  }
  return { identifier: { id: `${publisher}.${name}` }, version, location: { $mid: 1, path, scheme: 'file' }, relativeLocation, metadata: {} };
}
