import * as v from 'valibot';
import { text, textMap, texts, whole } from './primitives';

/* What a container engine tells. */

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

export const EngineSnapshotSchema = v.object({
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
