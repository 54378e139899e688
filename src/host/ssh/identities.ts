import { readFile } from 'node:fs/promises';
import ssh2, { type ParsedKey } from 'ssh2';
import { printable } from '../command/words';
import { embeddedPublicKey, isHardwareKey } from './keyFormat';
import { keyTypeOf } from './knownHosts';

/** A key file as far as it can be told without its passphrase. */
export type Identity =
  | { readonly kind: 'missing' }
  /** `why` ends a sentence that begins with the path. */
  | { readonly kind: 'unusable'; readonly why: string }
  | { readonly kind: 'open'; readonly key: ParsedKey }
  /** `publicKey` is there for the OpenSSH format, or where a .pub file stands beside it. */
  | { readonly kind: 'locked'; readonly text: string; readonly publicKey: ParsedKey | undefined };

/** Reads a private key file, and the .pub file beside it. */
export async function readIdentity(path: string): Promise<Identity> {
  let text: string;
  try {
    text = await readFile(path, 'latin1');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    return code === 'ENOENT' || code === 'ENOTDIR' ? { kind: 'missing' } : { kind: 'unusable', why: `cannot be read (${printable(code ?? String(error))})` };
  }
  const embedded = embeddedPublicKey(text);
  if (embedded !== undefined && isHardwareKey(embedded)) return { kind: 'unusable', why: 'is a FIDO key, which only the OpenSSH client can use' };
  const key = parse(text);
  if (!(key instanceof Error)) return key.isPrivateKey() ? { kind: 'open', key } : { kind: 'unusable', why: 'holds no private key' };
  if (!/no passphrase given/i.test(key.message)) return { kind: 'unusable', why: `is no key that the built-in client understands (${printable(key.message)})` };
  const publicKey = (embedded && publicFromBlob(embedded)) ?? (await readPublicKey(`${path}.pub`));
  return { kind: 'locked', text, publicKey };
}

/** Opens a locked key; undefined where the passphrase is wrong. */
export function unlock(text: string, passphrase: string): ParsedKey | undefined {
  const key = parse(text, passphrase);
  return key instanceof Error || !key.isPrivateKey() ? undefined : key;
}

/** The key of a .pub file, if there is one that can be read. */
export async function readPublicKey(path: string): Promise<ParsedKey | undefined> {
  try {
    const key = parse(await readFile(path, 'latin1'));
    return key instanceof Error ? undefined : key;
  } catch {
    // Most keys have none beside them, and nothing is lost without it.
    return undefined;
  }
}

function parse(text: string, passphrase?: string): ParsedKey | Error {
  const parsed = ssh2.utils.parseKey(text, passphrase) as ParsedKey | ParsedKey[] | Error;
  if (!Array.isArray(parsed)) return parsed;
  return parsed[0] ?? new Error('the file holds no key');
}

function publicFromBlob(blob: Buffer): ParsedKey | undefined {
  const key = parse(`${keyTypeOf(blob) ?? ''} ${blob.toString('base64')}`);
  return key instanceof Error ? undefined : key;
}
