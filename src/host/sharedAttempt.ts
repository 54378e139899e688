/** One attempt that several callers wait for. A caller that gives up leaves; the attempt ends early only when all have. */
export class SharedAttempt<T> {
  readonly #controller = new AbortController();
  readonly #result: Promise<T>;
  #waiting = 0;

  constructor(start: (signal: AbortSignal) => Promise<T>) {
    this.#result = start(this.#controller.signal);
    // Told to whoever waits; nobody may be waiting any more.
    this.#result.catch(() => undefined);
  }

  /** @throws what the attempt throws, or `cancelled()` where `signal` aborts first. */
  async join(signal: AbortSignal | undefined, cancelled: () => Error): Promise<T> {
    if (signal === undefined) {
      this.#waiting++;
      return this.#result;
    }
    this.#waiting++;
    let leave: (() => void) | undefined;
    const left = new Promise<never>((_resolve, reject) => {
      leave = () => {
        // First, so that what the attempt says of its own end is not told to who has left.
        reject(cancelled());
        if (--this.#waiting === 0) this.#controller.abort();
      };
      if (signal.aborted) leave();
      else signal.addEventListener('abort', leave, { once: true });
    });
    try {
      return await Promise.race([this.#result, left]);
    } finally {
      if (leave) signal.removeEventListener('abort', leave);
    }
  }

  abort(): void {
    this.#controller.abort();
  }

  /** Everybody has left: to try again takes another attempt. */
  get abandoned(): boolean {
    return this.#controller.signal.aborted;
  }
}
