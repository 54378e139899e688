/** A command is data. It becomes text only in `quote.ts`, and only where a shell must be passed. */
export interface Command {
  readonly argv: readonly [string, ...string[]];
  /** `root`: run as root, by the transport's means (already root, else sudo). */
  readonly privilege: 'root' | 'user';
  /** Sent on standard input, which is then closed. */
  readonly stdin?: string;
}

/** A command and how to read its answer. */
export interface ReadingCommand<T> extends Command {
  readonly parse: (output: CommandOutput) => T;
}

export interface CommandOutput {
  readonly stdout: string;
  readonly stderr: string;
  /** Exit status; undefined where a signal ended it. */
  readonly code: number | undefined;
}
