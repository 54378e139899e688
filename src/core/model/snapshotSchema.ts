import * as v from 'valibot';
import { dearSources, snapshotVersion, type Snapshot } from './snapshot';

/*
 * The shape of a recorded host's file. docs/snapshot.schema.json is made from it.
 * Fields that a newer version added are left out; `raw`, `info` and `rest` are kept as they are.
 */

const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const text = v.string();
const texts = v.array(text);
const textMap = v.record(text, text);
const anything = v.record(text, v.unknown());
const family = v.picklist(['inet', 'inet6']);
const key = v.pipe(text, v.regex(/^\d+:\d+$/));

const LinkSchema = v.object({
  ifindex: whole,
  name: text,
  kind: v.exactOptional(text),
  linkType: text,
  mac: v.exactOptional(text),
  mtuBytes: whole,
  flags: texts,
  operState: text,
  master: v.exactOptional(text),
  peerIfindex: v.exactOptional(whole),
  peerName: v.exactOptional(text),
  linkNetnsId: v.exactOptional(whole),
  addresses: v.array(v.object({ family, address: text, prefixLength: whole, scope: text })),
  bridge: v.exactOptional(v.object({ stp: v.boolean(), vlanFiltering: v.boolean(), ageingTimeS: v.exactOptional(v.number()), bridgeId: v.exactOptional(text) })),
  vxlan: v.exactOptional(
    v.object({
      vni: whole,
      external: v.exactOptional(v.literal(true)),
      port: whole,
      local: v.exactOptional(text),
      remote: v.exactOptional(text),
      device: v.exactOptional(text),
      learning: v.boolean(),
      proxy: v.boolean(),
      l2miss: v.boolean(),
      l3miss: v.boolean(),
      ageingS: v.exactOptional(v.number()),
    }),
  ),
  macvlan: v.exactOptional(v.object({ mode: text })),
  vlan: v.exactOptional(v.object({ id: whole, protocol: text })),
  bond: v.exactOptional(
    v.object({
      mode: text,
      activePort: v.exactOptional(text),
      primary: v.exactOptional(text),
      miiMonitorMs: v.exactOptional(whole),
      hashPolicy: v.exactOptional(text),
      lacpRate: v.exactOptional(text),
    }),
  ),
  tunnel: v.exactOptional(
    v.object({
      local: v.exactOptional(text),
      remote: v.exactOptional(text),
      id: v.exactOptional(whole),
      port: v.exactOptional(whole),
      ttl: whole,
      inputKey: v.exactOptional(text),
      outputKey: v.exactOptional(text),
      device: v.exactOptional(text),
      erspanVersion: v.exactOptional(whole),
      external: v.exactOptional(v.literal(true)),
    }),
  ),
  ipvlan: v.exactOptional(v.object({ mode: text, flag: v.exactOptional(text) })),
  tun: v.exactOptional(v.object({ layer: v.picklist(['tun', 'tap']), persistent: v.boolean(), user: v.exactOptional(text), group: v.exactOptional(text) })),
  vrf: v.exactOptional(v.object({ table: text })),
  xfrm: v.exactOptional(v.object({ interfaceId: v.exactOptional(text), device: v.exactOptional(text) })),
  bridgePort: v.exactOptional(v.object({ state: text, hairpin: v.exactOptional(v.boolean()), learning: v.exactOptional(v.boolean()), flood: v.exactOptional(v.boolean()) })),
  vlans: v.exactOptional(v.array(v.object({ id: whole, lastId: v.exactOptional(whole), pvid: v.exactOptional(v.literal(true)), untagged: v.exactOptional(v.literal(true)) }))),
  info: v.exactOptional(anything),
  rest: v.exactOptional(anything),
});

const RouteSchema = v.object({
  family,
  destination: text,
  type: text,
  table: text,
  gateway: v.exactOptional(text),
  device: v.exactOptional(text),
  source: v.exactOptional(text),
  protocol: v.exactOptional(text),
  scope: v.exactOptional(text),
  metric: v.exactOptional(v.number()),
  nexthops: v.exactOptional(v.array(v.object({ gateway: v.exactOptional(text), device: v.exactOptional(text), weight: v.exactOptional(v.number()) }))),
  rest: v.exactOptional(anything),
});

const NeighbourSchema = v.object({
  address: text,
  device: text,
  mac: v.exactOptional(text),
  states: texts,
  proxy: v.exactOptional(v.boolean()),
  rest: v.exactOptional(anything),
});

const FdbEntrySchema = v.object({
  mac: text,
  device: text,
  destination: v.exactOptional(text),
  master: v.exactOptional(text),
  vlan: v.exactOptional(whole),
  vni: v.exactOptional(whole),
  port: v.exactOptional(whole),
  flags: texts,
  state: text,
  rest: v.exactOptional(anything),
});

const HolderSchema = v.object({ pid: whole, comm: v.exactOptional(text), id: whole });

const ProcessSchema = v.object({ pid: whole, comm: text, startTicks: whole, parent: v.exactOptional(whole), cgroup: text });

const NestedEngineSchema = v.object({
  engine: v.picklist(['docker', 'podman', 'containerd', 'cri-o']),
  process: ProcessSchema,
  namespace: key,
  mountNamespace: whole,
  pidNamespace: whole,
  hostname: v.exactOptional(text),
  sockets: texts,
});

