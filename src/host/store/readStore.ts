import type { Duplex } from 'node:stream';
import { endpointText } from '../../core/facts/storeAddress';
import { readConsul, readEtcd2, readEtcd3, type StoreRecords } from '../../core/facts/storeAnswers';
import { pathOf } from '../../core/facts/storeRecords';
import { withoutSecrets } from '../../core/facts/storeSecrets';
import type { StoreAddress, StoreAnswer, StoreApi, StoreFault, StoreReading, StoreSource } from '../../core/model/store';
import { printable } from '../command/words';
import { portTitle, relayCommand, relayFault } from '../tcp';
import type { Transport, TransportError } from '../transport';
import { askStore, encryptedFault, HangUp, speaksTls, StoreError, type StoreRequest, type StoreResponse } from './storeHttp';

const limitMs = 10_000;
const maxBytes = 16 * 1024 * 1024;
/** etcd v3 can be told how many; the others send all that they have. */
const maxRange = 5000;
/** Where all is too much: what the networks' own programs write. */
const networkPrefixes = ['docker', 'coreos.com'];

export interface StoreOptions {
  /** Under which keys to read, below the prefix of the store's address; default: all. */
  readonly prefix?: string;
  /** As a record has it: read this one alone, and what is under it. */
  readonly key?: string;
  readonly signal?: AbortSignal | undefined;
  /** For each request; default 10 s. */
  readonly limitMs?: number;
  /** Of one answer; default 16 MiB. */
  readonly maxBytes?: number;
}

/**
 * Reads a store as its host reaches it; nothing is written. What cannot be read is in the answer's faults.
 * @throws StoreError `cancelled` alone, and TransportError where the host itself is not reached
 */
export async function readStore(transport: Transport, { address, from }: StoreSource, hostLabel: string, options: StoreOptions = {}): Promise<StoreAnswer> {
  const faults: StoreFault[] = [];
  const done = (readings: readonly StoreReading[]): StoreAnswer => ({ address: address.text, from, readings, faults });
  if (address.kind === 'zookeeper') {
    faults.push({ code: 'failed', message: `The store at ${printable(address.text)} is ZooKeeper's, which speaks a protocol of its own, and is not read. Ask it there with zkCli.sh.` });
    return done([]);
  }
  if (address.encrypted) {
    faults.push(faultOf(encryptedFault(`The store at ${printable(address.text)}`), ''));
    return done([]);
  }
  await transport.connect(options.signal);
  for (const endpoint of address.endpoints) {
    const member = new Member(transport, address, endpoint, hostLabel, options);
    try {
      return done(await member.read(faults));
    } catch (error) {
      if (options.signal?.aborted === true) throw error instanceof StoreError && error.code === 'cancelled' ? error : new StoreError('cancelled', `Reading ${member.title} was cancelled.`, { cause: error });
      // Another member of the cluster may answer.
      faults.push(faultOf(error, member.title));
    }
  }
  return done([]);
}

/** One server of a store. */
class Member {
  readonly title: string;
  /** Once its host has passed on no connection, a command there makes them. */
  #relayed = false;
  #token: Promise<string | undefined> | undefined;

  constructor(
    private readonly transport: Transport,
    private readonly address: StoreAddress,
    private readonly endpoint: StoreAddress['endpoints'][number],
    private readonly hostLabel: string,
    private readonly options: StoreOptions,
  ) {
    this.title = `${address.kind === 'consul' ? 'Consul' : 'etcd'} at ${printable(endpointText(endpoint))}, as ${printable(hostLabel)} reaches it,`;
  }

