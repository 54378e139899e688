import { TransportError, type Questions } from '../transport';
import type { AskedPrompt } from './askpass';
import { parsePrompt, type Prompt } from './prompt';

/**
 * One login: hands ssh's prompts to a person. What was typed is kept for the next connection once the host has let us in; a prompt that comes
 * again means that the answer was wrong.
 */
export class LoginDialogue {
  readonly #typed = new Map<string, string>();
  readonly #asked = new Set<string>();
  #declined: TransportError | undefined;

  constructor(
    /** `user@alias`. */
    private readonly label: string,
    private readonly questions: Questions,
    /** Answers by prompt that were right before, in memory alone. */
    private readonly remembered: Map<string, string>,
    /** A person said no: there is nothing to wait for any more. */
    private readonly onDeclined: (error: TransportError) => void,
  ) {}

  async answer({ prompt, hint, signal }: AskedPrompt): Promise<string | undefined> {
    // ssh asks on for as often as it may; a person who has declined is left alone.
    if (this.#declined !== undefined) return undefined;
    const parsed = parsePrompt(prompt, hint);
    switch (parsed.kind) {
      case 'notice':
        await this.#show(parsed.text, signal);
        return undefined;
      case 'hostKey':
        return this.#trust(parsed);
      default:
        return this.#secret(parsed);
    }
  }

  /** To be called once the host has let us in. */
  accepted(): void {
    for (const [prompt, answer] of this.#typed) this.remembered.set(prompt, answer);
  }

  async #show(text: string, signal: AbortSignal): Promise<void> {
    this.questions.inform?.({ host: this.label, message: text, until: signal });
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  async #trust({ host, keyType, fingerprint, note }: Extract<Prompt, { kind: 'hostKey' }>): Promise<string> {
    const accepted = await this.questions.unknownHostKey({ host, keyType, fingerprint, ...(note !== undefined && { note }) });
    if (!accepted) this.#decline(new TransportError('host-key', `The host key of ${host}, ${fingerprint} (${keyType}), is not known and was not accepted.`));
    return accepted ? 'yes' : 'no';
  }

  async #secret(parsed: Exclude<Prompt, { kind: 'hostKey' | 'notice' }>): Promise<string | undefined> {
    const again = this.#asked.has(parsed.text);
    this.#asked.add(parsed.text);
    const before = this.remembered.get(parsed.text);
    this.remembered.delete(parsed.text);
    if (before !== undefined && !again) {
      this.#typed.set(parsed.text, before);
      return before;
    }
    const answer = await this.questions.secret({
      kind: parsed.kind,
      prompt: `${again ? 'That was not right. ' : ''}${parsed.text}`,
      host: this.label,
      ...(parsed.kind === 'keyboard-interactive' && { echo: parsed.echo }),
    });
    if (answer === undefined) {
      this.#decline(new TransportError('authentication', `${this.label} was not logged in to: ${parsed.kind === 'keyboard-interactive' ? 'its question was not answered' : `no ${parsed.kind} was given`}.`));
      return undefined;
    }
    if (parsed.kind !== 'keyboard-interactive') this.#typed.set(parsed.text, answer);
    return answer;
  }

  #decline(error: TransportError): void {
    this.#declined = error;
    this.onDeclined(error);
  }
}
