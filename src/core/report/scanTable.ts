import { containerId } from '../model/ids';
import { compareNames } from '../model/nameOrder';
import type { EngineMark } from '../model/engine';
import type { NamespaceRecord } from '../model/snapshot';
import type { Container, Endpoint, HostNode, Network, Sandbox, Topology } from '../model/topology';
import { composeRemarks } from '../topology/compose';
import { flannelOf, flannelText } from '../topology/flannel';
import { madeDevices } from '../topology/makers';
import { table } from './columns';
import { printable, shownName } from './printable';
import { engineMarkText, engineText, isEngineUnread } from './engineText';
import { ovsBridgeRows } from './ovsText';
import { serviceRows, swarmNodeRows } from './swarmText';
import { otherHalfText, tunnelName, tunnelPath } from './tunnelText';

/** A scan for a person to read: per host its networks with their endpoints, its namespaces and its containers, in columns. Ends with a newline. */
export function scanTable(topology: Topology): string {
  return `${topology.hosts.map((host) => hostLines(topology, host).join('\n')).join('\n\n')}\n`;
}

function hostLines(topology: Topology, host: HostNode): string[] {
  const networks = byProject(host.networks);
  const containers = byProject(host.containers);
  const { engine } = host.snapshot;
  // Of a host with several engines alone.
  const engineCell = (marked: EngineMark, first = true): readonly string[] => (engine?.further === undefined ? [] : [first ? (engineMarkText(marked) ?? engine.kind) : '']);
  const withProject = (heading: readonly string[], things: readonly Composed[]): readonly string[] => [...(engine?.further === undefined ? [] : ['ENGINE']), ...(things.some(({ compose }) => compose) ? ['PROJECT'] : []), ...heading];
  return [
    headline(host),
    ...section(
      'Networks',
      withProject(['NETWORK', 'DRIVER', 'SUBNET', 'VNI', 'NAMESPACE', 'ENDPOINT', 'IP', 'MAC'], networks),
      networks.flatMap((network) => networkRows(topology, network).map((row, at) => [...engineCell(network.engine, at === 0), ...projectCell(network, networks, at === 0), ...row])),
    ),
    ...composeSection(host),
    ...swarmSections(topology, host),
    ...section('Namespaces', ['INODE', 'ROLE', 'NAME', 'PROCESSES', 'LINKS', 'PATHS'], host.sandboxes.map(sandboxRow)),
    ...ovsSection(topology, host),
    ...tunnelSection(topology, host),
    ...makerSection(topology, host),
    ...flannelLines(topology, host),
    ...nestedSection(topology, host),
    ...section(
      'Containers',
      withProject(['CONTAINER', 'STATE', 'IMAGE', 'NETWORK MODE', 'NAMESPACE'], containers),
      containers.map((container) => [...engineCell(container.engine), ...projectCell(container, containers, true), ...containerRow(topology, container)]),
    ),
  ];
}

/** Only where there are tunnels: few hosts have any. */
function tunnelSection(topology: Topology, host: HostNode): readonly string[] {
  const rows = [...topology.tunnel.values()]
    .filter(({ hostId }) => hostId === host.id)
    .map((tunnel) => [printable(tunnelName(topology, tunnel.linkId)), printable(tunnel.kind), printable(tunnelPath(tunnel)), printable(otherHalfText(tunnel, topology))]);
  return rows.length === 0 ? [] : section('Tunnels', ['DEVICE', 'KIND', 'FROM → TO', 'OTHER HALF'], rows);
}

/** Only where something of a Compose project does not fit its files. */
function composeSection(host: HostNode): readonly string[] {
  const rows = composeRemarks(host).map(({ project, network, remark }) => [project, network || '-', remark].map((cell) => printable(cell)));
  return rows.length === 0 ? [] : section('Not as the Compose file says', ['PROJECT', 'NETWORK', 'WHY'], rows);
}

