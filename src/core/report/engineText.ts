import type { EngineMark, EngineSnapshot } from '../model/engine';
import type { Snapshot } from '../model/snapshot';

/** `docker 20.10.24`, with `podman 4.3.1` behind it where both are there. Hostile text. */
export function engineText({ kind, version, further = [] }: EngineSnapshot): string {
  return [{ kind, version, engineUid: undefined }, ...further].map((each) => `${each.kind} ${each.version}${ofUser(each)}`).join(', ');
}

/** ` of uid 1000`, of an engine that runs without root. */
const ofUser = ({ engineUid }: { readonly engineUid?: number | undefined }): string => (engineUid === undefined ? '' : ` of uid ${String(engineUid)}`);

/** `podman`, `podman of uid 1000`; undefined of the first engine's own. */
export function engineMarkText(mark: EngineMark): string | undefined {
  return mark.engine === undefined ? undefined : `${mark.engine}${ofUser(mark)}`;
}

/** Whether a host has an engine, or may have, of which nothing could be read: its errors say why. */
export function isEngineUnread({ engine, errors }: Pick<Snapshot, 'engine' | 'errors'>): boolean {
  return engine === undefined && errors.some(({ place, code }) => place.kind === 'engine' && code !== 'no-engine');
}
