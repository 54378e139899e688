import type { EngineNetwork } from '../model/engine';
import type { NamespaceRecord } from '../model/snapshot';
import type { SandboxRole } from '../model/topology';

/** The names that libnetwork gives to the files of the namespaces which it makes (osl.GenerateKey: 12 characters). */
export interface EngineFile {
  readonly name: string;
  /** What it says that the namespace is for; a container's file is named by a part of a number that only the engine knows. */
  readonly role: SandboxRole | undefined;
  /** In the host's own mount table, and not only in that of another mount namespace. */
  readonly own: boolean;
}

/** /var/run is a link to /run on every system that has the second (hier(7)). */
export function normalPath(path: string): string {
  return path.replace(/^\/var\/run\//, '/run/');
}

/** Every path of a namespace, those of the host's own mount table first. */
export function everyPath({ paths, mounts = [] }: NamespaceRecord): readonly { readonly path: string; readonly own: boolean }[] {
  return [...paths.map((path) => ({ path: normalPath(path), own: true })), ...mounts.map(({ path }) => ({ path: normalPath(path), own: false }))];
}

export function engineFilesOf(record: NamespaceRecord): readonly EngineFile[] {
  return everyPath(record).flatMap(({ path, own }) => {
    const name = /\/docker\/netns\/([^/]+)$/.exec(path)?.[1];
    return name === undefined ? [] : [{ name, own, role: roleOf(name) }];
  });
}

function roleOf(name: string): SandboxRole | undefined {
  if (/^\d+-[0-9a-z]+$/.test(name)) return 'overlay';
  if (/^lb_[0-9a-z]+$/.test(name)) return 'loadBalancer';
  return name === 'ingress_sbox' ? 'ingress' : undefined;
}

/** Whether a file is a nested engine's own: seen in another mount namespace, while the host's table has that name, too, or several others have. */
export function nestedFiles(namespaces: readonly NamespaceRecord[]): (file: EngineFile) => boolean {
  const taken = new Set<string>();
  const holders = new Map<string, NamespaceRecord>();
  for (const record of namespaces) {
    for (const { name, own } of engineFilesOf(record)) {
      const holder = holders.get(name);
      if (own || (holder && holder !== record)) taken.add(name);
      holders.set(name, record);
    }
  }
  return ({ name, own }) => !own && taken.has(name);
}

/** The engine's network that a file's name stands for. */
export function networkOfFile({ name, role }: EngineFile, networks: readonly EngineNetwork[]): EngineNetwork | undefined {
  if (role === 'ingress') return networks.find(({ ingress }) => ingress);
  const id = /^(?:\d+-|lb_)([0-9a-z]+)$/.exec(name)?.[1];
  return id === undefined ? undefined : networks.find((network) => network.id.startsWith(id));
}
