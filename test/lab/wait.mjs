/** Thrown by a condition, it ends the waiting. */
export class FatalError extends Error {
  name = 'FatalError';
}

/** Asks until the answer is neither false nor undefined, and gives it. @throws Error that names what was waited for. */
export async function waitFor(what, condition, limitMs, intervalMs = 25) {
  const end = performance.now() + limitMs;
  let last;
  for (;;) {
    try {
      const answer = await condition();
      if (answer !== false && answer !== undefined) return answer;
      last = undefined;
    } catch (error) {
      if (error instanceof FatalError) throw error;
      last = error;
    }
    if (performance.now() > end) {
      const why = last === undefined ? '' : `: ${last.message}`;
      throw new Error(`Waited ${Math.round(limitMs / 1000)} s for ${what}${why}`, { cause: last });
    }
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
  }
}

/** Runs `work` over the items, at most `width` at a time; the results are in the items' order. */
export async function inParallel(items, width, work) {
  const results = new Array(items.length);
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const index = next++;
      results[index] = await work(items[index], index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker));
  return results;
}
