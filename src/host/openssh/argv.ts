import { identityArgv } from '../ssh/settings';
import type { SshAddress, SshSettings } from '../ssh/parseSettings';

/** How the system's client is to be called for a host. */
export interface OpensshTarget {
  /** The program. */
  readonly client: string;
  readonly address: SshAddress;
  readonly configFile?: string;
  readonly knownHostsFiles?: readonly string[];
  /** The one key to log in with. */
  readonly identityFile?: string | undefined;
}

export type Argv = readonly [string, ...string[]];

/** One connection that all sessions share, or one for each. */
export type OpensshWay = { readonly kind: 'shared'; readonly target: OpensshTarget; readonly controlPath: string } | { readonly kind: 'single'; readonly target: OpensshTarget; readonly settings: SshSettings };

/** The connection that the others share. It lives as long as the session that runs `line`. */
export function masterArgv(target: OpensshTarget, settings: SshSettings, controlPath: string, line: string): Argv {
  return [target.client, ...connectionOptions(target, settings), '-M', '-S', controlPath, ...options({ ControlPersist: 'no' }), '-T', '--', target.address.host, line];
}

/** A command's session. A terminal's may ask on that terminal, where it makes a connection of its own. */
export function sessionArgv(way: OpensshWay, line: string, kind: 'command' | 'terminal'): Argv {
  const { target } = way;
  return [target.client, ...wayOptions(way, kind), ...(kind === 'terminal' ? ['-tt', ...options({ SendEnv: 'LANG LC_*' })] : ['-T']), '--', target.address.host, line];
}

/** A connection to a TCP port as the host reaches it, on standard input and output (ssh(1), -W). `host` is none that could be an option. */
export function tcpArgv(way: OpensshWay, host: string, port: number): Argv {
  const { target } = way;
  // Parsed as fields between colons, so that an address of IPv6 stands in brackets.
  return [target.client, ...wayOptions(way, 'command').filter((word) => word !== '-T'), '-W', `[${host}]:${String(port)}`, '--', target.address.host];
}

/** Makes the shared connection listen on a UNIX socket here for one of the host. (`-W` knows no UNIX sockets.) */
export function forwardArgv(target: OpensshTarget, controlPath: string, localPath: string, remotePath: string): Argv {
  return controlArgv(target, controlPath, 'forward', ['-L', `${escapeColon(localPath)}:${escapeColon(remotePath)}`]);
}

/** Whether the shared connection is there: exit status 0. */
export function checkArgv(target: OpensshTarget, controlPath: string): Argv {
  return controlArgv(target, controlPath, 'check', []);
}

function controlArgv(target: OpensshTarget, controlPath: string, request: string, more: readonly string[]): Argv {
  return [target.client, '-F', 'none', '-S', controlPath, '-O', request, ...more, '--', target.address.host];
}

/** parse_fwd_field() in OpenSSH's misc.c. */
function escapeColon(path: string): string {
  return path.replace(/[\\:]/g, '\\$&');
}

function wayOptions(way: OpensshWay, kind: 'command' | 'terminal'): string[] {
  if (way.kind === 'single') return [...connectionOptions(way.target, way.settings), ...options({ ControlMaster: 'no', ControlPath: 'none', ...(kind === 'command' && { BatchMode: 'yes' }) })];
  // No configuration is read again (a `Match exec` would run each time). Where the shared connection is gone or refuses a session,
  // ssh would make another one: the proxy that fails at once keeps it from that.
  return ['-F', 'none', '-S', way.controlPath, ...options({ ControlMaster: 'no', ProxyCommand: 'false', LogLevel: 'ERROR' }), '-a', '-x', '-e', 'none'];
}

function connectionOptions({ address, configFile, knownHostsFiles, identityFile }: OpensshTarget, settings: SshSettings): string[] {
  return [
    ...(configFile === undefined ? [] : ['-F', configFile]),
    ...(address.user === undefined ? [] : ['-l', address.user]),
    ...(address.port === undefined ? [] : ['-p', String(address.port)]),
    ...identityArgv(identityFile),
    '-a',
    '-x',
    '-e',
    'none',
    ...options({
      LogLevel: 'ERROR',
      // What a configuration may ask for on every connection, and what a connection for scans must not do.
      ClearAllForwardings: 'yes',
      PermitLocalCommand: 'no',
      RemoteCommand: 'none',
      ConnectTimeout: String(Math.ceil(settings.connectTimeoutMs / 1000)),
      ServerAliveInterval: String(Math.ceil(settings.keepaliveIntervalMs / 1000)),
      ServerAliveCountMax: String(settings.keepaliveCountMax),
      // `no` would go on with a key that has changed; a new one is taken without a question, as it says.
      ...(settings.strictHostKeyChecking === 'no' && { StrictHostKeyChecking: 'accept-new' }),
      ...(knownHostsFiles !== undefined && { UserKnownHostsFile: knownHostsFiles.map((path) => `"${path.replace(/["\\]/g, '\\$&')}"`).join(' ') }),
    }),
  ];
}

function options(values: Readonly<Record<string, string>>): string[] {
  return Object.entries(values).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
}
