import type { Endpoint, HostNode, LinkNode, Network, NetworkId, Sandbox, Topology } from '../model/topology';
import { canonicalAddress } from '../topology/canonicalAddress';
import { sharedNetworks } from '../topology/sharedNetworks';
import type { DiagramGraph } from './graph';
import { GraphDraft } from './graphDraft';
import { groupMembers } from './grouping';
import { fact, linkFacts, linkState } from './linkFacts';
import { addHost, addMember, namespaceActions, sandboxFacts } from './memberBoxes';
import { deviceLines, defaultRoutes } from './shownAddresses';
import { addSwitch, addVxlan, type DrawnInterface } from './switchBoxes';
import { addTunnels, farRows, type FarRows, type OverlaySide } from './tunnels';

/**
 * The diagram of a network on every host that has it: hosts, the namespace that switches for it, members with their
 * interfaces, the veth pairs, and for an overlay the tunnels between the hosts with the FDB rows that make them.
 * @returns undefined where no such network is in the topology.
 */
export function networkGraph(topology: Topology, networkId: NetworkId): DiagramGraph | undefined {
  const network = topology.network.get(networkId);
  if (!network) return undefined;
  const draft = new GraphDraft();
  const sides = sidesOf(topology, network);
  const overlay = sides.some((side) => side.sandbox?.role === 'overlay' || side.sandbox?.links.some(({ link }) => link.vxlan)) || network.driver === 'overlay';
  const far = overlay ? farRows(sides) : undefined;
  const vteps = new Map<OverlaySide, readonly LinkNode[]>();
  for (const side of sides) {
    addHost(draft, side.host);
    const members = addMembers(draft, topology, side, far);
    if (overlay) vteps.set(side, addOverlay(draft, topology, side, members));
    else addLocalNetwork(draft, topology, side, members);
  }
  if (far) addTunnels(draft, topology, sides, far, (side, address) => addVtep(draft, topology, side, address, vteps.get(side) ?? []));
  return draft.finish(`${network.name} (${network.driver})`);
}

/** The network's part on each host, in the hosts' order. */
function sidesOf(topology: Topology, network: Network): readonly OverlaySide[] {
  const networks = sharedNetworks(topology, network.id).flatMap((id) => topology.network.get(id) ?? []);
  return topology.hosts.flatMap((host) =>
    networks
      .filter((candidate) => candidate.hostId === host.id)
      .map((candidate) => ({ host, network: candidate, sandbox: candidate.sandboxId === undefined ? undefined : topology.sandbox.get(candidate.sandboxId) })),
  );
}

interface Member {
  readonly endpoint: Endpoint;
  readonly containerBox: string;
  readonly interface: DrawnInterface | undefined;
}

/** Members by the device that they hang on, then by group: so nothing of one bridge is drawn among another's. */
function addMembers(draft: GraphDraft, topology: Topology, side: OverlaySide, far: FarRows | undefined): readonly Member[] {
  const { network, host } = side;
  const withInterface = network.driver !== 'host' && network.driver !== 'null' && network.name !== 'none';
  const byMaster = new Map<string, Endpoint[]>();
  for (const endpoint of network.endpoints) {
    const master = masterOf(topology, endpoint);
    const list = byMaster.get(master);
    if (list) list.push(endpoint);
    else byMaster.set(master, [endpoint]);
  }
  const members: Member[] = [];
  for (const [master, endpoints] of [...byMaster].sort(([left], [right]) => (left < right ? -1 : 1))) {
    for (const group of groupMembers(topology, endpoints)) {
      const parent =
        group.key === undefined
          ? host.id
          : draft.add({
              id: `group|${network.id}|${master}|${group.key}`,
              kind: 'group',
              parent: host.id,
              lines: [group.title, `${String(group.members.length)} containers`],
              facts: [
                ...fact('Group', group.title),
                ...fact('Containers', group.members.length),
                ...fact('On', host.label),
                ...group.members.flatMap((member) => fact(member.name, member.ipv4 ?? member.ipv6)),
              ],
            });
      for (const endpoint of group.members) {
        const drawn = addMember(draft, topology, network, endpoint, {
          parent,
          farRows: far?.facts(side, endpoint) ?? [],
          withInterface,
        });
        members.push({
          endpoint,
          containerBox: drawn.containerBox,
          interface: drawn.interfaceBox !== undefined && drawn.link ? { box: drawn.interfaceBox, link: drawn.link } : undefined,
        });
      }
    }
  }
  return members;
}

