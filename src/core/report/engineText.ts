import type { EngineSnapshot } from '../model/engine';
import type { Snapshot } from '../model/snapshot';

/** `docker 20.10.24`, with `podman 4.3.1` behind it where both are there. Hostile text. */
export function engineText({ kind, version, further = [] }: EngineSnapshot): string {
  return [{ kind, version }, ...further].map((each) => `${each.kind} ${each.version}`).join(', ');
}

/** Whether a host has an engine, or may have, of which nothing could be read: its errors say why. */
export function isEngineUnread({ engine, errors }: Pick<Snapshot, 'engine' | 'errors'>): boolean {
  return engine === undefined && errors.some(({ place, code }) => place.kind === 'engine' && code !== 'no-engine');
}
