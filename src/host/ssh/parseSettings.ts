import { createHash } from 'node:crypto';
import { parseHostAddress, type HostAddress } from '../../core/model/address';
import { printable } from '../command/words';

export type SshAddress = Extract<HostAddress, { kind: 'ssh' }>;

/** What the built-in client heeds of a configuration; see ssh_config(5) for each. Paths are absolute, tokens replaced. */
export interface SshSettings {
  /** What the user called it. */
  readonly alias: string;
  readonly hostName: string;
  readonly port: number;
  readonly user: string;
  /** In order; the defaults among them may not exist. */
  readonly identityFiles: readonly string[];
  readonly certificateFiles: readonly string[];
  readonly identitiesOnly: boolean;
  /** Socket (or named pipe) of the agent; undefined for none. */
  readonly identityAgent: string | undefined;
  /** First hop first. */
  readonly proxyJump: readonly SshAddress[];
  /** Only the OpenSSH client can run it. */
  readonly proxyCommand: string | undefined;
  readonly userKnownHostsFiles: readonly string[];
  readonly globalKnownHostsFiles: readonly string[];
  readonly strictHostKeyChecking: 'yes' | 'ask' | 'accept-new' | 'no';
  readonly hostKeyAlias: string | undefined;
  readonly hashKnownHosts: boolean;
  /** Empty: the client's defaults. */
  readonly hostKeyAlgorithms: readonly string[];
  readonly kexAlgorithms: readonly string[];
  readonly ciphers: readonly string[];
  readonly macs: readonly string[];
  /** Allowed methods in the order of preference. */
  readonly authentications: readonly string[];
  readonly passwordPrompts: number;
  readonly batchMode: boolean;
  readonly connectTimeoutMs: number;
  readonly keepaliveIntervalMs: number;
  readonly keepaliveCountMax: number;
  /** For the TCP connection: 0 leaves it to the resolver. */
  readonly addressFamily: 0 | 4 | 6;
  readonly bindAddress: string | undefined;
  /** Whether a Kerberos ticket may be used, which only the OpenSSH client can. */
  readonly gssapi: boolean;
  /** Settings that are in force and that only the OpenSSH client heeds, by name. */
  readonly onlyOpenssh: readonly string[];
}

/** What tokens and defaults are made of. */
export interface LocalFacts {
  readonly home: string;
  readonly user: string;
  readonly hostname: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly windows: boolean;
}

const defaultIdentities = ['~/.ssh/id_rsa', '~/.ssh/id_ecdsa', '~/.ssh/id_ed25519'];
const defaultKnownHosts = '~/.ssh/known_hosts ~/.ssh/known_hosts2';
const defaultGlobalKnownHosts = '/etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2';
/** readconf.c's default for PreferredAuthentications, without what it takes a system client for (GSSAPI, host-based). */
const preferred = 'publickey,keyboard-interactive,password';
/** What decides about trust or login beside what the built-in client knows. */
const onlyOpenssh = ['KnownHostsCommand', 'RevokedHostKeys', 'VerifyHostKeyDNS', 'HostbasedAuthentication', 'PKCS11Provider'] as const;
const defaultConnectTimeoutMs = 20_000;
/** A connection that died without a word is noticed after three of these. */
const defaultKeepaliveMs = 15_000;

