import type { HostNode, LinkNode, Sandbox, Topology } from '../model/topology';
import { canonicalAddress } from '../topology/canonicalAddress';
import { peerElsewhere } from '../topology/elsewhere';
import { counted } from './counted';
import { foldAttachments, type Folding } from './folding';
import { isTunnel, type Attachment, type DrawnTunnel, type Frame } from './frames';
import type { GraphDraft } from './graphDraft';
import { fact, linkFacts, linkState } from './linkFacts';
import { addHost, addNamespaceCell, elsewhereText, makerFacts, namespaceActions, peerFacts, sandboxFacts } from './memberBoxes';
import { barJoints } from './ovsView';
import { segmentsOf } from './segments';
import { addressTowards, defaultRoutes, deviceLines, gatewayLines } from './shownAddresses';
import { addSwitch, addVxlan, portTitle, type DrawnInterface } from './switchBoxes';

/** Attachments of one bridge (`neighbours` of each, where one namespace has a `crowd` of them), neighbours of the namespace that a diagram is about, lone ports, bridges without any, further devices and namespaces: from these many on they are one box, which the panel opens. */
export const foldedFrom = { attachments: 25, neighbours: 4, crowd: 60, ports: 12, bridges: 4, devices: 10, frames: 9 } as const;

/** Whether a device of it has an end elsewhere (IFLA_LINK_NETNSID) that is not known, or is one of several. */
export function endsUnknown({ links }: Sandbox): boolean {
  return links.some(({ link, peer }) => (link.linkNetnsId !== undefined && peer?.state !== 'resolved') || peer?.state === 'ambiguous');
}

/** Draws frames into a graph. With a focus only what concerns that namespace, its neighbours folded where they are many. */
export class FrameBuilder {
  readonly tunnels: DrawnTunnel[] = [];
  /** Box of the device that the root namespace's default route leaves by, where it is drawn at the host's edge. */
  uplink: string | undefined;

  constructor(
    private readonly draft: GraphDraft,
    private readonly topology: Topology,
    private readonly host: HostNode,
    private readonly open: ReadonlySet<string>,
    private readonly focus?: Sandbox,
  ) {}

  hostBox(): string {
    return addHost(this.draft, this.host);
  }

