import type { LinkNode, Sandbox, Topology, Tunnel } from '../model/topology';
import type { Link } from '../model/link';
import { parseIpv4, parsePrefix } from '../model/ipv4';
import { PlanRefused, type Plan, type TrafficCheck } from './plan';
import { frameCheck, hash, rulesStep } from './planParts';
import { kindName, tunnelKinds, tunnelPorts, type TunnelDevice, type TunnelKind } from './tunnelDevice';
import { seenOvsTunnelPlan } from './seenOvsTunnel';
import { tunnelPicture } from './tunnelPicture';
import { deviceSteps } from './tunnelSteps';

/** `netns-explorer ID`, which a plan leaves on what it makes. @returns undefined for what no plan made */
export function planIdOf(link: Link): string | undefined {
  const alias = link.rest?.['ifalias'];
  return typeof alias === 'string' ? /^netns-explorer ([0-9a-f]{8})$/.exec(alias)?.[1] : undefined;
}

/**
 * A tunnel that is there, as the plan that would make it: with both devices where the other half is known, else with the one. It can be verified,
 * written down for the host's own network configuration, and removed.
 * @throws PlanRefused with one sentence where it cannot be told, such as for one in a container's namespace
 */
export function seenTunnelPlan(topology: Topology, linkId: string): Plan {
  const tunnel = topology.tunnel.get(linkId);
  if (tunnel === undefined) throw new PlanRefused('This tunnel is gone. Read its host again to see what is there now.');
  if (topology.ovsPort.has(linkId)) return seenOvsTunnelPlan(topology, tunnel);
  const own = halfOf(topology, tunnel);
  // A port of Open vSwitch at the far end is none of ours to change with a device of the kernel.
  const far = tunnel.other.state === 'matched' && !topology.ovsPort.has(tunnel.other.linkId) ? topology.tunnel.get(tunnel.other.linkId) : undefined;
  const halves = far === undefined ? [own] : [own, halfOf(topology, far)];
  const checks = halves.flatMap((half) => checkOf(half, halves.find((each) => each !== half)));
  const labels = [own.label, halves[1]?.label ?? tunnel.remote];
  return {
    id: planIdOf(own.node.link) ?? hash(JSON.stringify(halves.map(({ device }) => device))),
    kind: own.device.kind,
    title: `${kindName(own.device.kind)} tunnel ${own.device.name} between ${labels.join(' and ')}`,
    hosts: halves.map(({ device, label }) => ({ hostId: device.hostId, label })),
    preconditions: [],
    steps: halves.flatMap(({ device, node }) => {
      const mark = markOf(node.link);
      // What rules the plan made cannot be told from the scan: they are looked for by their comment.
      return [...deviceSteps(device, mark), ...(mark === undefined ? [] : [rulesStep(device.hostId, mark)])];
    }),
    checks,
    notes: [
      ...(far === undefined ? [`Its other half, at ${tunnel.remote}, is not among what was read: only this one is concerned.`] : []),
      ...(checks.length === 0 ? ['The tunnel has no addresses of its own, so it cannot be verified by ping from its ends.'] : []),
    ],
    devices: halves.map(({ device }) => device),
    picture: tunnelPicture(halves.map(({ device, uplink }) => ({ device, uplink: uplink ?? '?', underlay: device.local ?? 'any address' })), far === undefined ? tunnel.remote : undefined),
  };
}

interface Half {
  readonly device: TunnelDevice;
  readonly node: LinkNode;
  readonly label: string;
  readonly uplink: string | undefined;
}

function markOf(link: Link): string | undefined {
  return planIdOf(link) === undefined ? undefined : (link.rest?.['ifalias'] as string);
}

function halfOf(topology: Topology, tunnel: Tunnel): Half {
  const node = topology.link.get(tunnel.linkId);
  const sandbox = node && topology.sandbox.get(node.sandboxId);
  const host = topology.host.get(tunnel.hostId);
  if (node === undefined || sandbox === undefined || host === undefined) throw new PlanRefused('This tunnel is gone. Read its host again to see what is there now.');
  if (sandbox.id !== host.rootSandbox) throw new PlanRefused(`${node.link.name} lies in the namespace ${sandbox.title} of ${host.label}: plans work on tunnels of the host itself. Enter the namespace for this one.`);
  const kind = tunnelKinds.find((each) => each === tunnel.kind);
  if (kind === undefined || !isIpv4Tunnel(tunnel)) throw new PlanRefused(`${node.link.name} on ${host.label} is a tunnel of kind ${tunnel.kind} to ${tunnel.remote}: plans know ${tunnelKinds.map(kindName).join(', ')} over IPv4.`);
  return { device: deviceOf(node, sandbox, tunnel, kind, host.id), node, label: host.label, uplink: sandbox.links.find(({ link }) => link.addresses.some(({ address }) => address === tunnel.local))?.link.name };
}

function isIpv4Tunnel({ local, remote }: Tunnel): boolean {
  return [local, remote].every((address) => address === undefined || parsePrefix(address) !== undefined);
}

function deviceOf({ link }: LinkNode, sandbox: Sandbox, tunnel: Tunnel, kind: TunnelKind, hostId: string): TunnelDevice {
  const vni = link.vxlan?.vni ?? link.tunnel?.id;
  const port = link.vxlan?.port ?? link.tunnel?.port;
  const ttl = link.tunnel?.ttl;
  const routes = sandbox.record.routes.filter((route) => route.device === link.name && route.family === 'inet' && route.type === 'unicast' && route.protocol !== 'kernel');
  const via = routes.find(({ gateway }) => gateway !== undefined)?.gateway;
  return {
    hostId,
    name: link.name,
    kind,
    ...(tunnel.local !== undefined && { local: tunnel.local }),
    remote: tunnel.remote,
    ...(ttl !== undefined && ttl > 0 && { ttl }),
    ...(link.tunnel?.outputKey !== undefined && { key: keyNumber(link.tunnel.outputKey) }),
    ...(vni !== undefined && { vni }),
    ...(port !== undefined && !Object.values(tunnelPorts).some((each) => each === port) && { port }),
    mtuBytes: link.mtuBytes,
    addresses: link.addresses.filter(({ family }) => family === 'inet').map(({ address, prefixLength }) => `${address}/${String(prefixLength)}`),
    ...(link.master !== undefined && { bridge: link.master }),
    routes: routes.filter(({ gateway }) => gateway === via).map(({ destination }) => destination),
    ...(via !== undefined && { via }),
    forward: false,
  };
}

/** iproute2 prints a GRE key in an IPv4 address's form (tnl_print_key in link_gre.c). */
function keyNumber(text: string): number {
  return parseIpv4(text) ?? Number(text);
}

function checkOf(from: Half, to: Half | undefined): TrafficCheck[] {
  if (to !== undefined && from.device.addresses.length + to.device.addresses.length === 0 && from.device.bridge !== undefined) {
    return [frameCheck(`${from.label} → ${to.label}`, from.device.hostId, from.device.bridge, to.device.hostId, to.device.name)];
  }
  const own = from.device.addresses[0]?.split('/')[0];
  const far = to?.device.addresses[0]?.split('/')[0];
  if (own === undefined || far === undefined || to === undefined) return [];
  return [{ hostId: from.device.hostId, direction: `${from.label} → ${to.label}`, from: own, to: far, mtuBytes: Math.min(from.device.mtuBytes, to.device.mtuBytes) }];
}
