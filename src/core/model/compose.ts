/** A Compose project's files as its host has them now. Only what they say of networks is kept: the rest may hold secrets. */
export interface ComposeProject {
  readonly project: string;
  /** Absolute paths, in the order in which they override each other; hostile text. */
  readonly files: readonly string[];
  /** Absent where the files could not be read or understood. */
  readonly networks?: readonly ComposeNetwork[];
  /** They take in further files (`include`, `extends`), which were not read: what is not among `networks` may be there. */
  readonly partial?: true;
  /** Why there is nothing to compare with: a sentence. Hostile text. */
  readonly fault?: string;
}

/** Of the top-level element `networks` (Compose specification). What a variable stands in (`${…}`) is left out. */
export interface ComposeNetwork {
  /** Its name in the file; `default` is there wherever a service names no network. */
  readonly key: string;
  readonly external: boolean;
  readonly name?: string;
  readonly driver?: string;
  readonly internal?: boolean;
  readonly subnets: readonly string[];
  readonly gateways: readonly string[];
  readonly options: Readonly<Record<string, string>>;
  /** Whether a service is on it: Compose makes no others. */
  readonly used: boolean;
}
