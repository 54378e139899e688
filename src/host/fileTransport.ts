import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { formatHostAddress, type HostAddress } from '../core/model/address';
import type { Snapshot } from '../core/model/snapshot';
import { printable } from './command/words';
import { TransportError, type Transport } from './transport';

type FileAddress = Extract<HostAddress, { kind: 'file' }>;

/** A recorded host is a few MiB for hundreds of namespaces; a file beyond this is no recording that can be worked with. */
const maxBytes = 256 * 1024 * 1024;

/** A host as a snapshot file recorded it. Nothing can be run there. */
export function createFileTransport(address: FileAddress): Transport {
  const name = printable(basename(address.path));
  const refuse = (what: string) => Promise.reject(new TransportError('recorded', `${name} is a recorded host: ${what} needs the host itself.`));
  let read: Promise<Snapshot> | undefined;
  const recorded = (): Promise<Snapshot> => {
    read ??= readSnapshot(address, name).catch((error: unknown) => {
      read = undefined;
      throw error;
    });
    return read;
  };
  return {
    id: formatHostAddress(address),
    address,
    live: false,
    privilege: 'user',
    connect: async () => {
      await recorded();
    },
    run: () => refuse('running a command'),
    openStream: () => refuse('a connection'),
    openTerminal: () => refuse('a terminal'),
    recorded,
    // A file cannot be lost once it has been read.
    onDidClose: () => () => undefined,
    dispose: () => {
      read = undefined;
    },
  };
}

async function readSnapshot(address: FileAddress, name: string): Promise<Snapshot> {
  const text = await readText(address.path, name);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new TransportError('garbled', `${name} is no JSON and so no recorded host; save the snapshot again.`, { cause: error });
  }
  const { parseSnapshot } = await import('../core/model/snapshotSchema');
  try {
    return { ...parseSnapshot(json), hostId: formatHostAddress(address) };
  } catch (error) {
    throw new TransportError('garbled', `${name} cannot be opened: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

async function readText(path: string, name: string): Promise<string> {
  try {
    const found = await stat(path);
    // A pipe would be waited for, and a device read, without end.
    if (!found.isFile()) throw new TransportError('garbled', `${name} is no file and so no recorded host.`);
    const { size } = found;
    if (size > maxBytes) throw new TransportError('truncated', `${name} is larger than ${String(maxBytes / 1024 / 1024)} MiB, too large for a recorded host.`);
    const text = await readFile(path, 'utf8');
    return text.startsWith('\u{feff}') ? text.slice(1) : text;
  } catch (error) {
    if (error instanceof TransportError) throw error;
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT') throw new TransportError('vanished', `There is no file ${printable(path)}.`, { cause: error });
    if (code === 'EACCES') throw new TransportError('no-permission', `You may not read ${printable(path)}.`, { cause: error });
    throw new TransportError('failed', `${printable(path)} cannot be read: ${printable(String(error))}.`, { cause: error });
  }
}
