import { AddressError, parseHostAddress, type HostAddress } from '../model/address';
import { printable } from '../report/printable';
import { checkSshName } from './sshName';

export type SshAddress = Extract<HostAddress, { kind: 'ssh' }>;

/** A host that another tool's files name. Everything in it is data of whoever wrote them. */
export interface ImportedHost {
  /** What the source calls it, where it has a name for it. */
  readonly name?: string;
  readonly address: HostAddress;
  /** Private key file, as the source writes it: a path, which may begin with "~/" or be relative. */
  readonly keyFile?: string;
  /** Groups of the source that it is in, nearest first. */
  readonly groups: readonly string[];
}

export interface Imported {
  readonly hosts: readonly ImportedHost[];
  /** What could not be taken over, and why: printable sentences, with file and line where they are known. */
  readonly faults: readonly string[];
}

/** What a source says about one host; each value hostile. */
export interface HostWords {
  readonly name: string;
  readonly host: string;
  readonly user?: string | undefined;
  readonly port?: string | undefined;
  readonly keyFile?: string | undefined;
  readonly groups: readonly string[];
}

/** Checks the words as an address that a user typed would be. @throws AddressError with a sentence */
export function importHost({ name, host, user, port, keyFile, groups }: HostWords): ImportedHost {
  if (port !== undefined && !/^\d{1,5}$/.test(port)) throw new AddressError(`"${printable(port)}" is no port.`);
  checkSshName(host, user);
  // Put together and read again, so that no part can be more than it says it is.
  const bracketed = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
  const address = parseHostAddress(`ssh://${user === undefined ? '' : `${user}@`}${bracketed}${port === undefined ? '' : `:${String(Number(port))}`}`);
  if (address.kind !== 'ssh' || address.user !== user) throw new AddressError(`"${printable(`${user ?? ''}@${host}`)}" is no host address.`);
  if (keyFile !== undefined && (keyFile === '' || /\p{Cc}/u.test(keyFile))) throw new AddressError(`"${printable(keyFile)}" is no path of a key file.`);
  return { name, address, groups, ...(keyFile !== undefined && { keyFile }) };
}
