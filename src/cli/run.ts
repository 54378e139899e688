import type { CommonOptions } from './arguments';
import type { ReadHosts } from './readHosts';

/** What a verb is given. */
export interface Run {
  /** Aborted by Ctrl-C and TERM. */
  readonly signal: AbortSignal;
  readHosts(options: CommonOptions): Promise<ReadHosts>;
}
