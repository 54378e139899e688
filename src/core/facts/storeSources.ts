import type { StoreAddress, StoreFault, StoreSource } from '../model/store';
import { parseStoreAddress, StoreAddressError } from './storeAddress';

/** What may name a store on a host. Hostile text. */
export interface StoreHints {
  /** By a person; `from` says where. */
  readonly given: { readonly from: string; readonly addresses: readonly string[] };
  /** `ClusterStore` of GET /info: engines before 23.0 that were given one. */
  readonly clusterStore?: string;
  /** Of processes called dockerd or flanneld. */
  readonly processes: readonly { readonly pid: number; readonly argv: readonly string[] }[];
  readonly daemonFile?: { readonly path: string; readonly text: string };
}

/** Every store that is named, once, by whoever names it first, and what could not be understood. */
export function storeSources({ given, clusterStore, processes, daemonFile }: StoreHints): { readonly sources: readonly StoreSource[]; readonly faults: readonly StoreFault[] } {
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
  return { sources, faults };
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
