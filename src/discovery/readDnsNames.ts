import { parseContainerNames, type ContainerNames } from '../core/facts/engineNames';
import type { Container, Topology } from '../core/model/topology';
import type { NamedNetwork } from '../core/report/dnsNames';
import type { EngineClient } from '../host/engine';

/** Containers whose records are read for one answer; what is beyond is counted. */
const most = 60;
const atOnce = 8;

/** What gives names to a container and to those beside it, on its host. @throws EngineError where its own record cannot be read */
export async function readDnsNames(engine: EngineClient, container: Container, topology: Topology, signal?: AbortSignal): Promise<{ readonly own: ContainerNames; readonly networks: readonly NamedNetwork[] }> {
  const owner = ownerOf(container, topology);
  const attached = owner.endpoints.flatMap((id) => topology.network.get(topology.endpoint.get(id)?.networkId ?? '') ?? []);
  // Podman's records have a network's name where Docker's have its id.
  const ids = new Map(attached.map(({ name, engine: { id } }) => [name, id]));
  const namesOf = (raw: unknown): ContainerNames | undefined => {
    const names = parseContainerNames(raw);
    return names && { ...names, networks: names.networks.map((each) => ({ ...each, networkId: ids.get(each.networkId) ?? each.networkId })) };
  };
  const own = namesOf(await engine.inspect('container', owner.engine.id, signal));
  if (own === undefined) throw new Error(`The engine's record of ${owner.name} is none that can be read.`);
  const beside = attached.map((network) => ({ network, ids: [...new Set(network.endpoints.filter(({ isContainer }) => isContainer).flatMap(({ containerId }) => topology.container.get(containerId ?? '')?.engine.id ?? []))] }));
  const wanted = [...new Set(beside.flatMap(({ ids }) => ids))].filter((id) => id !== owner.engine.id).slice(0, most);
  const read = new Map<string, ContainerNames>([[owner.engine.id, own]]);
  for (let at = 0; at < wanted.length; at += atOnce) {
    await Promise.all(wanted.slice(at, at + atOnce).map(async (id) => {
      // One that has gone meanwhile has no names any more.
      const names = namesOf(await engine.inspect('container', id, signal).catch(() => undefined));
      signal?.throwIfAborted();
      if (names !== undefined) read.set(id, names);
    }));
  }
  return { own, networks: beside.map(({ network, ids }) => ({ network: network.engine, containers: ids.flatMap((id) => read.get(id) ?? []), more: ids.filter((id) => !read.has(id)).length })) };
}

/** With `--net=container:OTHER` the other's networks and names are its own, too (HostConfig.NetworkMode holds the other's id). */
function ownerOf(container: Container, topology: Topology): Container {
  const other = /^container:([0-9a-f]{64})$/.exec(container.engine.networkMode)?.[1];
  return (other !== undefined && [...topology.container.values()].find((each) => each.hostId === container.hostId && each.engine.id === other)) || container;
}
