import { present } from '../facts/record';
import type { Link } from '../model/link';
import type { OvsInterface } from '../model/ovs';
import type { HostNode, LinkNode, OvsBridgeNode, OvsPortNode, Sandbox, Topology } from '../model/topology';
import { isOvsDevice } from '../topology/makers';

/*
 * For a diagram, Open vSwitch is drawn as any bridge is: a bar with its ports and tunnels. So the root namespace is shown with an entry for each of its bridges, tunnel and patch
 * ports, which are no network devices and have the index 0, and with the bridge as the master of each port. The model itself has no such devices.
 */

/** Two bars that are joined: a bridge's own device is a port of the other, or a pair of patch ports joins them. */
export interface BarJoint {
  readonly from: string;
  readonly to: string;
  readonly text: string;
}

/**
 * A datapath of the kernel module that no ovs-vswitchd has: Weave's `datapath`, by go-odp. Its ports have its own device as master (netdev_master_upper_dev_link in
 * net/openvswitch/vport-netdev.c), where those of ovs-vswitchd have ovs-system.
 */
const isBareDatapath = ({ link, ovs }: LinkNode, { links }: Sandbox): boolean => link.kind === 'openvswitch' && !ovs && !isOvsDevice(link) && links.some((other) => other.link.master === link.name);

/** The topology with Open vSwitch among the root namespaces' devices; the very same where no host has one. */
export function withOvsDrawn(topology: Topology): Topology {
  return withDatapathsDrawn(topology.ovsBridge.size === 0 ? topology : withBridgesDrawn(topology));
}

function withDatapathsDrawn(topology: Topology): Topology {
  const found = new Map(topology.hosts.flatMap(({ sandboxes }) => sandboxes).flatMap((each) => each.links.filter((node) => isBareDatapath(node, each)).map((node) => [node.id, barOfDatapath(node)] as const)));
  if (found.size === 0) return topology;
  const redrawn = (each: Sandbox): Sandbox => (each.links.some(({ id }) => found.has(id)) ? { ...each, links: each.links.map((node) => found.get(node.id) ?? node) } : each);
  const hosts = topology.hosts.map((host): HostNode => ({ ...host, sandboxes: host.sandboxes.map(redrawn) }));
  return { ...topology, hosts, host: new Map(hosts.map((host) => [host.id, host])), sandbox: new Map(hosts.flatMap(({ sandboxes }) => sandboxes).map((each) => [each.id, each])), link: new Map([...topology.link, ...found]) };
}

const datapathText = 'datapath in the kernel';

function barOfDatapath(node: LinkNode): LinkNode {
  return { ...node, link: { ...node.link, kind: 'bridge', flags: [...new Set([...node.link.flags, 'UP'])], info: { 'Open vSwitch': datapathText, ...node.link.info } } };
}

export const isDrawnDatapath = ({ link }: LinkNode): boolean => link.info?.['Open vSwitch'] === datapathText;

function withBridgesDrawn(topology: Topology): Topology {
  const link = new Map(topology.link);
  const sandbox = new Map(topology.sandbox);
  const hosts = topology.hosts.map((host): HostNode => {
    const root = host.rootSandbox === undefined ? undefined : topology.sandbox.get(host.rootSandbox);
    if (!root || (host.ovs ?? []).length === 0) return host;
    const drawn: Sandbox = { ...root, links: drawnLinks(root, host.ovs ?? []) };
    for (const node of drawn.links) link.set(node.id, node);
    sandbox.set(drawn.id, drawn);
    return { ...host, sandboxes: host.sandboxes.map((each) => (each.id === drawn.id ? drawn : each)) };
  });
  return { ...topology, hosts, host: new Map(hosts.map((host) => [host.id, host])), sandbox, link };
}

/** Joints of a namespace's bars, each once. */
export function barJoints(topology: Topology, sandbox: Sandbox): readonly BarJoint[] {
  const bars = new Map(sandbox.links.filter(({ link }) => link.kind === 'bridge').map(({ id, link }) => [link.name, id]));
  const patches = new Map([...topology.ovsPort.values()].flatMap((node) => node.interfaces.flatMap(({ facts }) => (facts.type === 'patch' && node.sandboxId === sandbox.id ? [[facts.name, { node, peer: facts.options['peer'] }] as const] : []))));
  return [
    ...sandbox.links.flatMap(({ link, ovs }): BarJoint[] => {
      const to = ovs?.bridge === link.name && link.master !== undefined && link.master !== link.name ? bars.get(link.master) : undefined;
      return to === undefined || !ovs ? [] : [{ from: to, to: ovs.bridgeId, text: `${link.name}, the own device of the Open vSwitch bridge of that name, is a port of ${link.master ?? ''}` }];
    }),
    ...pairJoints(topology, sandbox, bars),
    ...[...patches].flatMap(([name, { node, peer }]): BarJoint[] => {
      const far = peer === undefined ? undefined : patches.get(peer);
      return far?.peer === name && peer !== undefined && name < peer && far.node.bridgeId !== node.bridgeId ? [{ from: node.bridgeId, to: far.node.bridgeId, text: `Patch ports ${name} ⇄ ${peer}` }] : [];
    }),
  ];
}

