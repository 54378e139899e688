import type { Container, Network, Sandbox, Topology } from '../core/model/topology';
import { quoteArgv } from '../core/command/quote';
import { isEngineUnread } from '../core/report/engineText';
import { printable, shownName } from '../core/report/printable';
import { CliError } from './cliError';

/** A namespace that a user's word may mean. */
export interface Target {
  readonly sandbox: Sandbox;
  /** The container that was meant, where one was. */
  readonly container?: Container;
  /** What the word named: `container web1 on node1`. Printable. */
  readonly title: string;
  /** Words that may mean this namespace alone on its host, best first. */
  readonly words: readonly string[];
}

/**
 * What TARGET of `enter` means: a container's name or id (six characters of it at least), a network's name or id, a namespace's path, file name, inode or
 * title, or `root`. What has exactly that name or id goes before what an id merely begins with. One of `prefixes` in front narrows it.
 * Names are as they are shown (`shownName`), or as they are. @throws CliError where nothing or more than one namespace fits; the latter
 * says for each what to type instead.
 */
export function findTarget(topology: Topology, text: string): Target {
  const found = candidates(topology, text);
  const [first, ...others] = found;
  if (first === undefined) throw new CliError(nothing(topology, text));
  if (others.length === 0) return first;
  const list = found.map((target) => [exactWords(topology, target), `${target.title}, inode ${target.sandbox.inode}`] as const);
  const width = Math.max(...list.map(([words]) => words.length));
  throw new CliError(`"${printable(text)}" may be one of these. Type what stands before it instead:\n${list.map(([words, title]) => `  ${words.padEnd(width)}  ${title}`).join('\n')}`);
}

/** `root:` takes no word after it. */
const prefixes = ['container', 'network', 'name', 'inode', 'root'] as const;
type Prefix = (typeof prefixes)[number];

/** One entry per namespace. */
function candidates(topology: Topology, text: string): Target[] {
  const [, prefix, rest] = /^([a-z]+):(.*)$/s.exec(text) ?? [];
  const kind = prefixes.find((each) => each === prefix);
  const word = kind === undefined ? text : (rest ?? '');
  for (const how of [isShown, isSame, begins]) {
    const found = distinct(named(topology, kind, word, how));
    if (found.length > 0) return found;
  }
  return [];
}

/** Whether a word means a name, or the id of an engine's thing. */
type How = (word: string, name: string, kind: 'name' | 'id') => boolean;

const isShown: How = (word, name) => shownName(name) === word;
const isSame: How = (word, name) => name === word;
const begins: How = (word, name, kind) => kind === 'id' && word.length >= 6 && name.startsWith(word);

function named(topology: Topology, kind: Prefix | undefined, word: string, how: How): Target[] {
  const wants = (...kinds: Prefix[]): boolean => kind === undefined || kinds.includes(kind);
  const engines = <Thing extends EngineThing>(things: Iterable<Thing>): Thing[] =>
    [...things].filter(({ name, engine }) => how(word, name, 'name') || how(word, engine.id, 'id'));
  return [
    ...(wants('container') ? engines(topology.container.values()).flatMap((container) => ofContainer(topology, container)) : []),
    ...(wants('network') ? engines(topology.network.values()).flatMap((network) => ofNetwork(topology, network)) : []),
    ...(wants('name', 'inode', 'root') ? sandboxesNamed(topology, kind, word, how) : []),
  ];
}

/** What means this namespace and no other: by the name that it was found by where that is enough, else by its inode. Quoted for a shell. */
function exactWords(topology: Topology, { sandbox, words }: Target): string {
  const here = (text: string): boolean => {
    const found = candidates(topology, text).filter((target) => target.sandbox.hostId === sandbox.hostId);
    return found.length === 1 && found[0]?.sandbox.id === sandbox.id;
  };
  const word = words.find(here) ?? `inode:${String(sandbox.inode)}`;
  return quoteArgv(topology.hosts.length > 1 ? ['--host', printable(sandbox.hostId), word] : [word]);
}

type EngineThing = { readonly name: string; readonly engine: { readonly id: string } };

/** Those of that name, else those whose id is it or begins with it. */
function byNameOrId<Thing extends EngineThing>(things: Iterable<Thing>, word: string): Thing[] {
  const all = [...things];
  const byName = all.filter(({ name }) => name === word);
  return byName.length > 0 ? byName : all.filter(({ engine }) => begins(word, engine.id, 'id'));
}

export const containersNamed = (topology: Topology, word: string): Container[] => byNameOrId(topology.container.values(), word);

export const networksNamed = (topology: Topology, word: string): Network[] => byNameOrId(topology.network.values(), word);

/** Roles whose title is the namespace's own name; the others are titled by the containers and networks that they are found by. */
const titledThemselves: ReadonlySet<Sandbox['role']> = new Set(['named', 'process', 'leaked', 'unowned']);

const fileName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

