import * as v from 'valibot';
import { AddressError, parseHostAddress } from '../model/address';
import { printable } from '../report/printable';
import type { Imported } from './importedHost';

const MetaSchema = v.object({ Name: v.string(), Endpoints: v.object({ docker: v.object({ Host: v.fallback(v.string(), '') }) }) });

/** Reads a Docker context's `meta.json` (docker/cli, cli/context/store). What is not reached over SSH is said. @param file for messages. */
export function parseDockerContext(text: string, file: string): Imported {
  const shown = printable(file);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return none(`${shown} is no JSON: ${printable(error instanceof Error ? error.message : String(error))}.`);
  }
  const parsed = v.safeParse(MetaSchema, value);
  if (!parsed.success) return none(`${shown} is no Docker context with an endpoint "docker".`);
  const { Name: name, Endpoints: { docker: { Host: endpoint } } } = parsed.output;
  const context = `The Docker context "${printable(name)}"`;
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(endpoint)?.[1]?.toLowerCase();
  switch (scheme) {
    case 'ssh':
      try {
        // The engine's own path may follow the host; the engine is found on the host anyway.
        const address = parseHostAddress(endpoint.replace(/^ssh:\/\//i, 'ssh://').replace(/^(ssh:\/\/[^/]*)\/.*$/, '$1'));
        if (address.kind === 'ssh') return { hosts: [{ name, address, groups: [] }], faults: [] };
        return none(`${context} is left out: "${printable(endpoint)}" is no SSH address.`);
      } catch (error) {
        if (!(error instanceof AddressError)) throw error;
        return none(`${context} is left out: ${error.message}`);
      }
    case 'unix':
    case 'npipe':
      return none(`${context} is a socket of this machine (${printable(endpoint)}). On Linux, "Add This Machine" reads it, where it is one of the usual sockets or DOCKER_HOST.`);
    case 'tcp':
    case 'http':
    case 'https':
      return none(`${context} is an engine behind ${printable(endpoint)}: namespaces cannot be read over an engine's TCP port. Add the machine itself over SSH.`);
    default:
      return none(`${context} is left out: "${printable(endpoint)}" is no endpoint that is known.`);
  }
}

function none(fault: string): Imported {
  return { hosts: [], faults: [fault] };
}
