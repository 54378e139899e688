import { createHash, createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { readDockerContext } from '../../core/hosts/dockerContext';
import { formatHostAddress } from '../../core/model/address';
import { printable } from '../command/words';
import { TransportError } from '../transport';

/** Where the engine of a Docker context listens, and what proves who is who. The key is held for one connection, and is in no message. */
export type ContextEndpoint =
  | { readonly kind: 'socket'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly tls?: TlsMaterial };

/** PEM texts. */
export interface TlsMaterial {
  /** Who must have signed the server's certificate; undefined: who the system trusts. */
  readonly ca?: string;
  readonly client?: { readonly certificate: string; readonly key: string };
  /** Whether the server's certificate is looked at. */
  readonly verify: boolean;
}

/** The folder of the docker program's configuration. */
export function dockerFolder(): string {
  return process.env['DOCKER_CONFIG'] ?? join(homedir(), '.docker');
}

/**
 * Reads a context as the docker program keeps it (docker/cli, cli/context/store): `contexts/meta/ID/meta.json` and `contexts/tls/ID/docker/{ca,cert,key}.pem`,
 * where ID is the SHA-256 of its name. @throws TransportError with a sentence that names the file
 */
export async function readContext(name: string, folder = dockerFolder()): Promise<ContextEndpoint> {
  const id = createHash('sha256').update(name).digest('hex');
  const words = `The Docker context "${printable(name)}"`;
  const file = join(folder, 'contexts', 'meta', id, 'meta.json');
  const text = await readPart(file, words);
  if (text === undefined) throw new TransportError('authentication', `There is no Docker context "${printable(name)}" in ${printable(folder)}. See "docker context ls", or remove the host.`);
  const context = readDockerContext(text, file);
  if ('fault' in context) throw new TransportError('authentication', context.fault);
  const { endpoint, skipVerify } = context;
  if (endpoint.kind === 'ssh') throw new TransportError('authentication', `${words} is reached over SSH: read its machine, ${printable(formatHostAddress(endpoint.address))}, in place of the context.`);
  if (endpoint.kind === 'socket') return endpoint;
  const tls = await readTls(join(folder, 'contexts', 'tls', id, 'docker'), words, skipVerify);
  return { kind: 'tcp', host: endpoint.host, port: endpoint.port ?? (tls ? 2376 : 2375), ...(tls && { tls }) };
}

/** Undefined for a context without TLS. */
async function readTls(folder: string, words: string, skipVerify: boolean): Promise<TlsMaterial | undefined> {
  const file = (part: string) => join(folder, `${part}.pem`);
  const [ca, certificate, key] = await Promise.all(['ca', 'cert', 'key'].map((part) => readPart(file(part), words)));
  if (ca === undefined && certificate === undefined && key === undefined && !skipVerify) return undefined;
  const again = 'Put it there, or make the context anew ("docker context update").';
  if (certificate !== undefined && key === undefined) throw new TransportError('authentication', `${words} has a certificate without its key: ${printable(file('key'))} is missing. ${again}`);
  if (certificate === undefined && key !== undefined) throw new TransportError('authentication', `${words} has a key without its certificate: ${printable(file('cert'))} is missing. ${again}`);
  if (ca !== undefined) readCertificate(ca, file('ca'), words);
  if (certificate === undefined || key === undefined) return { ...(ca !== undefined && { ca }), verify: !skipVerify };
  const own = readCertificate(certificate, file('cert'), words);
  if (!own.checkPrivateKey(readKey(key, file('key'), words))) {
    throw new TransportError('authentication', `The key of ${lower(words)} does not belong to its certificate: ${printable(file('key'))} is another one's. Make the context anew with both of one pair.`);
  }
  if (Date.parse(own.validTo) < Date.now()) {
    throw new TransportError('authentication', `The certificate of ${lower(words)} has expired (${printable(own.validTo)}): ${printable(file('cert'))}. Get a new one from whoever runs the engine.`);
  }
  return { ...(ca !== undefined && { ca }), client: { certificate, key }, verify: !skipVerify };
}

function readCertificate(text: string, file: string, words: string): X509Certificate {
  try {
    return new X509Certificate(text);
  } catch (error) {
    throw new TransportError('authentication', `${words} has no certificate in ${printable(file)}: what is there cannot be read as one.`, { cause: error });
  }
}

/** What OpenSSL says of a key that it cannot read holds nothing of the key, but is of no use to anybody either. */
function readKey(text: string, file: string, words: string): KeyObject {
  try {
    return createPrivateKey(text);
  } catch (error) {
    if (/ENCRYPTED/.test(text)) throw new TransportError('authentication', `The key of ${lower(words)} is encrypted, which engines' clients cannot use: ${printable(file)}. Take the passphrase off ("openssl pkey").`);
    throw new TransportError('authentication', `${words} has no private key in ${printable(file)}: what is there cannot be read as one.`, { cause: error });
  }
}

/** Undefined where there is no such file. */
async function readPart(file: string, words: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    const why = code === 'EACCES' || code === 'EPERM' ? 'your user may not read it' : printable(code ?? String(error));
    throw new TransportError('authentication', `${words} cannot be used: ${printable(file)} cannot be read (${why}).`, { cause: error });
  }
}

function lower(words: string): string {
  return words.replace(/^T/, 't');
}
