/** Where the host layer tells what is worth knowing later. Sentences; secrets never reach it. */
export interface HostLog {
  info(message: string): void;
  warn(message: string): void;
}

export const noLog: HostLog = { info: () => undefined, warn: () => undefined };
