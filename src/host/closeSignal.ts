import type { TransportError } from './transport';

/** Who wants to know that a connection was lost. */
export class CloseSignal {
  readonly #listeners = new Set<(error: TransportError) => void>();

  add(listener: (error: TransportError) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  fire(error: TransportError): void {
    for (const listener of [...this.#listeners]) listener(error);
  }

  clear(): void {
    this.#listeners.clear();
  }
}
