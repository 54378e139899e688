import { createHash, createHmac, randomBytes } from 'node:crypto';

/** One line of a known_hosts file (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). */
export interface KnownHost {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly marker: 'cert-authority' | 'revoked' | undefined;
  /** Patterns joined by commas, or one `|1|salt|hash`. */
  readonly hosts: string;
  readonly keyType: string;
  readonly key: Buffer;
}

/** Lines that are no entry are passed over, as OpenSSH does. */
export function parseKnownHosts(text: string, file: string): KnownHost[] {
  const entries: KnownHost[] = [];
  text.split(/\r?\n/).forEach((content, index) => {
    const match = /^\s*(?:@(\S+)\s+)?([^\s#@]\S*)\s+(\S+)\s+([A-Za-z0-9+/=]+)(?:\s|$)/.exec(content);
    const [, marker, hosts, keyType, base64] = match ?? [];
    if (hosts === undefined || keyType === undefined || base64 === undefined) return;
    if (marker !== undefined && marker !== 'cert-authority' && marker !== 'revoked') return;
    const key = Buffer.from(base64, 'base64');
    if (keyTypeOf(key) !== keyType) return;
    entries.push({ file, line: index + 1, marker, hosts, keyType, key });
  });
  return entries;
}

/** Under which a host's key is kept: the alias as it is, else the host name, with the port where it is not 22. */
export function knownHostName(hostName: string, port: number, alias: string | undefined): string {
  if (alias !== undefined) return alias.toLowerCase();
  return port === 22 ? hostName.toLowerCase() : `[${hostName.toLowerCase()}]:${String(port)}`;
}

export type HostKeyVerdict =
  | { readonly kind: 'known' }
  | { readonly kind: 'revoked'; readonly entry: KnownHost }
  | { readonly kind: 'changed'; readonly entry: KnownHost }
  /** `authority`: a line that trusts this host's certificates, which is no word about its plain key. */
  | { readonly kind: 'unknown'; readonly authority: KnownHost | undefined };

/**
 * Compares a host's key with what is known, by OpenSSH's rules (check_key_in_hostkeys in hostfile.c): a revoked key is refused
 * wherever it stands; an equal key is known; any other key for the same name means that it has changed.
 * `plainName` is the name without a port: an equal key there counts too, a different one does not.
 */
export function checkHostKey(key: Buffer, name: string, plainName: string | undefined, entries: readonly KnownHost[]): HostKeyVerdict {
  const matching = entries.filter((entry) => matchesHost(entry.hosts, name));
  const plain = plainName === undefined ? [] : entries.filter((entry) => matchesHost(entry.hosts, plainName));
  const revoked = [...matching, ...plain].find((entry) => entry.marker === 'revoked' && entry.key.equals(key));
  if (revoked) return { kind: 'revoked', entry: revoked };
  const plainKeys = matching.filter((entry) => entry.marker === undefined);
  if (plainKeys.some((entry) => entry.key.equals(key))) return { kind: 'known' };
  const [other] = plainKeys;
  if (other) return { kind: 'changed', entry: plainKeys.find((entry) => entry.keyType === keyTypeOf(key)) ?? other };
  if (plain.some((entry) => entry.marker === undefined && entry.key.equals(key))) return { kind: 'known' };
  return { kind: 'unknown', authority: matching.find((entry) => entry.marker === 'cert-authority') };
}

/** The types of the keys that are known for a name: a host that has several is to be asked for one of these. */
export function knownKeyTypes(name: string, plainName: string | undefined, entries: readonly KnownHost[]): string[] {
  const ofName = (searched: string) => entries.filter((entry) => entry.marker === undefined && matchesHost(entry.hosts, searched)).map((entry) => entry.keyType);
  const types = ofName(name);
  return [...new Set(types.length > 0 || plainName === undefined ? types : ofName(plainName))];
}

/** A line for a new entry, without the line break. `hash` keeps the name from whoever reads the file (HashKnownHosts). */
export function formatKnownHost(name: string, key: Buffer, hash: boolean): string {
  return `${hash ? hashName(name, randomBytes(20)) : name} ${keyTypeOf(key) ?? ''} ${key.toString('base64')}`;
}

/** As `ssh-keygen -l` prints it. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** An SSH key blob begins with its type as a string: four bytes of length, then ASCII (RFC 4253, 6.6). */
export function keyTypeOf(key: Buffer): string | undefined {
  if (key.length < 4) return undefined;
  const length = key.readUInt32BE(0);
  return length > 0 && length <= 64 && key.length >= 4 + length ? key.toString('latin1', 4, 4 + length) : undefined;
}

function matchesHost(hosts: string, name: string): boolean {
  if (hosts.startsWith('|')) {
    const [, version, salt, hash] = hosts.split('|');
    return version === '1' && salt !== undefined && hash !== undefined && hashName(name, Buffer.from(salt, 'base64')) === hosts;
  }
  let matches = false;
  for (const part of hosts.toLowerCase().split(',')) {
    const negated = part.startsWith('!');
    if (!globMatches(negated ? part.slice(1) : part, name)) continue;
    if (negated) return false;
    matches = true;
  }
  return matches;
}

function hashName(name: string, salt: Buffer): string {
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`;
}

/** `*` and `?` alone are special (match.c). Linear in the text for each star, so that no pattern can stall it. */
function globMatches(pattern: string, text: string): boolean {
  let p = 0;
  let t = 0;
  let star = -1;
  let resume = 0;
  while (t < text.length) {
    if (pattern[p] === '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === text[t])) {
      p++;
      t++;
    } else if (star >= 0) {
      p = star + 1;
      t = ++resume;
    } else return false;
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}
