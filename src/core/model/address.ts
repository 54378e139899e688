/**
 * Host addresses, the strings by which a user names a machine:
 * `local`, `ssh://[user@]host[:port]` (host may be an ssh_config alias), `file:<absolute path of a snapshot>`.
 * `nested:<target>@<address>` (a host inside another one; see NestedTarget).
 * `docker://<context>` (the engine of a Docker context of the machine that this code runs on, and what is behind it).
 */
export type HostAddress =
  | { readonly kind: 'local' }
  | { readonly kind: 'ssh'; readonly host: string; readonly user?: string; readonly port?: number }
  | { readonly kind: 'docker'; readonly context: string }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'nested'; readonly target: NestedTarget; readonly parent: Exclude<HostAddress, { kind: 'file' }> };

/** Whose namespaces a nested host is. Those of a container or control group are found anew for each connection, so they outlive a restart. */
export type NestedTarget =
  /** `container=<name or id>`: of an engine of the parent, or by its full id of whatever engine. */
  | { readonly kind: 'container'; readonly name: string }
  /** `cgroup=<path>`, as the parent's /proc/PID/cgroup shows it, with "@", "%" and blanks as %XX. */
  | { readonly kind: 'cgroup'; readonly path: string }
  /** `<pid>.<start time>`: clock ticks after the boot, decimal (field 22 of /proc/PID/stat); it tells a process from a later one of the same pid. */
  | { readonly kind: 'process'; readonly pid: number; readonly startTime: string };

/** The canonical text of an address; it is also the host's id everywhere in the model. */
export type HostId = string;

export class AddressError extends Error {
  override readonly name = 'AddressError';
}

// A host or user that begins with '-' would be read as an option by ssh; control characters and blanks never occur in either.
const hostPattern = /^(?!-)[^\s\p{Cc}@/:[\]]+$/u;
/** As the docker program takes it (restrictedNamePattern in docker/cli, cli/context/store). */
const contextName = /^[a-zA-Z0-9][a-zA-Z0-9_.+-]+$/;
const forms = 'Use local, ssh://[user@]host[:port], docker://CONTEXT or file:PATH.';
const userPattern = /^(?!-)[^\s\p{Cc}@/:]+$/u;

/**
 * Reads an address. Accepts the canonical forms and, for convenience, a bare `user@host[:port]` or alias as SSH.
 * IPv6 hosts are written in brackets, with the zone of a link-local one (RFC 4007): `[fe80::1%eth0]`. @throws AddressError with a sentence that names the accepted forms.
 */
export function parseHostAddress(text: string): HostAddress {
  const trimmed = text.trim();
  if (trimmed === 'local') return { kind: 'local' };
  if (trimmed.startsWith('file:')) {
    const path = trimmed.slice('file:'.length);
    if (path === '') throw new AddressError('A recorded host is written file:PATH, with the path of a snapshot.');
    return { kind: 'file', path };
  }
  if (trimmed.startsWith('nested:')) return parseNested(trimmed);
  if (trimmed.startsWith('docker://')) {
    const context = trimmed.slice('docker://'.length);
    if (!contextName.test(context)) throw new AddressError(`"${printable(text)}" names no Docker context. Write docker://CONTEXT, with a name of "docker context ls".`);
    return { kind: 'docker', context };
  }
  const rest = trimmed.startsWith('ssh://') ? trimmed.slice('ssh://'.length).replace(/\/$/, '') : trimmed;
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(rest);
  if (scheme) throw new AddressError(`"${printable(text)}" has an unknown scheme. ${forms}`);
  const match = /^(?:([^@]*)@)?(\[[0-9a-fA-F:.]+(?:%[\w.-]+)?\]|[^@:]*)(?::(\d{1,5}))?$/u.exec(rest);
  const user = match?.[1];
  const bracketed = match?.[2] ?? '';
  const host = bracketed.startsWith('[') ? bracketed.slice(1, -1) : bracketed;
  const port = match?.[3] === undefined ? undefined : Number(match[3]);
  const hostOk = bracketed.startsWith('[') || hostPattern.test(host);
  const userOk = user === undefined || userPattern.test(user);
  const portOk = port === undefined || (port >= 1 && port <= 65535);
  if (!match || !hostOk || !userOk || !portOk) {
    throw new AddressError(`"${printable(text)}" is no host address. ${forms}`);
  }
  return { kind: 'ssh', host, ...(user !== undefined && { user }), ...(port !== undefined && { port }) };
}

function parseNested(text: string): HostAddress {
  const match = /^nested:([^@]+)@(.+)$/u.exec(text);
  const target = match?.[1] === undefined ? undefined : parseTarget(match[1]);
  const parent = match?.[2] === undefined ? undefined : parseHostAddress(match[2]);
  if (target === undefined || parent === undefined || parent.kind === 'file') {
    throw new AddressError(
      `"${printable(text)}" is no nested host. Write nested:container=NAME@HOST, nested:cgroup=PATH@HOST or nested:PID.STARTTIME@HOST, where HOST is local, ssh://[user@]host[:port] or docker://CONTEXT.`,
    );
  }
  return { kind: 'nested', target, parent };
}

function parseTarget(text: string): NestedTarget | undefined {
  const process = /^([1-9]\d{0,9})\.(\d{1,20})$/.exec(text);
  if (process?.[1] !== undefined && process[2] !== undefined) return { kind: 'process', pid: Number(process[1]), startTime: process[2] };
  const name = /^container=(.+)$/u.exec(text)?.[1];
  if (name !== undefined) return containerName.test(name) ? { kind: 'container', name } : undefined;
  const path = unescapePath(/^cgroup=(\/.+)$/u.exec(text)?.[1] ?? '');
  return path === undefined || path === '' || /\p{Cc}/u.test(path) ? undefined : { kind: 'cgroup', path };
}

/** As engines make names and ids (RestrictedNameChars in daemon/names). */
export const containerName = /^[A-Za-z0-9][A-Za-z0-9_.-]*$/;

function unescapePath(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function formatTarget(target: NestedTarget): string {
  switch (target.kind) {
    case 'container':
      return `container=${target.name}`;
    case 'cgroup':
      return `cgroup=${target.path.replace(/[@%\s\p{Cc}\p{Cf}]/gu, encodeURIComponent)}`;
    case 'process':
      return `${String(target.pid)}.${target.startTime}`;
  }
}

/** A nested host for a person to read: `container web`, `docker.service`, `process 4711`. Hostile text. */
export function nestedName(target: NestedTarget): string {
  switch (target.kind) {
    case 'container':
      return `container ${/^[0-9a-f]{64}$/.test(target.name) ? target.name.slice(0, 12) : target.name}`;
    case 'cgroup':
      return target.path.slice(target.path.lastIndexOf('/') + 1) || target.path;
    case 'process':
      return `process ${String(target.pid)}`;
  }
}

/** The canonical text: `parseHostAddress(formatHostAddress(a))` equals `a`. */
export function formatHostAddress(address: HostAddress): HostId {
  switch (address.kind) {
    case 'local':
      return 'local';
    case 'file':
      return `file:${address.path}`;
    case 'docker':
      return `docker://${address.context}`;
    case 'nested':
      return `nested:${formatTarget(address.target)}@${formatHostAddress(address.parent)}`;
    case 'ssh': {
      const host = address.host.includes(':') ? `[${address.host}]` : address.host;
      return `ssh://${address.user === undefined ? '' : `${address.user}@`}${host}${address.port === undefined ? '' : `:${String(address.port)}`}`;
    }
  }
}

function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, '?').slice(0, 120);
}
