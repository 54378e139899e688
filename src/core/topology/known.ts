import { present } from '../facts/record';
import type { HostId } from '../model/address';
import type { HostNode, KnownAddress, Sandbox, Topology } from '../model/topology';
import { canonicalAddress } from './canonicalAddress';

const nobodys = new Set(['00:00:00:00:00:00', '127.0.0.1', '::1', '0.0.0.0', '::']);

/** Who has a MAC or IP address, on any host: endpoints first, then devices, then the swarm's tasks on hosts that were not read. */
export function buildKnown(hosts: readonly HostNode[]): ReadonlyMap<string, readonly KnownAddress[]> {
  const known = new Map<string, Map<string, KnownAddress>>();
  const add = (address: string | undefined, entry: KnownAddress): void => {
    if (address === undefined) return;
    const key = canonicalAddress(address);
    if (nobodys.has(key)) return;
    const entries = known.get(key);
    const owner = ownerOf(entry);
    if (!entries) known.set(key, new Map([[owner, entry]]));
    else if (!entries.has(owner)) entries.set(owner, entry);
  };
  for (const host of hosts) {
    for (const network of host.networks) {
      for (const { mac, ipv4, ipv6, name, containerId, sandboxId } of network.endpoints) {
        const entry = present<KnownAddress>({ hostId: host.id, name, containerId, sandboxId, networkName: network.name });
        add(mac, entry);
        add(ipv4, entry);
        add(ipv6, entry);
      }
    }
  }
  for (const host of hosts) {
    for (const sandbox of host.sandboxes) {
      const entry = deviceEntry(host, sandbox);
      for (const { link } of sandbox.links) {
        if (link.linkType === 'loopback') continue;
        add(link.mac, entry);
        for (const { address } of link.addresses) add(address, entry);
      }
    }
  }
  for (const host of hosts) {
    for (const network of host.networks) {
      for (const { ip, name, hostAddress } of network.engine.tasks) {
        if (known.has(canonicalAddress(ip))) continue;
        add(ip, { hostId: host.id, name: hostAddress === '' ? name : `${name} on ${hostAddress}`, networkName: network.name });
      }
    }
  }
  return new Map([...known].map(([address, entries]) => [address, [...entries.values()]]));
}

/**
 * Those owners of an address that are meant where it was read: the ones in the same network, else on the same host, else hosts, else all.
 * Engines make MACs from addresses that every one of them gives out, so unrelated containers share them.
 */
export function nearestOwners(
  owners: readonly KnownAddress[],
  topology: Pick<Topology, 'host'>,
  place: { readonly hostId: HostId | undefined; readonly networkName: string | undefined },
): readonly KnownAddress[] {
  const nearer: ((owner: KnownAddress) => boolean)[] = [
    ({ networkName }) => networkName !== undefined && networkName === place.networkName,
    ({ hostId }) => hostId === place.hostId,
    ({ hostId, sandboxId }) => sandboxId !== undefined && sandboxId === topology.host.get(hostId)?.rootSandbox,
  ];
  for (const isMeant of nearer) {
    const meant = owners.filter(isMeant);
    if (meant.length > 0) return meant;
  }
  return owners;
}

function deviceEntry(host: HostNode, sandbox: Sandbox): KnownAddress {
  const [only] = sandbox.containers.length === 1 ? sandbox.containers : [];
  const network = host.networks.find(({ id }) => id === sandbox.networkId);
  return present<KnownAddress>({
    hostId: host.id,
    name: sandbox.role === 'root' ? host.label : sandbox.title,
    containerId: sandbox.role === 'container' ? only : undefined,
    sandboxId: sandbox.id,
    networkName: network?.name,
  });
}

/** A device of a sandbox says no more than the endpoint that it carries. */
function ownerOf({ hostId, sandboxId, name }: KnownAddress): string {
  return sandboxId === undefined ? `${hostId}\nname ${name}` : `${hostId}\nsandbox ${sandboxId}`;
}
