import * as v from 'valibot';
import type { EngineEndpoint, EngineNetwork, EngineService, EngineSubnet, EngineTask } from '../model/engine';
import { tamed } from './record';

/*
 * GET /networks/{id}?verbose=true (Docker Engine API 1.24 and newer, "NetworkInspect"; Podman leaves out much of it).
 * A field that is missing or of another type counts as empty: one odd field must not hide a network.
 */

const text = v.fallback(v.string(), '');
const flag = v.fallback(v.boolean(), false);
const textMap = v.fallback(v.record(v.string(), v.fallback(v.string(), '')), {});

const ContainerSchema = v.object({ Name: text, EndpointID: text, MacAddress: text, IPv4Address: text, IPv6Address: text });

const TaskSchema = v.object({
  Name: text,
  EndpointID: text,
  EndpointIP: text,
  Info: v.fallback(v.object({ 'Host IP': text }), { 'Host IP': '' }),
});

const ServiceSchema = v.object({
  VIP: text,
  Ports: v.fallback(v.array(v.string()), []),
  LocalLBIndex: v.fallback(v.pipe(v.number(), v.safeInteger(), v.minValue(0)), 0),
  Tasks: v.fallback(v.array(TaskSchema), []),
});

const NetworkSchema = v.object({
  Id: v.pipe(v.string(), v.nonEmpty()),
  Name: text,
  Driver: text,
  Scope: text,
  Internal: flag,
  Attachable: flag,
  Ingress: flag,
  IPAM: v.fallback(v.object({ Config: v.fallback(v.array(v.object({ Subnet: text, Gateway: text, IPRange: text, AuxiliaryAddresses: textMap })), []) }), { Config: [] }),
  Options: textMap,
  Labels: textMap,
  Containers: v.fallback(v.record(v.string(), ContainerSchema), {}),
  Peers: v.fallback(v.array(v.object({ Name: text, IP: text })), []),
  Services: v.fallback(v.record(v.string(), ServiceSchema), {}),
});

function subnetOf({ Subnet, Gateway, IPRange, AuxiliaryAddresses }: v.InferOutput<typeof NetworkSchema>['IPAM']['Config'][number]): EngineSubnet {
  return { subnet: Subnet, ...(Gateway !== '' && { gateway: Gateway }), ...(IPRange !== '' && { range: IPRange }), ...(Object.keys(AuxiliaryAddresses).length > 0 && { auxiliary: AuxiliaryAddresses }) };
}

/** @returns undefined for what is no network record (it has no id). */
export function parseEngineNetwork(raw: unknown): EngineNetwork | undefined {
  const result = v.safeParse(NetworkSchema, raw);
  if (!result.success) return undefined;
  const network = result.output;
  const services = Object.entries(network.Services).filter(([name]) => name !== '').map(([name, service]) => serviceOf(name, service));
  return {
    id: network.Id,
    name: network.Name,
    driver: network.Driver,
    scope: network.Scope,
    internal: network.Internal,
    attachable: network.Attachable,
    ingress: network.Ingress,
    subnets: network.IPAM.Config.filter(({ Subnet }) => Subnet !== '').map(subnetOf),
    vnis: vnisOf(network.Options['com.docker.network.driver.overlay.vxlanid_list'] ?? ''),
    options: network.Options,
    labels: network.Labels,
    endpoints: Object.entries(network.Containers).map(([id, container]) => endpointOf(id, container)),
    peers: network.Peers.filter(({ IP }) => IP !== '').map(({ Name, IP }) => ({ name: Name, address: IP })),
    tasks: Object.entries(network.Services).flatMap(([service, { Tasks }]) => Tasks.map((task) => taskOf(service, task))),
    ...(services.length > 0 && { services }),
    raw: tamed(raw),
  };
}

/** "4097,4098": one VNI per subnet. */
function vnisOf(list: string): number[] {
  return list
    .split(',')
    .filter((part) => /^\d{1,8}$/.test(part.trim()))
    .map(Number);
}

function endpointOf(containerId: string, container: v.InferOutput<typeof ContainerSchema>): EngineEndpoint {
  return {
    containerId,
    name: container.Name,
    endpointId: container.EndpointID,
    ...(container.MacAddress !== '' && { mac: container.MacAddress.toLowerCase() }),
    ...(container.IPv4Address !== '' && { ipv4: container.IPv4Address }),
    ...(container.IPv6Address !== '' && { ipv6: container.IPv6Address }),
  };
}

/** Go prints an address that is none as "<nil>". */
function serviceOf(name: string, { VIP, Ports, LocalLBIndex }: v.InferOutput<typeof ServiceSchema>): EngineService {
  return { name, ...(VIP !== '' && VIP !== '<nil>' && { virtualAddress: VIP }), ports: Ports, ...(LocalLBIndex !== 0 && { mark: LocalLBIndex }) };
}

function taskOf(service: string, task: v.InferOutput<typeof TaskSchema>): EngineTask {
  return { service, name: task.Name, endpointId: task.EndpointID, ip: task.EndpointIP, hostAddress: task.Info['Host IP'] };
}
