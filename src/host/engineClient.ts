import { StringDecoder } from 'node:string_decoder';
import { parseEngineContainer } from '../core/facts/engineContainer';
import { parseEngineNetwork } from '../core/facts/engineNetwork';
import { parsePodmanNetwork, podmanList, withNetworkIds, withPids } from '../core/facts/podman';
import { parseEngineEvent, parseEngineInfo, parseEngineVersion, type EngineInfo } from '../core/facts/engineState';
import type { EngineContainer, EngineMachine, EngineNetwork, EngineSnapshot } from '../core/model/engine';
import type { ReadError } from '../core/model/snapshot';
import type { SwarmFacts } from '../core/model/swarm';
import { EngineApi } from './engineApi/engineApi';
import { readSwarm, type Get } from './engineSwarm';
import { EngineError, type EngineClient, type EngineEvent, type EngineReading } from './engine';
import { Engines } from './engines';
import type { Transport } from './transport';

/** Ids and names as the engine makes them (RestrictedNameChars in daemon/names); nothing else belongs into a path. */
const engineId = /^[A-Za-z0-9][A-Za-z0-9_.-]*$/;
/** An engine that is busy starting containers takes seconds, one that hangs never answers. */
const defaultRequestLimitMs = 15_000;
/** No line of the event stream is longer than a container's labels, which the engine bounds far below this. */
const maxEventCharacters = 1024 * 1024;
/** More than any engine can run on one host: what answers with longer lists is made to exhaust its reader. */
const maxRecords = { networks: 1000, containers: 10_000, services: 5000, tasks: 20_000 } as const;
/** An agent of node:http counts a connection once it is open: of requests that are made at once, each opens one. */
const requestsAtOnce = 4;

export interface EngineOptions {
  /** For each request; default 15 s. */
  readonly requestLimitMs?: number;
}

/** The engines of a transport's host, as one. Connects when it is first asked. */
export function openEngine(transport: Transport, options: EngineOptions = {}): EngineClient {
  return new Engines(new EngineApi(transport), (api) => new DockerEngine(api, options.requestLimitMs ?? defaultRequestLimitMs));
}

class DockerEngine implements EngineClient {
  constructor(
    private readonly api: EngineApi,
    private readonly requestLimitMs: number,
  ) {}

  async read(signal?: AbortSignal, since?: EngineReading): Promise<{ snapshot: EngineSnapshot | undefined; errors: readonly ReadError[] }> {
    const errors = new Errors();
    const get = (path: string, query?: Readonly<Record<string, unknown>>) => this.api.get(path, { limitMs: this.requestLimitMs, signal, ...(query && { query }) });
    const attempt = async <T>(otherwise: T, work: () => Promise<T>): Promise<T> => {
      try {
        return await work();
      } catch (error) {
        errors.add(error);
        return otherwise;
      }
    };

    const version = since?.snapshot ?? await attempt(undefined, async () => {
      const parsed = parseEngineVersion(await get('/version'));
      if (!parsed) throw new EngineError('no-engine', 'What answers at the engine\'s socket is neither Docker nor Podman.');
      return parsed;
    });
    if (!version) {
      // Whose end was not waited for is no engine that is not there.
      if (signal?.aborted === true) throw new EngineError('cancelled', 'Reading the engine was cancelled.');
      return { snapshot: undefined, errors: errors.list };
    }
    const { kind, version: release, apiVersion } = version;
    const parseNetwork = kind === 'podman' ? parsePodmanNetwork : parseEngineNetwork;
    const unchanged = new Map((since?.snapshot.networks ?? []).filter(({ id }) => since?.changedNetworks.includes(id) !== true).map((network) => [network.id, network]));

    const [info, networks, containers] = await Promise.all([
      since?.snapshot ?? attempt<EngineInfo>({ name: '' }, async () => parseEngineInfo(await get('/info'))),
      attempt<EngineNetwork[]>([], async () => {
        const listed = parseList(await get('/networks'), 'networks', parseNetwork, errors);
        let hangs = false;
        return inTurns(listed, requestsAtOnce, (network) =>
          attempt(network, async () => {
            const known = unchanged.get(network.id);
            if (known) return known;
            if (hangs) return network;
            try {
              return await inspectNetwork(network, get, parseNetwork);
            } catch (error) {
              // The others would take as long, one after another.
              hangs ||= error instanceof EngineError && error.code === 'time-limit';
              throw error;
            }
          }),
        );
      }),
      attempt<EngineContainer[]>([], async () => parseList(await get('/containers/json', { all: true }), 'containers', parseEngineContainer, errors)),
    ]);
    // An engine that is going away says so to one of the requests that were left out, too.
    if (since && errors.list.length > 0 && signal?.aborted !== true) return this.read(signal);
    const swarm: SwarmFacts | undefined = 'swarm' in info ? info.swarm : undefined;
    const machine: EngineMachine | undefined = 'machine' in info ? info.machine : undefined;
    const parts = swarm?.manager === true ? await readSwarm(swarm, { get, attempt, list: (raw, what, parse) => parseList(raw, what, parse, errors) }, since !== undefined) : undefined;

    const known = kind === 'podman' ? withPids(withNetworkIds(containers, networks), await attempt<unknown>([], () => ownList(get, release))) : containers;
    if (signal?.aborted === true) throw new EngineError('cancelled', 'Reading the engine was cancelled.');
    return {
      snapshot: { kind, version: release, apiVersion, name: info.name, ...(machine && { machine }), ...(swarm && { swarm: { ...swarm, ...parts } }), ...(info.clusterStore !== undefined && { clusterStore: info.clusterStore }), networks, containers: known },
      errors: errors.list,
    };
  }

