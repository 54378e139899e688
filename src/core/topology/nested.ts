import { cgroupPath, readCgroup, type CgroupOwner } from '../facts/cgroup';
import { AddressError, containerName, formatHostAddress, parseHostAddress, type HostAddress, type HostId, type NestedTarget } from '../model/address';
import { nestedId } from '../model/ids';
import type { NestedEngine, Snapshot } from '../model/snapshot';
import type { Container, NestedNode, Sandbox } from '../model/topology';

/** The engines inside a host, each with what it runs in and the address by which it is a host of its own. */
export function buildNested(hostId: HostId, { nested = [] }: Snapshot, containers: readonly Container[], sandboxes: readonly Sandbox[]): readonly NestedNode[] {
  if (nested.length === 0) return [];
  const parent = liveAddress(hostId);
  const paths = nested.map(({ process }) => cgroupPath(process.cgroup));
  return nested.map((engine, at): NestedNode => {
    const owner = readCgroup(engine.process.cgroup);
    const container = owner?.kind === 'container' ? containers.find(({ engine: { id } }) => id === owner.id) : undefined;
    const sandbox = sandboxes.find(({ key }) => key === engine.namespace);
    const path = paths[at];
    const isAlone = path !== undefined && paths.filter((other) => other === path).length === 1;
    const target = targetOf(engine, owner, container, sandbox, isAlone ? path : undefined);
    return {
      id: nestedId(hostId, engine.process.pid, engine.process.startTicks),
      hostId,
      engine,
      title: container?.name ?? (owner?.kind === 'lxc' || owner?.kind === 'machine' ? owner.name : engine.hostname) ?? `${engine.process.comm} (${String(engine.process.pid)})`,
      ...(owner && { owner }),
      ...(container && { containerId: container.id }),
      ...(sandbox && { sandboxId: sandbox.id }),
      ...(parent && { address: formatHostAddress({ kind: 'nested', target, parent }) }),
    };
  });
}

function liveAddress(id: HostId): Exclude<HostAddress, { kind: 'file' }> | undefined {
  try {
    const address = parseHostAddress(id);
    return address.kind === 'file' ? undefined : address;
  } catch (error) {
    if (error instanceof AddressError) return undefined;
    throw error;
  }
}

/** What lasts longest: a container's name, its id, the control group where one engine alone is in it, else the process. */
function targetOf({ process }: NestedEngine, owner: CgroupOwner | undefined, container: Container | undefined, sandbox: Sandbox | undefined, path: string | undefined): NestedTarget {
  // An engine may be in namespaces that were made inside its container: then it is not what the container is.
  const inside = container === undefined || container.sandboxId === undefined || container.sandboxId === sandbox?.id;
  if (owner?.kind === 'container' && inside) return { kind: 'container', name: container !== undefined && containerName.test(container.name) ? container.name : owner.id };
  return path === undefined ? { kind: 'process', pid: process.pid, startTime: String(process.startTicks) } : { kind: 'cgroup', path };
}
