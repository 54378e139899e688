import type { OvsPortNode, Topology, Tunnel } from '../model/topology';
import { PlanRefused, type Argv, type Plan, type PlanStep } from './plan';
import { hash, script } from './planParts';

/**
 * A tunnel port of Open vSwitch that is there, as the plan that would make it, with its other half where that is one too. It has no addresses, so nothing is sent to verify it.
 * @throws PlanRefused with one sentence where it cannot be told
 */
export function seenOvsTunnelPlan(topology: Topology, tunnel: Tunnel): Plan {
  const far = tunnel.other.state === 'matched' ? topology.tunnel.get(tunnel.other.linkId) : undefined;
  const ports = [tunnel, ...(far === undefined ? [] : [far])].flatMap(({ linkId }) => topology.ovsPort.get(linkId) ?? []);
  const [own] = ports;
  if (own === undefined) throw new PlanRefused('This tunnel is gone. Read its host again to see what is there now.');
  const label = (hostId: string): string => topology.host.get(hostId)?.label ?? hostId;
  const steps = ports.map((port) => portStep(topology, port));
  return {
    id: markOf(own) ?? hash(JSON.stringify(steps)),
    kind: `ovs-${tunnel.kind}`,
    title: `${tunnel.kind} port ${own.port.name} of Open vSwitch between ${label(own.hostId)} and ${ports[1] === undefined ? tunnel.remote : label(ports[1].hostId)}`,
    hosts: ports.map(({ hostId }) => ({ hostId, label: label(hostId) })),
    preconditions: [],
    steps,
    checks: [],
    notes: ['A port has no addresses: whether traffic passes is seen from what is on its switch.', ...(far === undefined || ports.length === 2 ? [] : ['Its other half is a device of the kernel, and stays.'])],
  };
}

function markOf({ interfaces }: OvsPortNode): string | undefined {
  const id = interfaces[0]?.facts.externalIds['netns-explorer'];
  return id !== undefined && /^[0-9a-f]{8}$/.test(id) ? id : undefined;
}

function portStep(topology: Topology, { hostId, bridgeId, port, interfaces }: OvsPortNode): PlanStep {
  const bridge = topology.ovsBridge.get(bridgeId)?.bridge.name ?? '';
  const { name } = port;
  const [first] = interfaces;
  const facts = first?.facts;
  const settings = [`type=${facts?.type ?? ''}`, ...Object.entries(facts?.options ?? {}).map(([key, value]) => `options:${key}=${JSON.stringify(value)}`)];
  const mark = first?.facts.externalIds['netns-explorer'];
  const argv: Argv = ['ovs-vsctl', '--timeout=10', 'add-port', bridge, name, '--', 'set', 'Interface', name, ...settings, ...(mark === undefined ? [] : [`external_ids:netns-explorer=${JSON.stringify(mark)}`])];
  return { hostId, what: `the port ${name} of ${bridge}`, argv, undo: ['ovs-vsctl', '--timeout=10', '--if-exists', 'del-port', bridge, name], done: script('[ "$(ovs-vsctl --timeout=5 port-to-br "$1" 2>/dev/null)" = "$2" ]', name, bridge) };
}