/** Only of a manager. */
function swarmSections(topology: Topology, host: HostNode): readonly string[] {
  if (host.swarm === undefined) return [];
  const cells = (rows: readonly (readonly string[])[]): string[][] => rows.map((row) => row.map((cell) => printable(cell)));
  const services = serviceRows(host);
  return [
    ...section('Swarm nodes', ['NODE', 'ADDRESS', 'ROLE', 'READ AS'], cells(swarmNodeRows(topology, host))),
    ...(services.length === 0 ? [] : section('Services', ['SERVICE', 'MODE', 'RUNNING', 'VIRTUAL ADDRESS', 'PUBLISHED', 'TASK', 'NODE', 'ADDRESS', 'STATE'], cells(services))),
  ];
}

/** Only where there is an Open vSwitch with a bridge. */
function ovsSection(topology: Topology, host: HostNode): readonly string[] {
  const rows = (host.ovs ?? []).flatMap((bridge) => ovsBridgeRows(topology, bridge).map((row) => row.map((cell) => printable(cell) || '-')));
  return rows.length === 0 ? [] : section('Open vSwitch', ['BRIDGE', 'DATAPATH', 'PORT', 'TYPE', 'VLAN', 'OPTIONS', 'STATE', 'LEADS TO'], rows);
}

/** Devices that something else than the engine made, where that is known. */
function makerSection(topology: Topology, host: HostNode): readonly string[] {
  const titles = new Map(host.sandboxes.map(({ key, title }) => [key, title]));
  const rows = madeDevices(topology, host.id).map(({ device, namespace, name, evidence }) => [device, titles.get(namespace) ?? namespace, name, evidence.join('; ')].map((cell) => printable(cell)));
  return rows.length === 0 ? [] : section('Made by', ['DEVICE', 'NAMESPACE', 'MADE BY', 'EVIDENCE'], rows);
}

/** Only where there is an engine inside this host. The address is what --host takes. */
function nestedSection(topology: Topology, { nested = [] }: HostNode): readonly string[] {
  const rows = nested.map(({ title, engine, owner, containerId: id, address }) => {
    const container = id === undefined ? undefined : topology.container.get(id)?.name;
    const within = container !== undefined ? `container ${container}` : owner === undefined ? '-' : owner.kind === 'container' ? `${owner.engine} ${owner.id.slice(0, 12)}` : `${ownerWord(owner)} ${owner.name}`;
    return [title, engine.engine, within, engine.hostname ?? '-', engine.sockets.join(' ') || '-', address ?? '-'].map((cell) => printable(cell));
  });
  return rows.length === 0 ? [] : section('Nested engines', ['NAME', 'ENGINE', 'IN', 'HOST NAME', 'SOCKET', 'ADDRESS'], rows);
}

/** Only where there is flannel: of host-gw, which has no device, there is nothing else to see. */
function flannelLines(topology: Topology, host: HostNode): readonly string[] {
  const flannel = flannelOf(topology, host);
  if (!flannel) return [];
  return ['', `  flannel: ${printable(flannelText(flannel))}`, ...flannel.routes.map(({ destination, gateway, device }) => `    ${printable(`${destination}${gateway === undefined ? '' : ` via ${gateway}`} on ${device}`)}`)];
}

type Composed = Pick<Network | Container, 'compose'>;

/** Compose projects by name, then what belongs to none; otherwise in the given order. */
function byProject<T extends Composed>(things: readonly T[]): readonly T[] {
  const none = things.filter(({ compose }) => compose === undefined);
  const projects = [...new Set(things.flatMap(({ compose }) => compose?.project ?? []))].sort(compareNames);
  return [...projects.flatMap((project) => things.filter(({ compose }) => compose?.project === project)), ...none];
}

/** `shop/web`: the project and a container's service in it; no cell at all where nothing here belongs to a project. */
function projectCell({ compose }: Composed, all: readonly Composed[], first: boolean): readonly string[] {
  if (!all.some((each) => each.compose)) return [];
  if (!first) return [''];
  return [compose === undefined ? '-' : printable(compose.service === undefined ? compose.project : `${compose.project}/${compose.service}`)];
}