  /** @throws StoreError, TransportError: then nothing of it was read */
  async read(faults: StoreFault[]): Promise<readonly StoreReading[]> {
    if (this.address.kind === 'consul') return [await this.#reading('Consul', faults, (prefix) => this.#consul(prefix, faults))];
    const second = this.address.kind === 'etcd3' ? undefined : await this.#attempt(() => this.#reading('etcd v2', faults, (prefix) => this.#etcd2(prefix)));
    if (second instanceof Error && !mayTry3(second)) throw second;
    const third = await this.#attempt(() => this.#reading('etcd v3', faults, (prefix) => this.#etcd3(prefix)));
    if (second === undefined || second instanceof Error) {
      if (third instanceof Error) throw isAbsent(third) ? new StoreError('garbled', `${this.title} has neither version 2 nor version 3 of etcd's interface. Check the address: the port may be another service's.`, { cause: third }) : third;
      if (second !== undefined && !isAbsent(second)) faults.push(faultOf(second, this.title));
      return [third];
    }
    if (third instanceof Error) {
      // An etcd before 3.0 has no such interface.
      if (!isAbsent(third)) faults.push(faultOf(third, this.title));
      return [second];
    }
    // Each version has records of its own; one that nobody uses is not worth a row.
    return third.records.length === 0 ? [second] : second.records.length === 0 ? [third] : [second, third];
  }

  async #attempt(work: () => Promise<StoreReading>): Promise<StoreReading | Error> {
    try {
      return await work();
    } catch (error) {
      if (this.options.signal?.aborted === true || !(error instanceof Error)) throw error;
      return error;
    }
  }

