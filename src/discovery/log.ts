/** The one logger interface. Messages are sentences; secrets never reach it. */
export interface Log {
  info(message: string): void;
  warn(message: string): void;
  error(message: string, cause?: unknown): void;
}
