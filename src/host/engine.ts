import type { EngineSnapshot } from '../core/model/engine';
import type { ReadError } from '../core/model/snapshot';

/** A container engine on one host, reached through that host's transport. `openEngine` in engineClient.ts makes one. */
export interface EngineClient {
  /** Everything the model needs. What could not be read is in `errors`; `snapshot` is undefined where no engine answered. */
  read(signal?: AbortSignal, since?: EngineReading): Promise<{ readonly snapshot: EngineSnapshot | undefined; readonly errors: readonly ReadError[] }>;
  /** Is told which sockets of engines a scan has seen. @returns whether that is news, after which `read` finds other engines than before. */
  told?(sockets: readonly string[]): boolean;
  /** One record as the engine prints it. @throws EngineError where it is gone or the engine does not answer. */
  inspect(kind: 'network' | 'container', id: string, signal?: AbortSignal): Promise<unknown>;
  /**
   * Network, container and daemon events, until the signal or the engine ends them. `onOpen` is called once nothing is missed any more:
   * when the engine has begun to send. @throws EngineError
   */
  events(signal: AbortSignal, onOpen?: () => void): AsyncIterable<EngineEvent>;
  dispose(): void;
}

/** What an earlier reading found, and the ids of the networks that may differ since: the others, the version and the swarm are taken from it. */
export interface EngineReading {
  readonly snapshot: EngineSnapshot;
  readonly changedNetworks: readonly string[];
}

/** GET /events */
export interface EngineEvent {
  /** network, container, daemon, service, node */
  readonly type: string;
  /** connect, disconnect, create, destroy, start, die, … */
  readonly action: string;
  readonly id: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** `message` is one clear sentence that says what to do next. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
  constructor(
    readonly code: ReadError['code'] | 'cancelled',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
