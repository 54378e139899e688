import type { HostAddress } from '../core/model/address';
import type { Questions, Transport } from './transport';

export interface SshTransportOptions {
  readonly questions: Questions;
  readonly log?: { info(message: string): void };
  /** In place of ~/.ssh/config and the system's. */
  readonly sshConfigFile?: string;
  /** In place of UserKnownHostsFile. */
  readonly knownHostsFiles?: readonly string[];
  /** The `ssh` program that is asked for settings; default: the one on PATH. */
  readonly sshClient?: string;
}

/** A host over SSH. */
export function createSshTransport(_address: Extract<HostAddress, { kind: 'ssh' }>, _options: SshTransportOptions): Transport {
  throw new Error('The SSH transport is being built.');
}
