import { randomBytes } from 'node:crypto';
import { composeFilesOf, wantedFiles, type ComposeFiles } from '../core/facts/composeFile';
import type { ComposeProject } from '../core/model/compose';
import { snapshotVersion, type DearSource, type NamespaceKey, type NamespaceRecord, type Snapshot } from '../core/model/snapshot';
import type { EngineClient, EngineReading } from '../host/engine';
import { TransportError, type Transport } from '../host/transport';
import { engineSnapshot } from './engineSnapshot';
import { errorWords, isTransportError } from './errorWords';
import { probeCommand, probeEnding } from '../probe/probe';
import { readAnswer, type Answer } from '../probe/readAnswer';

export interface ScanOptions {
  readonly signal?: AbortSignal;
  /** For the whole scan. The host's own limit is shorter, so that it can still say what it left out. */
  readonly limitMs: number;
  readonly now?: () => Date;
  /** Where to look beside the cheap ones. */
  readonly sources?: readonly DearSource[];
  /** Namespaces whose links, routes, neighbours and forwarding database are taken from here instead of being read again. */
  readonly keep?: { readonly snapshot: Snapshot; readonly keys: readonly NamespaceKey[] };
  /** What the engine need not be asked again. */
  readonly engineSince?: EngineReading;
}

/** More of them than this only wait for the kernel's one lock on network configuration (rtnl). */
const workers = 4;
/** Time that an answer has to come back in after the script's own limit. */
const answerMs = 3000;

/**
 * Reads one host: its namespaces by one script, its engine beside that. What could not be read is in the snapshot's errors.
 * @throws TransportError where nothing could be read at all: no connection, cancelled, or an answer that is none.
 */
export async function scanHost(transport: Transport, engine: Pick<EngineClient, 'read' | 'told'> | undefined, options: ScanOptions): Promise<Snapshot> {
  if (!transport.live) return transport.recorded();
  const now = options.now ?? (() => new Date());
  const started = now();
  await transport.connect(options.signal);
  if (transport.engineOnly === true) return engineSnapshot(transport, await readEngine(engine, options, options.engineSince), started, now);
  const reading = engine && readEngine(engine, options, options.engineSince);
  const wanted = reading && wantedBy(reading, options);
  const [answer, first] = await Promise.all([readNamespaces(transport, options, wanted?.then(probeEndingOf)), reading ?? noEngine]);
  const { host, namespaces, ovs, flannel, nested, runtimes, errors } = answer;
  const records = engine?.told?.(answer.sockets) === true ? await readEngine(engine, options, undefined) : first;
  const compose = await composeOf(records, await wanted, answer.files);
  return {
    version: snapshotVersion,
    hostId: transport.id,
    takenAt: started.toISOString(),
    // A clock may be set back meanwhile.
    durationMs: Math.max(0, now().getTime() - started.getTime()),
    host,
    namespaces,
    ...(records.snapshot && { engine: records.snapshot }),
    ...(compose.length > 0 && { compose }),
    ...(ovs && { ovs }),
    ...(flannel && { flannel }),
    ...(nested && { nested }),
    ...(runtimes && { runtimes }),
    errors: [...errors, ...records.errors],
  };
}

async function readNamespaces(transport: Transport, options: ScanOptions, later: Promise<string> | undefined): Promise<Answer> {
  const { keep } = options;
  if (!keep) return probe(transport, options, [], later);
  const first = await probe(transport, options, keep.keys, later);
  const reused = reusedKeys(first, keep);
  if (reused.size === 0) return withKept(first, keep);
  const kept = keep.keys.filter((key) => !reused.has(key));
  return withKept(await probe(transport, options, kept, later), { ...keep, keys: kept });
}