const NamespaceRecordSchema = v.object({
  key,
  inode: whole,
  device: whole,
  paths: texts,
  mounts: v.exactOptional(v.array(v.object({ path: text, mountNamespace: whole, pid: whole }))),
  descriptors: v.exactOptional(v.array(HolderSchema)),
  threads: v.exactOptional(v.array(HolderSchema)),
  netnsIds: v.exactOptional(v.array(v.object({ id: whole, key: v.exactOptional(key) }))),
  named: v.exactOptional(v.literal(true)),
  processCount: whole,
  processes: v.array(ProcessSchema),
  links: v.array(LinkSchema),
  routes: v.array(RouteSchema),
  neighbours: v.array(NeighbourSchema),
  fdb: v.array(FdbEntrySchema),
  read: v.picklist(['full', 'partial', 'none']),
});

const engineKind = v.picklist(['docker', 'podman']);

const EngineNetworkSchema = v.object({
  engine: v.exactOptional(engineKind),
  engineUid: v.exactOptional(whole),
  id: text,
  name: text,
  driver: text,
  scope: text,
  internal: v.boolean(),
  attachable: v.boolean(),
  ingress: v.boolean(),
  subnets: v.array(v.object({ subnet: text, gateway: v.exactOptional(text), range: v.exactOptional(text), auxiliary: v.exactOptional(textMap) })),
  vnis: v.array(whole),
  options: textMap,
  labels: textMap,
  endpoints: v.array(v.object({ containerId: text, name: text, endpointId: text, mac: v.exactOptional(text), ipv4: v.exactOptional(text), ipv6: v.exactOptional(text) })),
  peers: v.array(v.object({ name: text, address: text })),
  tasks: v.array(v.object({ service: text, name: text, endpointId: text, ip: text, hostAddress: text })),
  services: v.exactOptional(v.array(v.object({ name: text, virtualAddress: v.exactOptional(text), ports: texts, mark: v.exactOptional(whole) }))),
  raw: v.unknown(),
});

const EngineContainerSchema = v.object({
  engine: v.exactOptional(engineKind),
  engineUid: v.exactOptional(whole),
  id: text,
  name: text,
  image: text,
  state: text,
  status: text,
  networkMode: text,
  labels: textMap,
  networks: v.array(
    v.object({
      networkId: text,
      networkName: text,
      endpointId: text,
      ipv4: v.exactOptional(text),
      ipv6: v.exactOptional(text),
      mac: v.exactOptional(text),
      aliases: v.exactOptional(texts),
    }),
  ),
  ports: v.array(v.object({ privatePort: whole, publicPort: v.exactOptional(whole), ip: v.exactOptional(text), type: text })),
  pid: v.exactOptional(whole),
  sandboxKey: v.exactOptional(text),
  raw: v.unknown(),
});

const PublishedPortsSchema = v.array(v.object({ protocol: text, targetPort: whole, publishedPort: v.exactOptional(whole), publishMode: text }));
const NetworkAddressesSchema = v.array(v.object({ networkId: text, address: text }));

const SwarmServiceSchema = v.object({
  id: text,
  name: text,
  mode: text,
  replicas: v.exactOptional(whole),
  endpointMode: text,
  image: text,
  ports: PublishedPortsSchema,
  virtualAddresses: NetworkAddressesSchema,
  labels: textMap,
});

const SwarmTaskSchema = v.object({
  id: text,
  serviceId: text,
  slot: v.exactOptional(whole),
  nodeId: text,
  state: text,
  desired: text,
  message: v.exactOptional(text),
  containerId: v.exactOptional(text),
  addresses: NetworkAddressesSchema,
  ports: PublishedPortsSchema,
});

const EngineSnapshotSchema = v.object({
  kind: engineKind,
  version: text,
  apiVersion: text,
  name: text,
  further: v.exactOptional(v.array(v.object({ kind: engineKind, version: text, apiVersion: text, name: text, engineUid: v.exactOptional(whole) }))),
  swarm: v.exactOptional(
    v.object({
      nodeId: text,
      nodeAddress: text,
      manager: v.boolean(),
      nodes: v.array(
        v.object({
          id: text,
          hostname: text,
          address: text,
          state: text,
          role: v.exactOptional(text),
          availability: v.exactOptional(text),
          leader: v.exactOptional(v.boolean()),
          reachability: v.exactOptional(text),
        }),
      ),
      services: v.exactOptional(v.array(SwarmServiceSchema)),
      tasks: v.exactOptional(v.array(SwarmTaskSchema)),
    }),
  ),
  machine: v.exactOptional(v.object({ kernel: text, os: v.exactOptional(text), cpus: whole })),
  clusterStore: v.exactOptional(text),
  networks: v.array(EngineNetworkSchema),
  containers: v.array(EngineContainerSchema),
});

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

const integer = v.pipe(v.number(), v.safeInteger());

const OvsPortSchema = v.object({
  uuid: text,
  name: text,
  tag: v.exactOptional(whole),
  trunks: v.array(whole),
  vlanMode: v.exactOptional(text),
  bondMode: v.exactOptional(text),
  interfaces: v.array(
    v.object({
      name: text,
      type: text,
      options: textMap,
      ofport: v.exactOptional(integer),
      adminState: v.exactOptional(text),
      linkState: v.exactOptional(text),
      error: v.exactOptional(text),
      externalIds: textMap,
      mac: v.exactOptional(text),
      mtuBytes: v.exactOptional(integer),
    }),
  ),
});

const OvsSchema = v.object({
  daemon: v.picklist(['running', 'stopped', 'none']),
  bridges: v.array(v.object({ uuid: text, name: text, datapathType: text, failMode: v.exactOptional(text), stp: v.boolean(), externalIds: textMap, ports: v.array(OvsPortSchema) })),
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
