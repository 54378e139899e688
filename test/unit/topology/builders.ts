import type { EngineContainer, EngineNetwork, EngineSnapshot } from '../../../src/core/model/engine';
import type { Link } from '../../../src/core/model/link';
import type { NamespaceRecord, Snapshot } from '../../../src/core/model/snapshot';

/** Made-up parts of snapshots, as small as a test needs them. */
export const aLink = (ifindex: number, more: Partial<Link> = {}): Link => ({
  ifindex,
  name: `l${String(ifindex)}`,
  linkType: 'ether',
  mtuBytes: 1500,
  flags: ['UP'],
  operState: 'UP',
  addresses: [],
  ...more,
});

export const aVeth = (ifindex: number, peerIfindex: number, linkNetnsId: number | undefined, more: Partial<Link> = {}): Link =>
  aLink(ifindex, { kind: 'veth', peerIfindex, ...(linkNetnsId !== undefined && { linkNetnsId }), ...more });

export const aNamespace = (inode: number, more: Partial<NamespaceRecord> = {}): NamespaceRecord => ({
  key: `4:${String(inode)}`,
  inode,
  device: 4,
  paths: [],
  processCount: 0,
  processes: [],
  links: [],
  routes: [],
  neighbours: [],
  fdb: [],
  read: 'full',
  ...more,
});

export const anId = (text: string): string => text.padEnd(64, '0');

export const aContainer = (id: string, more: Partial<EngineContainer> = {}): EngineContainer => ({
  id: anId(id),
  name: `c-${id}`,
  image: 'image',
  state: 'running',
  status: 'Up',
  networkMode: 'bridge',
  labels: {},
  networks: [],
  ports: [],
  raw: undefined,
  ...more,
});

export const aNetwork = (id: string, more: Partial<EngineNetwork> = {}): EngineNetwork => ({
  id,
  name: `n-${id}`,
  driver: 'bridge',
  scope: 'local',
  internal: false,
  attachable: false,
  ingress: false,
  subnets: [],
  vnis: [],
  options: {},
  labels: {},
  endpoints: [],
  peers: [],
  tasks: [],
  raw: undefined,
  ...more,
});

export const anEngine = (networks: readonly EngineNetwork[], containers: readonly EngineContainer[], more: Partial<EngineSnapshot> = {}): EngineSnapshot => ({
  kind: 'docker',
  version: '20.10',
  apiVersion: '1.41',
  name: 'node',
  networks,
  containers,
  ...more,
});

export const aSnapshot = (namespaces: readonly NamespaceRecord[], engine?: EngineSnapshot, more: Partial<Snapshot> = {}): Snapshot => ({
  version: 1,
  hostId: 'local',
  takenAt: '2026-01-01T00:00:00.000Z',
  durationMs: 1,
  host: { hostname: 'node', kernel: 'Linux', cpus: 2, uid: 0, privilege: 'root', ip: 'json', tools: [], initNamespace: '4:1', ownNamespace: '4:1' },
  namespaces,
  ...(engine && { engine }),
  errors: [],
  ...more,
});

export const processIn = (cgroup: string, pid: number, startTicks = pid): NamespaceRecord['processes'][number] => ({ pid, comm: 'app', startTicks, cgroup });
