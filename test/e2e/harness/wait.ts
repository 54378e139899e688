/** Asks again and again until the answer is neither false nor undefined. For states that no event announces. @throws Error that says what was waited for. */
export async function waitUntil<T>(
  ask: () => Promise<T | false | undefined>,
  options: { readonly limitMs: number; readonly what: string | (() => string); readonly everyMs?: number },
): Promise<T> {
  const end = Date.now() + options.limitMs;
  for (;;) {
    const answer = await ask();
    if (answer !== false && answer !== undefined) return answer;
    if (Date.now() > end) {
      const what = typeof options.what === 'string' ? options.what : options.what();
      throw new Error(`Waited ${String(options.limitMs / 1000)} s in vain for ${what}.`);
    }
    await new Promise((resolve) => setTimeout(resolve, options.everyMs ?? 50));
  }
}
