import type { StoreAddress, StoreFault, StoreSource } from '../model/store';
import { parseStoreAddress, StoreAddressError } from './storeAddress';

/** What may name a store on a host. Hostile text. */
export interface StoreHints {
  /** By a person; `from` says where. */
  readonly given: { readonly from: string; readonly addresses: readonly string[] };
  /** `ClusterStore` of GET /info: engines before 23.0 that were given one. */
  readonly clusterStore?: string;
  /** Addresses of the host itself. */
  readonly own?: readonly string[];
  /** Of processes called dockerd, flanneld, etcd, consul, or java where it runs ZooKeeper. */
  readonly processes: readonly { readonly pid: number; readonly argv: readonly string[] }[];
  readonly daemonFile?: { readonly path: string; readonly text: string };
}

/** Every store that is named, once, by whoever names it first, and what could not be understood. */
export function storeSources({ given, clusterStore, processes, daemonFile, own = [] }: StoreHints): { readonly sources: readonly StoreSource[]; readonly faults: readonly StoreFault[] } {
  const sources: StoreSource[] = [];
  const faults: StoreFault[] = [];
  const add = (text: string, from: string, encrypted = false): void => {
    try {
      const address = parseStoreAddress(text, encrypted);
      const known = sources.findIndex((other) => isSame(other.address, address));
      const first = sources[known];
      if (first === undefined) sources.push({ address, from });
      // Only one of those who name it may know that it is encrypted, or its login.
      else sources[known] = { ...first, address: { ...address, ...first.address, encrypted: first.address.encrypted || address.encrypted } };
    } catch (error) {
      if (!(error instanceof StoreAddressError)) throw error;
      faults.push({ code: 'garbled', message: `A key-value store cannot be read, by what ${from} says of it: ${error.message}` });
    }
  };
  for (const text of given.addresses) add(text, given.from);
  if (clusterStore !== undefined && clusterStore !== '') add(clusterStore, 'docker info');
  for (const { pid, argv } of processes) {
    const from = `${programOf(argv)}, process ${String(pid)}`;
    const store = optionOf(argv, 'cluster-store');
    // Options of a store that is spoken to by TLS: kv.cacertfile, kv.certfile, kv.keyfile (dockerd(8) of 1.9 to 20.10).
    if (store !== undefined) add(store, from, argv.some((word) => /^(--cluster-store-opt=)?kv\.(cacert|cert|key)file=/.test(word)));
    const endpoints = optionOf(argv, 'etcd-endpoints');
    if (endpoints !== undefined) addFlannels(endpoints, from, optionOf(argv, 'etcd-cafile') !== undefined || optionOf(argv, 'etcd-keyfile') !== undefined, add);
  }
  if (daemonFile !== undefined) addDaemonFile(daemonFile, add, faults);
  // Last: who uses a store says more of it than the store itself.
  for (const { pid, argv } of processes) {
    const address = listening(argv);
    if (address !== undefined && !sources.some((other) => isHere(other.address, address, own))) add(address, `${/^zk:/.test(address) ? 'ZooKeeper' : programOf(argv)}, process ${String(pid)}`);
  }
  return { sources, faults };
}

/** Where a process that is a store listens, as far as its command line says, else where it does so by itself (etcd, embed/config.go; Consul, agent/config/default.go). */
function listening(argv: readonly string[]): string | undefined {
  const reachable = (host: string): string => (host === '' || host === '0.0.0.0' || host === '*' ? '127.0.0.1' : host === '[::]' || host === '::' ? '[::1]' : host.includes(':') && !host.startsWith('[') ? `[${host}]` : host);
  if (argv.some((word) => word.endsWith('QuorumPeerMain'))) return 'zk://127.0.0.1:2181';
  if (programOf(argv) === 'consul') {
    if (!argv.includes('agent')) return undefined;
    const [, port = '8500'] = /^(\d{1,5})$/.exec(optionOf(argv, 'http-port') ?? '') ?? [];
    return `consul://${reachable((optionOf(argv, 'client') ?? '').split(/\s+/)[0] ?? '')}:${port}`;
  }
  if (programOf(argv) !== 'etcd') return undefined;
  const urls = (optionOf(argv, 'listen-client-urls') ?? 'http://127.0.0.1:2379').split(',').map((url) => /^(https?):\/\/(.*):(\d{1,5})\/?$/i.exec(url.trim())).filter((parts) => parts !== null);
  const [, scheme = '', host = '', port = ''] = urls.find(([, word]) => word?.toLowerCase() === 'http') ?? urls[0] ?? [];
  return port === '' ? undefined : `${scheme.toLowerCase() === 'https' ? 'https' : 'etcd'}://${reachable(host)}:${port}`;
}

/** Whether an address that somebody uses is the one at which a process of this host listens. */
function isHere(used: StoreAddress, text: string, own: readonly string[]): boolean {
  try {
    const { kind, endpoints: [here] } = parseStoreAddress(text);
    const isOurs = (host: string): boolean => host === here?.host || host === 'localhost' || host === '::1' || host.startsWith('127.') || own.includes(host);
    return used.kind.replace('etcd3', 'etcd') === kind && used.endpoints.some(({ host, port }) => port === here?.port && isOurs(host));
  } catch (error) {
    if (error instanceof StoreAddressError) return false;
    throw error;
  }
}

type Add = (text: string, from: string, encrypted?: boolean) => void;

/** `http://A:2379,http://B:2379`: members of one cluster. */
function addFlannels(text: string, from: string, encrypted: boolean, add: Add): void {
  const urls = text.split(',').map((each) => each.trim()).filter((each) => each !== '');
  const [first = '', ...others] = urls.map((url) => url.replace(/\/+$/, ''));
  const scheme = /^https:/i.test(first) ? 'https' : 'http';
  const joined = [first, ...others.map((url) => url.replace(/^https?:\/\//i, ''))].join(',').replace(/^https?:\/\//i, '');
  add(scheme === 'https' ? `https://${joined}` : `etcd://${joined}`, from, encrypted);
}

function addDaemonFile({ path, text }: NonNullable<StoreHints['daemonFile']>, add: Add, faults: StoreFault[]): void {
  let value: unknown;
  try {
    value = text.trim() === '' ? {} : JSON.parse(text);
  } catch {
    // The parser's own words quote the file, and what stands there may be a secret.
    faults.push({ code: 'garbled', message: `${path} is no JSON, so that it cannot be told whether it names a key-value store. Check it with "dockerd --validate" there.` });
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  const { 'cluster-store': store, 'cluster-store-opts': options } = value as Record<string, unknown>;
  if (typeof store !== 'string' || store === '') return;
  add(store, path, typeof options === 'object' && options !== null && Object.keys(options).some((name) => /^kv\.(cacert|cert|key)file$/.test(name)));
}

/** `--name=value`, `--name value`, and with one dash, as programs in Go take both. */
function optionOf(argv: readonly string[], name: string): string | undefined {
  for (const [at, word] of argv.entries()) {
    const [, value] = new RegExp(`^--?${name}(?:=(.*))?$`, 's').exec(word) ?? [undefined, undefined];
    if (value !== undefined && value !== '') return value;
    if (word === `--${name}` || word === `-${name}`) return argv[at + 1];
  }
  return undefined;
}

function programOf([path = '?']: readonly string[]): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function isSame(a: StoreAddress, b: StoreAddress): boolean {
  const key = ({ kind, endpoints, prefix }: StoreAddress): string => JSON.stringify([kind, endpoints, prefix]);
  return key(a) === key(b);
}
