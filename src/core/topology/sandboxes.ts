import type { EngineContainer, EngineNetwork } from '../model/engine';
import type { NamespaceKey, NamespaceRecord, Snapshot } from '../model/snapshot';
import type { SandboxRole } from '../model/topology';
import { engineFilesOf, everyPath, nestedFiles, networkOfFile, type EngineFile } from './engineFiles';
import { findOwners } from './owners';

/** What one namespace is for. Names are hostile text. */
export interface SandboxPurpose {
  readonly role: SandboxRole;
  readonly title: string;
  readonly containers: readonly EngineContainer[];
  readonly network?: EngineNetwork;
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
  const purposes = new Map<NamespaceKey, SandboxPurpose>();
  for (const record of snapshot.namespaces) {
    const own = containers.get(record.key) ?? [];
    const purpose =
      record.key === root ? { role: 'root' as const, title: 'root' } : own.length > 0 ? containerPurpose(own) : (enginePurpose(record, networks, byVni, isNested) ?? otherPurpose(record));
    purposes.set(record.key, { ...purpose, containers: own });
  }
  return purposes;
}

type Purpose = Omit<SandboxPurpose, 'containers'>;

function containerPurpose(containers: readonly EngineContainer[]): Purpose {
  return { role: 'container', title: containers.map(({ name }) => name).join(', ') };
}

function enginePurpose(
  record: NamespaceRecord,
  networks: readonly EngineNetwork[],
  byVni: ReadonlyMap<NamespaceKey, EngineNetwork>,
  isNested: (file: EngineFile) => boolean,
): Purpose | undefined {
  for (const file of engineFilesOf(record)) {
    // A nested engine has networks of its own, which this host's engine does not know.
    if (file.role !== undefined) return networkPurpose(file.role, file.name, isNested(file) ? undefined : networkOfFile(file, networks));
  }
  const network = byVni.get(record.key);
  return network && networkPurpose('overlay', network.name, network);
}

/** Without the engine's record the file's name is all there is. */
function networkPurpose(role: SandboxRole, file: string, network: EngineNetwork | undefined): Purpose {
  return network ? { role, title: network.name, network } : { role, title: file };
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

function otherPurpose(record: NamespaceRecord): Purpose {
  const paths = everyPath(record).map(({ path }) => path);
  const named = paths.find((path) => path.startsWith('/run/netns/')) ?? paths.find((path) => !path.includes('/docker/netns/') && !path.startsWith('/proc/'));
  if (named !== undefined) return { role: 'named', title: named.slice(named.lastIndexOf('/') + 1) };
  const [process] = record.processes;
  if (process) return { role: 'process', title: `${process.comm} (${String(process.pid)})` };
  const [holder] = [...(record.threads ?? []), ...(record.descriptors ?? [])];
  if (holder) return { role: 'process', title: `${holder.comm ?? '?'} (${String(holder.pid)})` };
  return { role: record.processCount > 0 ? 'process' : 'unowned', title: String(record.inode) };
}
