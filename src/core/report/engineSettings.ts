import { secretName } from '../facts/secretName';
import type { EngineSnapshot } from '../model/engine';
import { table } from './columns';

/** What decides how a Docker engine behaves, as its host tells it. Hostile text. */
export interface EngineFacts {
  /** Of the running dockerd; absent: none was found, or it could not be read. */
  readonly argv?: readonly string[];
  readonly pid?: number;
  /** `newer`: it was written after the engine had started, which may not have taken it in. */
  readonly file: { readonly path: string; readonly text?: string; readonly newer?: boolean };
  /** Sentences. */
  readonly faults: readonly string[];
}

/** Whether there is anything that settings could be of: a dockerd, its file, or a Docker that answers (whose dockerd a rootless engine hides in namespaces of its own). */
export function hasDocker({ argv, file, faults }: EngineFacts, engine: EngineSnapshot | undefined): boolean {
  return argv !== undefined || file.text !== undefined || faults.length > 0 || engine?.kind === 'docker' || engine?.further?.some(({ kind }) => kind === 'docker') === true;
}

export function noDockerText({ file }: EngineFacts): string {
  return `No Docker engine runs on this host, and there is no ${file.path}: there are no settings to show.`;
}

/** Those that networks depend on, by their name in daemon.json, with the default that dockerd(8) gives. */
const networkSettings: readonly (readonly [name: string, fallback: string])[] = [
  ['bridge', 'docker0'],
  ['bip', 'chosen by the engine'],
  ['fixed-cidr', 'all of docker0\'s subnet'],
  ['fixed-cidr-v6', 'none'],
  ['default-address-pools', 'built in'],
  ['default-gateway', 'docker0\'s address'],
  ['icc', 'true'],
  ['ip', '0.0.0.0'],
  ['ip-forward', 'true'],
  ['ip-masq', 'true'],
  ['iptables', 'true'],
  ['ip6tables', 'the release\'s own'],
  ['ipv6', 'false'],
  ['userland-proxy', 'true'],
  ['mtu', '1500'],
  ['dns', 'those of the host'],
  ['dns-search', 'those of the host'],
  ['live-restore', 'false'],
  ['data-root', '/var/lib/docker'],
  ['cluster-store', 'none'],
  ['cluster-advertise', 'none'],
];

/** Options that take no word behind them (dockerd(8)). */
const flags: ReadonlySet<string> = new Set(['debug', 'experimental', 'icc', 'init', 'ip-forward', 'ip-masq', 'ip6tables', 'iptables', 'ipv6', 'live-restore', 'no-new-privileges', 'raw-logs', 'selinux-enabled', 'tls', 'tlsverify', 'userland-proxy', 'validate', 'rootless', 'help', 'version']);
const shortNames: ReadonlyMap<string, string> = new Map([['b', 'bridge'], ['D', 'debug'], ['G', 'group'], ['H', 'host'], ['l', 'log-level'], ['p', 'pidfile'], ['s', 'storage-driver']]);
/** What daemon.json calls otherwise than the command line, since it may be given more than once. */
const plural: ReadonlyMap<string, string> = new Map([['host', 'hosts'], ['default-address-pool', 'default-address-pools'], ['label', 'labels'], ['log-opt', 'log-opts'], ['registry-mirror', 'registry-mirrors'], ['insecure-registry', 'insecure-registries'], ['storage-opt', 'storage-opts'], ['dns-opt', 'dns-opts'], ['graph', 'data-root']]);

/** Every setting with its value and where that is from, secrets hidden. Hostile text. */
export interface SettingsReport {
  /** Of the running dockerd. */
  readonly pid?: number;
  readonly commandLine?: readonly string[];
  readonly file: { readonly path: string; readonly there: boolean; readonly newer: boolean };
  /** Those that networks depend on, then others that are given. `from`: "command line", the file (with a remark where it is newer than the engine), "default". */
  readonly settings: readonly Setting[];
  readonly others: readonly Setting[];
  /** Sentences. */
  readonly faults: readonly string[];
}

export interface Setting {
  readonly name: string;
  readonly value: string;
  readonly from: string;
}

