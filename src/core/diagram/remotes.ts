import type { KnownAddress, Topology } from '../model/topology';
import { canonicalAddress } from '../topology/canonicalAddress';
import type { DrawnTunnel } from './frames';
import type { GraphDraft } from './graphDraft';
import { fact, fdbRow } from './linkFacts';

/** Of one device, from these many on, far ends are one box. */
const foldedFrom = 7;

/** The far ends of tunnels, each a box outside of its frame, with an edge for each device that sends there. */
export function addRemotes(draft: GraphDraft, topology: Topology, tunnels: readonly DrawnTunnel[], open: ReadonlySet<string>): void {
  for (const { node, sandbox, exit } of tunnels) {
    const { link } = node;
    const rows = sandbox.record.fdb.filter((entry) => entry.device === link.name && entry.destination !== undefined);
    const remotes = [...new Set([link.vxlan?.remote, link.tunnel?.remote, ...rows.map(({ destination }) => destination)].flatMap((address) => (address === undefined ? [] : [canonicalAddress(address)])))].sort();
    const label = link.vxlan ? `VNI ${String(link.vxlan.vni)}` : `${link.kind ?? link.linkType} ${link.name}`;
    const key = `${node.id}|fold|remotes`;
    if (remotes.length >= foldedFrom && !open.has(key)) {
      const facts = remotes.flatMap((remote) => fact('Far end', remote));
      const box = draft.add({ id: key, kind: 'underlay', lines: [`${String(remotes.length)} far ends`, `of ${link.name}`], facts, fold: { key, open: false } });
      draft.connect({ kind: 'vtep', from: exit, to: box, label, facts });
      continue;
    }
    for (const remote of remotes) {
      const name = nameOf(topology.known.get(remote) ?? [], topology);
      const box = draft.add({ id: `remote|${sandbox.id}|${remote}`, kind: 'underlay', lines: [remote, name ?? (isGroup(remote) ? 'multicast group' : 'not an added host')], facts: [...fact('Far end', remote), ...fact('Is', name)], state: name === undefined && !isGroup(remote) ? 'unknown' : 'normal' });
      const to = rows.filter(({ destination }) => destination !== undefined && canonicalAddress(destination) === remote);
      draft.connect({ kind: 'vtep', id: `vtep|${node.id}|${remote}`, from: exit, to: box, label, facts: [...fact('Tunnel', `${link.name} → ${remote}`), ...to.map((entry) => ({ name: 'FDB row', value: fdbRow(entry) }))] });
    }
  }
}

/** RFC 5771, RFC 4291 section 2.7. */
const isGroup = (address: string): boolean => /^(22[4-9]|23\d)\./.test(address) || /^ff/i.test(address);

function nameOf(owners: readonly KnownAddress[], topology: Topology): string | undefined {
  const hosts = [...new Set(owners.map(({ hostId }) => topology.host.get(hostId)?.label ?? hostId))];
  return hosts.length === 1 ? hosts[0] : hosts.length > 1 ? `one of ${String(hosts.length)} hosts` : undefined;
}
