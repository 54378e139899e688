import type { HostId } from '../model/address';
import type { EngineEndpoint, EngineNetwork } from '../model/engine';
import { endpointId, networkId } from '../model/ids';
import type { Container, Endpoint, LinkId, LinkNode, Network, Sandbox, SandboxId } from '../model/topology';
import { canonicalAddress } from './canonicalAddress';
import { composeOf } from './labels';
import { present } from '../facts/record';

export interface HostParts {
  readonly hostId: HostId;
  readonly networks: readonly EngineNetwork[];
  readonly containers: ReadonlyMap<string, Container>;
  readonly sandboxes: readonly Sandbox[];
  readonly root: Sandbox | undefined;
}

/** A host's networks with their endpoints, bridges and sandboxes. */
export function buildNetworks(parts: HostParts): readonly Network[] {
  const sandboxes = new Map(parts.sandboxes.map((sandbox) => [sandbox.id, sandbox]));
  const serving = (role: Sandbox['role'], network: string): SandboxId | undefined =>
    parts.sandboxes.find((sandbox) => sandbox.role === role && sandbox.networkId === network)?.id;
  return parts.networks.map((engine) => {
    const id = networkId(parts.hostId, engine.id);
    const balancer = serving('loadBalancer', id) ?? serving('ingress', id);
    const endpoints = endpointsOf(engine, parts).map((record) => buildEndpoint(record, id, parts, sandboxes, balancer));
    return present<Network>({
      id,
      hostId: parts.hostId,
      engine,
      name: engine.name,
      driver: engine.driver,
      sandboxId: serving('overlay', id),
      bridgeLinkId: engine.driver === 'bridge' ? bridgeOf(engine, endpoints, parts) : undefined,
      loadBalancerSandboxId: balancer,
      endpoints,
      compose: composeOf(engine.labels),
      errors: [],
    });
  });
}

/** What the network's record lists, and running containers' own entries that it leaves out. */
function endpointsOf(engine: EngineNetwork, { containers }: HostParts): readonly EngineEndpoint[] {
  const listed = new Set(engine.endpoints.map((endpoint) => endpoint.containerId));
  const more: EngineEndpoint[] = [];
  for (const container of containers.values()) {
    if (!container.running || listed.has(container.engine.id)) continue;
    const entry = container.engine.networks.find((network) => network.networkId === engine.id);
    if (!entry) continue;
    more.push(
      present<EngineEndpoint>({
        containerId: container.engine.id,
        name: container.name,
        endpointId: entry.endpointId,
        mac: entry.mac,
        ipv4: entry.ipv4,
        ipv6: entry.ipv6,
      }),
    );
  }
  return [...engine.endpoints, ...more];
}

function buildEndpoint(
  record: EngineEndpoint,
  network: string,
  { hostId, containers }: HostParts,
  sandboxes: ReadonlyMap<SandboxId, Sandbox>,
  balancer: SandboxId | undefined,
): Endpoint {
  const container = containers.get(record.containerId);
  // The engine's own endpoints have a name where a container has its id.
  const isContainer = container !== undefined || /^[0-9a-f]{64}$/.test(record.containerId);
  const addresses = [record.ipv4, record.ipv6].flatMap((address) => (address === undefined || address === '' ? [] : [canonicalAddress(address)]));
  const sandbox = isContainer ? container?.sandboxId : (balancer ?? holder(sandboxes.values(), record.mac, addresses));
  const links = sandbox === undefined ? [] : (sandboxes.get(sandbox)?.links ?? []);
  return present<Endpoint>({
    id: endpointId(network, record.containerId),
    networkId: network,
    hostId,
    name: container?.name ?? record.name,
    isContainer,
    containerId: container?.id,
    sandboxId: sandbox,
    linkId: findDevice(links, record.mac, addresses),
    ipv4: bare(record.ipv4),
    ipv6: bare(record.ipv6),
    mac: record.mac === undefined || record.mac === '' ? undefined : record.mac.toLowerCase(),
  });
}

/** Where the engine keeps an endpoint of its own, such as docker_gwbridge's `gateway_ingress-sbox`: the one namespace with its MAC and address. */
function holder(sandboxes: Iterable<Sandbox>, mac: string | undefined, addresses: readonly string[]): SandboxId | undefined {
  const wanted = mac?.toLowerCase();
  const fits = ({ link }: LinkNode): boolean => link.mac === wanted && link.addresses.some(({ address }) => addresses.includes(canonicalAddress(address)));
  const holders = [...sandboxes].filter(({ links }) => links.some(fits));
  return holders.length === 1 ? holders[0]?.id : undefined;
}

function findDevice(links: readonly LinkNode[], mac: string | undefined, addresses: readonly string[]): LinkId | undefined {
  const wanted = mac?.toLowerCase();
  const byMac = wanted === undefined || wanted === '' ? [] : links.filter(({ link }) => link.mac === wanted);
  if (byMac.length === 1) return byMac[0]?.id;
  const pool = byMac.length > 1 ? byMac : links;
  const byAddress = pool.filter(({ link }) => link.addresses.some(({ address }) => addresses.includes(canonicalAddress(address))));
  return byAddress.length === 1 ? byAddress[0]?.id : undefined;
}

/** An engine without root has its bridges in a namespace of its own: the one that its containers' veths lead to, or else the only one that has such a bridge. */
function bridgeOf(engine: EngineNetwork, endpoints: readonly Endpoint[], { root, sandboxes }: HostParts): LinkId | undefined {
  const known = engine.engineUid === undefined || engine.engineUid === 0 ? findBridge(engine, root) : undefined;
  if (known !== undefined || engine.engineUid === 0) return known;
  const others = sandboxes.filter(({ id }) => id !== root?.id);
  const links = new Map(others.flatMap((sandbox) => sandbox.links).map((node) => [node.id, node]));
  const led = endpoints.flatMap(({ linkId }) => {
    const peer = linkId === undefined ? undefined : links.get(linkId)?.peer;
    return peer?.state === 'resolved' ? [links.get(peer.linkId)?.sandboxId] : [];
  });
  const found = others.filter(({ id }) => (led.length === 0 ? engine.engineUid !== undefined : led.includes(id))).flatMap((sandbox) => findBridge(engine, sandbox) ?? []);
  return found.length === 1 ? found[0] : undefined;
}

/** By the name that the engine's option gives, else the one that its bridge driver makes from the id, else by the gateway's address. */
function findBridge(engine: EngineNetwork, root: Sandbox | undefined): LinkId | undefined {
  if (!root) return undefined;
  const name = engine.options['com.docker.network.bridge.name'] ?? `br-${engine.id.slice(0, 12)}`;
  const named = root.links.find(({ link }) => link.name === name);
  if (named) return named.id;
  const gateways = engine.subnets.flatMap(({ gateway }) => (gateway === undefined ? [] : [canonicalAddress(gateway)]));
  return root.links.find(({ link }) => link.kind === 'bridge' && link.addresses.some(({ address }) => gateways.includes(canonicalAddress(address))))?.id;
}

function bare(address: string | undefined): string | undefined {
  return address === undefined || address === '' ? undefined : canonicalAddress(address);
}