export function engineSettings({ argv, pid, file, faults }: EngineFacts): SettingsReport {
  const given = new Map<string, readonly [value: string, from: string]>();
  const words = [...faults];
  try {
    for (const [name, value] of fileSettings(file.text)) given.set(name, [value, file.newer === true ? `${file.path}, since the engine started` : file.path]);
  } catch {
    // The parser's own words quote the file, and what stands there may be a secret.
    words.push(`${file.path} is no JSON object: nothing of it is shown. Check it with "dockerd --validate" there.`);
  }
  // An option that is in both keeps dockerd from starting: the running one has it from its command line.
  for (const [name, value] of commandSettings(argv ?? [])) given.set(name, [value, 'command line']);
  const settings = networkSettings.map(([name, fallback]): Setting => {
    const [value, from] = given.get(name) ?? [fallback, 'default'];
    return { name, value, from };
  });
  const known = new Set(networkSettings.map(([name]) => name));
  const others = [...given].filter(([name]) => !known.has(name)).map(([name, [value, from]]): Setting => ({ name, value, from }));
  return {
    ...(pid !== undefined && { pid }),
    ...(argv !== undefined && { commandLine: shownWords(argv) }),
    file: { path: file.path, there: file.text !== undefined, newer: file.newer === true },
    settings,
    others,
    faults: words,
  };
}

/** For a person. Many lines. */
export function engineSettingsText(facts: EngineFacts): string {
  const { pid, commandLine, file, settings, others, faults } = engineSettings(facts);
  const row = ({ name, value, from }: Setting): string[] => [name, value, from];
  return `${[
    ...faults.map((word) => `# ${word}`),
    ...(commandLine === undefined ? ['# No running dockerd was found: what is not in the file is its default when it starts.'] : [`# dockerd, process ${String(pid ?? '?')}: ${commandLine.join(' ')}`]),
    ...(file.newer ? [`# ${file.path} was written after the engine had started: what it says holds once the engine is started anew, or reloads it.`] : []),
    ...(!file.there ? [`# ${file.path} is not there.`] : []),
    '',
    ...table(['SETTING', 'VALUE', 'FROM'], settings.map(row)),
    ...(others.length === 0 ? [] : ['', ...table(['OTHER', 'VALUE', 'FROM'], others.map(row))]),
  ].join('\n')}\n`;
}

function fileSettings(text: string | undefined): (readonly [string, string])[] {
  if (text === undefined || text.trim() === '') return [];
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('it holds something else');
  return Object.entries(value).map(([name, each]) => {
    const shown = withoutSecrets(name, each);
    return [plural.get(name) ?? name, typeof shown === 'string' ? shown : JSON.stringify(shown)];
  });
}

function commandSettings(argv: readonly string[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (let at = 1; at < argv.length; at++) {
    const [, dashes, option = '', value] = /^(--?)([^=]+)(?:=(.*))?$/s.exec(argv[at] ?? '') ?? [];
    if (dashes === undefined) continue;
    const long = dashes === '--' ? option : (shortNames.get(option) ?? option);
    const name = plural.get(long) ?? long;
    const next = argv[at + 1];
    const text = value ?? (flags.has(long) || next === undefined || next.startsWith('-') ? 'true' : next);
    if (value === undefined && text === next) at += 1;
    const former = found.get(name);
    const shown = hidden(name, text);
    found.set(name, former === undefined ? shown : `${former}, ${shown}`);
  }
  return found;
}

/** The command line as it is shown: an option's value is masked by the option's name, whether it is a word of its own or not. */
function shownWords(argv: readonly string[]): string[] {
  let waiting = '';
  return argv.map((word) => {
    const [, option, value] = /^--?([^=]+)(?:=(.*))?$/s.exec(word) ?? [];
    if (option === undefined) {
      const name = waiting;
      waiting = '';
      return hidden(name, word);
    }
    waiting = value === undefined ? option : '';
    return value === undefined ? word : `${word.slice(0, word.length - value.length)}${hidden(option, value)}`;
  });
}

function withoutSecrets(name: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((each: unknown) => withoutSecrets(name, each));
  if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withoutSecrets(secretName.test(name) ? name : key, each)]));
  return typeof value === 'string' ? hidden(name, value) : secretName.test(name) ? '…' : value;
}

/** Who logs in to a proxy or a store is nobody's business: `http://user:word@proxy`, for a proxy without the scheme, too; the word may hold an @ or a slash. */
function hidden(name: string, text: string): string {
  const [, key = '', value] = /^([\w.-]+)=(.*)$/s.exec(text) ?? [];
  if (secretName.test(name)) return '…';
  if (value !== undefined) return `${key}=${hidden(key, value)}`;
  if (/proxy$/.test(name)) return text.replace(/^([a-z][a-z\d+.-]*:\/\/)?.*@/is, '$1…@');
  return text.replace(/:\/\/[^\s"]*@/g, '://…@');
}
