import * as v from 'valibot';
import { FdbEntrySchema, LinkSchema, NeighbourSchema, RouteSchema } from './networkStack';
import { key, text, texts, whole } from './primitives';

/* Namespaces, and the processes that are in them or hold them. */

const HolderSchema = v.object({ pid: whole, comm: v.exactOptional(text), id: whole });

const ProcessSchema = v.object({ pid: whole, comm: text, startTicks: whole, parent: v.exactOptional(whole), cgroup: text });

export const NestedEngineSchema = v.object({
  engine: v.picklist(['docker', 'podman', 'containerd', 'cri-o']),
  process: ProcessSchema,
  namespace: key,
  mountNamespace: whole,
  pidNamespace: whole,
  hostname: v.exactOptional(text),
  sockets: texts,
});

export const NamespaceRecordSchema = v.object({
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
