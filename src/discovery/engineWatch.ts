import type { EngineClient, EngineEvent } from '../host/engine';
import type { HostSession } from './hostSession';
import type { Log } from './log';

export interface WatchOptions {
  readonly log: Log;
  /** How long to wait before the first, second … attempt to listen again; the last one is repeated. */
  readonly retryMs: readonly number[];
  readonly onEvent: (event: EngineEvent) => void;
}

/** Faults that only a person can mend: to try again by oneself would only ask the same question again. */
const needsPerson = new Set<unknown>(['authentication', 'host-key', 'no-permission']);

/**
 * Listens to one host's engine until the signal ends it. Where the stream breaks off, the host is read anew, which shows what is wrong,
 * and once more when the engine is back. Stops by itself where only a person can help.
 */
export async function watchEngine(session: HostSession, signal: AbortSignal, options: WatchOptions): Promise<void> {
  let failures = 0;
  const stopped = (): boolean => signal.aborted;
  while (!stopped()) {
    let engine: EngineClient | undefined;
    try {
      engine = await session.engine();
      for await (const event of engine.events(signal, () => {
        // What happened between the last scan and this moment was not told.
        if (failures > 0) void session.refresh();
        else session.refreshChanged([]);
        failures = 0;
      })) {
        options.onEvent(event);
      }
      if (stopped()) return;
      options.log.info(`The engine of ${session.label} ended its stream of events.`);
    } catch (error) {
      if (stopped()) return;
      if (failures === 0) options.log.warn(`The events of ${session.label} cannot be followed: ${error instanceof Error ? error.message : String(error)}`);
      if (error instanceof Error && 'code' in error && needsPerson.has(error.code)) return;
    }
    session.forgetEngine(engine);
    if (failures === 0 && session.snapshot?.engine) await session.refresh();
    await delay(options.retryMs[Math.min(failures, options.retryMs.length - 1)] ?? 0, signal);
    failures++;
  }
}

function delay(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    signal.addEventListener('abort', end, { once: true });
  });
}
