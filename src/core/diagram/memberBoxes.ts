import { parseHostAddress } from '../model/address';
import type { Container, Endpoint, HostNode, LinkNode, Network, Sandbox, Topology } from '../model/topology';
import { leadsTo, optionsText, stateText, vlanText } from '../report/ovsText';
import { portNotation } from '../report/portNotation';
import { peerElsewhere, type LinkElsewhere } from '../topology/elsewhere';
import { shownName } from '../report/printable';
import { makerOf, makerText } from '../topology/makers';
import type { GraphDraft } from './graphDraft';
import { fact, linkFacts, linkState } from './linkFacts';
import type { Fact, SceneBox } from './scene';
import { addressLines, gatewayLines } from './shownAddresses';
import { engineText } from '../report/engineText';

type Action = SceneBox['actions'][number];

const isRecorded = (hostId: string): boolean => parseHostAddress(hostId).kind === 'file';

/** A recorded host has nothing that could be entered. */
export function namespaceActions(hostId: string): readonly Action[] {
  return isRecorded(hostId) ? ['dump', 'reveal'] : ['enter', 'dump', 'reveal'];
}

export function addHost(draft: GraphDraft, host: HostNode): string {
  const { snapshot } = host;
  const recorded = isRecorded(host.id);
  return draft.add({
    id: host.id,
    kind: 'host',
    lines: [recorded ? `${host.label} (recorded)` : host.label],
    modelId: host.id,
    ...(host.rootSandbox !== undefined && { aliases: [host.rootSandbox] }),
    facts: [
      ...fact('Host', host.label),
      // Of a live host it would make every scan a new diagram.
      ...fact('Recorded', recorded ? snapshot.takenAt : undefined),
      ...fact('Address', host.id),
      ...fact('Host name', snapshot.host.hostname),
      ...fact('System', snapshot.host.os),
      ...fact('Kernel', snapshot.host.kernel),
      ...fact('Engine', snapshot.engine && engineText(snapshot.engine)),
      ...fact('Underlay', host.underlay.join(', ')),
      ...host.errors.flatMap((error) => fact('Not read', error.message)),
    ],
    actions: namespaceActions(host.id),
  });
}

export function sandboxFacts(sandbox: Sandbox): readonly Fact[] {
  return [
    ...fact('Namespace', `net:[${String(sandbox.inode)}]`),
    ...sandbox.paths.flatMap((path) => fact('Path', shownName(path))),
    ...(sandbox.record.mounts ?? []).flatMap(({ path, mountNamespace }) => fact('Path', `${path} in mnt:[${String(mountNamespace)}]`)),
    ...fact('Processes', sandbox.record.processCount),
    ...sandbox.errors.flatMap((error) => fact('Not read', error.message)),
  ];
}

/** A container's namespace with the interface that attaches it. Returns the interface's box and device, where it is known. */
export function addMember(
  draft: GraphDraft,
  topology: Topology,
  network: Network,
  endpoint: Endpoint,
  options: { readonly parent: string; readonly farRows: readonly Fact[]; readonly withInterface: boolean },
): { readonly containerBox: string; readonly interfaceBox: string | undefined; readonly link: LinkNode | undefined } {
  const container = endpoint.containerId === undefined ? undefined : topology.container.get(endpoint.containerId);
  const sandbox = endpoint.sandboxId === undefined ? undefined : topology.sandbox.get(endpoint.sandboxId);
  const link = endpoint.linkId === undefined ? undefined : topology.link.get(endpoint.linkId);
  const modelId = endpoint.containerId ?? endpoint.sandboxId ?? endpoint.id;
  const shared = (sandbox?.containers ?? []).filter((id) => id !== endpoint.containerId).flatMap((id) => topology.container.get(id)?.name ?? []);
  const containerBox = draft.add({
    id: endpoint.id,
    kind: 'container',
    parent: options.parent,
    lines: [endpoint.name],
    modelId,
    aliases: [endpoint.id, ...(endpoint.sandboxId === undefined ? [] : [endpoint.sandboxId])].filter((id) => id !== modelId),
    facts: [
      ...fact(endpoint.isContainer ? 'Container' : 'Engine endpoint', endpoint.name),
      ...(container ? containerFacts(container) : []),
      ...fact('Network', network.name),
      ...sharedFacts(shared),
      ...(sandbox ? sandboxFacts(sandbox) : fact('Namespace', 'was not read')),
      ...options.farRows,
    ],
    state: container && !container.running ? 'down' : sandbox ? 'normal' : 'unknown',
    actions: sandbox ? namespaceActions(endpoint.hostId) : ['reveal'],
  });
  if (!options.withInterface) return { containerBox, interfaceBox: undefined, link };
  const interfaceBox = draft.add({
    id: `${endpoint.id}|if`,
    kind: 'interface',
    parent: containerBox,
    lines: [link?.link.name ?? 'interface not read', ...addressLines(link?.link, [endpoint.ipv4, endpoint.ipv6]), ...(endpoint.mac === undefined ? [] : [endpoint.mac])],
    ...(link && { modelId: link.id }),
    facts: [
      ...fact('Interface of', endpoint.name),
      ...(link ? linkFacts(link.link) : [...fact('MAC', endpoint.mac), ...fact('Address', endpoint.ipv4), ...fact('Address', endpoint.ipv6)]),
      ...peerFacts(topology, link),
      ...makerFacts(topology, link),
      ...options.farRows,
    ],
    state: link ? linkState(link.link) : 'unknown',
    actions: link ? ['reveal'] : [],
  });
  return { containerBox, interfaceBox, link };
}

/** Of hundreds in one namespace each would name all others. */
const maxShared = 20;

