import { readBridgeVlans, readBridgeVlansText, withVlans, type DeviceVlans } from '../core/facts/bridgeVlan';
import { readFdbEntry } from '../core/facts/fdb';
import { readFdbText } from '../core/facts/fdbText';
import { readFlannel } from '../core/facts/flannel';
import { readHostFacts } from '../core/facts/hostFacts';
import { readJsonRecords } from '../core/facts/json';
import { readLink, withPeerIndexes } from '../core/facts/link';
import { readLinksText } from '../core/facts/linkText';
import { readHolders } from '../core/facts/holders';
import { readNamespaceMounts } from '../core/facts/mountinfo';
import { readNetnsIds, readNetnsNames, type NetnsNames } from '../core/facts/netnsIds';
import { readNestedEngines } from '../core/facts/nestedEngines';
import { readNeighbour } from '../core/facts/neighbour';
import { readNeighboursText } from '../core/facts/neighbourText';
import { readProcesses } from '../core/facts/process';
import type { ToolRecord } from '../core/facts/record';
import { readRoute } from '../core/facts/route';
import { readRoutesText } from '../core/facts/routeText';
import { readRuntimes } from '../core/facts/runtimes';
import type { FdbEntry, Link, Neighbour, Route } from '../core/model/link';
import type { FlannelFacts } from '../core/model/flannel';
import type { OvsFacts } from '../core/model/ovs';
import type { RuntimeContainer } from '../core/model/runtime';
import type { ForeignMount, HostFacts, NamespaceKey, NamespaceRecord, NestedEngine, NetnsId, ProcessFacts, ReadError } from '../core/model/snapshot';
import { answerErrors, type Trouble } from './answerErrors';
import { readFrames, type Frame } from './frames';
import { readOvsFrame } from './ovsAnswer';

/** Everything that a probe's answer says about one host. */
export interface Answer {
  readonly host: HostFacts;
  readonly namespaces: readonly NamespaceRecord[];
  readonly ovs?: OvsFacts;
  readonly flannel?: FlannelFacts;
  readonly nested?: readonly NestedEngine[];
  readonly runtimes?: readonly RuntimeContainer[];
  /** Of engines, as the account that scans sees them. */
  readonly sockets: readonly string[];
  /** Of the files that were asked for, in that order, as far as the answer goes. */
  readonly files: readonly FileText[];
  readonly errors: readonly ReadError[];
}

/** `whole`: its text is here, without NUL; the others say why it is not. */
export interface FileText {
  readonly state: string;
  readonly text: string;
}

const processesPerNamespace = 3;

// Numbers as the kernel writes them; what is longer than these is none of its.
const indexRow = /^((?:0|[1-9]\d{0,11}):((?:0|[1-9]\d{0,14}))) (\d{1,9})( =)?((?: \d{1,10})*)$/;

/**
 * Reads a probe's answer; undefined where it does not even say what host it is from.
 * Whatever is missing, cut off or unreadable is told in `errors`, and the rest is kept.
 */
export function readAnswer(text: string, nonce: string, privilege: HostFacts['privilege']): Answer | undefined {
  const { frames, ended, cut } = readFrames(text, nonce);
  const hostFrame = frames.find((frame) => frame.kind === 'host');
  if (!hostFrame) return undefined;
  const index = readIndex(frames);
  const host: HostFacts = { ...readHostFacts(hostFrame.body, privilege), ...index.hostFacts };
  const names = readNames(frames);
  const readings = new Map<NamespaceKey, Reading>();
  for (const frame of frames) {
    const key = frame.words[0] ?? '';
    if (!readingKinds.has(frame.kind) || !index.entries.has(key)) continue;
    let reading = readings.get(key);
    if (!reading) readings.set(key, (reading = new Reading(names)));
    reading.take(frame);
  }
  const namespaces: NamespaceRecord[] = [];
  const troubles: Trouble[] = [];
  const named = new Set(names.values());
  const late = ended && frames.at(-1)?.words[0] === '1';
  for (const entry of index.entries.values()) {
    const reading = readings.get(entry.key) ?? new Reading(names);
    const wanted = host.ip !== 'none' && !entry.kept;
    const missing = wanted && reading.troubles.length === 0 && !reading.isComplete(host.ip);
    if (missing) reading.troubles.push({ kind: late ? 'late' : 'cut' });
    for (const trouble of reading.troubles) troubles.push({ ...trouble, key: entry.key });
    namespaces.push(recordOf(entry, reading, host.ip, named));
  }
  const elsewhere = new Set([...index.entries.values()].flatMap(({ key, paths, mounts }) => (paths.length === 0 && mounts.length > 0 ? [key] : [])));
  const unlooked = frames.flatMap(({ kind, words }) => (kind === 'holders' ? words.filter((word) => word === 'old' || word === 'awk') : []));
  const unsearched = frames.find(({ kind }) => kind === 'unsearched')?.words.length ?? 0;
  const ovs = readOvsFrame(frames.find(({ kind }) => kind === 'ovs'));
  const flannel = readFlannel(frames.find(({ kind }) => kind === 'flannel')?.body ?? '');
  const runtimes = readRuntimes(frames.find(({ kind }) => kind === 'runtimes')?.body ?? '');
  const files = frames.flatMap(({ kind, words, body }): FileText[] => (kind === 'file' ? [{ state: words[0] ?? '', text: body }] : []));
  const sockets = (frames.find(({ kind }) => kind === 'sockets')?.body ?? '').split('\n').filter((path) => path.startsWith('/'));
  const errors = answerErrors({ host, troubles, late, ended, cut, indexed: index.found, unsearched, unlooked, elsewhere });
  return { host, namespaces, ...(ovs.facts && { ovs: ovs.facts }), ...(flannel && { flannel }), ...(index.nested.length > 0 && { nested: index.nested }), ...(runtimes.length > 0 && { runtimes }), sockets, files, errors: [...errors, ...ovs.errors] };
}

