/**
 * Host addresses, the strings by which a user names a machine:
 * `local`, `ssh://[user@]host[:port]` (host may be an ssh_config alias), `file:<absolute path of a snapshot>`.
 * `nested:<pid>.<start time>@<address>` (the namespaces of a process of another host; the start time is field 22 of /proc/PID/stat).
 * `docker://<context>` is reserved.
 */
export type HostAddress =
  | { readonly kind: 'local' }
  | { readonly kind: 'ssh'; readonly host: string; readonly user?: string; readonly port?: number }
  | { readonly kind: 'file'; readonly path: string }
  /** `startTime`: clock ticks after the boot, decimal; it tells a process from a later one of the same pid. */
  | { readonly kind: 'nested'; readonly pid: number; readonly startTime: string; readonly parent: Exclude<HostAddress, { kind: 'file' }> };

/** The canonical text of an address; it is also the host's id everywhere in the model. */
export type HostId = string;

export class AddressError extends Error {
  override readonly name = 'AddressError';
}

// A host or user that begins with '-' would be read as an option by ssh; control characters and blanks never occur in either.
const hostPattern = /^(?!-)[^\s\p{Cc}@/:[\]]+$/u;
const userPattern = /^(?!-)[^\s\p{Cc}@/:]+$/u;

/**
 * Reads an address. Accepts the canonical forms and, for convenience, a bare `user@host[:port]` or alias as SSH.
 * IPv6 hosts are written in brackets. @throws AddressError with a sentence that names the accepted forms.
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
  const rest = trimmed.startsWith('ssh://') ? trimmed.slice('ssh://'.length).replace(/\/$/, '') : trimmed;
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(rest);
  if (scheme) throw new AddressError(`"${printable(text)}" has an unknown scheme. Use local, ssh://[user@]host[:port] or file:PATH.`);
  const match = /^(?:([^@]*)@)?(\[[0-9a-fA-F:.%]+\]|[^@:]*)(?::(\d{1,5}))?$/u.exec(rest);
  const user = match?.[1];
  const bracketed = match?.[2] ?? '';
  const host = bracketed.startsWith('[') ? bracketed.slice(1, -1) : bracketed;
  const port = match?.[3] === undefined ? undefined : Number(match[3]);
  const hostOk = bracketed.startsWith('[') || hostPattern.test(host);
  const userOk = user === undefined || userPattern.test(user);
  const portOk = port === undefined || (port >= 1 && port <= 65535);
  if (!match || !hostOk || !userOk || !portOk) {
    throw new AddressError(`"${printable(text)}" is no host address. Use local, ssh://[user@]host[:port] or file:PATH.`);
  }
  return { kind: 'ssh', host, ...(user !== undefined && { user }), ...(port !== undefined && { port }) };
}

function parseNested(text: string): HostAddress {
  const match = /^nested:([1-9]\d{0,9})\.(\d{1,20})@(.+)$/u.exec(text);
  const parent = match?.[3] === undefined ? undefined : parseHostAddress(match[3]);
  if (match?.[1] === undefined || match[2] === undefined || parent === undefined || parent.kind === 'file') {
    throw new AddressError(`"${printable(text)}" is no nested host. Write nested:PID.STARTTIME@HOST, where HOST is local or ssh://[user@]host[:port].`);
  }
  return { kind: 'nested', pid: Number(match[1]), startTime: match[2], parent };
}

/** The canonical text: `parseHostAddress(formatHostAddress(a))` equals `a`. */
export function formatHostAddress(address: HostAddress): HostId {
  switch (address.kind) {
    case 'local':
      return 'local';
    case 'file':
      return `file:${address.path}`;
    case 'nested':
      return `nested:${String(address.pid)}.${address.startTime}@${formatHostAddress(address.parent)}`;
    case 'ssh': {
      const host = address.host.includes(':') ? `[${address.host}]` : address.host;
      return `ssh://${address.user === undefined ? '' : `${address.user}@`}${host}${address.port === undefined ? '' : `:${String(address.port)}`}`;
    }
  }
}

function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, '?').slice(0, 120);
}
