import * as v from 'valibot';
import { EngineSnapshotSchema } from './schema/engine';
import { NamespaceRecordSchema, NestedEngineSchema } from './schema/namespace';
import { OvsSchema } from './schema/ovs';
import { key, text, textMap, texts, whole } from './schema/primitives';
import { dearSources, snapshotVersion, type Snapshot } from './snapshot';

/*
 * The shape of a recorded host's file. docs/snapshot.schema.json is made from it.
 * Fields that a newer version added are left out; `raw`, `info` and `rest` are kept as they are.
 */

const ReadErrorSchema = v.object({
  place: v.variant('kind', [
    v.object({ kind: v.literal('host') }),
    v.object({ kind: v.literal('engine') }),
    v.object({ kind: v.literal('namespace'), key }),
  ]),
  code: v.picklist([
    'no-permission',
    'vanished',
    'tool-missing',
    'tool-too-old',
    'time-limit',
    'garbled',
    'truncated',
    'no-engine',
    'engine-failed',
    'unreachable',
    'authentication',
    'host-key',
    'failed',
  ]),
  message: text,
  detail: v.exactOptional(text),
});

export const SnapshotSchema = v.object({
  version: v.literal(snapshotVersion),
  hostId: text,
  takenAt: v.pipe(text, v.isoTimestamp()),
  durationMs: v.pipe(v.number(), v.minValue(0)),
  host: v.object({
    hostname: text,
    kernel: text,
    os: v.exactOptional(text),
    cpus: whole,
    engineOnly: v.exactOptional(v.literal(true)),
    uid: whole,
    privilege: v.picklist(['root', 'sudo', 'user']),
    ip: v.picklist(['json', 'text', 'busybox', 'none']),
    ipVersion: v.exactOptional(text),
    tools: texts,
    sources: v.exactOptional(v.array(v.picklist(dearSources))),
    tuns: v.exactOptional(v.array(v.object({ pid: whole, comm: v.exactOptional(text), name: text, namespace: v.exactOptional(key) }))),
    ownNamespace: v.exactOptional(key),
    initNamespace: v.exactOptional(key),
  }),
  namespaces: v.array(NamespaceRecordSchema),
  engine: v.exactOptional(EngineSnapshotSchema),
  compose: v.exactOptional(
    v.array(
      v.object({
        project: text,
        files: texts,
        networks: v.exactOptional(
          v.array(
            v.object({
              key: text,
              external: v.boolean(),
              name: v.exactOptional(text),
              driver: v.exactOptional(text),
              internal: v.exactOptional(v.boolean()),
              subnets: texts,
              gateways: texts,
              options: textMap,
              used: v.boolean(),
            }),
          ),
        ),
        partial: v.exactOptional(v.literal(true)),
        fault: v.exactOptional(text),
      }),
    ),
  ),
  ovs: v.exactOptional(OvsSchema),
  runtimes: v.exactOptional(
    v.array(
      v.object({
        runtime: v.picklist(['containerd', 'podman', 'nspawn']),
        id: text,
        namespace: v.exactOptional(text),
        name: v.exactOptional(text),
        pid: v.exactOptional(whole),
        pod: v.exactOptional(v.object({ name: text, namespace: text, uid: v.exactOptional(text) })),
        podContainer: v.exactOptional(text),
      }),
    ),
  ),
  flannel: v.exactOptional(
    v.object({
      network: v.exactOptional(text),
      ipv6Network: v.exactOptional(text),
      subnet: v.exactOptional(text),
      ipv6Subnet: v.exactOptional(text),
      mtuBytes: v.exactOptional(whole),
      masquerade: v.exactOptional(v.boolean()),
    }),
  ),
  nested: v.exactOptional(v.array(NestedEngineSchema)),
  errors: v.array(ReadErrorSchema),
}) satisfies v.GenericSchema<unknown, Snapshot>;

/** Why a file is no recorded host, as the end of a sentence, with its full stop. */
export class SnapshotFormatError extends Error {
  override readonly name = 'SnapshotFormatError';
}

/** Deeper than any engine's record; a file that nests deeper is made to exhaust its reader. */
const maxDepth = 64;

/**
 * Reads a snapshot out of parsed JSON.
 * @throws SnapshotFormatError that names the version, or the first field that is wrong.
 */
export function parseSnapshot(json: unknown): Snapshot {
  if (typeof json !== 'object' || json === null || Array.isArray(json) || !('version' in json) || !('namespaces' in json)) {
    throw new SnapshotFormatError('it holds no snapshot of a host.');
  }
  const { version } = json;
  if (version !== snapshotVersion) {
    throw new SnapshotFormatError(
      typeof version === 'number' && version > snapshotVersion
        ? `its format is version ${String(version)} and this program reads version ${String(snapshotVersion)}: use a newer release.`
        : `it names no version of the format that this program reads (${String(snapshotVersion)}).`,
    );
  }
  refuseHostileKeys(json);
  const result = v.safeParse(SnapshotSchema, json, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const at = v.getDotPath(issue) ?? 'the whole';
  throw new SnapshotFormatError(`"${at.slice(0, 120)}" should be ${issue.expected ?? 'something else'} and is ${issue.received.slice(0, 60)}.`);
}

/** A key `__proto__` would change the prototype of whatever it is copied into. */
function refuseHostileKeys(json: object): void {
  let level: object[] = [json];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > maxDepth) throw new SnapshotFormatError(`it nests deeper than ${String(maxDepth)} levels.`);
    const next: object[] = [];
    for (const value of level) {
      if (Object.hasOwn(value, '__proto__')) throw new SnapshotFormatError('it holds a key "__proto__", which no recording has.');
      for (const member of Object.values(value) as unknown[]) {
        if (typeof member === 'object' && member !== null) next.push(member);
      }
    }
    level = next;
  }
}