  add(frame: Frame): void {
    const { draft, topology, host, focus } = this;
    const { sandbox } = frame;
    const isRoot = sandbox.id === host.rootSandbox;
    const parent = isRoot ? this.hostBox() : draft.add({ id: `${sandbox.id}|frame`, kind: 'host', lines: [`${host.label} · ${sandbox.title}`], facts: [...fact('Host', host.label), ...sandboxFacts(sandbox)] });
    const box = draft.add({
      id: sandbox.id,
      kind: 'sandbox',
      parent,
      lines: [isRoot ? 'root namespace' : sandbox.title, ...(isRoot ? [] : [sandbox.role]), `net:[${String(sandbox.inode)}]`],
      modelId: sandbox.id,
      ...(sandbox.networkId !== undefined && { aliases: [sandbox.networkId] }),
      facts: sandboxFacts(sandbox),
      state: sandbox.record.read === 'none' ? 'unknown' : 'normal',
      actions: namespaceActions(host.id),
    });
    const wholeFrame = focus === undefined || focus.id === sandbox.id;
    const bridges = sandbox.links.filter(({ link }) => link.kind === 'bridge');
    const bridgeOf = (node: LinkNode): LinkNode | undefined => bridges.find(({ link }) => link.name === node.link.master);
    const drawn: DrawnInterface[] = [];
    const hidden = new Set<string>();
    const folds: Folding[] = [];
    const barIds = new Set<string>();
    for (const [bar, attachments] of byBar(frame.attachments, bridgeOf)) {
      if (!wholeFrame && !attachments.some((each) => each.sandbox.id === focus.id)) continue;
      barIds.add(bar);
      const folded = foldAttachments(draft, { parent, bar, attachments, open: this.open, barName: topology.link.get(bar)?.link.name, from: (focus && !wholeFrame) || frame.attachments.length >= foldedFrom.crowd ? foldedFrom.neighbours : foldedFrom.attachments, ...(focus && !wholeFrame && { keep: focus.id }) });
      for (const { attachment, parent: within } of folded.shown) {
        const { node, sandbox: owner, far } = attachment;
        addNamespaceCell(draft, topology, { id: `${node.id}|cell`, parent: within, sandbox: owner, nodes: [node], withGateway: owner.id === focus?.id });
        drawn.push({ box: `${node.id}|if`, link: node });
        if (node.link.kind !== 'veth') this.addLower(node, far, sandbox.id, `${node.id}|if`);
        else if (!bridgeOf(far)) this.addLonePort(node, far, sandbox.id, `${node.id}|if`);
      }
      for (const each of folded.folded) hidden.add(each.far.id);
      if (folded.folding) folds.push(folded.folding);
    }
    const joints = barJoints(topology, sandbox);
    const isShown = ({ id }: LinkNode): boolean => wholeFrame || barIds.has(id) || joints.some(({ from, to }) => (from === id && barIds.has(to)) || (to === id && barIds.has(from)));
    const shownBridges = this.foldBridges(sandbox, bridges.filter(isShown), box);
    const tunnelPorts = sandbox.links.filter((node) => isTunnel(node) && !node.link.vxlan && shownBridges.some((bridge) => bridge.link.name === node.link.master));
    for (const { id } of tunnelPorts) hidden.add(id);
    this.foldPorts(shownBridges, sandbox, drawn, hidden);
    const vxlans = addSwitch(draft, topology, sandbox, shownBridges, drawn, box, (port) => hidden.has(port.id));
    for (const fold of folds) this.drawFold(fold, box, bridges);
    for (const { from, to, text } of joints) if (draft.has(from) && draft.has(to)) draft.connect({ kind: 'bridgePort', from, to, facts: fact('Joined', text) });
    const tails = [...vxlans, ...tunnelPorts];
    for (const node of tunnelPorts) {
      this.addTunnel(sandbox, node, box);
      const bridge = bridgeOf(node);
      if (bridge) draft.connect({ kind: 'bridgePort', from: node.id, to: bridge.id, state: linkState(node.link), facts: fact('Bridge port', `${node.link.name} on ${bridge.link.name}`) });
    }
    const others = this.otherDevices(sandbox, frame.attachments, wholeFrame);
    for (const node of others.filter(isTunnel)) {
      this.addTunnel(sandbox, node, box);
      tails.push(node);
    }
    this.addDevices(sandbox, others.filter((node) => !isTunnel(node)), box, parent, isRoot);
    for (const node of tails) this.addExit(sandbox, node, parent);
  }

  /** A port, lower device or lone end of a fold, with its wire. */
  private drawFold({ plug, port, bar, facts, count }: Folding, parent: string, bridges: readonly LinkNode[]): void {
    const bridge = bridges.find(({ id }) => id === bar);
    const lower = this.topology.link.get(bar);
    if (!bridge && lower) {
      this.addInner(lower, parent);
      this.draft.connect({ kind: 'parent', from: plug, to: lower.id, facts });
      return;
    }
    this.draft.add({ id: port, kind: 'port', parent, lines: [`${String(count)} ports`], facts });
    this.draft.connect({ kind: 'veth', from: plug, to: port, facts });
    if (bridge) this.draft.connect({ kind: 'bridgePort', from: port, to: bridge.id, facts });
  }

  /** Bridges that nothing is on: many of them are one box. */
  private foldBridges(sandbox: Sandbox, bridges: readonly LinkNode[], box: string): readonly LinkNode[] {
    const key = `${sandbox.id}|fold|bridges`;
    const empty = bridges.filter(({ link }) => !sandbox.links.some((node) => node.link.master === link.name));
    if (empty.length < foldedFrom.bridges || this.open.has(key)) return bridges;
    this.draft.add({ id: key, kind: 'interface', parent: box, lines: [`${String(empty.length)} bridges without ports`, `${empty[0]?.link.name ?? ''} …`], facts: empty.flatMap(({ link }) => fact('Bridge', link.name)), fold: { key, open: false } });
    return bridges.filter((bridge) => !empty.includes(bridge));
  }

