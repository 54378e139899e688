import type { HostId } from '../model/address';
import type { KnownAddress, Topology } from '../model/topology';
import { nearestOwners } from '../topology/known';
import { printable } from './printable';
import { padEnd, width } from './columns';

// A MAC; an IPv4 address; something with at least two colons that may be an IPv6 address. Neighbouring word characters would make it part of a longer word.
const candidate = /(?<![\w:.-])(?:[0-9a-f]{2}(?::[0-9a-f]{2}){5}|\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7})(?![\w:-]|\.\d)/gi;

/**
 * Adds to each line of FDB or neighbour text who has the MACs and IP addresses in it, as a comment column: `… # docker2n on node2`.
 * Lines without a known address stay as they are. `hostId` is the host that the text came from: owners there are named without it.
 * `networkName`: the network whose namespace it came from, if it is one's. Where several have an address, the nearest ones are named.
 */
export function annotateAddresses(text: string, topology: Pick<Topology, 'known' | 'host'>, hostId?: HostId, networkName?: string): string {
  const lines = text.split('\n').map((line) => ({ line, owners: ownersIn(line, topology, hostId, networkName) }));
  const column = Math.min(100, lines.reduce((widest, each) => (each.owners === '' ? widest : Math.max(widest, width(each.line))), 0));
  return lines.map(({ line, owners }) => (owners === '' ? line : `${padEnd(line, column)}  # ${owners}`)).join('\n');
}

function ownersIn(line: string, topology: Pick<Topology, 'known' | 'host'>, hostId: HostId | undefined, networkName: string | undefined): string {
  const owners = [...line.matchAll(candidate)].flatMap(([address]) => {
    const known = nearestOwners(topology.known.get(address.toLowerCase()) ?? [], topology, { hostId, networkName });
    return known.map((each) => ownerName(each, topology, hostId));
  });
  // A host's own address says no more where its container is named already: `docker2n on node2`, not `docker2n on node2, node2`.
  return [...new Set(owners)].filter((owner) => !owners.some((other) => other.endsWith(` on ${owner}`))).join(', ');
}

function ownerName(known: KnownAddress, topology: Pick<Topology, 'host'>, hostId: HostId | undefined): string {
  const name = printable(known.name);
  const host = printable(topology.host.get(known.hostId)?.label ?? known.hostId);
  return known.hostId === hostId || name === host ? name : `${name} on ${host}`;
}
