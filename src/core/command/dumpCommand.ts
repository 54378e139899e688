export type Argv = readonly [string, ...string[]];

export interface DumpCommand extends PackagedCommand {
  /** Runs where `argv` fails or is missing: for busybox, and for versions without an option. */
  readonly otherwise?: PackagedCommand;
  /** Left out without a word where the program is missing. */
  readonly optional?: boolean;
  /** Runs only where the kernel has this part already, or where the daemon's socket is there; `nf_tables-flavour`: where the program says that it uses nf_tables. */
  readonly needs?: 'nf_tables' | 'nf_tables-flavour' | 'nf_conntrack' | 'xfrm_user' | 'ip_vs' | 'wireguard' | 'openvswitch';
  /** A sentence that follows where it failed. */
  readonly note?: string;
}

export interface PackagedCommand {
  readonly argv: Argv;
  /** What to install where the program is missing (Debian's name). */
  readonly package: string;
  /** Where `argv` is `sh -c` with a script: the program that it is about, and what the reader is shown in place of it. */
  readonly script?: { readonly program: string; readonly shown: string };
}
