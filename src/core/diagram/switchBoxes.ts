import { vniText } from '../model/link';
import type { LinkNode, Sandbox, Topology } from '../model/topology';
import { portVlansText } from '../report/deviceFacts';
import { vlanText } from '../report/ovsText';
import type { GraphDraft } from './graphDraft';
import { isDrawnDatapath } from './ovsView';
import { fact, fdbRow, linkFacts, linkState } from './linkFacts';
import { makerFacts, peerFacts } from './memberBoxes';
import { prefixTexts } from './shownAddresses';

/** An interface of a member, as drawn. */
export interface DrawnInterface {
  readonly box: string;
  readonly link: LinkNode;
}

/**
 * Bridges of one namespace with their ports, drawn into `parent`, and the veth pairs that join the ports to members.
 * VXLAN ports become devices of their own; their boxes are returned. Hidden ports are counted, and not drawn.
 */
export function addSwitch(
  draft: GraphDraft,
  topology: Topology,
  sandbox: Sandbox,
  bridges: readonly LinkNode[],
  members: readonly DrawnInterface[],
  parent: string,
  isHidden: (port: LinkNode) => boolean = () => false,
): readonly LinkNode[] {
  const memberOfPort = new Map<string, DrawnInterface>();
  for (const member of members) {
    if (member.link.peer?.state === 'resolved') memberOfPort.set(member.link.peer.linkId, member);
  }
  // Ports in the order of their members keep the pairs from crossing; those that lead elsewhere come last.
  const rank = new Map(members.map((member, index) => [member.box, index]));
  const rankOf = (node: LinkNode): number => rank.get(memberOfPort.get(node.id)?.box ?? '') ?? Number.MAX_SAFE_INTEGER;
  const tunnels: LinkNode[] = [];
  for (const bridge of bridges) {
    const slaves = sandbox.links.filter((node) => node.link.master === bridge.link.name);
    const ovs = topology.ovsBridge.get(bridge.id);
    const addresses = prefixTexts(bridge.link);
    draft.add({
      id: bridge.id,
      kind: 'bridge',
      parent,
      lines: [bridge.link.name, [...(ovs ? [`Open vSwitch (${ovs.bridge.datapathType})`] : isDrawnDatapath(bridge) ? ['Open vSwitch datapath'] : []), `MTU ${String(bridge.link.mtuBytes)}`, ...addresses.filter((each) => !each.includes(':'))].join(' · '), ...addresses.filter((each) => each.includes(':'))],
      modelId: bridge.id,
      facts: [...linkFacts(bridge.link), ...makerFacts(topology, bridge), ...fact('Ports', slaves.length)],
      state: linkState(bridge.link),
      actions: ['reveal'],
    });
    for (const slave of slaves.filter((node) => node.link.vxlan)) {
      addVxlan(draft, sandbox, slave, parent);
      draft.connect({ kind: 'bridgePort', from: slave.id, to: bridge.id, facts: portFacts(slave, bridge), state: linkState(slave.link) });
      tunnels.push(slave);
    }
    const ports = slaves.filter((node) => !node.link.vxlan && !isHidden(node)).sort((left, right) => rankOf(left) - rankOf(right) || left.link.ifindex - right.link.ifindex);
    for (const port of ports) {
      draft.add({
        id: port.id,
        kind: 'port',
        parent,
        lines: [portTitle(topology, port)],
        modelId: port.id,
        facts: [...linkFacts(port.link), ...peerFacts(topology, port), ...makerFacts(topology, port)],
        state: port.peer && port.peer.state !== 'resolved' ? 'unknown' : linkState(port.link),
        actions: ['reveal'],
      });
      draft.connect({ kind: 'bridgePort', from: port.id, to: bridge.id, facts: portFacts(port, bridge), state: linkState(port.link) });
      const member = memberOfPort.get(port.id);
      if (member) {
        draft.connect({
          kind: 'veth',
          from: member.box,
          to: port.id,
          state: linkState(member.link.link) === 'down' || linkState(port.link) === 'down' ? 'down' : 'normal',
          facts: [
            ...fact('Veth pair', `${endText(topology, member.link)} ⇄ ${endText(topology, port)}`),
            ...fact('MTU', `${String(member.link.link.mtuBytes)} bytes, ${String(port.link.mtuBytes)} bytes`),
            ...fact('State', `${member.link.link.operState}, ${port.link.operState}`),
          ],
        });
      }
    }
  }
  return tunnels;
}

/** `tap812 · tag 10` of Open vSwitch, `veth3 · VLAN 10` of a bridge. */
export function portTitle(topology: Topology, { link, ovs }: LinkNode): string {
  const port = ovs && topology.ovsPort.get(ovs.portId)?.port;
  return [link.name, port ? vlanText(port) : link.bridgePort ? portVlansText(link) : ''].filter((text) => text !== '').join(' · ');
}

export function addVxlan(draft: GraphDraft, sandbox: Sandbox, node: LinkNode, parent: string): void {
  const { link } = node;
  const rows = sandbox.record.fdb.filter((entry) => entry.device === link.name);
  draft.add({
    id: node.id,
    kind: 'vxlan',
    parent,
    lines: [link.name, link.vxlan ? vniText(link.vxlan) : 'VNI ?', `UDP ${link.vxlan ? String(link.vxlan.port) : '?'} · MTU ${String(link.mtuBytes)}`],
    modelId: node.id,
    facts: [
      ...linkFacts(link),
      ...rows.map((entry) => ({ name: 'FDB row', value: fdbRow(entry) })),
      ...sandbox.record.neighbours
        .filter((neighbour) => neighbour.device === link.name)
        .map((neighbour) => ({ name: 'Neighbour', value: `${neighbour.address} ${neighbour.mac === undefined ? '' : `lladdr ${neighbour.mac} `}${neighbour.states.join(',')}` })),
    ],
    state: linkState(link),
    actions: ['reveal'],
  });
}

function endText(topology: Topology, node: LinkNode): string {
  return `${node.link.name} (index ${String(node.link.ifindex)}, ${topology.sandbox.get(node.sandboxId)?.title ?? 'unknown namespace'})`;
}

function portFacts(port: LinkNode, bridge: LinkNode): readonly { name: string; value: string }[] {
  return [...fact('Bridge port', `${port.link.name} on ${bridge.link.name}`), ...fact('Port state', port.link.bridgePort?.state), ...fact('State', port.link.operState)];
}
