/**
 * Something a person should be told that is no defect of ours: what they pointed at is gone, a recorded host cannot run things.
 * `message` is one sentence, printable, that says what to do; `action` does it.
 */
export class Notice extends Error {
  override readonly name = 'Notice';
  constructor(
    message: string,
    readonly action?: { readonly title: string; readonly run: () => unknown },
  ) {
    super(message);
  }
}
