import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from '../../src/core/command/command';
import type { NamespaceRecord, Snapshot } from '../../src/core/model/snapshot';
import { scanHost, type ScanOptions } from '../../src/discovery/scan';
import { createLocalTransport } from '../../src/host/localTransport';
import type { Transport } from '../../src/host/transport';
import { ask, atEnd } from './commandSupport';
import { noQuestions } from './hostQuestions';

export const local = (): Transport => createLocalTransport({ questions: noQuestions });

/** A transport that puts other words before every command: another shell, another PATH, another user. */
export function through(transport: Transport, change: (command: Command) => Command, privilege = transport.privilege): Transport {
  return new Proxy(transport, {
    get(target, name) {
      if (name === 'run') return (command: Command, options: Parameters<Transport['run']>[1]) => target.run(change(command), options);
      if (name === 'privilege') return privilege;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value as (...given: unknown[]) => unknown).bind(target) : value;
    },
  });
}

export function prefixed(...words: [string, ...string[]]): (command: Command) => Command {
  return (command) => ({ ...command, privilege: 'user', argv: [...words, ...command.argv] });
}

/** A folder with executables, for the front of PATH; taken away at the end. */
export function programs(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'netns-explorer-test-'));
  atEnd(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, name), text);
    chmodSync(join(folder, name), 0o755);
  }
  return folder;
}

export const withPath = (folder: string): ((command: Command) => Command) => prefixed('env', `PATH=${folder}:${process.env['PATH'] ?? '/usr/bin:/bin'}`);

export function scan(transport: Transport, options: Partial<ScanOptions> = {}): Promise<Snapshot> {
  return scanHost(transport, undefined, { limitMs: 20_000, ...options });
}

export function namespaceAt(snapshot: Snapshot, path: string): NamespaceRecord {
  const found = snapshot.namespaces.find(({ paths }) => paths.includes(path));
  if (!found) throw new Error(`${path} is not in the snapshot.`);
  return found;
}

/** `device:inode` of every namespace that a mount of this machine shows or a process is in, by findmnt and lsns. */
export function namespacesHere(run: (...argv: [string, ...string[]]) => string = ask): ReadonlySet<number> {
  // findmnt fails where it finds none.
  const mounts = [...run('sh', '-c', 'findmnt --noheadings --raw --types nsfs --output SOURCE || :').matchAll(/net:\[(\d+)\]/g)];
  // lsns fails where a process ends while it reads.
  const processes = run('sh', '-c', 'for i in 1 2 3 4 5; do lsns --noheadings --type net --output NS && exit; done; exit 1').split('\n');
  return new Set([...mounts.map((match) => Number(match[1])), ...processes.map((line) => Number(line.trim()))].filter((inode) => inode > 0));
}

/** Processes whose environment holds this word. */
export function processesMarked(mark: string): readonly number[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      return readFileSync(`/proc/${name}/environ`, 'latin1').includes(mark) ? [Number(name)] : [];
    } catch {
      // It ended meanwhile.
      return [];
    }
  });
}
