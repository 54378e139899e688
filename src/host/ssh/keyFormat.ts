import { readFile } from 'node:fs/promises';
import { keyTypeOf } from './knownHosts';

/** Whether a key's blob is that of a FIDO key: such types begin with "sk-" (PROTOCOL.u2f of OpenSSH). */
export function isHardwareKey(blob: Buffer): boolean {
  return keyTypeOf(blob)?.startsWith('sk-') ?? false;
}

/** Whether a file holds a FIDO key's handle. A file that is not there or cannot be read holds none. */
export async function isHardwareKeyFile(path: string): Promise<boolean> {
  try {
    const blob = embeddedPublicKey(await readFile(path, 'latin1'));
    return blob !== undefined && isHardwareKey(blob);
  } catch {
    // What is wrong with it is said when it is used.
    return false;
  }
}

const magic = 'openssh-key-v1\0';

/** The public half stands unencrypted in OpenSSH's format: magic, cipher, kdf, its options, number of keys, public key (PROTOCOL.key). */
export function embeddedPublicKey(text: string): Buffer | undefined {
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([\sA-Za-z0-9+/=]+)-----END OPENSSH PRIVATE KEY-----/.exec(text)?.[1];
  if (body === undefined) return undefined;
  const data = Buffer.from(body, 'base64');
  if (data.toString('latin1', 0, magic.length) !== magic) return undefined;
  let at = magic.length;
  const field = (): Buffer | undefined => {
    if (at + 4 > data.length) return undefined;
    const end = at + 4 + data.readUInt32BE(at);
    if (end > data.length) return undefined;
    const value = data.subarray(at + 4, end);
    at = end;
    return value;
  };
  for (let skipped = 0; skipped < 3; skipped++) if (field() === undefined) return undefined;
  at += 4;
  return field();
}
