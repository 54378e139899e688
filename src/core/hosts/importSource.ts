/** Where an imported host came from; enough to read it again. */
export type ImportSource =
  | { readonly kind: 'ansible' | 'vagrant-config'; readonly path: string }
  /** The folder of a Vagrantfile. */
  | { readonly kind: 'vagrant'; readonly path: string }
  | { readonly kind: 'docker-contexts' }
  /** `path`: the id of a manager; of the host inside which they are. */
  | { readonly kind: 'swarm' | 'nested'; readonly path: string };

/** The text under which a source is kept in the settings. */
export function formatImportSource(source: ImportSource): string {
  return source.kind === 'docker-contexts' ? source.kind : `${source.kind}:${source.path}`;
}

/** Undefined for a text that is none. */
export function parseImportSource(text: string): ImportSource | undefined {
  if (text === 'docker-contexts') return { kind: text };
  const match = /^(ansible|vagrant-config|vagrant|swarm|nested):(.+)$/s.exec(text);
  if (match?.[1] === undefined || match[2] === undefined) return undefined;
  return { kind: match[1] as 'ansible' | 'vagrant-config' | 'vagrant' | 'swarm' | 'nested', path: match[2] };
}
