import type { ComposeNetwork } from '../model/compose';
import type { EngineContainer } from '../model/engine';

/*
 * Compose files (Compose specification, and the file formats 2 and 3 of docker-compose 1) as data. Whatever is odd counts as not given.
 */

/** Maps stay maps, so that no name of theirs means anything to JavaScript. */
type Tree = unknown;

/** Where a project's files are. */
export interface ComposeFiles {
  readonly project: string;
  readonly files: readonly string[];
  /** Instead of files: why there are none to read. */
  readonly fault?: string;
}

/** No project is put together from more. */
const maxFiles = 16;
const maxProjects = 50;

/** The projects that containers were made by, each with its files (docker-compose 1.25 and newer, Compose 2, podman-compose). */
export function composeFilesOf(containers: readonly Pick<EngineContainer, 'labels'>[]): readonly ComposeFiles[] {
  const found = new Map<string, ComposeFiles>();
  for (const { labels } of containers) {
    const project = labels['com.docker.compose.project'];
    const names = labels['com.docker.compose.project.config_files'];
    const folder = labels['com.docker.compose.project.working_dir'] ?? '';
    if (project === undefined || project === '' || names === undefined || names === '' || found.size >= maxProjects) continue;
    const files = names.split(',').slice(0, maxFiles).map((name) => (name.startsWith('/') ? name : `${folder.replace(/\/+$/, '')}/${name}`));
    // Compose on Windows, or a file from standard input.
    const odd = files.find((file) => !file.startsWith('/') || file.endsWith('/-') || file.includes('\0'));
    const entry: ComposeFiles = odd === undefined ? { project, files } : { project, files, fault: `"${names}" is no file of this host: Compose ran on another machine, or read from its standard input.` };
    found.set(JSON.stringify(entry), entry);
  }
  return [...found.values()];
}

/** The files to read for these projects, each once. */
export function wantedFiles(projects: readonly ComposeFiles[]): readonly string[] {
  return [...new Set(projects.flatMap(({ files, fault }) => (fault === undefined ? files : [])))];
}

const mapOf = (tree: Tree): ReadonlyMap<unknown, Tree> => (tree instanceof Map ? (tree as ReadonlyMap<unknown, Tree>) : new Map<unknown, Tree>());
const listOf = (tree: Tree): readonly Tree[] => (Array.isArray(tree) ? (tree as readonly Tree[]) : []);
/** A plain text without a variable in it. */
const plain = (tree: Tree): string | undefined => (typeof tree === 'string' && tree !== '' && !tree.includes('$') ? tree : undefined);
const truth = (tree: Tree): boolean | undefined => (typeof tree === 'boolean' ? tree : typeof tree !== 'string' ? undefined : /^(true|yes|on|y)$/i.test(tree) ? true : /^(false|no|off|n)$/i.test(tree) ? false : undefined);

/** Merges a project's files, later ones over earlier ones, as Compose does: maps by key, other values as a whole. */
function merged(below: Tree, above: Tree): Tree {
  if (!(below instanceof Map) || !(above instanceof Map)) return above ?? below;
  const all = new Map<unknown, Tree>(below);
  for (const [key, value] of above) all.set(key, all.has(key) ? merged(all.get(key), value) : value);
  return all;
}

/** @returns undefined for what is no Compose file. */
export function readComposeNetworks(trees: readonly Tree[]): { readonly networks: readonly ComposeNetwork[]; readonly partial: boolean } | undefined {
  if (trees.length === 0 || !trees.every((tree) => tree instanceof Map)) return undefined;
  const whole = mapOf(trees.reduce<Tree>(merged, undefined));
  if (!whole.has('services') && !whole.has('networks')) return undefined;
  const services = [...mapOf(whole.get('services')).values()].map(mapOf);
  const given = mapOf(whole.get('networks'));
  const used = new Set(services.flatMap(networksOfService));
  const keys = new Set([...given.keys()].map(String));
  if (used.has('default')) keys.add('default');
  return {
    networks: [...keys].map((key) => networkOf(key, mapOf(given.get(key)), used.has(key))),
    partial: whole.has('include') || services.some((service) => service.has('extends')),
  };
}

/** Names by list or map; a service without either is on the default one, unless it says how it is connected otherwise. */
function networksOfService(service: ReadonlyMap<unknown, Tree>): readonly string[] {
  if (service.has('network_mode') || service.has('net')) return [];
  const networks = service.get('networks');
  if (networks instanceof Map) return [...networks.keys()].map(String);
  const names = listOf(networks).map(String);
  return names.length > 0 ? names : ['default'];
}

function networkOf(key: string, map: ReadonlyMap<unknown, Tree>, used: boolean): ComposeNetwork {
  const outside = map.get('external');
  const external = outside instanceof Map || truth(outside) === true;
  const name = plain(map.get('name')) ?? plain(mapOf(outside).get('name'));
  const driver = plain(map.get('driver'));
  const internal = truth(map.get('internal'));
  const configs = listOf(mapOf(map.get('ipam')).get('config')).map(mapOf);
  const texts = (of: string): string[] => configs.flatMap((config) => plain(config.get(of)) ?? []);
  const options = [...mapOf(map.get('driver_opts'))].flatMap(([option, value]) => {
    const text = typeof value === 'number' || typeof value === 'boolean' ? String(value) : plain(value);
    return text === undefined ? [] : [[String(option), text] as const];
  });
  return {
    key,
    external,
    ...(name !== undefined && { name }),
    ...(driver !== undefined && { driver }),
    ...(internal !== undefined && { internal }),
    subnets: texts('subnet'),
    gateways: texts('gateway'),
    options: Object.fromEntries(options.filter(([option]) => option !== '__proto__')),
    used,
  };
}