/** A veth pair whose ends are ports of two bars, as Weave's vethwe-bridge ⇄ vethwe-datapath. */
function pairJoints(topology: Topology, sandbox: Sandbox, bars: ReadonlyMap<string, string>): readonly BarJoint[] {
  return sandbox.links.flatMap(({ link, peer }): BarJoint[] => {
    const far = peer?.state === 'resolved' ? topology.link.get(peer.linkId) : undefined;
    const [from, to] = [link, far?.link].map((each) => bars.get(each?.master ?? ''));
    return far?.sandboxId === sandbox.id && from !== undefined && to !== undefined && from !== to && link.ifindex < far.link.ifindex ? [{ from, to, text: `Veth pair ${link.name} ⇄ ${far.link.name}` }] : [];
  });
}

function drawnLinks(root: Sandbox, bridges: readonly OvsBridgeNode[]): readonly LinkNode[] {
  const own = new Map(root.links.map((node) => [node.id, node]));
  const bars = bridges.map((bridge) => ({ bridge, device: bridge.linkId === undefined ? undefined : own.get(bridge.linkId) }));
  const barsOn = (name: string | undefined): readonly LinkNode[] => bars.filter(({ device }) => masterOf(root, device) === name).map(({ bridge, device }) => barOf(root, bridge, device));
  return [
    ...root.links.flatMap((node): readonly LinkNode[] => {
      const { link, ovs } = node;
      // A bar beside the one that its own device is a port of.
      if (link.kind === 'bridge') return [node, ...barsOn(link.name)];
      if (isOvsDevice(link)) return [];
      if (!ovs) return [node];
      if (ovs.bridge === link.name) return masterOf(root, node) === undefined ? [] : [node];
      return [{ ...node, link: { ...link, master: ovs.bridge } }];
    }),
    ...barsOn(undefined),
    ...bridges.flatMap((bridge) => bridge.ports.flatMap((port) => madeUp(root, bridge, port))),
  ];
}

/** The Linux bridge that a bridge's own device is a port of. */
function masterOf(root: Sandbox, device: LinkNode | undefined): string | undefined {
  const master = device?.link.master;
  return master !== undefined && root.links.some(({ link }) => link.kind === 'bridge' && link.name === master) ? master : undefined;
}

function barOf(root: Sandbox, { id, bridge }: OvsBridgeNode, device: LinkNode | undefined): LinkNode {
  const info = present({ 'Open vSwitch': 'bridge', Datapath: bridge.datapathType, 'Fail mode': bridge.failMode, STP: bridge.stp ? 'yes' : undefined });
  const link: Link = {
    ...present<Pick<Link, 'mac'>>({ mac: device?.link.mac }),
    ifindex: 0, name: bridge.name, kind: 'bridge', linkType: 'ether', mtuBytes: device?.link.mtuBytes ?? 1500,
    // What it switches does not depend on its own device, which often is not set up.
    flags: ['UP'], operState: device?.link.operState === 'UP' ? 'UP' : 'UNKNOWN', addresses: device?.link.addresses ?? [], info,
  };
  return { id, sandboxId: root.id, link };
}

/** Tunnels and patch ports, and interfaces whose device is not there. */
function madeUp(root: Sandbox, { id: bridgeId, bridge }: OvsBridgeNode, node: OvsPortNode): readonly LinkNode[] {
  const missing = node.interfaces.filter(({ linkId }) => linkId === undefined);
  return missing.map(({ facts }, at): LinkNode => ({
    id: node.interfaces.length === 1 ? node.id : `${node.id}|${String(at)}`,
    sandboxId: root.id,
    link: interfaceLink(facts, bridge.name),
    ovs: { bridgeId, portId: node.id, bridge: bridge.name, port: node.port.name, type: facts.type },
  }));
}

function interfaceLink({ name, type, options, adminState, linkState, error, mac, mtuBytes }: OvsInterface, master: string): Link {
  const key = options['key'];
  const [local, remote] = [options['local_ip'], options['remote_ip']].map((each) => (each === 'flow' ? undefined : each));
  const isTunnel = options['remote_ip'] !== undefined;
  const up = error === undefined && linkState !== 'down';
  const link: Link = {
    ...present<Pick<Link, 'mac'>>({ mac }),
    ifindex: 0, name, kind: type || 'device', linkType: 'ether', mtuBytes: mtuBytes ?? 0, master, addresses: [],
    flags: up && adminState !== 'down' ? ['UP'] : [], operState: up ? 'UP' : 'DOWN',
  };
  if (!isTunnel) return link;
  return { ...link, tunnel: present<NonNullable<Link['tunnel']>>({ ttl: 0, local, remote, inputKey: options['in_key'] ?? key, outputKey: options['out_key'] ?? key, external: remote === undefined ? true : undefined }) };
}
