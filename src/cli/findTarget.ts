import type { Container, Network, Sandbox, Topology } from '../core/model/topology';
import { printable } from '../core/report/printable';
import { CliError } from './cliError';

/** A namespace that a user's word may mean. */
export interface Target {
  readonly sandbox: Sandbox;
  /** The container that was meant, where one was. */
  readonly container?: Container;
  /** What the word named: `container web1 on node1`. Printable. */
  readonly title: string;
}

/**
 * What TARGET of `enter` means: a container's name or id (six characters of it at least), a network's name or id, a namespace's path, file name, inode or
 * title, or `root`. `container:` and `network:` in front narrow it. @throws CliError where nothing or more than one namespace fits; the latter lists them.
 */
export function findTarget(topology: Topology, text: string): Target {
  const found = distinct(candidates(topology, text));
  const [first, ...others] = found;
  if (first === undefined) throw new CliError(nothing(topology, text));
  if (others.length === 0) return first;
  const list = found.map((target) => `  ${target.title}, inode ${target.sandbox.inode}`);
  throw new CliError(`"${printable(text)}" may be one of these. Say which by --host, by container: or network: in front, or by the inode:\n${list.join('\n')}`);
}

function candidates(topology: Topology, text: string): Target[] {
  const [, kind, word = text] = /^(container|network):(.*)$/s.exec(text) ?? [];
  return [
    ...(kind === 'network' ? [] : containersNamed(topology, word).flatMap((container) => ofContainer(topology, container))),
    ...(kind === 'container' ? [] : networksNamed(topology, word).flatMap((network) => ofNetwork(topology, network))),
    ...(kind === undefined ? sandboxesNamed(topology, word) : []),
  ];
}

/** Containers by name, else by id or the beginning of it. */
export function containersNamed(topology: Topology, word: string): Container[] {
  const all = [...topology.container.values()];
  const byName = all.filter((container) => container.name === word);
  return byName.length > 0 || word.length < 6 ? byName : all.filter((container) => container.engine.id.startsWith(word));
}

/** Networks by name, else by id or the beginning of it. */
export function networksNamed(topology: Topology, word: string): Network[] {
  const all = [...topology.network.values()];
  const byName = all.filter((network) => network.name === word);
  return byName.length > 0 || word.length < 6 ? byName : all.filter((network) => network.engine.id.startsWith(word));
}

/** Roles whose title is the namespace's own name; the others are titled by the containers and networks that they are found by. */
const titledThemselves: ReadonlySet<Sandbox['role']> = new Set(['named', 'process', 'leaked', 'unowned']);

function sandboxesNamed(topology: Topology, word: string): Target[] {
  const inode = /^(?:net:\[)?(\d+)\]?$/.exec(word)?.[1];
  return [...topology.sandbox.values()]
    .filter(
      (sandbox) =>
        [...sandbox.paths, ...(sandbox.record.mounts ?? []).map(({ path }) => path)].some((path) => path === word || path.slice(path.lastIndexOf('/') + 1) === word) ||
        (inode !== undefined && sandbox.inode === Number(inode)) ||
        (word === 'root' && sandbox.role === 'root') ||
        (titledThemselves.has(sandbox.role) && sandbox.title === word),
    )
    .map((sandbox) => ({ sandbox, title: `namespace ${printable(sandbox.title)} on ${hostOf(topology, sandbox.hostId)}` }));
}

function ofContainer(topology: Topology, container: Container): Target[] {
  const sandbox = container.sandboxId === undefined ? undefined : topology.sandbox.get(container.sandboxId);
  return sandbox === undefined ? [] : [{ sandbox, container, title: `container ${printable(container.name)} on ${hostOf(topology, container.hostId)}` }];
}

/** An overlay has a namespace; a bridge network's bridge is in the root namespace. */
function ofNetwork(topology: Topology, network: Network): Target[] {
  const id = network.sandboxId ?? (network.bridgeLinkId === undefined ? undefined : topology.host.get(network.hostId)?.rootSandbox);
  const sandbox = id === undefined ? undefined : topology.sandbox.get(id);
  return sandbox === undefined ? [] : [{ sandbox, title: `network ${printable(network.name)} on ${hostOf(topology, network.hostId)}` }];
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
  return `Nothing on ${hosts} is called ${shown}. "netns-explorer scan" lists what is there.`;
}

function hostOf(topology: Topology, hostId: string): string {
  return printable(topology.host.get(hostId)?.label ?? hostId);
}
