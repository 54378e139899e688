import { innerOwner, readCgroup, type CgroupOwner } from '../facts/cgroup';
import type { EngineContainer, EngineNetwork } from '../model/engine';
import type { RuntimeContainer } from '../model/runtime';
import type { NamespaceKey, NamespaceRecord, Snapshot } from '../model/snapshot';
import type { PodName, SandboxRole } from '../model/topology';
import { shownName } from '../report/printable';
import { engineFilesOf, everyPath, nestedFiles, networkOfFile, type EngineFile } from './engineFiles';
import { podOf } from './labels';
import { findOwners } from './owners';
import { runtimeOwner } from './runtimeOwners';

/** What one namespace is for. Names are hostile text; titles that are a file's or a process's name are as it is typed. */
export interface SandboxPurpose {
  readonly role: SandboxRole;
  readonly title: string;
  readonly containers: readonly EngineContainer[];
  readonly network?: EngineNetwork;
  readonly owner?: CgroupOwner;
  readonly pod?: PodName;
  readonly members?: readonly RuntimeContainer[];
}

/** The host's own namespace: that of process 1, or where that may not be seen the probe's. */
export function rootKey(snapshot: Snapshot): NamespaceKey | undefined {
  return snapshot.host.initNamespace ?? snapshot.host.ownNamespace;
}

/** The purpose of each namespace of a host, by key. */
export function findPurposes(snapshot: Snapshot): ReadonlyMap<NamespaceKey, SandboxPurpose> {
  const root = rootKey(snapshot);
  const networks = snapshot.engine?.networks ?? [];
  const containers = new Map<NamespaceKey, EngineContainer[]>();
  const owners = findOwners(snapshot, root);
  for (const container of snapshot.engine?.containers ?? []) {
    const key = owners.get(container.id);
    if (key === undefined) continue;
    const list = containers.get(key);
    if (list) list.push(container);
    else containers.set(key, [container]);
  }
  const byVni = overlaysByVni(snapshot, networks, root);
  const isNested = nestedFiles(snapshot.namespaces);
  const isLeaked = leakedFiles(snapshot);
  // A systemd keeps itself in this group, in whatever container it is.
  const managers = new Set(snapshot.namespaces.flatMap(({ processes }) => processes.flatMap(({ pid, cgroup }) => (/\/init\.scope$/m.test(cgroup) ? [pid] : []))));
  const purposes = new Map<NamespaceKey, SandboxPurpose>();
  for (const record of snapshot.namespaces) {
    const own = ownerFirst(containers.get(record.key) ?? []);
    const purpose =
      record.key === root ? { role: 'root' as const, title: 'root' } : own.length > 0 ? containerPurpose(own) : (enginePurpose(record, networks, byVni, isNested, isLeaked) ?? otherPurpose(record, snapshot.runtimes ?? [], managers));
    purposes.set(record.key, { ...purpose, containers: own });
  }
  return purposes;
}

/** The container whose namespace it is before those that share it by `--net=container:`. */
function ownerFirst(containers: readonly EngineContainer[]): readonly EngineContainer[] {
  const shares = ({ networkMode }: EngineContainer): number => Number(networkMode.startsWith('container:'));
  return [...containers].sort((left, right) => shares(left) - shares(right));
}

const fileName = (path: string): string => shownName(path.slice(path.lastIndexOf('/') + 1));

/** A container of an engine that was not read. */
function containerTitle({ engine, id, podUid }: CgroupOwner & { kind: 'container' }): string {
  return podUid === undefined ? `${engine === 'unknown' ? 'container' : engine} ${id.slice(0, 12)}` : `pod ${podUid}`;
}

type Purpose = Omit<SandboxPurpose, 'containers'>;

function containerPurpose(containers: readonly EngineContainer[]): Purpose {
  const pods = containers.map(({ labels }) => podOf(labels));
  const [pod] = pods;
  if (pod && pods.every((each) => each?.name === pod.name && each.namespace === pod.namespace)) return { role: 'container', title: podTitle(pod), pod };
  return { role: 'container', title: containers.map(({ name }) => name).join(', ') };
}

const podTitle = ({ name, namespace }: PodName): string => (namespace === '' ? name : `${namespace}/${name}`);