function sharedFacts(names: readonly string[]): readonly Fact[] {
  const shown = names.length > maxShared ? names.slice(0, maxShared - 1) : names;
  return [...shown.flatMap((name) => fact('Shares the namespace', name)), ...fact('Shares the namespace', shown.length < names.length ? `and ${String(names.length - shown.length)} more` : undefined)];
}

function containerFacts(container: Container): readonly Fact[] {
  const { engine } = container;
  return [
    ...fact('Image', engine.image),
    // Not the engine's "Up 2 minutes", which would make every scan a new diagram.
    ...fact('State', engine.state),
    ...fact('Network mode', engine.networkMode),
    ...engine.ports.flatMap((port) =>
      fact('Port', portNotation(port)),
    ),
    ...fact('Container id', engine.id.slice(0, 12)),
  ];
}

export interface NamespaceCell {
  readonly id: string;
  readonly parent: string;
  readonly sandbox: Sandbox;
  /** Its devices to show in it; each one's box is called `ID|if`. */
  readonly nodes: readonly LinkNode[];
  readonly title?: string;
  /** Where the namespace's default route leads, in place of the MAC address. */
  readonly withGateway?: boolean;
}

/** What an engine made for a network stands beside that network's sandbox, whose name it has. */
function cellTitle({ role, title }: Pick<Sandbox, 'role' | 'title'>): string {
  return role === 'loadBalancer' ? 'load balancer' : role === 'ingress' ? `${title} sandbox` : title;
}

/** A namespace by one of its attachments, whether or not an engine knows it. */
export function addNamespaceCell(draft: GraphDraft, topology: Topology, { id, parent, sandbox, nodes, title = cellTitle(sandbox), withGateway = false }: NamespaceCell): void {
  const containers = sandbox.role === 'root' ? [] : sandbox.containers.flatMap((each) => topology.container.get(each) ?? []);
  const [first, ...shared] = containers;
  const others = sandbox.links.filter((node) => !nodes.includes(node) && node.link.linkType !== 'loopback').map(({ link }) => link.name);
  draft.add({
    id, kind: 'container', parent, lines: [title],
    modelId: first?.id ?? sandbox.id,
    aliases: [...(first ? [sandbox.id] : []), ...shared.map((each) => each.id), ...containers.flatMap(({ endpoints }) => endpoints.filter((each) => nodes.some((node) => topology.endpoint.get(each)?.linkId === node.id)))],
    facts: [...fact('Namespace of', title), ...fact('Made for', sandbox.role === 'loadBalancer' || sandbox.role === 'ingress' ? sandbox.title : undefined), ...fact('Role', sandbox.role), ...(first ? containerFacts(first) : []), ...sharedFacts(shared.map(({ name }) => name)), ...fact('Further devices', others.join(', ')), ...sandboxFacts(sandbox)],
    state: sandbox.record.read === 'none' ? 'unknown' : 'normal',
    actions: namespaceActions(sandbox.hostId),
  });
  for (const node of nodes) {
    const { link } = node;
    const gateways = withGateway ? gatewayLines(sandbox, link, 'default via no gateway') : [];
    draft.add({
      id: `${node.id}|if`, kind: 'interface', parent: id, modelId: node.id,
      lines: [link.name, ...addressLines(link), ...(gateways.length > 0 ? gateways : link.mac === undefined ? [] : [link.mac])],
      facts: [...fact('Interface of', title), ...linkFacts(link), ...peerFacts(topology, node), ...makerFacts(topology, node), ...gateways.flatMap((gateway) => fact('Default route', gateway))],
      state: linkState(link), actions: ['reveal'],
    });
  }
}

/** Says what made a device, where that is known, and by what; and what it is to Open vSwitch. */
export function makerFacts(topology: Topology, node: LinkNode | undefined): readonly Fact[] {
  const maker = node && makerOf(topology, node);
  return [...fact('Made by', maker && makerText(maker)), ...ovsFacts(topology, node)];
}

function ovsFacts(topology: Topology, node: LinkNode | undefined): readonly Fact[] {
  const port = node?.ovs && topology.ovsPort.get(node.ovs.portId);
  if (!node?.ovs || !port) return [];
  const own = port.interfaces.find(({ facts }) => facts.name === node.link.name)?.facts;
  return [
    ...fact('Open vSwitch port', `${node.ovs.port} of ${node.ovs.bridge}`),
    ...fact('VLAN', vlanText(port.port)),
    ...fact('Leads to', node.ovs.bridge === node.link.name ? `the Open vSwitch bridge ${node.ovs.bridge}` : node.peer ? undefined : leadsTo(topology, port)),
    ...fact('OpenFlow port', own?.ofport),
    ...fact('Options', own && optionsText(own)),
    ...fact('Open vSwitch says', own && stateText(own)),
  ];
}

/** `veth1 in root of machine`. */
export function elsewhereText({ node, sandbox, host }: LinkElsewhere): string {
  return `${node.link.name}${sandbox.role === 'root' ? '' : ` in ${sandbox.title}`} on ${host.label}`;
}

/** Says where a veth's other end is, or why that is not known. */
export function peerFacts(topology: Topology, node: LinkNode | undefined): readonly Fact[] {
  const peer = node?.peer;
  const elsewhere = node && peerElsewhere(topology, node);
  if (elsewhere) return fact('Peer', elsewhereText(elsewhere));
  if (!peer) return [];
  switch (peer.state) {
    case 'resolved': {
      const other = topology.link.get(peer.linkId);
      const where = other && topology.sandbox.get(other.sandboxId);
      return other && where ? fact('Peer', `${other.link.name} in ${where.title}`) : [];
    }
    case 'ambiguous':
      return fact('Peer', `cannot be told: ${String(peer.candidates.length)} devices fit equally well`);
    case 'unseen':
      return fact('Peer', 'lies in a namespace that was not read');
  }
}