/** Name of the bridge (or lower device) at the far end of an endpoint's interface; empty where that is not known. */
function masterOf(topology: Topology, endpoint: Endpoint): string {
  const far = farEnd(topology, endpoint.linkId === undefined ? undefined : topology.link.get(endpoint.linkId));
  return far?.link.master ?? '';
}

function farEnd(topology: Topology, node: LinkNode | undefined): LinkNode | undefined {
  return node?.peer?.state === 'resolved' ? topology.link.get(node.peer.linkId) : undefined;
}

const interfaces = (members: readonly Member[]): readonly DrawnInterface[] => members.flatMap((member) => member.interface ?? []);

function addOverlay(draft: GraphDraft, topology: Topology, side: OverlaySide, members: readonly Member[]): readonly LinkNode[] {
  const { host, network, sandbox } = side;
  if (!sandbox) {
    addNote(draft, side, members.length === 0 ? 'no container here, so no sandbox' : 'its sandbox was not read');
    return [];
  }
  const box = addSandbox(draft, sandbox, network, host);
  const bridges = sandbox.links.filter(({ link }) => link.kind === 'bridge');
  const tunnels = addSwitch(draft, topology, sandbox, bridges, interfaces(members), box);
  const loose = sandbox.links.filter((node) => node.link.vxlan && !tunnels.includes(node));
  for (const node of loose) addVxlan(draft, sandbox, node, box);
  return [...tunnels, ...loose];
}

function addVtep(draft: GraphDraft, topology: Topology, side: OverlaySide, address: string, vxlans: readonly LinkNode[]): string {
  const { host } = side;
  const root = host.rootSandbox === undefined ? undefined : topology.sandbox.get(host.rootSandbox);
  const device = root?.links.find(({ link }) => link.addresses.some((candidate) => canonicalAddress(candidate.address) === address));
  const box = draft.add({
    id: `vtep|${address}|${host.id}`,
    kind: 'underlay',
    parent: host.id,
    lines: [address, device ? `${device.link.name} · MTU ${String(device.link.mtuBytes)}` : 'device not read'],
    ...(device && { modelId: device.id }),
    facts: [...fact('VTEP', address), ...fact('Host', host.label), ...(device ? linkFacts(device.link) : [])],
    state: device ? linkState(device.link) : 'unknown',
    actions: device ? ['reveal'] : [],
  });
  for (const { id, link } of vxlans) {
    // A device that names another local address sends from that one.
    if (link.vxlan?.local !== undefined && canonicalAddress(link.vxlan.local) !== address) continue;
    draft.connect({
      kind: 'underlay',
      from: id,
      to: box,
      state: linkState(link),
      facts: [...fact('Underlay', `${link.name} sends from ${address}, UDP port ${link.vxlan ? String(link.vxlan.port) : 'unknown'}`), ...fact('VXLAN MTU', link.mtuBytes), ...fact('Underlay MTU', device?.link.mtuBytes)],
    });
  }
  return box;
}

/** Bridge, macvlan, ipvlan, host, none and what plug-ins make: one host, its root namespace, and how members reach it. */
function addLocalNetwork(draft: GraphDraft, topology: Topology, side: OverlaySide, members: readonly Member[]): void {
  const { host, network } = side;
  const root = host.rootSandbox === undefined ? undefined : topology.sandbox.get(host.rootSandbox);
  const bridge = network.bridgeLinkId === undefined ? undefined : topology.link.get(network.bridgeLinkId);
  if (members.length === 0) addNote(draft, side, 'no container is attached', 'normal');
  if (network.driver === 'null' || network.name === 'none') {
    if (members.length > 0) addNote(draft, side, 'loopback only, nothing is attached');
    return;
  }
  if (!root) {
    addNote(draft, side, 'the root namespace was not read');
    return;
  }
  if (network.driver === 'host') {
    const box = addSandbox(draft, root, network, host);
    for (const node of root.links.filter(({ link }) => link.kind === undefined && link.linkType !== 'loopback')) addInterface(draft, node, box);
    for (const member of members) {
      draft.connect({ kind: 'attachment', from: member.containerBox, to: box, facts: fact('Attachment', `${member.endpoint.name} uses the root namespace of ${host.label}`) });
    }
    return;
  }
  if (bridge) {
    const box = addSandbox(draft, root, network, host);
    addSwitch(draft, topology, root, [bridge], interfaces(members), box);
    if (!network.engine.internal) addUplink(draft, root, bridge, box);
    return;
  }
  addLowerDevices(draft, topology, side, root, members);
}