  async #reading(api: StoreApi, faults: StoreFault[], read: (prefix: string) => Promise<StoreRecords>): Promise<StoreReading> {
    const prefix = pathOf(this.options.key ?? [this.address.prefix, this.options.prefix ?? ''].join('/')).join('/');
    const found: StoreRecords[] = [];
    try {
      found.push(await read(prefix));
    } catch (error) {
      if (!(error instanceof StoreError) || error.code !== 'truncated' || prefix !== '') throw error;
      try {
        for (const each of networkPrefixes) found.push(await read(each));
      } catch (again) {
        if (!(again instanceof StoreError) || again.code !== 'truncated') throw again;
        throw new StoreError('truncated', `${error.message} Name a prefix after its address: what is under ${networkPrefixes.join(' and ')} alone is too much, too.`, { cause: again });
      }
      faults.push({ code: 'truncated', message: `${error.message} Only what is under ${networkPrefixes.join(' and ')} was read; name another prefix after its address.` });
    }
    const odd = found.reduce((sum, each) => sum + each.odd, 0);
    if (odd > 0) faults.push({ code: 'garbled', message: `${this.title} gave ${String(odd)} ${odd === 1 ? 'record' : 'records'} that cannot be understood and ${odd === 1 ? 'is' : 'are'} not shown.` });
    const records = found.flatMap((each) => each.records).map(withoutSecrets);
    if (found.some(({ more }) => more)) faults.push({ code: 'truncated', message: `${this.title} holds more records than are read at once: the first ${String(records.length)} are shown. Name a prefix after its address.` });
    return { api, records };
  }

  async #etcd2(prefix: string): Promise<StoreRecords> {
    const path = `/v2/keys/${escapedPath(prefix)}`;
    const { login } = this.address;
    const headers = login && { authorization: `Basic ${Buffer.from(`${login.user}:${login.password}`).toString('base64')}` };
    const response = await this.#ask({ method: 'GET', path: `${path}?recursive=true&sorted=true`, ...(headers && { headers }) });
    const answer = parsed(response.text);
    const code = typeof answer === 'object' && answer !== null && 'errorCode' in answer ? answer.errorCode : undefined;
    // EcodeKeyNotFound and EcodeUnauthorized (etcd, v2error).
    if (response.status === 404 && code === 100) return { records: [], odd: 0, more: false };
    if (response.status === 401 || code === 110) throw this.#refused('a user and password');
    if (response.status === 404) throw new Absent('failed', `${this.title} has no version 2 of its interface.`);
    return this.#understood(response, path, readEtcd2(answer));
  }

  /** Version 3 knows no folders: a prefix is the beginning of keys, which may or may not begin with a slash. */
  async #etcd3(prefix: string): Promise<StoreRecords> {
    const all = Buffer.from([0]);
    if (prefix === '') return this.#range(all, all);
    const both = [];
    for (const start of [Buffer.from(`/${prefix}`), Buffer.from(prefix)]) both.push(await this.#range(start, after(start)));
    const under = (key: string): boolean => pathOf(key).join('/') === prefix || `${pathOf(key).join('/')}/`.startsWith(`${prefix}/`);
    return { records: both.flatMap(({ records }) => records.filter(({ key }) => under(key))), odd: both.reduce((sum, { odd }) => sum + odd, 0), more: both.some(({ more }) => more) };
  }

  async #range(from: Buffer, to: Buffer): Promise<StoreRecords> {
    const token = await (this.#token ??= this.#login3());
    const body = JSON.stringify({ key: from.toString('base64'), range_end: to.toString('base64'), limit: String(maxRange) });
    // etcd 3.3 calls it v3beta; 3.4 and later v3 (Documentation/dev-guide/api_grpc_gateway.md).
    for (const path of ['/v3/kv/range', '/v3beta/kv/range']) {
      const response = await this.#ask({ method: 'POST', path, body, ...(token !== undefined && { headers: { authorization: token } }) });
      if (response.status === 404) continue;
      const answer = parsed(response.text);
      const message = errorOf(answer);
      if (token !== undefined && /permission denied/i.test(message)) throw new StoreError('no-permission', `${this.title} lets this user read nothing here. Grant its role "read" of the keys, or name a prefix after its address that it may read.`);
      // Codes of gRPC: 16 without a token, 7 with one that may not; etcd says InvalidArgument for a user that was not named.
      if (response.status === 401 || response.status === 403 || /user name is empty|permission denied|invalid auth token/i.test(message)) throw this.#refused('a user and password');
      return this.#understood(response, path, readEtcd3(answer));
    }
    throw new Absent('failed', `${this.title} has no version 3 of its interface.`);
  }

  /** A token for what follows (etcd, Documentation/op-guide/authentication); undefined where no login is given, or none is needed. */
  async #login3(): Promise<string | undefined> {
    const { login } = this.address;
    if (login === undefined) return undefined;
    const body = JSON.stringify({ name: login.user, password: login.password });
    for (const path of ['/v3/auth/authenticate', '/v3beta/auth/authenticate']) {
      const response = await this.#ask({ method: 'POST', path, body });
      if (response.status === 404) continue;
      const answer = parsed(response.text);
      if (/not enabled/i.test(errorOf(answer))) return undefined;
      if (typeof answer === 'object' && answer !== null && 'token' in answer && typeof answer.token === 'string') return answer.token;
      if (/authentication failed|user name|password/i.test(errorOf(answer))) throw this.#refused('a user and password');
      throw new StoreError('garbled', `${this.title} answered a login with something that is none of its records. Check the address: the port may be another service's.`);
    }
    // What has no such interface says so when it is asked for its keys.
    return undefined;
  }

  async #consul(prefix: string, faults: StoreFault[]): Promise<StoreRecords> {
    const path = `/v1/kv/${escapedPath(prefix)}`;
    const { login } = this.address;
    const token = login && (login.password === '' ? login.user : login.password);
    const response = await this.#ask({ method: 'GET', path: `${path}?recurse=true`, ...(token !== undefined && { headers: { 'x-consul-token': token } }) });
    if (response.status === 403 || response.status === 401) throw this.#refused('an ACL token that may read keys');
    const hides = response.headers['x-consul-results-filtered-by-acls'] === 'true';
    if (hides) faults.push({ code: 'no-permission', message: `${this.title} keeps records back: its ACL lets the token, or anybody without one, read only some keys. Ask for "key_prefix" read in the policy.` });
    // Its answer where there is no key, as text.
    if (response.status === 404 && response.text.trim() === '') return { records: [], odd: 0, more: false };
    return this.#understood(response, path, readConsul(parsed(response.text)));
  }

  #refused(what: string): StoreError {
    const given = this.address.login === undefined ? 'and was given none' : 'and does not take the one that it was given';
    return new StoreError('no-permission', `${this.title} asks for ${what} ${given}. Put it before the host in its address in the settings, as ${this.address.kind}://USER:WORD@HOST:PORT, or let everybody read these keys.`);
  }

  #understood(response: StoreResponse, path: string, records: StoreRecords | undefined): StoreRecords {
    if (/HTTP request to an HTTPS server/i.test(response.text)) throw encryptedFault(this.title);
    if (response.status < 200 || response.status > 299) {
      const said = printable(response.text).slice(0, 200);
      throw new StoreError('failed', `${this.title} refused ${path} with status ${String(response.status)}${said === '' ? '' : ` (${said})`}. See its own log.`);
    }
    if (records === undefined) throw new StoreError('garbled', `${this.title} answered ${printable(path)} with something that is none of its records. Check the address: the port may be another service's.`);
    return records;
  }

  async #ask(asked: Pick<StoreRequest, 'method' | 'path' | 'headers' | 'body'>): Promise<StoreResponse> {
    const { host, port } = this.endpoint;
    const whole = { ...asked, authority: endpointText(this.endpoint), limitMs: this.options.limitMs ?? limitMs, maxBytes: this.options.maxBytes ?? maxBytes, signal: this.options.signal };
    const open = (signal: AbortSignal): Promise<Duplex> => this.transport.openStream(this.#relayed ? { kind: 'command', command: relayCommand(host, port) } : { kind: 'tcp', host, port }, signal);
    try {
      return await askStore(open, this.title, whole);
    } catch (error) {
      if (error instanceof HangUp && (await speaksTls(open, this.options.signal))) throw encryptedFault(this.title);
      if (isTransportError(error) && error.code !== 'no-permission') throw relayFault(error, portTitle(host, port, this.hostLabel));
      if (this.#relayed || !isTransportError(error) || error.code !== 'no-permission') throw error;
      this.#relayed = true;
      return this.#ask(asked);
    }
  }
}

