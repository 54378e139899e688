import type { Command } from '../core/command/command';

/*
 * A transport's byte stream is a command's standard input and output alone. A line before the output brings the process id, by which the command can be
 * ended; a trailer after it the exit status and what was printed on standard error.
 */

const script = `
boundary=$1
shift
printf '%s %s\\n' "$boundary" "$$"
exec 3>&1
errors=$("$@" 2>&1 >&3 3>&-)
code=$?
printf '\\n%s %s\\n%s' "$boundary" "$code" "$errors"
`;

/** The same command, its output between those two. `boundary`: letters and digits that nobody could know before. */
export function withTrailer(command: Command, boundary: string): Command {
  return { ...command, argv: ['sh', '-c', script, 'netns-explorer', boundary, ...command.argv] };
}

export interface Trailer {
  readonly code: number;
  /** With a line feed at its end, unless it is empty. */
  readonly stderr: string;
}

/** Parts the bytes of a command from what is before and behind them. */
export class TrailerReader {
  /** Of the process whose group the command is in, once it is known. */
  pid: number | undefined;
  readonly #mark: Buffer;
  #held = Buffer.alloc(0);
  #found = false;

  constructor(boundary: string) {
    this.#mark = Buffer.from(`\n${boundary} `);
  }

  /** @returns what is surely the command's own output by now. */
  push(chunk: Buffer): Buffer {
    this.#held = Buffer.concat([this.#held, chunk]);
    if (this.#found || !this.#headRead()) return Buffer.alloc(0);
    const at = this.#held.indexOf(this.#mark);
    const end = at >= 0 ? at : this.#held.length - this.#begun();
    const output = this.#held.subarray(0, end);
    this.#held = this.#held.subarray(at >= 0 ? at + this.#mark.length : end);
    this.#found = at >= 0;
    return output;
  }

  #headRead(): boolean {
    if (this.pid !== undefined) return true;
    const end = this.#held.indexOf('\n');
    if (end < 0) return false;
    this.pid = Number(this.#held.subarray(this.#mark.length - 1, end).toString('latin1'));
    this.#held = this.#held.subarray(end + 1);
    return true;
  }

  /** How many bytes at the end may be the beginning of the mark. */
  #begun(): number {
    for (let length = Math.min(this.#mark.length - 1, this.#held.length); length > 0; length--) {
      if (this.#held.subarray(-length).equals(this.#mark.subarray(0, length))) return length;
    }
    return 0;
  }

  /** Once the stream has ended: the trailer, or undefined and in `rest` what was held back, where it was cut off. */
  finish(): { readonly trailer: Trailer | undefined; readonly rest: Buffer } {
    const match = this.#found ? /^(\d+)\n([^]*)$/.exec(this.#held.toString('utf8')) : null;
    if (match === null) return { trailer: undefined, rest: this.#found ? Buffer.alloc(0) : this.#held };
    const stderr = match[2] ?? '';
    return { trailer: { code: Number(match[1]), stderr: stderr === '' ? '' : `${stderr}\n` }, rest: Buffer.alloc(0) };
  }
}
