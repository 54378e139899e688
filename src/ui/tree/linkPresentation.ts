import { vniText } from '../../core/model/link';
import type { LinkNode, Topology } from '../../core/model/topology';
import { deviceFacts, deviceSummary } from '../../core/report/deviceFacts';
import { isWorthTelling, makerOf, makerText } from '../../core/topology/makers';
import { vlanText } from '../../core/report/ovsText';
import { otherHalfText, tunnelPath } from '../../core/report/tunnelText';
import { planIdOf } from '../../core/plan/seenTunnel';
import { printable } from '../text';
import type { Translate } from '../translate';
import { detail, type Detail, type Presentation } from './row';
import { ownTitle } from './sandboxText';

// A map: a host may call a kind of device "constructor".
const icons = new Map(Object.entries({
  veth: 'arrow-swap',
  bridge: 'git-merge',
  vxlan: 'radio-tower',
  gre: 'radio-tower',
  gretap: 'radio-tower',
  geneve: 'radio-tower',
  ipip: 'radio-tower',
  macvlan: 'versions',
  ipvlan: 'versions',
  vlan: 'tag',
  erspan: 'radio-tower',
  ip6gre: 'radio-tower',
  sit: 'radio-tower',
  bond: 'combine',
  vrf: 'list-tree',
  wireguard: 'lock',
  xfrm: 'lock',
  tun: 'terminal',
}));

/** `eth0 ⇄ vethe51de11 in root`, then addresses, kind, state and master. */
export function presentLink(node: LinkNode, live: string, topology: Topology, t: Translate): Presentation {
  const { link } = node;
  const down = isDown(node);
  const loopback = link.linkType === 'loopback';
  const addresses = link.addresses.filter((address) => address.scope === 'global').map((address) => `${address.address}/${String(address.prefixLength)}`);
  const kind = loopback ? t('loopback') : (link.kind ?? t('physical'));
  // The label takes most of the row's width: what is looked for most comes first.
  const summary = deviceSummary(link);
  const maker = makerOf(topology, node);
  const facts = [
    ...addresses,
    ...(link.vxlan === undefined ? [] : [vniText(link.vxlan)]),
    kind,
    ...(summary === undefined ? [] : [summary]),
    ...(node.holders === undefined ? [] : [holderText(node.holders)]),
    down ? t('down') : t('up'),
    ...(link.master === undefined ? [] : [t('master {0}', link.master)]),
    ...(node.ovs === undefined || node.ovs.bridge === link.name ? [] : [t('port of {0}', node.ovs.bridge)]),
    ...(maker === undefined || !isWorthTelling(maker) ? [] : [t('made by {0}', maker.name)]),
  ];
  return {
    label: printable(`${link.name}${peerText(node, topology, t)}`),
    description: printable(facts.join(' · ')),
    icon: loopback ? 'sync' : (icons.get(link.kind ?? '') ?? 'circuit-board'),
    ...(down && { color: 'disabledForeground' }),
    contextValue: ['link', link.kind === undefined ? 'physical' : link.kind.replace(/[^A-Za-z0-9.-]/g, '_'), live, 'sandbox', ...(node.peer?.state === 'resolved' ? ['peer'] : []), ...(link.master === undefined ? [] : ['port']), ...(planIdOf(link) === undefined ? [] : ['planned'])].join('+'),
    details: linkDetails(node, topology, t),
  };
}

/** A tunnel's device among the host's tunnels: `gre1 ⇄ gre1 on node2`, then its addresses. */
export function presentTunnel(node: LinkNode, live: string, topology: Topology, t: Translate): Presentation {
  const own = presentLink(node, live, topology, t);
  const tunnel = topology.tunnel.get(node.id);
  if (tunnel === undefined) return own;
  const { state } = tunnel.other;
  const sandbox = topology.sandbox.get(node.sandboxId);
  const far = otherHalfText(tunnel, topology);
  return {
    ...own,
    label: printable(`${node.link.name} ${state === 'matched' ? `⇄ ${far}` : '⇄ ?'}`),
    description: printable([...(state === 'matched' ? [] : [far]), tunnelPath(tunnel), tunnel.kind, planIdOf(node.link) === undefined ? '' : t('made by a plan'), sandbox === undefined || sandbox.role === 'root' ? '' : t('in {0}', ownTitle(sandbox, t))].filter((part) => part !== '').join(' · ')),
    ...(state === 'mismatched' || state === 'missing' ? { icon: 'warning', color: 'list.warningForeground' } : {}),
    contextValue: `${own.contextValue}+tunnel`,
  };
}

