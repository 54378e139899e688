import { counted } from './counted';
import { compareNames } from '../model/nameOrder';
import { vniText, type FdbEntry } from '../model/link';
import type { Sandbox, Topology } from '../model/topology';
import { canonicalAddress } from '../topology/canonicalAddress';
import { behindRows, farDevice, hostsOf, type FarDevice } from './farEnds';
import type { DrawnTunnel } from './frames';
import type { GraphDraft } from './graphDraft';
import { fact, fdbRow } from './linkFacts';
import type { Fact } from './scene';

/** From these many on, far ends of one device are one box, those of all devices of one namespace are, and rows that lead to one of them are counted. */
const foldedFrom = { remotes: 7, ends: 12, rows: 20 } as const;
/** Devices, and things behind rows, that a box names; its facts name all. */
const named = 3;

/** One device that sends to a far address. */
interface Sender {
  readonly tunnel: DrawnTunnel;
  readonly rows: readonly FdbEntry[];
  readonly far: FarDevice;
}

interface End {
  readonly id: string;
  readonly remote: string;
  /** Of the box that its first sender leaves by, from left to right. */
  readonly rank: number;
  readonly sandbox: Sandbox;
  readonly senders: Sender[];
}

/**
 * The far ends of tunnels, each a box outside of its frame, with an edge for each device that sends there. Of a host that was read a box says which device is there
 * and what is behind the rows that lead to it.
 */
export function addRemotes(draft: GraphDraft, topology: Topology, tunnels: readonly DrawnTunnel[], open: ReadonlySet<string>): void {
  const order = draft.order();
  const ends = new Map<string, End>();
  const draws: { readonly rank: number; readonly draw: () => void }[] = [];
  for (const tunnel of tunnels) {
    const { node, sandbox, exit } = tunnel;
    const { link } = node;
    const rank = order.get(exit) ?? 0;
    const rows = sandbox.record.fdb.filter((entry) => entry.device === link.name && entry.destination !== undefined);
    const remotes = [...new Set([link.vxlan?.remote, link.tunnel?.remote, ...rows.map(({ destination }) => destination)].flatMap((address) => (address === undefined ? [] : [canonicalAddress(address)])))].sort();
    if (remotes.length >= foldedFrom.remotes && !open.has(foldKey(tunnel))) {
      draws.push({ rank, draw: () => addFolded(draft, topology, tunnel, remotes) });
      continue;
    }
    for (const remote of remotes) {
      const id = `remote|${sandbox.id}|${remote}`;
      const end = ends.get(id) ?? { id, remote, rank, sandbox, senders: [] };
      const leading = rows.filter(({ destination }) => destination !== undefined && canonicalAddress(destination) === remote);
      end.senders.push({ tunnel, rows: leading.length > 0 ? leading : learnedRows(tunnel), far: farDevice(topology, tunnel, remote) });
      ends.set(id, end);
    }
  }
  for (const sandboxId of new Set([...ends.values()].map(({ sandbox }) => sandbox.id))) {
    const own = [...ends.values()].filter(({ sandbox }) => sandbox.id === sandboxId);
    const key = `${sandboxId}|fold|farEnds`;
    if (own.length >= foldedFrom.ends && !open.has(key)) draws.push({ rank: Math.max(...own.map(({ rank }) => rank)), draw: () => addFoldedEnds(draft, topology, key, own) });
    else for (const end of own) draws.push({ rank: end.rank, draw: () => addRemote(draft, topology, end, open) });
  }
  // They stand right of their frame: what leaves it at the right has the nearest place, so that its way ends before the next one's turns.
  for (const { draw } of draws.sort((left, right) => right.rank - left.rank)) draw();
}

/** What a bridge learned of a tunnel that is its port and has one far end: whatever is there is behind that. */
function learnedRows({ node: { link }, sandbox }: DrawnTunnel): readonly FdbEntry[] {
  if (link.master === undefined || link.tunnel?.remote === undefined) return [];
  return sandbox.record.fdb.filter(({ device, destination, state, mac }) => device === link.name && destination === undefined && state !== 'permanent' && mac !== link.mac);
}

const foldKey = ({ node }: DrawnTunnel): string => `${node.id}|fold|remotes`;
const labelOf = ({ node: { link } }: DrawnTunnel): string => (link.vxlan ? vniText(link.vxlan) : `${link.kind ?? link.linkType} ${link.name}`);

function addFolded(draft: GraphDraft, topology: Topology, tunnel: DrawnTunnel, remotes: readonly string[]): void {
  const key = foldKey(tunnel);
  const facts = remotes.flatMap((remote) => fact('Far end', [remote, nameOf(topology, remote), farDevice(topology, tunnel, remote).text].filter((part) => part !== undefined).join(' · ')));
  const names = remotes.flatMap((remote) => nameOf(topology, remote) ?? remote);
  const box = draft.add({ id: key, kind: 'underlay', word: 'far ends of a tunnel', lines: [`${String(remotes.length)} far ends`, `of ${tunnel.node.link.name}`, `${names.slice(0, named).join(', ')} …`], facts, fold: { key, open: false } });
  draft.connect({ kind: 'vtep', from: tunnel.exit, to: box, label: labelOf(tunnel), facts });
}

