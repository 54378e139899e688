import type { StoreAddress, StoreKind } from '../model/store';

/** Schemes of libkv's stores, as `--cluster-store` takes them (libnetwork, datastore), and ours for etcd without its version 2. */
const kinds: ReadonlyMap<string, StoreKind> = new Map([['etcd', 'etcd'], ['etcd3', 'etcd3'], ['consul', 'consul'], ['zk', 'zookeeper'], ['zookeeper', 'zookeeper'], ['http', 'etcd'], ['https', 'etcd']]);
const ports: Readonly<Record<StoreKind, number>> = { etcd: 2379, etcd3: 2379, consul: 8500, zookeeper: 2181 };
const maxEndpoints = 16;

/** `message` names no login. */
export class StoreAddressError extends Error {
  override readonly name = 'StoreAddressError';
}

/**
 * Reads `etcd://HOST:PORT,HOST:PORT/PREFIX` and the like; `http://` is how flanneld and etcdctl write etcd's. Logins stand before an @.
 * @param encrypted whoever named the address has keys and certificates for it, too
 * @throws StoreAddressError
 */
export function parseStoreAddress(text: string, encrypted = false): StoreAddress {
  const [, scheme = '', rest = ''] = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/is.exec(text.trim()) ?? [];
  const shown = withoutLogin(text.trim());
  const kind = kinds.get(scheme.toLowerCase());
  if (kind === undefined) throw new StoreAddressError(`"${shown}" is no address of a key-value store that is known here: etcd://, etcd3://, consul:// or zk://, then HOST:PORT.`);
  // A password may hold a slash or an @ that nobody has escaped.
  const at = rest.lastIndexOf('@');
  const place = rest.slice(at + 1);
  const slash = place.indexOf('/');
  const authority = slash === -1 ? place : place.slice(0, slash);
  const prefix = slash === -1 ? '' : place.slice(slash).replace(/^\/+|\/+$/g, '');
  const endpoints = authority.split(',').map((each) => endpoint(each.trim(), ports[kind]));
  const known = endpoints.filter((each) => each !== undefined);
  if (known.length < endpoints.length || known.length > maxEndpoints) throw new StoreAddressError(`"${shown}" names no host and port. Write it as ${scheme.toLowerCase()}://HOST:PORT.`);
  // What we have left out ourselves is no login.
  const login = at === -1 || rest.slice(0, at) === '…' ? undefined : loginOf(rest.slice(0, at));
  return { kind, endpoints: known, prefix, encrypted: encrypted || scheme.toLowerCase() === 'https', ...(login && { login }), text: shown };
}

/** `host:port` of an endpoint, of IPv6 in brackets. */
export function endpointText({ host, port }: StoreAddress['endpoints'][number]): string {
  return `${host.includes(':') ? `[${host}]` : host}:${String(port)}`;
}

/** What stands before an @ is nobody's business. */
export function withoutLogin(text: string): string {
  return text.replace(/:\/\/.*@/s, '://…@');
}

/** No name begins with a dash: it would be an option to a command. */
function endpoint(text: string, usual: number): { host: string; port: number } | undefined {
  const [, six, name, port] = /^(?:\[([0-9a-f:.]+(?:%[\w.-]+)?)\]|([a-z0-9_][a-z0-9._-]*))(?::(\d{1,5}))?$/i.exec(text) ?? [];
  const host = six ?? name;
  const number = port === undefined ? usual : Number(port);
  return host === undefined || number < 1 || number > 65535 ? undefined : { host, port: number };
}

function loginOf(text: string): { user: string; password: string } {
  const colon = text.indexOf(':');
  const [user, password] = colon === -1 ? [text, ''] : [text.slice(0, colon), text.slice(colon + 1)];
  return { user: unescaped(user), password: unescaped(password) };
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
