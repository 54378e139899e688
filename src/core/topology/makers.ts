import type { Link } from '../model/link';
import type { LinkNode, Sandbox, Topology } from '../model/topology';
import { backendOf } from './flannel';

/** Who made a device, as far as its name, kind and numbers tell, and the facts that say so. Hostile text: names of devices are in it. */
export interface Maker {
  /** `Weave`, `flannel`, `a CNI bridge plug-in`, … */
  readonly name: string;
  readonly evidence: readonly string[];
}

interface Place {
  readonly link: Link;
  readonly sandbox: Sandbox;
  /** What it is to Open vSwitch. */
  readonly ovs?: LinkNode['ovs'];
}

/** Facts that hold together for one maker; undefined where they do not. */
type Rule = (place: Place) => Maker | undefined;

/** Devices that Open vSwitch has one of for a whole host: lib/dpif-netlink.c, lib/dpif-netdev.c, and vport names of lib/dpif-netlink-rtnl.c. */
const ovsDevices = /^(ovs-(system|netdev)|(gre|ip6gre|erspan|ip6erspan|gtpu)_sys|(vxlan|genev)_sys_\d+)$/;

export const isOvsDevice = ({ name }: Pick<Link, 'name'>): boolean => ovsDevices.test(name);

const made = (name: string, ...evidence: readonly (string | undefined)[]): Maker => ({ name, evidence: evidence.filter((each) => each !== undefined) });
const named = ({ name }: Link, kind: string | undefined): string => (kind === undefined ? `its name is ${name}` : `${kind} named ${name}`);

/**
 * Names and numbers are those of each program's source: Weave Net's net/bridge.go and net/veth.go (`weave`, `datapath`, `vethwe-*`, `vethwepl*`, VXLAN on
 * UDP 6784), flannel's pkg/backend (`flannel.VNI`, TUN `flannelN`, VXLAN on UDP 8472), Calico's felix (`cali` + 11 hexadecimal digits, `tunl0`, `vxlan.calico`), Cilium's
 * daemon (`cilium_*`, `lxc*`), the CNI bridge plug-in's default `cni0`, kube-proxy's `kube-ipvs0`, libnetwork's bridges. Below: pipework's `vIFNAMEplPID`, and `tapPID` of the start-container.sh
 * that tutorials on Open vSwitch with Docker hand around.
 */