/** The interface is not there; the server is. */
class Absent extends StoreError {}

function isAbsent(error: Error): boolean {
  return error instanceof Absent;
}

/** Whether version 3 may answer where version 2 did not: whatever does not answer at all is not asked again. */
function mayTry3(error: Error): boolean {
  return error instanceof StoreError && (isAbsent(error) || error.code === 'no-permission' || error.code === 'truncated');
}

function faultOf(error: unknown, title: string): StoreFault {
  if (error instanceof StoreError && error.code !== 'cancelled') return { code: error.code, message: error.message };
  if (isTransportError(error) && error.code !== 'cancelled' && error.code !== 'recorded') return { code: error.code, message: `${title} could not be asked: ${error.message}` };
  return { code: 'failed', message: `${title} could not be read: ${printable(error instanceof Error ? error.message : String(error))}.` };
}

/** What etcd's gateway says went wrong. */
function errorOf(answer: unknown): string {
  return typeof answer === 'object' && answer !== null && 'error' in answer && typeof answer.error === 'string' ? answer.error : '';
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function escapedPath(path: string): string {
  return path.split('/').map((part) => encodeURIComponent(part)).join('/');
}

/** The key after all that begin with this one (etcd, clientv3.GetPrefixRangeEnd). The last byte of UTF-8 is never 255. */
function after(prefix: Buffer): Buffer {
  const end = Buffer.from(prefix);
  end[end.length - 1] = (end[end.length - 1] ?? 0) + 1;
  return end;
}

/** By name: the transport may live in another bundle. */
function isTransportError(error: unknown): error is TransportError {
  return error instanceof Error && error.name === 'TransportError';
}
