import { containerIdOf } from '../facts/cgroup';
import type { EngineContainer } from '../model/engine';
import type { NamespaceKey, NamespaceRecord, Snapshot } from '../model/snapshot';
import { normalPath } from './engineFiles';

/**
 * Which network namespace each running container of a host is in, by engine container id.
 * Evidence, best first: the process and the sandbox file that the engine names, the container id in the control group path of
 * the namespace's processes, the network mode ("host", "container:<id>"), the MAC address of an endpoint.
 */
export function findOwners(snapshot: Snapshot, root: NamespaceKey | undefined): ReadonlyMap<string, NamespaceKey> {
  const running = (snapshot.engine?.containers ?? []).filter(isRunning);
  const places = new Evidence(snapshot.namespaces);
  const found = new Map<string, NamespaceKey>();
  for (const container of running) {
    const key = places.byProcess(container) ?? places.byPath(container) ?? places.byCgroup(container.id) ?? byMode(container, root) ?? places.byMac(container);
    if (key !== undefined) found.set(container.id, key);
  }
  for (const container of running) {
    const shared = /^container:(.+)$/s.exec(container.networkMode)?.[1];
    if (shared === undefined || found.has(container.id)) continue;
    const owner = running.find(({ id, name }) => id === shared || name === shared);
    const key = owner && found.get(owner.id);
    if (key !== undefined) found.set(container.id, key);
  }
  return found;
}

export function isRunning(container: EngineContainer): boolean {
  return container.state === 'running' || container.state === 'paused';
}

function byMode(container: EngineContainer, root: NamespaceKey | undefined): NamespaceKey | undefined {
  return container.networkMode === 'host' ? root : undefined;
}

class Evidence {
  readonly #pids = new Map<number, NamespaceKey>();
  readonly #paths = new Map<string, NamespaceKey>();
  readonly #cgroups = new Map<string, { key: NamespaceKey; startTicks: number }>();
  /** Undefined where several namespaces have it. */
  readonly #macs = new Map<string, NamespaceKey | undefined>();

  constructor(namespaces: readonly NamespaceRecord[]) {
    const foreign = new Map<string, NamespaceKey | undefined>();
    for (const { key, paths, mounts = [], processes, links } of namespaces) {
      for (const path of paths) this.#paths.set(normalPath(path), key);
      for (const path of mounts.map((mount) => normalPath(mount.path))) foreign.set(path, foreign.has(path) && foreign.get(path) !== key ? undefined : key);
      for (const { pid, startTicks, cgroup } of processes) {
        this.#pids.set(pid, key);
        const id = containerIdOf(cgroup);
        if (id === undefined) continue;
        // A container may make namespaces of its own; its first process is in the one that the engine gave it.
        const known = this.#cgroups.get(id);
        if (!known || startTicks < known.startTicks) this.#cgroups.set(id, { key, startTicks });
      }
      for (const { mac, linkType } of links) {
        if (mac === undefined || linkType === 'loopback') continue;
        this.#macs.set(mac, this.#macs.has(mac) && this.#macs.get(mac) !== key ? undefined : key);
      }
    }
    // An engine may run in a mount namespace of its own; so may other engines, whose files have the same names.
    for (const [path, key] of foreign) if (key !== undefined && !this.#paths.has(path)) this.#paths.set(path, key);
  }

  byProcess({ pid }: EngineContainer): NamespaceKey | undefined {
    return pid === undefined || pid === 0 ? undefined : this.#pids.get(pid);
  }

  byPath({ sandboxKey }: EngineContainer): NamespaceKey | undefined {
    return sandboxKey === undefined || sandboxKey === '' ? undefined : this.#paths.get(normalPath(sandboxKey));
  }

  byCgroup(id: string): NamespaceKey | undefined {
    return this.#cgroups.get(id)?.key;
  }

  byMac({ networks }: EngineContainer): NamespaceKey | undefined {
    for (const { mac } of networks) {
      const key = mac === undefined ? undefined : this.#macs.get(mac.toLowerCase());
      if (key !== undefined) return key;
    }
    return undefined;
  }
}