/** macvlan and ipvlan: each member's interface sits on a device of the root namespace. */
function addLowerDevices(draft: GraphDraft, topology: Topology, side: OverlaySide, root: Sandbox, members: readonly Member[]): void {
  const named = root.links.find(({ link }) => link.name === side.network.engine.options['parent']);
  const lowers = interfaces(members).map((member) => ({ member, lower: farEnd(topology, member.link) }));
  if (!named && lowers.every(({ lower }) => lower?.sandboxId !== root.id)) {
    if (members.length > 0) addNote(draft, side, 'what its interfaces are attached to is not known');
    return;
  }
  const box = addSandbox(draft, root, side.network, side.host);
  if (named) addInterface(draft, named, box);
  for (const { member, lower } of lowers) {
    if (lower?.sandboxId !== root.id) continue;
    addInterface(draft, lower, box);
    draft.connect({
      kind: 'parent',
      from: member.box,
      to: lower.id,
      state: linkState(member.link.link),
      facts: [...fact('Lower device', `${member.link.link.name} sits on ${lower.link.name}`), ...fact('Kind', member.link.link.kind), ...fact('Macvlan mode', member.link.link.macvlan?.mode), ...fact('IPVLAN mode', member.link.link.ipvlan?.mode)],
    });
  }
}

/** The device that the root namespace's default route leaves by: where a bridge network's traffic goes when it is forwarded. */
function addUplink(draft: GraphDraft, root: Sandbox, bridge: LinkNode, parent: string): void {
  const [route] = defaultRoutes(root);
  const uplink = root.links.find(({ link }) => link.name === route?.device);
  if (!route || !uplink || uplink.id === bridge.id) return;
  addInterface(draft, uplink, parent, 'uplink');
  draft.connect({
    kind: 'attachment',
    from: bridge.id,
    to: uplink.id,
    label: 'default route',
    facts: defaultRoutes(root).filter(({ device }) => device === uplink.link.name).flatMap(({ gateway }) => fact('Default route', `via ${gateway ?? 'no gateway'} dev ${uplink.link.name}`)),
  });
}

function addInterface(draft: GraphDraft, node: LinkNode, parent: string, word?: string): void {
  const { link } = node;
  draft.add({
    id: node.id,
    kind: 'interface',
    ...(word !== undefined && { word }),
    parent,
    lines: [link.name, ...deviceLines(link)],
    modelId: node.id,
    facts: linkFacts(link),
    state: linkState(link),
    actions: ['reveal'],
  });
}

function addSandbox(draft: GraphDraft, sandbox: Sandbox, network: Network, host: HostNode): string {
  const isRoot = sandbox.id === host.rootSandbox;
  return draft.add({
    id: sandbox.id,
    kind: 'sandbox',
    parent: host.id,
    lines: [...(isRoot ? ['root namespace', network.name] : [network.name, 'sandbox']), ...network.engine.subnets.flatMap(({ subnet, gateway }) => [subnet, ...(gateway === undefined || gateway === '' ? [] : [`gateway ${gateway}`])]), `net:[${String(sandbox.inode)}]`],
    modelId: sandbox.id,
    aliases: [network.id],
    facts: [
      ...fact('Network', network.name),
      ...fact('Driver', network.driver),
      ...network.engine.subnets.flatMap(({ subnet, gateway }) => fact('Subnet', gateway === undefined ? subnet : `${subnet}, gateway ${gateway}`)),
      ...sandboxFacts(sandbox),
      ...network.errors.flatMap((error) => fact('Not read', error.message)),
    ],
    state: sandbox.record.read === 'none' ? 'unknown' : 'normal',
    actions: namespaceActions(host.id),
  });
}

function addNote(draft: GraphDraft, side: OverlaySide, note: string, state: 'normal' | 'unknown' = 'unknown'): void {
  draft.add({
    id: side.network.id,
    kind: 'network',
    parent: side.host.id,
    lines: [side.network.name, note],
    modelId: side.network.id,
    facts: [
      ...fact('Network', side.network.name),
      ...fact('Driver', side.network.driver),
      ...fact('On this host', note),
      ...side.network.errors.flatMap((error) => fact('Not read', error.message)),
    ],
    state,
    actions: ['reveal'],
  });
}