function linkDetails(node: LinkNode, topology: Topology, t: Translate): readonly Detail[] {
  const { link } = node;
  const peer = node.peer;
  const peerFact =
    peer === undefined ? undefined
    : peer.state === 'resolved' ? placeOf(peer.linkId, node.sandboxId, topology, t)
    : peer.state === 'ambiguous' ? t('one of {0}', peer.candidates.map((id) => placeOf(id, node.sandboxId, topology, t)).join('; '))
    : t('in a namespace that was not read');
  const { vxlan } = link;
  const maker = makerOf(topology, node);
  const tunnel = topology.tunnel.get(node.id);
  // IFLA_IFALIAS: what made it may have left a word there.
  const alias = link.rest?.['ifalias'];
  const planId = planIdOf(link);
  return [
    detail(t('Link'), `${link.name} (${t('index')} ${String(link.ifindex)})`),
    detail(t('Kind'), link.kind ?? link.linkType),
    detail(t('State'), `${link.operState}, ${link.flags.join(' ')}`),
    ...(link.mac === undefined ? [] : [detail('MAC', link.mac)]),
    detail('MTU', String(link.mtuBytes)),
    ...(link.master === undefined ? [] : [detail(t('Master'), link.master)]),
    ...ovsDetail(node, topology).map(({ name, value }) => detail(name, value)),
    ...(maker === undefined ? [] : [detail(t('Made by'), makerText(maker))]),
    ...(peerFact === undefined ? [] : [detail(link.kind === 'veth' ? t('Peer') : t('Lower device'), peerFact)]),
    ...link.addresses.map((address) => detail(address.family === 'inet' ? 'IPv4' : 'IPv6', `${address.address}/${String(address.prefixLength)} (${address.scope})`)),
    ...(vxlan === undefined
      ? []
      : [
          detail('VNI', vxlan.external === true ? t('comes with each packet') : String(vxlan.vni)),
          detail(t('UDP port'), String(vxlan.port)),
          ...(vxlan.local === undefined ? [] : [detail(t('Local VTEP'), vxlan.local)]),
          ...(vxlan.remote === undefined ? [] : [detail(t('Remote or group'), vxlan.remote)]),
          detail(t('Modes'), ['learning', 'proxy', 'l2miss', 'l3miss'].filter((mode) => vxlan[mode as 'learning']).join(', ') || t('none')),
        ]),
    ...(link.bridge === undefined ? [] : [detail(t('Bridge'), `STP ${link.bridge.stp ? t('on') : t('off')}, VLAN ${t('filtering')} ${link.bridge.vlanFiltering ? t('on') : t('off')}`)]),
    ...(link.bridgePort === undefined ? [] : [detail(t('Port state'), link.bridgePort.state)]),
    ...(link.macvlan === undefined ? [] : [detail(t('Mode'), link.macvlan.mode)]),
    ...deviceFacts(link).map(({ name, value }) => detail(name, value)),
    ...(tunnel === undefined ? [] : [detail(t('Other half'), otherHalfText(tunnel, topology))]),
    ...(planId === undefined ? [] : [detail(t('Made by plan'), planId)]),
    ...(typeof alias === 'string' && planId === undefined ? [detail(t('Alias'), alias)] : []),
    ...(node.holders === undefined ? [] : [detail(t('Held by'), holderText(node.holders))]),
  ];
}

function ovsDetail({ ovs }: LinkNode, topology: Topology): readonly Detail[] {
  const port = ovs && topology.ovsPort.get(ovs.portId)?.port;
  if (!ovs || !port) return [];
  return [{ name: 'Open vSwitch', value: [`${ovs.bridge} / ${ovs.port}`, vlanText(port)].filter((text) => text !== '').join(' · ') }];
}

/** `openvpn (812)`; one process may hold a device by several descriptors. */
function holderText(holders: NonNullable<LinkNode['holders']>): string {
  return [...new Set(holders.map(({ pid, comm }) => `${comm ?? '?'} (${String(pid)})`))].join(', ');
}

/** Loopback and point-to-point devices are UNKNOWN while they work (net/core/link_watch.c); IFF_UP then decides. */
function isDown({ link }: LinkNode): boolean {
  if (link.operState === 'UP') return false;
  return link.operState !== 'UNKNOWN' || !link.flags.includes('UP');
}

function peerText(node: LinkNode, topology: Topology, t: Translate): string {
  const peer = node.peer;
  if (peer === undefined) return '';
  const arrow = node.link.kind === 'veth' ? '⇄' : '→';
  if (peer.state === 'resolved') return ` ${arrow} ${placeOf(peer.linkId, node.sandboxId, topology, t)}`;
  // The device under a tunnel or a macvlan often lies in a namespace that nothing names; a veth without its other end is worth a mark.
  if (peer.state === 'unseen' && node.link.kind !== 'veth') return '';
  return peer.state === 'ambiguous' ? ` ${arrow} ? ${t('({0} candidates)', peer.candidates.length)}` : ` ${arrow} ?`;
}

function placeOf(linkId: string, from: string, topology: Topology, t: Translate): string {
  const link = topology.link.get(linkId);
  if (link === undefined) return '?';
  if (link.sandboxId === from) return link.link.name;
  const sandbox = topology.sandbox.get(link.sandboxId);
  return t('{0} in {1}', link.link.name, sandbox === undefined ? '?' : ownTitle(sandbox, t));
}
