import type { Questions } from '../transport';

/** A time limit that stands still while a person is being asked. */
export class Clock {
  readonly #expired: () => void;
  #left: number;
  #since = 0;
  #timer: NodeJS.Timeout | undefined;
  #pauses = 0;

  constructor(limitMs: number, expired: () => void) {
    this.#left = limitMs;
    this.#expired = expired;
    this.#run();
  }

  pause(): void {
    if (this.#pauses++ > 0) return;
    clearTimeout(this.#timer);
    this.#left -= Date.now() - this.#since;
  }

  resume(): void {
    if (--this.#pauses === 0) this.#run();
  }

  stop(): void {
    this.#pauses = Number.POSITIVE_INFINITY;
    clearTimeout(this.#timer);
  }

  /** The same questions, with the clock stopped for each. */
  stopFor(questions: Questions): Questions {
    const stopped = async <T>(ask: () => Promise<T>): Promise<T> => {
      this.pause();
      try {
        return await ask();
      } finally {
        this.resume();
      }
    };
    return {
      unknownHostKey: (question) => stopped(() => questions.unknownHostKey(question)),
      secret: (question) => stopped(() => questions.secret(question)),
      inform: (notice) => {
        if (notice.until.aborted) return;
        this.pause();
        notice.until.addEventListener('abort', () => this.resume(), { once: true });
        questions.inform?.(notice);
      },
    };
  }

  #run(): void {
    this.#since = Date.now();
    this.#timer = setTimeout(this.#expired, Math.max(0, this.#left));
  }
}