function sandboxesNamed(topology: Topology, kind: Prefix | undefined, word: string, how: How): Target[] {
  const inode = /^(?:net:\[)?(\d+)\]?$/.exec(word)?.[1];
  return [...topology.sandbox.values()].flatMap((sandbox) => {
    const paths = [...sandbox.paths, ...(sandbox.record.mounts ?? []).map(({ path }) => path)];
    const fits =
      (kind !== 'inode' && kind !== 'root' && (paths.some((path) => how(word, path, 'name') || how(word, fileName(path), 'name')) || (titledThemselves.has(sandbox.role) && sandbox.title === word))) ||
      (kind !== 'name' && kind !== 'root' && inode !== undefined && sandbox.inode === Number(inode)) ||
      (sandbox.role === 'root' && (kind === 'root' ? word === '' : kind === undefined && word === 'root'));
    if (!fits) return [];
    const names = sandbox.role === 'root' ? ['root:'] : paths.flatMap((path) => [`name:${shownName(fileName(path))}`, `name:${shownName(path)}`]);
    return [{ sandbox, words: names, title: `namespace ${printable(sandbox.title)} on ${hostOf(topology, sandbox.hostId)}` }];
  });
}

function ofContainer(topology: Topology, container: Container): Target[] {
  const sandbox = container.sandboxId === undefined ? undefined : topology.sandbox.get(container.sandboxId);
  const words = [container.name, container.engine.id].map((name) => `container:${shownName(name)}`);
  return sandbox === undefined ? [] : [{ sandbox, container, words, title: `container ${printable(container.name)} on ${hostOf(topology, container.hostId)}` }];
}

/** An overlay has a namespace; a bridge network's bridge is in the root namespace. */
function ofNetwork(topology: Topology, network: Network): Target[] {
  const id = network.sandboxId ?? (network.bridgeLinkId === undefined ? undefined : topology.host.get(network.hostId)?.rootSandbox);
  const sandbox = id === undefined ? undefined : topology.sandbox.get(id);
  const words = [network.name, network.engine.id].map((name) => `network:${shownName(name)}`);
  return sandbox === undefined ? [] : [{ sandbox, words, title: `network ${printable(network.name)} on ${hostOf(topology, network.hostId)}` }];
}

/** One entry per namespace; a container that was named beats other names of it. */
function distinct(targets: readonly Target[]): Target[] {
  const bySandbox = new Map<string, Target>();
  for (const target of targets) {
    if (!bySandbox.has(target.sandbox.id)) bySandbox.set(target.sandbox.id, target);
  }
  return [...bySandbox.values()];
}

/** Networks of these drivers never have a namespace (libnetwork's drivers of the same names). */
const placeless: ReadonlyMap<string, string> = new Map(Object.entries({
  host: 'a container on it is in the host\'s root namespace. Enter "root".',
  null: 'a container on it has one of its own, with nothing but loopback. Enter the container.',
  macvlan: 'each container on it has a device of its own on the parent device. Enter one of its containers, or "root" for the parent.',
  ipvlan: 'each container on it has a device of its own on the parent device. Enter one of its containers, or "root" for the parent.',
}));

function nothing(topology: Topology, text: string): string {
  const word = text.replace(/^(container|network):/, '');
  const shown = `"${printable(text)}"`;
  const container = containersNamed(topology, word)[0];
  if (container !== undefined && !text.startsWith('network:')) {
    return `${shown} is a container without a network namespace now: it is ${printable(container.engine.state)}. Start it, and try again.`;
  }
  const network = networksNamed(topology, word)[0];
  if (network !== undefined && !text.startsWith('container:')) {
    const why = placeless.get(network.engine.driver);
    if (why !== undefined) return `${shown} is the network of driver ${network.engine.driver} on ${hostOf(topology, network.hostId)}, and has no namespace: ${why}`;
    return `${shown} is a network without a namespace of its own on ${hostOf(topology, network.hostId)}: an overlay has one once a container there uses it. Enter one of its containers.`;
  }
  const hosts = topology.hosts.map((host) => printable(host.label)).join(', ');
  // What the shell gave was not UTF-8, or the mark for it was copied from somewhere.
  if (text.includes('\ufffd')) return `Nothing on ${hosts} is called ${shown}. Names are typed as "netns-explorer scan" shows them: '\\xff' for a byte that is no UTF-8.`;
  // Told with the host's other faults before.
  if (topology.hosts.some(({ snapshot }) => isEngineUnread(snapshot))) return `Nothing that could be read on ${hosts} is called ${shown}. Names of containers and networks come from the engine, which was not read; an inode or a name of "ip netns" can be entered without it.`;
  return `Nothing on ${hosts} is called ${shown}. "netns-explorer scan" lists what is there.`;
}

function hostOf(topology: Topology, hostId: string): string {
  return printable(topology.host.get(hostId)?.label ?? hostId);
}
