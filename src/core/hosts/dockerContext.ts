import * as v from 'valibot';
import { AddressError, parseHostAddress } from '../model/address';
import { printable } from '../report/printable';
import type { Imported, SshAddress } from './importedHost';
import { checkSshName } from './sshName';

const MetaSchema = v.object({ Name: v.string(), Endpoints: v.object({ docker: v.object({ Host: v.fallback(v.string(), ''), SkipTLSVerify: v.fallback(v.boolean(), false) }) }) });

/** Where a context's engine listens. */
export type DockerEndpoint =
  | { readonly kind: 'ssh'; readonly address: SshAddress }
  /** A UNIX socket of this machine, or a named pipe of Windows as node:net takes it. */
  | { readonly kind: 'socket'; readonly path: string }
  /** `port` is undefined where the context names none: 2376 with TLS, 2375 without. */
  | { readonly kind: 'tcp'; readonly host: string; readonly port?: number };

export interface DockerContext {
  readonly name: string;
  readonly endpoint: DockerEndpoint;
  /** The server's certificate is not looked at ("skip-tls-verify=true"). */
  readonly skipVerify: boolean;
}

/** Reads a Docker context's `meta.json` (docker/cli, cli/context/store). A fault is a printable sentence. @param file for messages. */
export function readDockerContext(text: string, file: string): DockerContext | { readonly fault: string } {
  const shown = printable(file);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { fault: `${shown} is no JSON: ${printable(error instanceof Error ? error.message : String(error))}.` };
  }
  const parsed = v.safeParse(MetaSchema, value);
  if (!parsed.success) return { fault: `${shown} is no Docker context with an endpoint "docker".` };
  const { Name: name, Endpoints: { docker: { Host: endpointText, SkipTLSVerify: skipVerify } } } = parsed.output;
  try {
    const endpoint = readEndpoint(endpointText);
    return endpoint === undefined ? { fault: `${words(name)} is left out: "${printable(endpointText)}" is no endpoint that is known.` } : { name, endpoint, skipVerify };
  } catch (error) {
    if (!(error instanceof AddressError)) throw error;
    return { fault: `${words(name)} is left out: ${error.message}` };
  }
}

/** The sockets that a host's own engine is looked for at. */
const usualSockets = ['/var/run/docker.sock', '/run/docker.sock', '/run/podman/podman.sock'];

/** A context as a host: over SSH its machine, else its engine and what is behind it. */
export function parseDockerContext(text: string, file: string): Imported {
  const context = readDockerContext(text, file);
  if ('fault' in context) return none(context.fault);
  const { name, endpoint } = context;
  if (endpoint.kind === 'ssh') return { hosts: [{ name, address: endpoint.address, groups: [] }], faults: [] };
  if (endpoint.kind === 'socket' && usualSockets.includes(endpoint.path)) {
    return none(`${words(name)} is this machine's own engine (${printable(endpoint.path)}), which the host "local" has.`);
  }
  try {
    return { hosts: [{ name, address: parseHostAddress(`docker://${name}`), groups: [] }], faults: [] };
  } catch (error) {
    if (!(error instanceof AddressError)) throw error;
    return none(`${words(name)} is left out: ${error.message}`);
  }
}

/** @throws AddressError with a sentence */
function readEndpoint(text: string): DockerEndpoint | undefined {
  const [, scheme, rest = ''] = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/is.exec(text) ?? [];
  switch (scheme?.toLowerCase()) {
    case 'ssh': {
      // The engine's own path may follow the host; the engine is found on the host anyway.
      const address = parseHostAddress(`ssh://${rest.replace(/\/.*$/s, '')}`);
      if (address.kind !== 'ssh') return undefined;
      checkSshName(address.host, address.user);
      return { kind: 'ssh', address };
    }
    case 'unix':
      return rest.startsWith('/') && !/\p{Cc}/u.test(rest) ? { kind: 'socket', path: rest } : undefined;
    case 'npipe':
      return /^\/\/\.\/pipe\/[\w.-]+$/.test(rest) ? { kind: 'socket', path: rest.replaceAll('/', '\\') } : undefined;
    case 'tcp':
    case 'http':
    case 'https': {
      const [, bracketed, plain, port] = /^(?:\[([0-9a-fA-F:.%]+)\]|([^\s\p{Cc}@/:[\]]+))(?::(\d{1,5}))?\/?$/u.exec(rest) ?? [];
      const host = bracketed ?? plain;
      if (host === undefined || (port !== undefined && !(Number(port) >= 1 && Number(port) <= 65535))) return undefined;
      return { kind: 'tcp', host, ...(port !== undefined && { port: Number(port) }) };
    }
    default:
      return undefined;
  }
}

function words(name: string): string {
  return `The Docker context "${printable(name)}"`;
}

function none(fault: string): Imported {
  return { hosts: [], faults: [fault] };
}
