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
  return { dump: 'netns-dump', inspect: 'json', ports: 'netns-dump', names: 'netns-dump', engine: 'netns-dump', diagram: 'plaintext' }[subject.kind];
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
  const { kind, host, namespace, dump, record, id, network, container } = value as Record<string, unknown>;
  if (typeof host !== 'string') return undefined;
  if (kind === 'dump' && typeof namespace === 'string' && typeof dump === 'string') return { kind, host, namespace, dump };
  if (kind === 'inspect' && (record === 'network' || record === 'container') && typeof id === 'string') return { kind, host, record, id };
  if (kind === 'engine') return { kind, host };
  if ((kind === 'ports' || kind === 'names') && typeof container === 'string') return { kind, host, container };
  if (kind === 'diagram' && typeof network === 'string') return { kind, host, network };
  return undefined;
}
