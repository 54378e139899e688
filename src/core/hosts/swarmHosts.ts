import { AddressError, type HostAddress } from '../model/address';
import type { SwarmFacts } from '../model/swarm';
import { printable } from '../report/printable';
import { importHost, type Imported, type ImportedHost } from './importedHost';

/** The other nodes of a swarm, as a manager lists them, under their addresses. `manager`: how that manager is reached; its user is taken for them too. */
export function swarmHosts(swarm: SwarmFacts, manager: HostAddress): Imported {
  const hosts: ImportedHost[] = [];
  const faults: string[] = [];
  const user = manager.kind === 'ssh' ? manager.user : undefined;
  for (const node of swarm.nodes) {
    if (node.id === swarm.nodeId) continue;
    const name = node.hostname === '' ? node.id : node.hostname;
    try {
      hosts.push(importHost({ name, host: node.address, user, groups: [] }));
    } catch (error) {
      if (!(error instanceof AddressError)) throw error;
      faults.push(`The swarm's node "${printable(name)}" is left out: ${error.message}`);
    }
  }
  if (!swarm.manager) faults.push('Only a manager knows the nodes of its swarm; read one of the managers.');
  return { hosts, faults };
}
