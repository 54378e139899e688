export interface Registry {
  /** ADDRESS:PORT/helper:latest */
  readonly reference: string;
  readonly asked: readonly string[];
  stop(): void;
}
export function startRegistry(address: string): Promise<Registry>;
