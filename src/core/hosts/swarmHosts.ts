import { AddressError, type HostAddress } from '../model/address';
import type { SwarmFacts, SwarmNode } from '../model/swarm';
import { printable } from '../report/printable';
import { importHost, type Imported, type ImportedHost } from './importedHost';

/** A node as a host: under its address, with the manager's user and key. Undefined where it has no address that a host can have. */
export function swarmHost(node: SwarmNode, manager: HostAddress, keyFile?: string): ImportedHost | undefined {
  try {
    return hostOf(node, manager, keyFile);
  } catch (error) {
    if (error instanceof AddressError) return undefined;
    throw error;
  }
}

function hostOf({ id, hostname, address }: SwarmNode, manager: HostAddress, keyFile: string | undefined): ImportedHost {
  return importHost({ name: hostname === '' ? id : hostname, host: address, user: manager.kind === 'ssh' ? manager.user : undefined, keyFile, groups: [] });
}

/** The other nodes of a swarm, as a manager lists them, under their addresses. `manager`: how that manager is reached; its user and key are taken for them too. */
export function swarmHosts(swarm: SwarmFacts, manager: HostAddress, keyFile?: string): Imported {
  const hosts: ImportedHost[] = [];
  const faults: string[] = [];
  for (const node of swarm.nodes) {
    if (node.id === swarm.nodeId) continue;
    try {
      hosts.push(hostOf(node, manager, keyFile));
    } catch (error) {
      if (!(error instanceof AddressError)) throw error;
      faults.push(`The swarm's node "${printable(node.hostname === '' ? node.id : node.hostname)}" is left out: ${error.message}`);
    }
  }
  if (!swarm.manager) faults.push('Only a manager knows the nodes of its swarm; read one of the managers.');
  return { hosts, faults };
}