  async inspect(kind: 'network' | 'container', id: string, signal?: AbortSignal): Promise<unknown> {
    if (!engineId.test(id)) throw new EngineError('vanished', `The engine has no ${kind} of that id.`);
    const path = kind === 'network' ? `/networks/${id}` : `/containers/${id}/json`;
    return this.api.get(path, { limitMs: this.requestLimitMs, signal, ...(kind === 'network' && { query: { verbose: true } }) });
  }

  async *events(signal: AbortSignal, onOpen?: () => void): AsyncIterable<EngineEvent> {
    const path = '/events';
    const query = { filters: { type: ['network', 'container', 'daemon', 'service', 'node'] } };
    const response = await this.api.stream(path, { limitMs: this.requestLimitMs, signal, query });
    onOpen?.();
    const decoder = new StringDecoder('utf8');
    let rest = '';
    try {
      for await (const chunk of response as AsyncIterable<Buffer>) {
        rest += decoder.write(chunk);
        const lines = rest.split('\n');
        rest = lines.pop() ?? '';
        if (rest.length > maxEventCharacters) throw new EngineError('garbled', 'The engine sent an event without an end.');
        for (const line of lines) {
          const event = eventOf(line);
          if (event) yield event;
        }
      }
    } catch (error) {
      if (!signal.aborted) throw this.api.explain(error, path);
    } finally {
      response.destroy();
    }
  }

  dispose(): void {
    this.api.dispose();
  }
}

/** Only more evidence of what the compatible interface has told already: what lacks Podman's own interface is not at fault. */
async function ownList(get: Get, release: string): Promise<unknown> {
  try {
    return await get(podmanList(release), { all: true });
  } catch (error) {
    if (error instanceof EngineError && error.code === 'vanished') return [];
    throw error;
  }
}

/** Works on all items, on so many at once; the results are in the items' order. */
async function inTurns<Item, Result>(items: readonly Item[], atOnce: number, work: (item: Item) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  const left = items.entries();
  const worker = async (): Promise<void> => {
    for (const [at, item] of left) results[at] = await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
}

/** The list leaves out endpoints, peers and tasks. An engine may refuse `verbose` for a network that it has only heard of. */
async function inspectNetwork(listed: EngineNetwork, get: Get, parse: typeof parseEngineNetwork): Promise<EngineNetwork> {
  if (!engineId.test(listed.id)) return listed;
  const path = `/networks/${listed.id}`;
  try {
    return parse(await get(path, { verbose: true })) ?? listed;
  } catch (error) {
    if (!(error instanceof EngineError) || error.code !== 'engine-failed') throw error;
    return parse(await get(path)) ?? listed;
  }
}

function parseList<T>(raw: unknown, what: keyof typeof maxRecords, parse: (entry: unknown) => T | undefined, errors: Errors): T[] {
  if (!Array.isArray(raw)) throw new EngineError('garbled', `The engine's list of ${what} is no list.`);
  const entries = raw.slice(0, maxRecords[what]) as unknown[];
  if (entries.length < raw.length) errors.add(new EngineError('truncated', `The engine listed ${String(raw.length)} ${what}; the first ${String(maxRecords[what])} are shown.`));
  const parsed = entries.map(parse).filter((entry) => entry !== undefined);
  if (parsed.length < entries.length) errors.add(new EngineError('garbled', `${String(entries.length - parsed.length)} of the engine's ${what} cannot be understood and are not shown.`));
  return parsed;
}

/** Health checks, `docker top` and the like happen all the time and change no network. */
const idleActions = /^(exec_|top$|attach$|detach$|resize$|copy$|archive-path$|extract-to-dir$|export$|commit$|health_status)/;

function eventOf(line: string): EngineEvent | undefined {
  if (line.trim() === '') return undefined;
  let raw: unknown;
  try {
    raw = JSON.parse(line);
  } catch {
    // A line that is no JSON says nothing; the next scan reads the truth anyway.
    return undefined;
  }
  const event = parseEngineEvent(raw);
  return event && !idleActions.test(event.action) ? event : undefined;
}

/** One entry for each thing that went wrong, however many requests it broke. */
class Errors {
  readonly list: ReadError[] = [];

  add(error: unknown): void {
    const { code, message } = error instanceof EngineError ? error : new EngineError('failed', error instanceof Error ? error.message : String(error));
    if (code === 'cancelled') return;
    if (this.list.some((other) => other.code === code && withoutPath(other.message) === withoutPath(message))) return;
    this.list.push({ place: { kind: 'engine' }, code, message });
  }
}

/** The same fault of different requests is told once. */
function withoutPath(message: string): string {
  return message.replace(/ \/[\w/?=%.-]+/g, '');
}
