import { Agent, type AgentOptions } from 'node:http';
import type { Duplex } from 'node:stream';
import { inspect } from 'node:util';

/** An HTTP agent whose connections are streams that somebody else opens. */
export class StreamAgent extends Agent {
  constructor(
    private readonly open: () => Promise<Duplex>,
    options: AgentOptions,
  ) {
    super(options);
  }

  override createConnection(_options: unknown, callback?: (error: Error | null, stream: Duplex) => void): undefined {
    this.open().then(
      (stream) => callback?.(null, asSocket(stream)),
      (error: unknown) => callback?.(error instanceof Error ? error : new Error(String(error)), undefined as unknown as Duplex),
    );
    return undefined;
  }

  /** A stream tells its end only to who reads it: an idle one is read, so that one which the engine has closed is not used again. */
  override keepSocketAlive(stream: Duplex): boolean {
    stream.resume();
    // Node's documentation gives it a result, its types do not.
    const keep = (): unknown => super.keepSocketAlive(stream);
    return keep() === true;
  }

  /**
   * docker-modem prints every request's options for its debug log, read or not (lib/modem.js, buildRequest): all that hangs on an
   * agent, its connections included, which takes longer than the request.
   */
  [inspect.custom](): string {
    return 'StreamAgent';
  }

  /** Connections that nobody uses: over SSH each holds a channel, and may hold a process on the host. */
  closeIdle(): void {
    for (const sockets of Object.values(this.freeSockets)) for (const socket of sockets ?? []) socket.destroy();
  }
}

const socketMethods = ['setTimeout', 'setNoDelay', 'setKeepAlive', 'ref', 'unref'] as const;

/** node:http calls these on a connection, whatever it is; on a stream that is no socket they mean nothing. */
function asSocket(stream: Duplex): Duplex {
  const target = stream as Duplex & Partial<Record<(typeof socketMethods)[number], () => Duplex>>;
  for (const method of socketMethods) target[method] ??= () => stream;
  return stream;
}