const rules: readonly Rule[] = [
  ({ link }) => (link.name === 'weave' && (link.kind === 'bridge' || link.kind === 'openvswitch') ? made('Weave', named(link, link.kind)) : undefined),
  ({ link }) => (/^vethwe/.test(link.name) && link.kind === 'veth' ? made('Weave', named(link, 'veth'), link.master === 'weave' || link.master === 'datapath' ? `it is a port of ${link.master}` : undefined) : undefined),
  ({ link }) => (/^ethwe\d*$/.test(link.name) && link.kind === 'veth' ? made('Weave', named(link, 'veth')) : undefined),
  ({ link }) => (link.name === 'datapath' && link.kind !== 'bridge' ? made('Weave', 'its name is datapath, that of Weave\'s Open vSwitch datapath', link.kind === 'openvswitch' ? 'it is a datapath of Open vSwitch\'s kernel module' : undefined) : undefined),
  ({ link }) => (/^vxlan-\d+$/.test(link.name) && link.vxlan?.port === 6784 ? made('Weave', named(link, 'VXLAN'), 'it uses UDP port 6784') : link.name === 'vxlan-6784' ? made('Weave', named(link, link.kind)) : undefined),
  ({ link, ovs }) => (ovs?.type === 'internal' ? made('Open vSwitch', ovs.bridge === link.name ? 'it is the own device of the Open vSwitch bridge of that name' : `it is an internal port of the Open vSwitch bridge ${ovs.bridge}`) : undefined),
  ({ link }) => (link.kind === 'openvswitch' || isOvsDevice(link) ? made('Open vSwitch', named(link, link.kind)) : undefined),
  ({ link, sandbox }) => {
    const backend = backendOf(link);
    if (backend === undefined) return undefined;
    const kind = { vxlan: 'VXLAN', udp: 'TUN' }[backend as string] ?? link.kind;
    return made(`flannel (${backend})`, named(link, kind), link.vxlan && `VNI ${String(link.vxlan.vni)}, UDP port ${String(link.vxlan.port)}`, routesBy(sandbox, link, backend !== 'vxlan'));
  },
  ({ link }) => (/^(docker_gwbridge|docker0)$/.test(link.name) && link.kind === 'bridge' ? made(link.name === 'docker0' ? 'Docker (default bridge)' : 'Docker (gateway bridge of overlays)', named(link, 'bridge')) : undefined),
  ({ link }) => (link.kind === 'bridge' && /^(cni|cbr)\d+$/.test(link.name) ? made(link.name.startsWith('cbr') ? 'kubenet' : 'the CNI bridge plug-in', named(link, 'bridge')) : undefined),
  ({ link }) => (link.kind === 'bridge' && /^cni-podman\d+$/.test(link.name) ? made('Podman (CNI)', named(link, 'bridge')) : link.kind === 'bridge' && /^podman\d+$/.test(link.name) ? made('Podman (netavark)', named(link, 'bridge')) : undefined),
  ({ link, sandbox }) => (link.kind === 'veth' && /^cali[0-9a-f]{11}$/.test(link.name) ? made('Calico', named(link, 'veth'), hostRoute(sandbox, link)) : undefined),
  ({ link }) => (link.name === 'vxlan.calico' && link.vxlan ? made('Calico', named(link, 'VXLAN'), `VNI ${String(link.vxlan.vni)}`) : undefined),
  ({ link }) => (/^cilium_(host|net|vxlan|geneve|wg0)$/.test(link.name) ? made('Cilium', named(link, link.kind)) : undefined),
  ({ link }) => (link.kind === 'veth' && (/^lxc[0-9a-f]{12}$/.test(link.name) || link.name === 'lxc_health') ? made('Cilium', named(link, 'veth')) : undefined),
  ({ link }) => (link.kind === 'dummy' && link.name === 'kube-ipvs0' ? made('kube-proxy (IPVS)', named(link, 'dummy'), `${String(link.addresses.length)} service addresses`) : link.kind === 'dummy' && link.name === 'nodelocaldns' ? made('Kubernetes node-local DNS', named(link, 'dummy')) : undefined),
  ({ link }) => (link.kind === 'bridge' && /^virbr\d+$/.test(link.name) ? made('libvirt', named(link, 'bridge')) : link.kind === 'bridge' && /^(lxcbr|lxdbr|incusbr)\d+$/.test(link.name) ? made(/^lxcbr/.test(link.name) ? 'LXC' : /^lxd/.test(link.name) ? 'LXD' : 'Incus', named(link, 'bridge')) : undefined),
];

/** What made a device, or undefined where nothing says it. */
export function makerOf(topology: Pick<Topology, 'sandbox' | 'link' | 'network' | 'endpoint' | 'container' | 'host'>, node: LinkNode): Maker | undefined {
  const sandbox = topology.sandbox.get(node.sandboxId);
  if (!sandbox) return undefined;
  for (const rule of rules) {
    const maker = rule({ link: node.link, sandbox, ovs: node.ovs });
    if (maker) return maker;
  }
  const network = topology.host.get(sandbox.hostId)?.networks.find(({ bridgeLinkId }) => bridgeLinkId === node.id);
  if (network) return made((network.engine.engine ?? topology.host.get(sandbox.hostId)?.snapshot.engine?.kind) === 'podman' ? 'Podman' : 'Docker', `it is the bridge of the network ${network.name}`);
  return node.link.kind === 'veth' ? vethMaker(topology, node, sandbox) : undefined;
}

