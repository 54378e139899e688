export interface Machines {
  /** An ssh_config by which both are reached. */
  readonly sshConfig: string;
  readonly names: readonly string[];
  /** What a script for `sh` prints there, as root. @throws Error with what it complained of */
  run(name: string, script: string): string;
  /** Ends them and removes their files. */
  stop(): Promise<void>;
}

/** Boots two virtual machines with a wire between them: `vm1` is 192.168.57.11 on eth1, `vm2` 192.168.57.12. @throws Error with a sentence */
export function startMachines(): Promise<Machines>;