/** Reads what `ssh -G` printed: a keyword in lower case and its value per line; some keywords come more than once. */
export function parseSshSettings(text: string, address: SshAddress, local: LocalFacts): SshSettings {
  const values = new Map<string, string[]>();
  for (const line of text.split(/\r?\n/)) {
    const match = /^(\S+) +(.*\S)\s*$/.exec(line);
    if (match?.[1] === undefined || match[2] === undefined) continue;
    const key = match[1].toLowerCase();
    values.set(key, [...(values.get(key) ?? []), match[2]]);
  }
  const one = (key: string): string | undefined => values.get(key)?.[0];
  const set = (key: string): string | undefined => (one(key)?.toLowerCase() === 'none' ? undefined : one(key));
  const yes = (key: string, otherwise: boolean): boolean => (one(key) === undefined ? otherwise : /^(yes|true)$/i.test(one(key) ?? ''));
  const number = (key: string, otherwise: number): number => (/^\d+$/.test(one(key) ?? '') ? Number(one(key)) : otherwise);
  const list = (key: string): string[] => (one(key) ?? '').split(',').filter((part) => part !== '');

  const hostName = one('hostname') ?? address.host;
  const port = number('port', address.port ?? 22);
  const user = one('user') ?? address.user ?? local.user;
  const proxyJump = parseJumps(set('proxyjump'));
  const expand = (path: string) => expandPath(path, { ...local, alias: address.host, hostName, port, remoteUser: user, proxyJump: set('proxyjump') ?? '' });
  const files = (key: string, otherwise: string) => splitPaths(one(key) ?? otherwise).filter((path) => path.toLowerCase() !== 'none').map(expand);

  const allowed = new Map([
    ['publickey', yes('pubkeyauthentication', true)],
    ['keyboard-interactive', yes('kbdinteractiveauthentication', true)],
    ['password', yes('passwordauthentication', true)],
  ]);
  return {
    alias: address.host,
    hostName,
    port,
    user,
    identityFiles: (values.get('identityfile') ?? defaultIdentities).filter((path) => path.toLowerCase() !== 'none').map(expand),
    certificateFiles: (values.get('certificatefile') ?? []).filter((path) => path.toLowerCase() !== 'none').map(expand),
    identitiesOnly: yes('identitiesonly', false),
    identityAgent: agentSocket(one('identityagent'), expand, local),
    proxyJump,
    proxyCommand: set('proxycommand'),
    userKnownHostsFiles: files('userknownhostsfile', defaultKnownHosts),
    globalKnownHostsFiles: files('globalknownhostsfile', defaultGlobalKnownHosts),
    strictHostKeyChecking: strictness(one('stricthostkeychecking')),
    hostKeyAlias: set('hostkeyalias'),
    hashKnownHosts: yes('hashknownhosts', false),
    hostKeyAlgorithms: list('hostkeyalgorithms'),
    kexAlgorithms: list('kexalgorithms'),
    ciphers: list('ciphers'),
    macs: list('macs'),
    authentications: (one('preferredauthentications') ?? preferred).split(',').filter((method) => allowed.get(method) ?? true),
    passwordPrompts: number('numberofpasswordprompts', 3),
    batchMode: yes('batchmode', false),
    connectTimeoutMs: number('connecttimeout', 0) * 1000 || defaultConnectTimeoutMs,
    keepaliveIntervalMs: number('serveraliveinterval', 0) * 1000 || defaultKeepaliveMs,
    keepaliveCountMax: number('serveralivecountmax', 3),
    addressFamily: one('addressfamily') === 'inet' ? 4 : one('addressfamily') === 'inet6' ? 6 : 0,
    bindAddress: set('bindaddress'),
    gssapi: yes('gssapiauthentication', false) && (one('preferredauthentications') ?? 'gssapi-with-mic').split(',').includes('gssapi-with-mic'),
    onlyOpenssh: onlyOpenssh.filter((name) => !/^(none|no|false|)$/i.test(one(name.toLowerCase()) ?? '')),
  };
}

function strictness(value: string | undefined): SshSettings['strictHostKeyChecking'] {
  switch (value?.toLowerCase()) {
    case 'yes':
    case 'true':
      return 'yes';
    case 'accept-new':
      return 'accept-new';
    case 'no':
    case 'off':
    case 'false':
      return 'no';
    default:
      return 'ask';
  }
}

function parseJumps(value: string | undefined): SshAddress[] {
  if (value === undefined) return [];
  return value.split(',').map((hop) => {
    const address = parseHostAddress(hop.startsWith('ssh://') ? hop : `ssh://${hop}`);
    if (address.kind !== 'ssh') throw new RangeError(`"${printable(hop)}" is no host to jump through.`);
    return address;
  });
}

/**
 * `ssh -G` prints a list of paths with blanks between them and no quotes. Each is absolute or begins with "~" or "%",
 * so a part that does not is the rest of a path that holds a blank.
 */
function splitPaths(value: string): string[] {
  const paths: string[] = [];
  for (const part of value.split(' ')) {
    const begins = /^(\/|~|%|\$\{|[A-Za-z]:[\\/]|__PROGRAMDATA__|none$)/i.test(part);
    if (begins || paths.length === 0) paths.push(part);
    else paths[paths.length - 1] = `${paths[paths.length - 1] ?? ''} ${part}`;
  }
  return paths;
}

interface Tokens extends LocalFacts {
  readonly alias: string;
  readonly hostName: string;
  readonly port: number;
  readonly remoteUser: string;
  readonly proxyJump: string;
}

/** TOKENS and ENVIRONMENT VARIABLES of ssh_config(5), and "~". */
function expandPath(path: string, tokens: Tokens): string {
  const short = tokens.hostname.split('.')[0] ?? '';
  const connection = `${tokens.hostname}${tokens.hostName}${String(tokens.port)}${tokens.remoteUser}${tokens.proxyJump}`;
  const values: Readonly<Record<string, string>> = {
    '%': '%',
    C: createHash('sha1').update(connection).digest('hex'),
    d: tokens.home,
    h: tokens.hostName,
    i: String(process.getuid?.() ?? ''),
    j: tokens.proxyJump,
    k: tokens.alias,
    L: short,
    l: tokens.hostname,
    n: tokens.alias,
    p: String(tokens.port),
    r: tokens.remoteUser,
    u: tokens.user,
  };
  return path
    .replace(/^~(?=$|[\\/])/, () => tokens.home)
    .replace(/\$\{([^}]+)\}/g, (whole, name: string) => tokens.environment[name] ?? whole)
    .replace(/%(.)/g, (whole, token: string) => values[token] ?? whole);
}

function agentSocket(value: string | undefined, expand: (path: string) => string, local: LocalFacts): string | undefined {
  if (value?.toLowerCase() === 'none') return undefined;
  if (value !== undefined && value !== 'SSH_AUTH_SOCK') {
    return value.startsWith('$') && !value.startsWith('${') ? local.environment[value.slice(1)] : expand(value);
  }
  // Windows' own agent listens on a pipe and sets no variable.
  return local.environment['SSH_AUTH_SOCK'] ?? (local.windows ? '\\\\.\\pipe\\openssh-ssh-agent' : undefined);
}
