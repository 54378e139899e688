/**
 * sudo on a terminal, answered for the user. Prompt and ready mark are words that nobody else knows. The first prompt is answered; a later one
 * (the password has changed meanwhile) is left to the user. Until the command itself has started, what the user types is held
 * back: sudo would take it for the password, or throw it away.
 */
export class SudoDialogue {
  readonly prompt: string;
  readonly readyMark: string;
  #held = '';
  #answered = false;
  #typed = '';
  #open = false;

  constructor(
    mark: string,
    private readonly password: string,
    /** What a prompt looks like that the user must answer. */
    private readonly question: string,
    private readonly send: (data: string) => void,
  ) {
    this.prompt = `${mark}-password`;
    this.readyMark = `${mark}-ready`;
  }

  /** What of the terminal's output is to be shown now; a piece that may be the beginning of a mark is kept for the next. */
  output(text: string): string {
    if (this.#open && this.#held === '') return text;
    let rest = this.#held + text;
    let shown = '';
    while (!this.#open) {
      const prompt = rest.indexOf(this.prompt);
      const ready = rest.indexOf(this.readyMark);
      if (ready >= 0 && (prompt < 0 || ready < prompt)) {
        shown += rest.slice(0, ready);
        rest = rest.slice(ready + this.readyMark.length);
        this.#release();
      } else if (prompt >= 0) {
        shown += rest.slice(0, prompt);
        rest = rest.slice(prompt + this.prompt.length);
        if (this.#answered) {
          shown += this.question;
          this.#release();
        } else {
          this.#answered = true;
          this.send(`${this.password}\n`);
        }
      } else break;
    }
    const keep = this.#open ? 0 : Math.max(beginningAtEnd(rest, this.prompt), beginningAtEnd(rest, this.readyMark));
    this.#held = rest.slice(rest.length - keep);
    return shown + rest.slice(0, rest.length - keep);
  }

  /** What the user types. */
  input(data: string): void {
    if (this.#open) this.send(data);
    else this.#typed += data;
  }

  #release(): void {
    this.#open = true;
    if (this.#typed !== '') this.send(this.#typed);
    this.#typed = '';
  }
}

/** How many characters at the end of `text` begin `word`. */
function beginningAtEnd(text: string, word: string): number {
  for (let length = Math.min(word.length - 1, text.length); length > 0; length--) {
    if (text.endsWith(word.slice(0, length))) return length;
  }
  return 0;
}
