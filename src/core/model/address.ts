/**
 * Host addresses, the strings by which a user names a machine:
 * `local`, `ssh://[user@]host[:port]` (host may be an ssh_config alias), `file:<absolute path of a snapshot>`.
 * `docker://<context>` is reserved.
 */
export type HostAddress =
  | { readonly kind: 'local' }
  | { readonly kind: 'ssh'; readonly host: string; readonly user?: string; readonly port?: number }
  | { readonly kind: 'file'; readonly path: string };

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

/** The canonical text: `parseHostAddress(formatHostAddress(a))` equals `a`. */
export function formatHostAddress(address: HostAddress): HostId {
  switch (address.kind) {
    case 'local':
      return 'local';
    case 'file':
      return `file:${address.path}`;
    case 'ssh': {
      const host = address.host.includes(':') ? `[${address.host}]` : address.host;
      return `ssh://${address.user === undefined ? '' : `${address.user}@`}${host}${address.port === undefined ? '' : `:${String(address.port)}`}`;
    }
  }
}

function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, '?').slice(0, 120);
}
