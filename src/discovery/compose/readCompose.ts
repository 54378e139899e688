import { parseDocument } from 'yaml';
import { readComposeNetworks, type ComposeFiles } from '../../core/facts/composeFile';
import type { ComposeProject } from '../../core/model/compose';
import type { Transport } from '../../host/transport';

const limitMs = 10_000;
/** Compose files of generated projects are long; larger ones are not looked into. */
const maxFileBytes = 256 * 1024;
/** A few lines of aliases can name billions of values. */
const maxAliasCount = 1000;

/** Of each argument: its state, then its text without NUL, NUL after each. Regular files alone: a label may name anything. */
const reading = `for f do
  if [ ! -e "$f" ]; then printf 'missing\\0\\0'
  elif [ ! -f "$f" ]; then printf 'odd\\0\\0'
  elif [ ! -r "$f" ]; then printf 'closed\\0\\0'
  elif [ "$(wc -c <"$f")" -gt ${String(maxFileBytes)} ]; then printf 'large\\0\\0'
  else printf 'file\\0'; tr -d '\\000' <"$f"; printf '\\0'; fi
done`;

const faults: Readonly<Record<string, string>> = {
  missing: 'is not on this host: it was removed, or Compose ran elsewhere.',
  odd: 'is no file.',
  closed: 'may not be read by this account.',
  large: `is larger than ${String(maxFileBytes / 1024)} KiB, and was not looked into.`,
};

/** What the files of projects say of networks now, in one command. Faults are in the answer; rejects only where the signal aborts. */
export async function readCompose(transport: Transport, projects: readonly ComposeFiles[], signal?: AbortSignal): Promise<readonly ComposeProject[]> {
  const wanted = [...new Set(projects.flatMap(({ files, fault }) => (fault === undefined ? files : [])))];
  let texts: ReadonlyMap<string, { readonly state: string; readonly text: string }>;
  try {
    texts = wanted.length === 0 ? new Map() : await readFiles(transport, wanted, signal);
  } catch (error) {
    signal?.throwIfAborted();
    const fault = `The Compose files could not be read: ${error instanceof Error ? error.message : String(error)}`;
    return projects.map((project) => ({ ...project, fault: project.fault ?? fault }));
  }
  return projects.map(({ project, files, fault }) => ({ project, files, ...(fault === undefined ? understood(files, texts) : { fault }) }));
}

async function readFiles(transport: Transport, files: readonly string[], signal: AbortSignal | undefined): Promise<ReadonlyMap<string, { readonly state: string; readonly text: string }>> {
  const privilege = transport.privilege === 'user' ? 'user' : 'root';
  const { stdout } = await transport.run({ argv: ['sh', '-c', reading, 'sh', ...files], privilege }, { limitMs, ...(signal && { signal }) });
  const parts = stdout.split('\0');
  return new Map(files.map((file, at) => [file, { state: parts[at * 2] ?? '', text: parts[at * 2 + 1] ?? '' }]));
}

/** No word of a file gets into a fault: it may be a secret, or no Compose file at all. */
function understood(files: readonly string[], texts: ReadonlyMap<string, { readonly state: string; readonly text: string }>): Pick<ComposeProject, 'networks' | 'partial' | 'fault'> {
  const trees: unknown[] = [];
  for (const file of files) {
    const { state = '', text = '' } = texts.get(file) ?? {};
    if (state !== 'file') return { fault: `${file} ${faults[state] ?? 'could not be read.'}` };
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
