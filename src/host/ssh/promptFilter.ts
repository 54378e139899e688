/**
 * Finds sudo's prompt, which is a word that nobody else knows, in a terminal's output: the first is answered and left out,
 * a later one (the password has changed meanwhile) is shown as a question to the user. Text passes through as soon as it cannot be the prompt's beginning.
 */
export class PromptFilter {
  #held = '';
  #answered = false;

  constructor(
    private readonly prompt: string,
    private readonly answer: () => void,
    private readonly shown: string,
  ) {}

  /** What of `text`, and of what was held back, is to be shown now. */
  pass(text: string): string {
    let rest = this.#held + text;
    let out = '';
    for (let at = rest.indexOf(this.prompt); at >= 0; at = rest.indexOf(this.prompt)) {
      out += rest.slice(0, at);
      rest = rest.slice(at + this.prompt.length);
      if (this.#answered) out += this.shown;
      else {
        this.#answered = true;
        this.answer();
      }
    }
    const keep = this.#beginningAtEnd(rest);
    this.#held = rest.slice(rest.length - keep);
    return out + rest.slice(0, rest.length - keep);
  }

  #beginningAtEnd(text: string): number {
    for (let length = Math.min(this.prompt.length - 1, text.length); length > 0; length--) {
      if (text.endsWith(this.prompt.slice(0, length))) return length;
    }
    return 0;
  }
}