interface Entry {
  readonly key: NamespaceKey;
  readonly processCount: number;
  readonly processes: readonly ProcessFacts[];
  readonly paths: readonly string[];
  readonly mounts: readonly ForeignMount[];
  readonly held: Pick<NamespaceRecord, 'descriptors' | 'threads'>;
  readonly kept: boolean;
}

interface Index {
  readonly found: boolean;
  readonly entries: ReadonlyMap<NamespaceKey, Entry>;
  readonly nested: readonly NestedEngine[];
  readonly hostFacts: Pick<HostFacts, 'ownNamespace' | 'initNamespace' | 'sources' | 'tuns'>;
}

/** Frame "index OWN": a line "KEY COUNT [=] PID PID…" for each namespace; mounts and processes join by inode and pid. */
function readIndex(frames: readonly Frame[]): Index {
  const frame = frames.find(({ kind }) => kind === 'index');
  const places = readMounts(frames);
  const processes = readProcesses(frames.find(({ kind }) => kind === 'processes')?.body ?? '');
  const holders = readHolders(frames, (pid) => processes.get(pid)?.comm);
  const entries = new Map<NamespaceKey, Entry>();
  let initNamespace: NamespaceKey | undefined;
  for (const line of (frame?.body ?? '').split('\n')) {
    const match = indexRow.exec(line);
    if (match?.[1] === undefined) continue;
    const pids = (match[5] ?? '').trim().split(' ').map(Number);
    if (pids.includes(1)) initNamespace = match[1];
    const found = pids.flatMap((pid) => processes.get(pid) ?? []).sort((a, b) => a.startTicks - b.startTicks || a.pid - b.pid);
    entries.set(match[1], {
      key: match[1],
      processCount: Number(match[3]),
      processes: found.slice(0, processesPerNamespace),
      paths: [...(places.get(Number(match[2]))?.paths ?? [])],
      mounts: places.get(Number(match[2]))?.mounts ?? [],
      held: holders.held.get(match[1]) ?? {},
      kept: match[4] !== undefined,
    });
  }
  const own = frame?.words[0];
  return {
    found: frame !== undefined,
    entries,
    nested: readNestedEngines(frames.find(({ kind }) => kind === 'nested')?.body ?? '', processes),
    hostFacts: {
      ...(holders.sources.length > 0 && { sources: holders.sources }),
      ...(holders.tuns.length > 0 && { tuns: holders.tuns }),
      ...(own !== undefined && entries.has(own) && { ownNamespace: own }),
      ...(initNamespace !== undefined && { initNamespace }),
    },
  };
}

/** Two frames "names": before and after numbers were asked for. Without both, no name holds. */
function readNames(frames: readonly Frame[]): NetnsNames {
  const [before, after, ...more] = frames.filter(({ kind }) => kind === 'names');
  return before && after && more.length === 0 ? readNetnsNames(before.body, after.body) : new Map();
}

interface Places {
  readonly paths: Set<string>;
  readonly mounts: ForeignMount[];
}

/** Frame "mounts self": the probe's own table. Frame "mounts PID:INODE…": rows of one process of each other mount namespace. */
function readMounts(frames: readonly Frame[]): ReadonlyMap<number, Places> {
  const all = new Map<number, Places>();
  for (const { body, words } of frames.filter(({ kind }) => kind === 'mounts')) {
    const tables = new Map(words.flatMap((word) => (/^\d+:\d+$/.test(word) ? [word.split(':').map(Number) as [number, number]] : [])));
    for (const { inode, path, pid } of readNamespaceMounts(body)) {
      const places = all.get(inode) ?? { paths: new Set<string>(), mounts: [] };
      all.set(inode, places);
      const mountNamespace = pid === undefined ? undefined : tables.get(pid);
      if (pid === undefined || pid === 1) {
        places.paths.add(path);
      } else if (mountNamespace !== undefined) {
        places.mounts.push({ path, mountNamespace, pid });
      }
    }
  }
  return all;
}

const readingKinds = new Set(['all', 'links', 'links-text', 'routes', 'routes-text', 'neighbours', 'neighbours-text', 'fdb', 'fdb-text', 'vlans', 'vlans-text', 'ids', 'vanished', 'hidden', 'failed']);