/** A veth is whose its other end is: the engine gave endpoints the ends that it made, so a container's other veths were made by hand or by a script. */
function vethMaker(topology: Pick<Topology, 'sandbox' | 'link' | 'endpoint' | 'container' | 'host'>, node: LinkNode, sandbox: Sandbox): Maker | undefined {
  const far = node.peer?.state === 'resolved' ? topology.link.get(node.peer.linkId) : undefined;
  const farSandbox = far && topology.sandbox.get(far.sandboxId);
  for (const [end, other] of [[node, far], [far, node]] as const) {
    const maker = end && other && rules.slice(0, 3).map((rule) => rule({ link: end.link, sandbox: end === node ? sandbox : (farSandbox ?? sandbox) })).find((each) => each);
    if (maker) return { ...maker, evidence: [...maker.evidence, ...(end === far ? [`its other end is ${far.link.name}`] : [])] };
  }
  // A container of the network `host` has no namespace of its own.
  const isContainers = ({ role, containers }: Sandbox): boolean => role !== 'root' && containers.length > 0;
  const inside = isContainers(sandbox) ? { node, sandbox, far } : far && farSandbox && isContainers(farSandbox) ? { node: far, sandbox: farSandbox, far: node } : undefined;
  if (!inside) return undefined;
  const containers = inside.sandbox.containers.flatMap((id) => topology.container.get(id) ?? []);
  const endpoints = containers.flatMap((container) => container.endpoints.flatMap((id) => topology.endpoint.get(id) ?? []));
  if (endpoints.some(({ linkId }) => linkId === inside.node.id)) return undefined;
  // libnetwork gives a container on an overlay a second device, which no network record of it names.
  if (inside.far?.link.master === 'docker_gwbridge') return made('Docker', 'its other end is a port of docker_gwbridge');
  // An endpoint whose device was not found, or an engine's record that could not be read, may be this one.
  if (containers.length === 0 || endpoints.some(({ linkId, mac, ipv4, ipv6 }) => linkId === undefined && (mac ?? ipv4 ?? ipv6) !== undefined)) return undefined;
  const outer = inside.far?.link.name ?? '';
  const nothing = `no network of the engine has this device of ${inside.sandbox.title}`;
  const pid = Number(/(?:^tap|^v.{1,10}pl)(\d+)/.exec(outer)?.[1]);
  const process = inside.sandbox.record.processes.some((each) => each.pid === pid) ? `${String(pid)} is a process in ${inside.sandbox.title}` : undefined;
  const port = inside.far?.ovs && `that is a port of the Open vSwitch bridge ${inside.far.ovs.bridge}`;
  if (/^v.{1,10}pl\d+/.test(outer)) return made('pipework', `its end on the host is ${outer}, as pipework names it`, process, port, nothing);
  if (/^tap\d+$/.test(outer)) return made('a start-container.sh script', `its end on the host is a veth named ${outer}, as that script names it`, process, port, nothing);
  return made('no engine', nothing, outer === '' ? undefined : `its other end is ${outer}`, port);
}

/** Without a gateway: routes that the device's own addresses did not make. */
function routesBy(sandbox: Sandbox, link: Link, direct = false): string | undefined {
  const count = sandbox.record.routes.filter(({ device, type, gateway, protocol, table }) => device === link.name && type === 'unicast' && (gateway !== undefined || (direct && protocol !== 'kernel' && table === 'main'))).length;
  return count === 0 ? undefined : `${String(count)} ${count === 1 ? 'route leads' : 'routes lead'} to other hosts through it`;
}

function hostRoute(sandbox: Sandbox, link: Link): string | undefined {
  const route = sandbox.record.routes.find(({ device, table, destination }) => device === link.name && table === 'main' && destination !== 'default');
  return route && `the route to ${route.destination} leads into it`;
}

/** What made which device, of the hosts of a topology that were asked for; hostile text. The namespace is its key. */
export interface MadeDevice extends Maker {
  readonly namespace: string;
  readonly device: string;
}

/** Of one host, in the order of its namespaces and devices: what is worth telling. */
export function madeDevices(topology: Topology, hostId: string): readonly MadeDevice[] {
  return (topology.host.get(hostId)?.sandboxes ?? []).flatMap((sandbox) =>
    sandbox.links.flatMap((node) => {
      const maker = makerOf(topology, node);
      return maker === undefined || !isWorthTelling(maker) ? [] : [{ namespace: sandbox.key, device: node.link.name, ...maker }];
    }),
  );
}

/** `Weave (bridge named weave)`. Hostile text. */
export function makerText({ name, evidence }: Maker): string {
  return `${name} (${evidence.join('; ')})`;
}

/** Whether a maker is worth a word where there is little room: what the engine made is told by its networks already. */
export function isWorthTelling({ name }: Maker): boolean {
  return !/^(Docker|Podman)/.test(name);
}