  /** Ports that lead to nothing drawn: many of them are one box. */
  private foldPorts(bridges: readonly LinkNode[], sandbox: Sandbox, drawn: readonly DrawnInterface[], hidden: Set<string>): void {
    const known = new Set(drawn.flatMap(({ link }) => (link.peer?.state === 'resolved' ? [link.peer.linkId] : [])));
    for (const bridge of bridges) {
      const key = `${bridge.id}|fold|ports`;
      const lone = sandbox.links.filter((node) => node.link.master === bridge.link.name && !node.link.vxlan && !known.has(node.id) && !hidden.has(node.id));
      if (lone.length < foldedFrom.ports || this.open.has(key)) continue;
      for (const { id } of lone) hidden.add(id);
      const facts = [...fact('Ports', lone.length), ...lone.flatMap(({ link }) => fact('Port', link.name))];
      const port = this.draft.add({ id: key, kind: 'port', parent: sandbox.id, lines: [`${String(lone.length)} more ports`], facts, fold: { key, open: false } });
      this.draft.connect({ kind: 'bridgePort', from: port, to: bridge.id, facts });
    }
  }

  private addLower(node: LinkNode, lower: LinkNode, parent: string, plug: string): void {
    this.addInner(lower, parent);
    this.draft.connect({
      kind: 'parent', from: plug, to: lower.id, state: linkState(node.link),
      facts: [...fact('Lower device', `${node.link.name} sits on ${lower.link.name}`), ...fact('Kind', node.link.kind)],
    });
  }

  /** A veth's end that is on no bridge: routed to, as by Calico, or forgotten. */
  private addLonePort(node: LinkNode, far: LinkNode, parent: string, plug: string): void {
    this.draft.add({ id: far.id, kind: 'port', parent, lines: [far.link.name], modelId: far.id, facts: [...linkFacts(far.link), ...peerFacts(this.topology, far), ...makerFacts(this.topology, far)], state: linkState(far.link), actions: ['reveal'] });
    this.draft.connect({ kind: 'veth', from: plug, to: far.id, state: linkState(node.link), facts: fact('Veth pair', `${node.link.name} ⇄ ${far.link.name}`) });
  }

  /** A device beside the bridges; the one that the default route leaves by says so. */
  private addInner(node: LinkNode, parent: string): string {
    const sandbox = this.topology.sandbox.get(node.sandboxId);
    return this.addDevice(node, parent, 'interface', sandbox?.id === this.host.rootSandbox && sandbox !== undefined ? gatewayLines(sandbox, node.link, 'default route') : []);
  }

  private addDevice(node: LinkNode, parent: string, kind: 'interface' | 'underlay' = 'interface', more: readonly string[] = []): string {
    const { link } = node;
    const elsewhere = peerElsewhere(this.topology, node);
    const on = link.peerName !== undefined && link.kind !== 'veth' ? [`on ${link.peerName}`] : link.master === undefined ? [] : [`part of ${link.master}`];
    return this.draft.add({
      id: node.id, kind, parent, modelId: node.id, ...((kind === 'underlay' || more.length > 0) && { word: 'uplink' }),
      lines: [link.name, ...deviceLines(link, [...(link.vlan ? [`VLAN ${String(link.vlan.id)}`] : link.kind === undefined ? [] : [link.kind]), ...on]), ...(elsewhere ? [`⇄ ${elsewhereText(elsewhere)}`] : []), ...more],
      facts: [...linkFacts(link), ...peerFacts(this.topology, node), ...makerFacts(this.topology, node)],
      state: linkState(link), actions: ['reveal'],
    });
  }

  private addTunnel(sandbox: Sandbox, node: LinkNode, parent: string): void {
    if (node.link.vxlan) {
      addVxlan(this.draft, sandbox, node, parent);
      return;
    }
    const { link } = node;
    this.draft.add({
      id: node.id, kind: 'vxlan', word: 'tunnel', parent, modelId: node.id, lines: [portTitle(this.topology, node), link.kind ?? link.linkType, link.mtuBytes === 0 ? 'Open vSwitch' : `MTU ${String(link.mtuBytes)}`],
      facts: [...linkFacts(link), ...makerFacts(this.topology, node)], state: linkState(link), actions: ['reveal'],
    });
  }