/** As many parts as there are, twice. */
const maxTroubles = 16;

/** What the frames of one namespace hold. */
class Reading {
  links: readonly Link[] | undefined;
  routes: readonly Route[] | undefined;
  neighbours: readonly Neighbour[] | undefined;
  fdb: readonly FdbEntry[] | undefined;
  vlans: readonly DeviceVlans[] = [];
  netnsIds: readonly NetnsId[] = [];
  /** One of each kind and part: the script tells no more. */
  readonly troubles: Omit<Trouble, 'key'>[] = [];

  constructor(private readonly names: NetnsNames) {}

  take(frame: Frame): void {
    switch (frame.kind) {
      case 'all':
        this.#takeAll(frame.body);
        break;
      case 'links':
        this.links = withPeerIndexes(this.#json('links', frame.body, readLink));
        break;
      case 'links-text':
        this.links = withPeerIndexes(this.#text('links', readLinksText(frame.body)));
        break;
      case 'routes':
        this.routes = this.#json('routes', frame.body, readRoute);
        break;
      case 'routes-text':
        this.routes = this.#text('routes', readRoutesText(frame.body));
        break;
      case 'neighbours':
        this.neighbours = this.#json('neighbours', frame.body, readNeighbour);
        break;
      case 'neighbours-text':
        this.neighbours = this.#text('neighbours', readNeighboursText(frame.body));
        break;
      case 'fdb':
        this.fdb = this.#json('forwarding database', frame.body, readFdbEntry);
        break;
      case 'fdb-text':
        this.fdb = this.#text('forwarding database', readFdbText(frame.body));
        break;
      case 'vlans':
        this.vlans = this.#json('VLANs of bridge ports', frame.body, readBridgeVlans).flat();
        break;
      case 'vlans-text':
        this.vlans = this.#text('VLANs of bridge ports', readBridgeVlansText(frame.body));
        break;
      case 'ids':
        if (this.names.size > 0) this.netnsIds = readNetnsIds(frame.body, this.names);
        break;
      case 'vanished':
      case 'hidden':
        this.#trouble({ kind: frame.kind });
        break;
      case 'failed':
        this.#trouble({ kind: 'failed', part: frame.words[1] ?? '', code: Number(frame.words[2]), complaint: frame.body });
        break;
    }
  }

  /** Whether all came that there is; busybox's ip does not tell whether there is a forwarding database. */
  isComplete(ip: HostFacts['ip']): boolean {
    const forwards = ip !== 'busybox' && this.links?.some(({ kind }) => kind === 'bridge' || kind === 'vxlan') === true;
    return this.links !== undefined && this.routes !== undefined && this.neighbours !== undefined && (!forwards || this.fdb !== undefined);
  }

  /** One JSON array per line, in the order in which the batch asks. */
  #takeAll(body: string): void {
    const [links = '', routes = '', neighbours = '', ...more] = body.split('\n');
    this.links = withPeerIndexes(this.#json('links', links, readLink));
    this.routes = this.#json('routes', routes, readRoute);
    this.neighbours = this.#json('neighbours', neighbours, readNeighbour);
    if (more.length > 0 || neighbours === '') this.#garbled('answer', body);
  }

  #json<T>(part: string, body: string, read: (record: ToolRecord) => T | undefined): readonly T[] {
    const { records, whole } = readJsonRecords(body);
    const understood = records.flatMap((record) => read(record) ?? []);
    if (!whole || understood.length < records.length) this.#garbled(part, body);
    return understood;
  }

  #text<T>(part: string, read: { readonly records: readonly T[]; readonly whole: boolean }): readonly T[] {
    if (!read.whole) this.#garbled(part, '');
    return read.records;
  }

  #garbled(part: string, body: string): void {
    this.#trouble({ kind: 'garbled', part, complaint: body.slice(0, 200) });
  }

  #trouble(trouble: Omit<Trouble, 'key'>): void {
    if (this.troubles.length < maxTroubles && !this.troubles.some(({ kind, part }) => kind === trouble.kind && part === trouble.part)) this.troubles.push(trouble);
  }
}

function recordOf(entry: Entry, reading: Reading, ip: HostFacts['ip'], named: ReadonlySet<NamespaceKey | undefined>): NamespaceRecord {
  const [device = 0, inode = 0] = entry.key.split(':').map(Number);
  return {
    key: entry.key,
    inode,
    device,
    paths: entry.paths,
    ...(entry.mounts.length > 0 && { mounts: entry.mounts }),
    ...entry.held,
    ...(reading.netnsIds.length > 0 && { netnsIds: reading.netnsIds }),
    ...(named.has(entry.key) && { named: true }),
    processCount: entry.processCount,
    processes: entry.processes,
    links: withVlans(reading.links ?? [], reading.vlans),
    routes: reading.routes ?? [],
    neighbours: reading.neighbours ?? [],
    fdb: reading.fdb ?? [],
    read: reading.links === undefined ? 'none' : reading.troubles.length === 0 && reading.isComplete(ip) ? 'full' : 'partial',
  };
}
