import { version } from '../../package.json';
import { printable, printableText } from '../core/report/printable';
import { CliError } from './cliError';
import { diagram } from './diagram';
import { names, ports, settings } from './engine/engineVerbs';
import { enter } from './enter';
import { mainHelp } from './help';
import { hosts } from './hosts';
import { plan } from './plan';
import { cliQuestions } from './questions';
import { readHosts } from './readHosts';
import type { Run } from './run';
import { scan } from './scan';
import { store } from './store';
import { tell, writeAll } from './streams';

type Verb = (argv: readonly string[], run: Run) => Promise<number>;

const verbs: ReadonlyMap<string, Verb> = new Map<string, Verb>([
  ['scan', scan],
  ['diagram', diagram],
  ['enter', enter],
  ['ports', ports],
  ['names', names],
  ['settings', settings],
  ['plan', plan],
  ['store', store],
  ['hosts', hosts],
]);

/** Exit status after Ctrl-C, as a shell gives it for SIGINT. */
const interrupted = 130;

async function main(argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    await writeAll(name === undefined ? process.stderr : process.stdout, mainHelp);
    return name === undefined ? 2 : 0;
  }
  if (name === '--version' || name === '-V' || name === 'version') {
    await writeAll(process.stdout, `netns-explorer ${version}\n`);
    return 0;
  }
  const verb = verbs.get(name);
  if (verb === undefined) throw new CliError(`"${printable(name)}" is no verb; there are ${[...verbs.keys()].join(', ')}. See: netns-explorer --help`);
  const abort = new AbortController();
  const stop = (): void => abort.abort();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  try {
    return await verb(rest, {
      signal: abort.signal,
      readHosts: (options) => {
        const log = {
          info: (message: string) => {
            if (options.verbose) tell(printable(message));
          },
          warn: (message: string) => tell(printable(message)),
        };
        return readHosts(options, cliQuestions(tell), log, abort.signal);
      },
    });
  } catch (error) {
    if (abort.signal.aborted) return interrupted;
    throw error;
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  }
}

/** Transports live in bundles of their own, so their errors are known by name. */
function sentence(error: unknown): string {
  if (error instanceof CliError) return printableText(error.message);
  if (error instanceof Error && ['TransportError', 'EngineError', 'LayoutError', 'StoreError'].includes(error.name)) return printable(error.message);
  return `netns-explorer failed, which is a fault of its own: ${printableText(error instanceof Error ? (error.stack ?? error.message) : String(error))}`;
}

// docker-modem calls url.parse(), of which Node would tell every user of this command.
process.noDeprecation = true;

// A reader that has seen enough, such as head(1), is no fault.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? 0 : 2);
  });
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${sentence(error)}\n`, () => process.exit(error instanceof CliError ? error.exitCode : 2));
  },
);
