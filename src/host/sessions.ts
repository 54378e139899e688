/** What a session is wanted for: `run` comes and goes, `long` stays (terminals, streams), `end` ends a command and goes first. */
export type SessionUse = 'run' | 'long' | 'end';

/** sshd's MaxSessions is 10 unless set (sshd_config(5)). */
const maxSessions = 10;
/** So many are kept from what stays, so that commands can always run, and from commands, so that one can always be ended. */
const keptFromLong = 3;
const keptFromRun = 1;

interface Waiter {
  readonly use: SessionUse;
  readonly go: () => void;
}

/** Who may open a session on a connection, one after another where there are as many as the host allows. */
export class Sessions {
  #open = 0;
  #waiting: Waiter[] = [];

  /** Resolves with the way to give the session back, once there is room. Rejects with the signal's reason. */
  acquire(use: SessionUse, signal: AbortSignal | undefined): Promise<() => void> {
    return new Promise((resolve, reject) => {
      const abort = () => {
        this.#waiting = this.#waiting.filter((other) => other !== waiter);
        reject(signal?.reason instanceof Error ? signal.reason : new Error('aborted'));
      };
      const waiter: Waiter = {
        use,
        go: () => {
          signal?.removeEventListener('abort', abort);
          this.#open++;
          let given = true;
          resolve(() => {
            if (!given) return;
            given = false;
            this.#open--;
            this.#next();
          });
        },
      };
      if (signal?.aborted === true) {
        abort();
        return;
      }
      signal?.addEventListener('abort', abort, { once: true });
      this.#waiting = use === 'end' ? [waiter, ...this.#waiting] : [...this.#waiting, waiter];
      this.#next();
    });
  }

  /** Sessions that are open now. */
  get open(): number {
    return this.#open;
  }

  #next(): void {
    const waiter = this.#waiting.find(({ use }) => this.#open < roomFor(use));
    if (!waiter) return;
    this.#waiting = this.#waiting.filter((other) => other !== waiter);
    waiter.go();
    this.#next();
  }
}

function roomFor(use: SessionUse): number {
  return use === 'end' ? maxSessions : use === 'run' ? maxSessions - keptFromRun : maxSessions - keptFromLong;
}