function enginePurpose(
  record: NamespaceRecord,
  networks: readonly EngineNetwork[],
  byVni: ReadonlyMap<NamespaceKey, EngineNetwork>,
  isNested: (file: EngineFile) => boolean,
  isLeaked: (record: NamespaceRecord, file: EngineFile, network: EngineNetwork | undefined) => boolean,
): Purpose | undefined {
  for (const file of engineFilesOf(record)) {
    // A nested engine has networks of its own, which this host's engine does not know.
    const network = isNested(file) ? undefined : networkOfFile(file, networks);
    if (isLeaked(record, file, network)) return { role: 'leaked', title: shownName(file.name) };
    if (file.role !== undefined) return networkPurpose(file.role, file.name, network);
  }
  const network = byVni.get(record.key);
  return network && networkPurpose('overlay', network.name, network);
}

/** Without the engine's record the file's name is all there is. */
function networkPurpose(role: SandboxRole, file: string, network: EngineNetwork | undefined): Purpose {
  return network ? { role, title: network.name, network } : { role, title: shownName(file) };
}

/**
 * A namespace of the engine's that outlived what it was made for: the engine was read in full and knows no network of that file's name, no container
 * was found in it, and no process either. Only of files in the host's own mount table, whose engine is the one that was read.
 */
function leakedFiles({ engine, errors }: Snapshot): (record: NamespaceRecord, file: EngineFile, network: EngineNetwork | undefined) => boolean {
  const known = engine?.kind === 'docker' && !errors.some(({ place }) => place.kind === 'engine');
  return ({ processCount }, { own }, network) => known && own && processCount === 0 && network === undefined;
}

/** An overlay whose namespace file lies in a mount table that was not read is known by its VNI, where one namespace alone has it. */
function overlaysByVni(snapshot: Snapshot, networks: readonly EngineNetwork[], root: NamespaceKey | undefined): ReadonlyMap<NamespaceKey, EngineNetwork> {
  const owners = new Map<number, NamespaceKey[]>();
  for (const { key, links } of snapshot.namespaces) {
    if (key === root) continue;
    for (const { vxlan } of links) if (vxlan) owners.set(vxlan.vni, [...(owners.get(vxlan.vni) ?? []), key]);
  }
  const found = new Map<NamespaceKey, EngineNetwork>();
  for (const network of networks) {
    if (network.driver !== 'overlay') continue;
    const keys = network.vnis.flatMap((vni) => owners.get(vni) ?? []);
    const [key] = keys;
    if (key !== undefined && new Set(keys).size === 1) found.set(key, network);
  }
  return found;
}

function otherPurpose(record: NamespaceRecord, runtimes: readonly RuntimeContainer[], managers: ReadonlySet<number>): Purpose {
  const told = runtimeOwner(record, runtimes);
  if (told?.owner.kind === 'container') return { role: 'container', ...told };
  const paths = everyPath(record).map(({ path }) => path);
  const [oldest] = record.processes;
  const owner = told?.owner ?? (oldest && readCgroup(oldest.cgroup));
  // Engines that follow CNI, and Podman, name their files by a number that says nothing.
  const given = paths.find((path) => path.startsWith('/run/netns/') && !/^\/run\/netns\/(?:cni|netns)-[0-9a-f-]{36}$/.test(path));
  if (owner?.kind === 'container') return { role: 'container', title: containerTitle(owner), owner };
  if (given !== undefined) return { role: 'named', title: fileName(given), ...(owner && { owner }) };
  const inner = oldest && innerOwner(oldest.cgroup);
  if (inner && (inner.kind !== 'unit' || (oldest.parent !== undefined && managers.has(oldest.parent)))) {
    return { role: inner.kind === 'unit' ? 'process' : 'container', title: `${inner.name} in ${inner.within ?? '?'}`, owner: inner };
  }
  if (owner?.kind === 'lxc' || owner?.kind === 'machine') return { role: 'container', title: owner.name, owner };
  // What a service's own children made for themselves is not the service's.
  if (owner && oldest && (oldest.parent === undefined || oldest.parent <= 1)) return { role: 'process', title: owner.name, owner };
  const named = paths.find((path) => path.startsWith('/run/netns/')) ?? paths.find((path) => !path.includes('/docker/netns/') && !path.startsWith('/proc/'));
  if (named !== undefined) return { role: 'named', title: fileName(named) };
  if (oldest) return { role: 'process', title: `${shownName(oldest.comm)} (${String(oldest.pid)})` };
  const [holder] = [...(record.threads ?? []), ...(record.descriptors ?? [])];
  if (holder) return { role: 'process', title: `${shownName(holder.comm ?? '?')} (${String(holder.pid)})` };
  return { role: record.processCount > 0 ? 'process' : 'unowned', title: String(record.inode) };
}