function headline(host: HostNode): string {
  const { host: facts, engine } = host.snapshot;
  const parts = [
    host.label === host.id ? facts.hostname : host.id,
    facts.os,
    facts.kernel,
    engine !== undefined ? engineText(engine) : isEngineUnread(host.snapshot) ? 'engine not read' : 'no engine',
    facts.engineOnly === true ? 'engine only' : facts.privilege === 'user' ? 'read as an ordinary user' : undefined,
    `${String(host.snapshot.durationMs)} ms`,
  ];
  return `${printable(host.label)}  (${parts.flatMap((part) => (part === undefined || part === '' ? [] : [printable(part)])).join(', ')})`;
}

function section(title: string, heading: readonly string[], rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return ['', `  ${title}: none`];
  return ['', `  ${title}`, ...table(heading, rows).map((line) => `    ${line}`)];
}

/** The network's own row, with its first endpoint; the others below it. */
function networkRows(topology: Topology, network: Network): string[][] {
  const own = [
    printable(network.name),
    printable(network.driver),
    network.engine.subnets.map((each) => printable(each.subnet)).join(' ') || '-',
    network.engine.vnis.join(' ') || '-',
    inodeOf(topology, network.sandboxId),
  ];
  const endpoints = network.endpoints.length === 0 ? [['-', '-', '-']] : network.endpoints.map(endpointCells);
  return endpoints.map((cells, index) => [...(index === 0 ? own : own.map(() => '')), ...cells]);
}

function endpointCells(endpoint: Endpoint): string[] {
  const addresses = [endpoint.ipv4, endpoint.ipv6].flatMap((address) => (address === undefined ? [] : [printable(address)]));
  return [printable(endpoint.name), addresses.join(' ') || '-', endpoint.mac === undefined ? '-' : printable(endpoint.mac)];
}

function sandboxRow(sandbox: Sandbox): string[] {
  return [
    String(sandbox.inode),
    sandbox.owner === undefined ? sandbox.role : `${sandbox.role}, ${ownerWord(sandbox.owner)}`,
    printable(sandbox.title),
    String(sandbox.record.processCount),
    sandbox.record.read === 'none' ? 'not read' : String(sandbox.record.links.length),
    waysTo(sandbox.record).map(shownName).join(' ') || '-',
  ];
}

/** The kind alone: the name is the row's title, or is in the JSON. */
function ownerWord(owner: NonNullable<Sandbox['owner']>): string {
  return owner.kind === 'container' ? owner.engine : { lxc: 'LXC', machine: 'nspawn', unit: 'systemd' }[owner.kind];
}

/** Where it was found beside its processes. */
function waysTo({ paths, mounts = [], threads = [], descriptors = [] }: NamespaceRecord): readonly string[] {
  return [
    ...paths,
    ...mounts.map(({ path, mountNamespace }) => `mnt:[${String(mountNamespace)}]${path}`),
    ...threads.map(({ pid, id }) => `/proc/${String(pid)}/task/${String(id)}`),
    ...descriptors.map(({ pid, id }) => `/proc/${String(pid)}/fd/${String(id)}`),
  ];
}

function containerRow(topology: Topology, container: Container): string[] {
  return [
    printable(container.name),
    printable(container.engine.state),
    printable(container.engine.image),
    printable(networkMode(topology, container)),
    inodeOf(topology, container.sandboxId),
  ];
}

/** A container that shares another one's namespace says so by a full id. */
function networkMode(topology: Topology, container: Container): string {
  const mode = container.engine.networkMode;
  const id = /^container:(.+)$/s.exec(mode)?.[1];
  const other = id === undefined ? undefined : topology.container.get(containerId(container.hostId, id));
  return other === undefined ? mode : `container:${other.name}`;
}

function inodeOf(topology: Topology, sandboxId: string | undefined): string {
  const sandbox = sandboxId === undefined ? undefined : topology.sandbox.get(sandboxId);
  return sandbox === undefined ? '-' : String(sandbox.inode);
}
