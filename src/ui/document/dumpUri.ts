import type { HostId } from '../../core/model/address';
import type { NamespaceKey } from '../../core/model/snapshot';
import { pathSegment } from '../text';

/** URIs of the read-only documents. The same thing always has the same URI, so that its document is opened once and can be found again. */
export const documentScheme = 'netns-dump';

/** What a document shows. */
export type DocumentSubject =
  | { readonly kind: 'dump'; readonly host: HostId; readonly namespace: NamespaceKey; readonly dump: string }
  | { readonly kind: 'inspect'; readonly host: HostId; readonly record: 'network' | 'container'; readonly id: string }
  /** `container`: the engine's id, or "" for all of the host. */
  | { readonly kind: 'ports'; readonly host: HostId; readonly container: string }
  /** The engine's id of a container, whose names are told. */
  | { readonly kind: 'names'; readonly host: HostId; readonly container: string }
  /** How the host's engine was started and configured. */
  | { readonly kind: 'engine'; readonly host: HostId }
  /** A key of a host's key-value store. `store`: its address without a login; `json`: its value was JSON when the row was read. */
  | { readonly kind: 'storeRecord'; readonly host: HostId; readonly store: string; readonly api: string; readonly key: string; readonly json: boolean }
  /** All that a host's key-value stores have of a network, by the engine's id of it. */
  | { readonly kind: 'storeNetwork'; readonly host: HostId; readonly network: string }
  /** `network`: id of what is drawn, a network or another subject. */
  | { readonly kind: 'diagram'; readonly host: HostId; readonly network: string };

export interface UriParts {
  readonly scheme: string;
  readonly path: string;
  readonly query: string;
}

/** @param title of the document's tab, and `host` the label of the host that it is from, which the tab names too; both hostile text. */
export function formatSubject(subject: DocumentSubject, title: string, host: string): UriParts {
  return { scheme: documentScheme, path: `/${pathSegment(title)}@${pathSegment(host)}`, query: JSON.stringify(subject) };
}

/** The editor's language for a document; its name must not decide, since it is a host's text. */
export function subjectLanguage(subject: DocumentSubject): string {
  if (subject.kind === 'storeRecord' && subject.json) return 'jsonc';
  return { dump: 'netns-dump', storeRecord: 'netns-dump', storeNetwork: 'netns-dump', inspect: 'json', ports: 'netns-dump', names: 'netns-dump', engine: 'netns-dump', diagram: 'plaintext' }[subject.kind];
}

/** Undefined for a URI that is none of ours: other extensions and restored editors may hand us any. */
export function parseSubject(uri: UriParts): DocumentSubject | undefined {
  if (uri.scheme !== documentScheme) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(uri.query);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { kind, host, namespace, dump, record, id, network, container, store, api, key, json } = value as Record<string, unknown>;
  if (typeof host !== 'string') return undefined;
  if (kind === 'dump' && typeof namespace === 'string' && typeof dump === 'string') return { kind, host, namespace, dump };
  if (kind === 'inspect' && (record === 'network' || record === 'container') && typeof id === 'string') return { kind, host, record, id };
  if (kind === 'engine') return { kind, host };
  if ((kind === 'ports' || kind === 'names') && typeof container === 'string') return { kind, host, container };
  if (kind === 'storeRecord' && typeof store === 'string' && typeof api === 'string' && typeof key === 'string') return { kind, host, store, api, key, json: json === true };
  if (kind === 'storeNetwork' && typeof network === 'string') return { kind, host, network };
  if (kind === 'diagram' && typeof network === 'string') return { kind, host, network };
  return undefined;
}
