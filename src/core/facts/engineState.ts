import * as v from 'valibot';
import type { EngineMachine } from '../model/engine';
import type { SwarmFacts, SwarmNode } from '../model/swarm';
import { withoutLogin } from './storeAddress';

/* GET /version, GET /info and GET /events (Docker Engine API 1.24 and newer). What is missing counts as empty. */

const text = v.fallback(v.string(), '');

const VersionSchema = v.object({
  Version: text,
  ApiVersion: text,
  Components: v.fallback(v.array(v.object({ Name: text })), []),
});

export interface EngineVersion {
  readonly kind: 'docker' | 'podman';
  readonly version: string;
  readonly apiVersion: string;
}

/** @returns undefined for what no engine answers. */
export function parseEngineVersion(raw: unknown): EngineVersion | undefined {
  const result = v.safeParse(VersionSchema, raw);
  if (!result.success || result.output.ApiVersion === '') return undefined;
  const { Version, ApiVersion, Components } = result.output;
  const podman = Components.some(({ Name }) => /podman/i.test(Name));
  return { kind: podman ? 'podman' : 'docker', version: Version, apiVersion: ApiVersion };
}

const InfoSchema = v.object({
  Name: text,
  OSType: text,
  KernelVersion: text,
  Architecture: text,
  OperatingSystem: text,
  NCPU: v.fallback(v.pipe(v.number(), v.safeInteger(), v.minValue(0)), 0),
  ClusterStore: text,
  Swarm: v.fallback(
    v.object({ NodeID: text, NodeAddr: text, LocalNodeState: text, ControlAvailable: v.fallback(v.boolean(), false) }),
    { NodeID: '', NodeAddr: '', LocalNodeState: '', ControlAvailable: false },
  ),
});

export interface EngineInfo {
  readonly name: string;
  /** Undefined where the engine is in no swarm. `nodes` holds this one alone. */
  readonly swarm?: SwarmFacts;
  readonly machine?: EngineMachine;
  readonly clusterStore?: string;
}

export function parseEngineInfo(raw: unknown): EngineInfo {
  const result = v.safeParse(InfoSchema, raw);
  if (!result.success) return { name: '' };
  const { Name, Swarm, OSType, KernelVersion, Architecture, OperatingSystem, NCPU, ClusterStore } = result.output;
  // "linux" there is what uname calls "Linux".
  const system = OSType.replace(/^[a-z]/, (letter) => letter.toUpperCase());
  const kernel = [system, KernelVersion, Architecture].filter((word) => word !== '').join(' ');
  const machine: EngineMachine | undefined = KernelVersion === '' ? undefined : { kernel, ...(OperatingSystem !== '' && { os: OperatingSystem }), cpus: NCPU };
  const info: EngineInfo = { name: Name, ...(machine && { machine }), ...(ClusterStore !== '' && { clusterStore: withoutLogin(ClusterStore) }) };
  if (Swarm.NodeID === '') return info;
  // "active" is the node's own word for what the node list calls "ready" (api/types/swarm).
  const state = Swarm.LocalNodeState === 'active' ? 'ready' : Swarm.LocalNodeState;
  const self: SwarmNode = { id: Swarm.NodeID, hostname: Name, address: Swarm.NodeAddr, state };
  return { ...info, swarm: { nodeId: Swarm.NodeID, nodeAddress: Swarm.NodeAddr, manager: Swarm.ControlAvailable, nodes: [self] } };
}

const EventSchema = v.object({
  Type: v.pipe(v.string(), v.nonEmpty()),
  Action: v.pipe(v.string(), v.nonEmpty()),
  Actor: v.fallback(v.object({ ID: text, Attributes: v.fallback(v.record(v.string(), text), {}) }), { ID: '', Attributes: {} }),
});

/** One line of GET /events. @returns undefined for what is no event. */
export function parseEngineEvent(raw: unknown): { type: string; action: string; id: string; attributes: Record<string, string> } | undefined {
  const result = v.safeParse(EventSchema, raw);
  if (!result.success) return undefined;
  const { Type, Action, Actor } = result.output;
  return { type: Type, action: Action, id: Actor.ID, attributes: Actor.Attributes };
}
