import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as LabClient from '../../../lab/client.mjs';
import type * as LabPlanes from '../../../lab/dataPlanes.mjs';
import type * as LabDind from '../../../lab/dind.mjs';
import type * as LabStores from '../../../lab/stores.mjs';
import type * as LabPodman from '../../../lab/podman.mjs';
import type * as LabHeldIp from '../../../lab/heldIp.mjs';
import type * as LabOvs from '../../../lab/ovs.mjs';
import type * as LabRuntimes from '../../../lab/runtimes.mjs';
import type * as LabTls from '../../../lab/tlsEngine.mjs';

/** The lab's own way into its hosts: nothing of the extension is in it, so what it says is an independent truth. */
export interface LabAccess {
  readonly lab: LabClient.Lab;
  /** Runs a program on a host, in all of its namespaces; a non-zero exit is an error. */
  readonly run: (host: LabClient.LabHostName, argv: readonly [string, ...string[]]) => Promise<string>;
  /** A line for the host's `sh`, whose exit status does not matter. */
  readonly sh: (host: LabClient.LabHostName, script: string) => Promise<string>;
  /** What starts and builds Open vSwitch on the hosts. */
  readonly ovs: typeof LabOvs;
  /** What builds the data planes of Weave, flannel and pipework. */
  readonly planes: typeof LabPlanes;
  /** What starts LXC, systemd-nspawn, Podman and containerd. */
  readonly runtimes: typeof LabRuntimes;
  /** What starts Docker in Docker on them. */
  readonly dind: typeof LabDind;
  /** What starts an etcd, and an engine that keeps its overlay there. */
  readonly stores: typeof LabStores;
  /** What starts Podman on them. */
  readonly podman: typeof LabPodman;
  /** What stops a plan in the middle. */
  readonly held: typeof LabHeldIp;
  /** What starts an engine behind TLS. */
  readonly tls: typeof LabTls;
  readonly engine: (host: 'node1' | 'node2', action: 'start' | 'stop' | 'kill') => Promise<void>;
}

let access: Promise<LabAccess> | undefined;

/** The lab that NETNS_LAB_STATE names. Its modules are files of the project, found at run time: the suite is bundled elsewhere. */
export function useLab(): Promise<LabAccess> {
  access ??= open();
  return access;
}

async function open(): Promise<LabAccess> {
  const project = process.env.NETNS_PROJECT;
  if (project === undefined) throw new Error('NETNS_PROJECT is not set: start this suite by "npm run test:e2e".');
  const client = (await import(pathToFileURL(join(project, 'test/lab/client.mjs')).href)) as typeof LabClient;
  const ovs = (await import(pathToFileURL(join(project, 'test/lab/ovs.mjs')).href)) as typeof LabOvs;
  const dind = (await import(pathToFileURL(join(project, 'test/lab/dind.mjs')).href)) as typeof LabDind;
  const planes = (await import(pathToFileURL(join(project, 'test/lab/dataPlanes.mjs')).href)) as typeof LabPlanes;
  const runtimes = (await import(pathToFileURL(join(project, 'test/lab/runtimes.mjs')).href)) as typeof LabRuntimes;
  const stores = (await import(pathToFileURL(join(project, 'test/lab/stores.mjs')).href)) as typeof LabStores;
  const podman = (await import(pathToFileURL(join(project, 'test/lab/podman.mjs')).href)) as typeof LabPodman;
  const held = (await import(pathToFileURL(join(project, 'test/lab/heldIp.mjs')).href)) as typeof LabHeldIp;
  const tls = (await import(pathToFileURL(join(project, 'test/lab/tlsEngine.mjs')).href)) as typeof LabTls;
  const lab = await client.currentLab();
  return {
    lab,
    ovs,
    planes,
    runtimes,
    dind,
    stores,
    podman,
    held,
    tls,
    run: async (host, argv) => (await client.execOn(lab, host, argv)).stdout,
    sh: async (host, script) => (await client.execOn(lab, host, ['sh', '-c', script], { check: false })).stdout,
    engine: (host, action) => client.controlEngine(lab, host, action),
  };
}
