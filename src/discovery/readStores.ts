import { storeSources } from '../core/facts/storeSources';
import type { HostStores, StoreAnswer, StoreFault } from '../core/model/store';
import { readStore, type StoreOptions } from '../host/store/readStore';
import type { Transport } from '../host/transport';
import { errorWords, isTransportError } from './errorWords';
import { readEngineFacts } from './readEngineFacts';

const limitMs = 15_000;

/**
 * Of processes that use a store (flanneld) or are one, in the network namespace that commands run in: pid and arguments, NUL between all, an empty one after each process.
 * etcd takes its address from an argument, else from this one variable (etcd, pkg/flags); no other is looked at. ZooKeeper is a class that java runs.
 */
const users = `for d in /proc/[0-9]*; do
read -r c <"$d/comm" 2>/dev/null || continue
case $c in flanneld|etcd|consul) ;; java) grep -q QuorumPeerMain "$d/cmdline" 2>/dev/null || continue ;; *) continue ;; esac
[ "$(readlink "$d/ns/net")" = "$(readlink /proc/self/ns/net)" ] || continue
printf "%s\\0" "\${d#/proc/}"
cat "$d/cmdline" 2>/dev/null
[ "$c" != etcd ] || tr "\\0" "\\n" <"$d/environ" 2>/dev/null | sed -n "s/^ETCD_LISTEN_CLIENT_URLS=/--listen-client-urls=/p" | tr "\\n" "\\0"
printf "\\0"
done`;

export interface StoresOptions extends StoreOptions {
  readonly hostLabel: string;
  /** What the host's engine says, where it was asked. */
  readonly clusterStore: string | undefined;
  /** Addresses that a person gave for this host. */
  readonly settings: readonly string[];
  /** The host's own addresses: a store that listens there and is named by one of them is one store. */
  readonly own?: readonly string[];
  /** Read these alone; nothing is looked for. */
  readonly only?: readonly string[];
  /** Of those that are found, the one that is shown by this address. */
  readonly address?: string;
}

export { storeTree as treeOf } from '../core/topology/storeTree';

/** Finds the key-value stores that a host's engine and flanneld use, and those that listen there, and reads them through the host. @throws TransportError where the host is not reached; StoreError `cancelled` */
export async function readStores(transport: Transport, options: StoresOptions): Promise<HostStores> {
  if (!transport.live) return { stores: [], faults: [{ code: 'failed', message: `${options.hostLabel} is a recorded host: a key-value store is read from the host itself.` }] };
  const found = options.only === undefined ? await findStores(transport, options) : storeSources({ given: { from: '--url', addresses: options.only }, processes: [] });
  const stores: StoreAnswer[] = [];
  // One after another: over SSH each is a connection, and few hosts have more than one.
  for (const source of found.sources) {
    if (options.address === undefined || source.address.text === options.address) stores.push(await readStore(transport, source, options.hostLabel, options));
  }
  return { stores, faults: found.faults };
}

async function findStores(transport: Transport, { settings, clusterStore, own, signal }: StoresOptions): Promise<ReturnType<typeof storeSources>> {
  const processes: { pid: number; argv: string[] }[] = [];
  const faults: StoreFault[] = [];
  let daemonFile: { path: string; text: string } | undefined;
  await transport.connect(signal);
  try {
    const { argv, pid, file, faults: words } = await readEngineFacts(transport, signal);
    if (argv !== undefined && pid !== undefined) processes.push({ pid, argv: [...argv] });
    if (file.text !== undefined) daemonFile = { path: file.path, text: file.text };
    faults.push(...words.map((message) => ({ code: 'failed', message }) as const));
    const { stdout } = await transport.run({ argv: ['sh', '-c', users], privilege: 'root' }, { limitMs, maxBytes: 1 << 20, ...(signal && { signal }) });
    for (const entry of stdout.split('\0\0')) {
      const [id = '', ...words] = entry.split('\0').filter((part) => part !== '');
      if (/^\d+$/.test(id) && words.length > 0) processes.push({ pid: Number(id), argv: words });
    }
  } catch (error) {
    // Who is not root learns of a store from the engine and the settings alone.
    if (!isTransportError(error) || error.code === 'cancelled' || error.code === 'unreachable') throw error;
    const { code, message } = errorWords(error);
    faults.push({ code, message: `Key-value stores could not be looked for in the engine's and flanneld's settings: ${message}` });
  }
  const named = storeSources({ given: { from: 'the setting netnsExplorer.keyValueStores', addresses: settings }, processes, own: own ?? [], ...(clusterStore !== undefined && { clusterStore }), ...(daemonFile && { daemonFile }) });
  return { sources: named.sources, faults: [...faults, ...named.faults] };
}