  /** What is neither a bridge, nor a port, nor an attachment's other end. The kernel makes fallback devices of tunnels by itself, down and without addresses. */
  private otherDevices(sandbox: Sandbox, attachments: readonly Attachment[], whole: boolean): readonly LinkNode[] {
    const ends = new Set(whole ? attachments.map(({ far }) => far.id) : []);
    const others = sandbox.links.filter(({ id, link }) => link.linkType !== 'loopback' && link.kind !== 'bridge' && !ends.has(id) && !this.draft.has(id) && !isFallback(link) && !(link.master !== undefined && sandbox.links.some((node) => node.link.kind === 'bridge' && node.link.name === link.master)));
    if (whole) return others;
    const routes = defaultRoutes(sandbox);
    return others.filter(({ link }) => routes.some(({ device }) => device === link.name));
  }

  /** Of the root namespace the devices that lead out stand at the host's lower edge; the rest beside the bridges. */
  private addDevices(sandbox: Sandbox, devices: readonly LinkNode[], box: string, edge: string, isRoot: boolean): void {
    const routes = defaultRoutes(sandbox);
    const leadsOut = ({ link }: LinkNode): boolean => routes.some(({ device }) => device === link.name);
    const atEdge = isRoot ? devices.filter((node) => leadsOut(node) || isWired(node)) : [];
    for (const node of atEdge) {
      const id = this.addDevice(node, edge, 'underlay', gatewayLines(sandbox, node.link, 'default route'));
      if (leadsOut(node)) this.uplink ??= id;
    }
    const rest = devices.filter((node) => !atEdge.includes(node));
    const key = `${sandbox.id}|fold|devices`;
    const folded = rest.length >= foldedFrom.devices && !this.open.has(key);
    for (const node of folded ? rest.slice(0, foldedFrom.devices - 3) : rest) this.addDevice(node, box);
    const left = folded ? rest.slice(foldedFrom.devices - 3) : [];
    if (left.length > 0) {
      this.draft.add({ id: key, kind: 'interface', parent: box, lines: [`${String(left.length)} more devices`, `${left[0]?.link.name ?? ''} …`], facts: left.flatMap(({ link }) => fact('Device', link.name)), fold: { key, open: false } });
    }
  }

  /** Where a tunnel's packets leave its frame. */
  private addExit(sandbox: Sandbox, node: LinkNode, parent: string): void {
    const remote = node.link.vxlan?.remote ?? node.link.tunnel?.remote ?? sandbox.record.fdb.find(({ device, destination }) => device === node.link.name && destination !== undefined)?.destination;
    const isFamily = (address: string): boolean => remote === undefined || address.includes(':') === remote.includes(':');
    const given = node.link.vxlan?.local ?? node.link.tunnel?.local ?? addressTowards(sandbox, remote) ?? this.host.underlay.find(isFamily);
    const local = given === undefined ? undefined : canonicalAddress(given);
    const root = this.host.rootSandbox === undefined ? undefined : this.topology.sandbox.get(this.host.rootSandbox);
    const owns = ({ link }: LinkNode): boolean => link.addresses.some(({ address }) => canonicalAddress(address) === local);
    const device = sandbox.links.find(owns) ?? root?.links.find(owns);
    const drawn = device && this.draft.has(device.id) && device.sandboxId === sandbox.id && sandbox.id === this.host.rootSandbox ? device.id : undefined;
    // A device that is drawn inside, as a bridge with the address is, cannot stand at the edge as well.
    const exit = drawn !== undefined && this.draft.kindOf(drawn) === 'underlay' ? drawn : this.draft.add({
      id: `exit|${local ?? '?'}|${sandbox.id}`, kind: 'underlay', ...(!node.link.vxlan && { word: 'tunnel endpoint' }), parent,
      lines: [local ?? 'any address', device ? `${device.link.name}${device.sandboxId === sandbox.id ? '' : ' of root'} · MTU ${String(device.link.mtuBytes)}` : 'device not read'],
      ...(device && { modelId: device.id }), facts: [...fact('Sends from', local), ...(device ? linkFacts(device.link) : [])],
      state: device ? linkState(device.link) : 'unknown', actions: device ? ['reveal'] : [],
    });
    this.draft.connect({ kind: 'underlay', from: node.id, to: exit, state: linkState(node.link), facts: [...fact('Underlay', `${node.link.name} sends from ${local ?? 'any address'}`), ...fact('Tunnel MTU', node.link.mtuBytes || undefined), ...fact('Underlay MTU', device?.link.mtuBytes)] });
    this.tunnels.push({ node, sandbox, exit });
  }

