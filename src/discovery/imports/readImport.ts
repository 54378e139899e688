import { nestedHosts } from '../../core/hosts/nestedHosts';
import { swarmHosts } from '../../core/hosts/swarmHosts';
import type { Imported } from '../../core/hosts/importedHost';
import type { ImportSource } from '../../core/hosts/importSource';
import type { HostAddress } from '../../core/model/address';
import type { NestedNode } from '../../core/model/topology';
import type { SwarmFacts } from '../../core/model/swarm';
import { withKeyPaths } from './keyPaths';
import { readAnsible } from './readAnsible';
import { readDockerContexts } from './readDockerContexts';
import { readVagrant, readVagrantConfig } from './readVagrant';

export interface ImportContext {
  /** Whether Vagrant may be run, which executes the Vagrantfile. */
  readonly mayExecute: boolean;
  /** The manager of a swarm and what was read of it, for that source. */
  readonly manager?: { readonly address: HostAddress; readonly swarm: SwarmFacts; readonly keyFile?: string };
  /** The host inside which engines are and what was found there, for that source. */
  readonly outer?: { readonly label: string; readonly nested: readonly NestedNode[] };
  readonly signal: AbortSignal;
}

/** Reads the hosts that a source names, paths of keys absolute. Faults are in the answer; rejects only where the signal aborts. */
export async function readImport(source: ImportSource, context: ImportContext): Promise<Imported> {
  return withKeyPaths(source, await readSource(source, context));
}

function readSource(source: ImportSource, { mayExecute, manager, outer, signal }: ImportContext): Promise<Imported> {
  switch (source.kind) {
    case 'ansible':
      return readAnsible(source.path, signal);
    case 'vagrant':
      return readVagrant(source.path, mayExecute, signal);
    case 'vagrant-config':
      return readVagrantConfig(source.path);
    case 'docker-contexts':
      return readDockerContexts();
    case 'nested':
      return Promise.resolve(outer === undefined ? { hosts: [], faults: [`The host ${source.path} was not read: the engines inside it are not known. Read it first.`] } : nestedHosts(outer.label, outer.nested));
    case 'swarm':
      return Promise.resolve(manager === undefined ? { hosts: [], faults: [`The host ${source.path} was not read, or is in no swarm: its nodes are not known. Read it first.`] } : swarmHosts(manager.swarm, manager.address, manager.keyFile));
  }
}