async function probe(transport: Transport, options: ScanOptions, keep: readonly NamespaceKey[], later: Promise<string> | undefined): Promise<Answer> {
  const nonce = randomBytes(16).toString('hex');
  const command = probeCommand({
    nonce,
    limitS: Math.max(1, (options.limitMs - answerMs) / 1000),
    workers,
    privilege: transport.privilege === 'user' ? 'user' : 'root',
    keep,
    later: later !== undefined,
    ...(options.sources && { sources: options.sources }),
  });
  let stdout: string;
  let complaint: string;
  let failure: TransportError | undefined;
  try {
    const output = await transport.run(command, { limitMs: options.limitMs, ...(options.signal && { signal: options.signal }), ...(later && { later }) });
    stdout = output.stdout;
    complaint = output.stderr;
  } catch (error) {
    if (!isTransportError(error) || error.partial === undefined || error.code === 'cancelled') throw error;
    failure = error;
    stdout = error.partial.stdout;
    complaint = error.partial.stderr;
  }
  const answer = readAnswer(stdout, nonce, transport.privilege);
  if (answer) return failure ? { ...answer, errors: [...answer.errors, { place: { kind: 'host' }, ...errorWords(failure) }] } : answer;
  throw failure ?? new TransportError('garbled', noAnswer(complaint), { partial: { stdout, stderr: complaint, code: undefined } });
}

function noAnswer(complaint: string): string {
  const said = complaint.replace(/[\p{Cc}\p{Cf}]+/gu, ' ').trim().slice(0, 200);
  return `Unusable answer: the host printed something else than the scan asked for. Check that the account's shell runs "sh -s"${said === '' ? '.' : `; it said: ${said}`}`;
}

type Records = Awaited<ReturnType<EngineClient['read']>>;

const noEngine: Records = { snapshot: undefined, errors: [] };

/** What the probe is to read of Compose projects, once the engine has named them. */
interface Wanted {
  readonly projects: readonly ComposeFiles[];
  /** They were read for an earlier snapshot, and nothing that happened since tells of a file. */
  readonly known?: readonly ComposeProject[];
  /** The engine has not answered in time for the probe. */
  readonly late?: true;
}

/** Told soon enough for the probe to answer within its own limit. */
async function wantedBy(reading: Promise<Records>, { limitMs, keep, engineSince }: ScanOptions): Promise<Wanted> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), Math.max(answerMs / 2, limitMs - 2 * answerMs));
  });
  try {
    const records = await Promise.race([reading, late]);
    if (!records) return { projects: [], late: true };
    const projects = composeFilesOf(records.snapshot?.containers ?? []);
    const known = keep?.snapshot.compose ?? [];
    // Containers that come and go tell nothing of a file.
    const same = engineSince !== undefined && isSameProjects(projects, known);
    return { projects, ...(same && { known }) };
  } catch {
    // The reading itself tells of it.
    return { projects: [] };
  } finally {
    clearTimeout(timer);
  }
}

const probeEndingOf = ({ projects, known }: Wanted): string => probeEnding(known ? [] : wantedFiles(projects));

function isSameProjects(found: readonly ComposeFiles[], known: readonly ComposeProject[]): boolean {
  return found.length === known.length && found.every(({ project, files }, at) => known[at]?.project === project && known[at].files.join('\n') === files.join('\n'));
}

async function composeOf({ snapshot }: Records, wanted: Wanted | undefined, files: Answer['files']): Promise<readonly ComposeProject[]> {
  if (wanted?.known) return wanted.known;
  const projects = composeFilesOf(snapshot?.containers ?? []);
  if (projects.length === 0) return [];
  if (wanted?.late === true) return projects.map((project) => ({ fault: 'Its files were not read: the engine named them too late for this scan. Refresh.', ...project }));
  return (await import('./compose/readCompose')).readCompose(wanted?.projects ?? [], files);
}

async function readEngine(engine: Pick<EngineClient, 'read'> | undefined, options: ScanOptions, since: EngineReading | undefined): Promise<Records> {
  if (!engine) return noEngine;
  const limit = AbortSignal.timeout(options.limitMs);
  const signal = options.signal ? AbortSignal.any([limit, options.signal]) : limit;
  try {
    return await engine.read(signal, since);
  } catch (error) {
    if (options.signal?.aborted === true) throw error;
    const message = limit.aborted
      ? `No answer from the container engine within ${String(options.limitMs / 1000)} s. Check that it runs, then read the host again.`
      : `Reading the engine failed: ${error instanceof Error ? error.message : String(error)}`;
    return { snapshot: undefined, errors: [{ place: { kind: 'engine' }, code: limit.aborted ? 'time-limit' : 'engine-failed', message }] };
  }
}

