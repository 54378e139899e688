import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { formatImportSource, parseImportSource, type ImportSource } from '../core/hosts/importSource';
import type { HostAddress } from '../core/model/address';
import { printable } from '../core/report/printable';
import { CliError } from './cliError';

/** A host that is to be read. */
export interface WantedHost {
  readonly address: HostAddress;
  /** What the source calls it. */
  readonly name?: string;
  /** Absolute path of its private key. */
  readonly keyFile?: string;
}

export interface FoundHost extends WantedHost {
  readonly groups: readonly string[];
  /** As --from takes it. */
  readonly source: string;
}

export interface FromOptions {
  /** What --from was given, in its order. */
  readonly from: readonly string[];
  /** "vagrant ssh-config" may be run, which executes the Vagrantfile. */
  readonly runVagrant: boolean;
}

/** More than anybody means to read at once without saying which. */
const mostUnnamed = 100;

/** Everything that the sources name. Faults are printable sentences. @throws CliError for a source that is none */
export async function findHosts({ from, runVagrant }: FromOptions, signal: AbortSignal): Promise<{ readonly hosts: readonly FoundHost[]; readonly faults: readonly string[] }> {
  const hosts: FoundHost[] = [];
  const faults: string[] = [];
  for (const text of from) {
    const source = await sourceOf(text);
    const { readImport } = await import('../discovery/imports/readImport');
    const imported = await readImport(source, { mayExecute: runVagrant, signal });
    for (const { name, address, keyFile, groups } of imported.hosts) hosts.push({ address, groups, source: formatImportSource(source), ...(name !== undefined && { name }), ...(keyFile !== undefined && { keyFile }) });
    faults.push(...imported.faults);
  }
  return { hosts, faults };
}

/**
 * The hosts that are meant: without sources those of --host; with them all that they name, or of those the ones whose names --host gives. A --host that no source names is what it is
 * without them. @throws CliError where nothing is found, or too much without a name
 */
export async function wantedHosts(given: readonly HostAddress[], options: FromOptions, signal: AbortSignal): Promise<{ readonly hosts: readonly WantedHost[]; readonly faults: readonly string[] }> {
  if (options.from.length === 0) return { hosts: given.map((address) => ({ address })), faults: [] };
  const { hosts, faults } = await findHosts(options, signal);
  if (given.length > 0) {
    return { faults, hosts: given.map((address) => (address.kind === 'ssh' && address.user === undefined && address.port === undefined ? hosts.find(({ name }) => name === address.host) : undefined) ?? { address }) };
  }
  if (hosts.length === 0) throw new CliError([...faults, 'No host was found by --from.'].join('\n'));
  if (hosts.length > mostUnnamed) throw new CliError(`--from names ${String(hosts.length)} hosts, which are too many to read at once. Say which with --host NAME; "netns-explorer hosts" lists them.`);
  return { hosts, faults };
}

/** `ansible:FILE`, `vagrant:FOLDER`, `vagrant-config:FILE`, `docker-contexts`, or a path alone, whose kind is seen by what is there. */
async function sourceOf(text: string): Promise<ImportSource> {
  const named = parseImportSource(text);
  if (named?.kind === 'swarm' || named?.kind === 'nested') throw new CliError(`--from takes no ${named.kind}: "netns-explorer scan" prints the addresses of these hosts.`);
  if (named !== undefined) return named.kind === 'docker-contexts' ? named : { kind: named.kind, path: resolve(named.path) };
  const path = resolve(text);
  const facts = await stat(path).catch(() => undefined);
  if (facts === undefined) throw new CliError(`There is no "${printable(text)}" to read hosts from. --from takes a file, the folder of a Vagrantfile, or docker-contexts.`);
  if (facts.isDirectory()) return { kind: 'vagrant', path };
  // What `vagrant ssh-config` printed; an inventory has no line that is "Host" and a name.
  const isConfig = facts.isFile() && facts.size < 1024 * 1024 && /^Host\s+\S/m.test(await readFile(path, 'utf8').catch(() => ''));
  return { kind: isConfig ? 'vagrant-config' : 'ansible', path };
}