/** All far ends of a namespace as one box, with one way from each box that tunnels leave it by. */
function addFoldedEnds(draft: GraphDraft, topology: Topology, key: string, ends: readonly End[]): void {
  const line = ({ remote, senders }: End): string => [remote, nameOf(topology, remote), ...senders.map(({ tunnel: { node }, far }) => `${node.link.name}${far.text === undefined ? '' : ` ⇄ ${far.text}`}`)].filter((part) => part !== undefined).join(' · ');
  const names = ends.map(({ remote }) => nameOf(topology, remote) ?? remote);
  const senders = ends.flatMap((end) => end.senders);
  const box = draft.add({ id: key, kind: 'underlay', word: 'far ends of tunnels', lines: [`${String(ends.length)} far ends`, `of ${counted(new Set(senders.map(({ tunnel }) => tunnel.node.id)).size, 'tunnel')}`, `${names.slice(0, named).join(', ')} …`], facts: ends.flatMap((end) => fact('Far end', line(end))), fold: { key, open: false } });
  for (const exit of new Set(senders.map(({ tunnel }) => tunnel.exit))) {
    const own = ends.filter((end) => end.senders.some(({ tunnel }) => tunnel.exit === exit));
    draft.connect({ kind: 'vtep', from: exit, to: box, label: counted(own.length, 'far end'), facts: own.flatMap((end) => fact('Far end', line(end))), state: own.some((end) => end.senders.some(({ far }) => far.state === 'down')) ? 'down' : 'normal' });
  }
}

function addRemote(draft: GraphDraft, topology: Topology, { id, remote, senders }: End, open: ReadonlySet<string>): void {
  const name = nameOf(topology, remote);
  const known = senders.map((sender) => ({ ...sender, behind: behindRows(topology, sender.tunnel.sandbox, remote, sender.rows) }));
  const devices = known.flatMap(({ tunnel: { node }, far }) => (far.text === undefined ? [] : [`${senders.length === 1 ? '' : `${node.link.name} `}⇄ ${far.text}`]));
  const behind = [...new Set([true, false].flatMap((wanted) => known.flatMap((each) => each.behind.filter(({ isContainer }) => isContainer === wanted).flatMap(({ names }) => names)).sort(compareNames)))];
  const models = [...new Set(known.flatMap(({ far }) => far.modelId ?? []))];
  const [model] = models.length === 1 ? models : hostsOf(topology, remote).map((host) => host.id);
  const isMany = known.some(({ rows }) => rows.length >= foldedFrom.rows);
  const key = `${id}|fold|rows`;
  const box = draft.add({
    id, kind: 'underlay', word: isGroup(remote) ? 'multicast group' : 'far end of a tunnel',
    lines: [remote, name ?? (isGroup(remote) ? 'multicast group' : 'not an added host'), ...some(devices), ...some(behind.map((each) => `→ ${each}`))],
    facts: [...fact('Far end', remote), ...fact('Is', name), ...known.flatMap(({ far }) => far.facts), ...behind.flatMap((each) => fact('Behind it', each))],
    state: name === undefined && !isGroup(remote) ? 'unknown' : 'normal',
    ...(model !== undefined && { modelId: model, actions: ['reveal'] as const }),
    ...(isMany && { fold: { key, open: open.has(key) } }),
  });
  for (const { tunnel, far, behind: rows } of known) {
    const all = rows.map(({ entry, names }): Fact => ({ name: `FDB row${names.length > 0 ? ` (${names.join(', ')})` : ''}`, value: fdbRow(entry) }));
    const shown = all.length >= foldedFrom.rows && !open.has(key) ? all.slice(0, foldedFrom.rows / 2) : all;
    draft.connect({
      kind: 'vtep', id: `vtep|${tunnel.node.id}|${remote}`, from: tunnel.exit, to: box, label: labelOf(tunnel), state: far.state,
      facts: [...fact('Tunnel', `${tunnel.node.link.name} → ${remote}`), ...far.facts, ...shown, ...fact('FDB row', shown.length < all.length ? `and ${counted(all.length - shown.length, 'more row')}` : undefined)],
    });
  }
}

/** The first of many, and how many more there are. */
function some(texts: readonly string[]): readonly string[] {
  return texts.length <= named ? texts : [...texts.slice(0, named - 1), `and ${String(texts.length - named + 1)} more`];
}

/** RFC 5771, RFC 4291 section 2.7. */
const isGroup = (address: string): boolean => /^(22[4-9]|23\d)\./.test(address) || /^ff/i.test(address);

function nameOf(topology: Topology, address: string): string | undefined {
  const hosts = hostsOf(topology, address);
  return hosts.length > 1 ? `one of ${String(hosts.length)} hosts` : hosts[0]?.label;
}
