import type { EngineSnapshot } from '../model/engine';

/** `docker 20.10.24`, with `podman 4.3.1` behind it where both are there. Hostile text. */
export function engineText({ kind, version, further = [] }: EngineSnapshot): string {
  return [{ kind, version }, ...further].map((each) => `${each.kind} ${each.version}`).join(', ');
}
