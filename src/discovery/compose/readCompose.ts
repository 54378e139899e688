import { parseDocument } from 'yaml';
import { readComposeNetworks, wantedFiles, type ComposeFiles } from '../../core/facts/composeFile';
import type { ComposeProject } from '../../core/model/compose';
import { maxFileBytes } from '../../probe/probe';
import type { FileText } from '../../probe/readAnswer';

/** A few lines of aliases can name billions of values. */
const maxAliasCount = 1000;

const faults: Readonly<Record<string, string>> = {
  missing: 'is not on this host: it was removed, or Compose ran elsewhere.',
  odd: 'is no file.',
  closed: 'may not be read by this account.',
  large: `is larger than ${String(maxFileBytes / 1024)} KiB, and was not looked into.`,
};

/** What the files of projects say of networks now. `texts`: of each file that was asked for, in the order of `wantedFiles`. */
export function readCompose(projects: readonly ComposeFiles[], texts: readonly FileText[]): readonly ComposeProject[] {
  const read = new Map(wantedFiles(projects).map((file, at) => [file, texts[at] ?? { state: 'unread', text: '' }]));
  return projects.map(({ project, files, fault }) => ({ project, files, ...(fault === undefined ? understood(files, read) : { fault }) }));
}

/** No word of a file gets into a fault: it may be a secret, or no Compose file at all. */
function understood(files: readonly string[], texts: ReadonlyMap<string, FileText>): Pick<ComposeProject, 'networks' | 'partial' | 'fault'> {
  const trees: unknown[] = [];
  for (const file of files) {
    const { state = '', text = '' } = texts.get(file) ?? {};
    if (state !== 'whole') return { fault: `${file} ${faults[state] ?? 'could not be read.'}` };
    try {
      const document = parseDocument(text, { version: '1.2', schema: 'core', merge: true, uniqueKeys: false, prettyErrors: false, logLevel: 'silent' });
      if (document.errors.length > 0) return { fault: `${file} is no YAML.` };
      trees.push(document.toJS({ mapAsMap: true, maxAliasCount }));
    } catch {
      return { fault: `${file} is YAML that cannot be read: too deep, or with too many aliases.` };
    }
  }
  const read = readComposeNetworks(trees);
  return read === undefined ? { fault: `${files.join(' and ')} ${files.length === 1 ? 'is' : 'are'} no Compose file.` } : { networks: read.networks, ...(read.partial && { partial: true as const }) };
}