  /** Namespaces that nothing joins to another: one line, or a cell each. */
  addAlone(alone: readonly Sandbox[]): void {
    if (alone.length === 0) return;
    const key = `${this.host.id}|fold|alone`;
    const bare = alone.filter(({ links }) => links.every(({ link }) => link.linkType === 'loopback' || isFallback(link)));
    const open = this.open.has(key);
    if (bare.length > 0) this.note(key, `${counted(bare.length, 'namespace')} with loopback only`, bare, true, open);
    const cells = open ? alone : alone.filter((sandbox) => !bare.includes(sandbox));
    const more = `${this.host.id}|fold|unattached`;
    const shown = cells.length >= foldedFrom.attachments && !open && !this.open.has(more) ? [] : cells;
    for (const sandbox of shown) {
      const nodes = sandbox.links.filter(({ link }) => link.linkType !== 'loopback' && !isFallback(link)).slice(0, 2);
      addNamespaceCell(this.draft, this.topology, { id: `${sandbox.id}|cell`, parent: this.host.id, sandbox, nodes });
    }
    if (shown.length < cells.length) this.note(more, `${counted(cells.length, 'namespace')} ${cells.some(endsUnknown) ? 'attached to no other, or to one that could not be told' : 'attached to no other'}`, cells, true);
  }

  note(key: string, text: string, sandboxes: readonly Sandbox[], folds: boolean, open = sandboxes.length === 0): void {
    this.noteOf(key, text, sandboxes.map(({ title }) => title), folds ? { key, open } : undefined);
  }

  /** What macvlan and ipvlan devices have on other hosts, a line for each lower device. */
  addSegments(frames: readonly Frame[]): void {
    for (const { lowerId, lowerName, others } of segmentsOf(this.topology, this.host, frames, this.focus)) {
      const key = `${lowerId}|segment`;
      this.noteOf(key, `${lowerName}: in the same subnet on other hosts`, others.map(({ name, address }) => `${name} (${address})`));
    }
  }

  noteOf(id: string, text: string, names: readonly string[], fold?: { readonly key: string; readonly open: boolean }): void {
    const some = names.slice(0, 3).join(', ');
    this.draft.add({ id, kind: 'network', parent: this.host.id, lines: [text, ...(some === '' ? [] : [names.length > 3 ? `${some} …` : some])], facts: [...fact('Note', text), ...names.flatMap((name) => fact('Name', name))], ...(fold && { fold }) });
  }
}

/** A device of hardware, or what stands for it. */
const isWired = ({ link }: LinkNode): boolean => link.kind === undefined && link.master === undefined && link.addresses.length > 0;

/** tunl0, gre0, sit0 … which the kernel makes in each namespace once the module is there (ip_tunnel_init_net). */
function isFallback({ flags, addresses, tunnel, name }: LinkNode['link']): boolean {
  return tunnel !== undefined && tunnel.remote === undefined && !flags.includes('UP') && addresses.length === 0 && /^(tunl|gre|gretap|erspan|sit|ip6tnl|ip6gre|ip_vti|ip6_vti)0$/.test(name);
}

/** Attachments by the bridge that they are on, else by the very device. */
function byBar(attachments: readonly Attachment[], bridgeOf: (node: LinkNode) => LinkNode | undefined): ReadonlyMap<string, readonly Attachment[]> {
  const found = new Map<string, Attachment[]>();
  for (const attachment of attachments) {
    const key = attachment.node.link.kind === 'veth' ? (bridgeOf(attachment.far)?.id ?? '') : attachment.far.id;
    const list = found.get(key);
    if (list) list.push(attachment);
    else found.set(key, [attachment]);
  }
  return found;
}