type Kept = NonNullable<ScanOptions['keep']>;

/**
 * Namespaces that have the number of an earlier one, but none of its processes and paths: the kernel gives the number of
 * a namespace that is gone to the next new one (ns_alloc_inum).
 */
function reusedKeys(answer: Answer, keep: Kept): ReadonlySet<NamespaceKey> {
  const earlier = new Map(keep.snapshot.namespaces.map((record) => [record.key, record]));
  const kept = new Set(keep.keys);
  return new Set(
    answer.namespaces.flatMap((record) => {
      const known = kept.has(record.key) ? earlier.get(record.key) : undefined;
      return !kept.has(record.key) || (known && isSame(known, record)) ? [] : [record.key];
    }),
  );
}

function isSame(a: NamespaceRecord, b: NamespaceRecord): boolean {
  const processes = new Set(a.processes.map(({ pid, startTicks }) => `${String(pid)}/${String(startTicks)}`));
  if (b.processes.some(({ pid, startTicks }) => processes.has(`${String(pid)}/${String(startTicks)}`))) return true;
  if (a.processes.length > 0 && b.processes.length > 0) return false;
  const places = new Set(placesOf(a));
  return placesOf(b).some((place) => places.has(place));
}

function placesOf({ paths, mounts = [], descriptors = [], threads = [] }: NamespaceRecord): readonly string[] {
  return [
    ...paths,
    ...mounts.map(({ path, mountNamespace }) => `mnt:[${String(mountNamespace)}]${path}`),
    ...descriptors.map(({ pid, id }) => `fd:${String(pid)}/${String(id)}`),
    ...threads.map(({ pid, id }) => `thread:${String(pid)}/${String(id)}`),
  ];
}

/** A namespace that was only listed keeps what the earlier snapshot read of it, and what that could not read. */
function withKept(answer: Answer, keep: Kept): Answer {
  const keys = new Set(keep.keys);
  const listed = new Set(answer.namespaces.map(({ key }) => key));
  const earlier = new Map(keep.snapshot.namespaces.map((record) => [record.key, record]));
  const isNamed = namedOfBoth(answer, keep);
  const namespaces = answer.namespaces.map((record) => {
    const known = keys.has(record.key) ? earlier.get(record.key) : undefined;
    const listed: { -readonly [Field in keyof NamespaceRecord]: NamespaceRecord[Field] } = { ...record };
    if (isNamed(record)) listed.named = true;
    else delete listed.named;
    if (!known) return listed;
    const { netnsIds, links, routes, neighbours, fdb, read } = known;
    return { ...listed, ...(netnsIds && { netnsIds }), links, routes, neighbours, fdb, read };
  });
  const errors = keep.snapshot.errors.filter(({ place }) => place.kind === 'namespace' && keys.has(place.key) && listed.has(place.key));
  return { ...answer, namespaces, errors: [...answer.errors, ...errors] };
}

/** That a number is none of the named namespaces was said of those of its own time: what is kept says nothing of one that has been named since. */
function namedOfBoth(answer: Answer, keep: Kept): (record: NamespaceRecord) => boolean {
  const before = new Set(keep.snapshot.namespaces.flatMap(({ key, named }) => (named === true ? [key] : [])));
  if (!answer.namespaces.some(({ named }) => named === true)) return ({ key }) => before.has(key);
  const keys = new Set(keep.keys);
  const unnamed = keep.snapshot.namespaces.some(({ key, netnsIds = [] }) => keys.has(key) && netnsIds.some((row) => row.key === undefined));
  return ({ key, named }) => named === true && (!unnamed || before.has(key));
}
