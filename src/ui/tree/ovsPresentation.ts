import type { OvsBridgeNode, OvsPortNode, Topology } from '../../core/model/topology';
import { leadsTo, optionsText, stateText, typeText, vlanText } from '../../core/report/ovsText';
import { otherHalfText, tunnelPath } from '../../core/report/tunnelText';
import { printable } from '../text';
import type { Translate } from '../translate';
import { detail, type Detail, type Presentation } from './row';

const some = (name: string, value: string | undefined): readonly Detail[] => (value === undefined || value === '' ? [] : [detail(name, value)]);
const idsText = (ids: Readonly<Record<string, string>>): string => Object.entries(ids).map(([name, value]) => `${name}=${value}`).join(', ');

/** `br0`, then its datapath and how many ports it has. */
export function presentOvsBridge({ bridge, linkId, ports, hostId }: OvsBridgeNode, live: string, topology: Topology, t: Translate): Presentation {
  const daemon = topology.host.get(hostId)?.snapshot.ovs?.daemon;
  const idle = daemon === 'none' || daemon === 'stopped';
  return {
    label: printable(bridge.name),
    description: printable([bridge.datapathType, t('{0} ports', ports.length), ...(idle ? [t('ovs-vswitchd does not run')] : [])].join(' · ')),
    icon: 'git-merge',
    ...(idle && { color: 'list.warningForeground' }),
    contextValue: ['ovsBridge', live, 'sandbox'].join('+'),
    details: [
      detail(t('Open vSwitch bridge'), bridge.name),
      detail(t('Datapath'), bridge.datapathType === 'netdev' ? t('netdev (user space)') : bridge.datapathType === 'system' ? t('system (kernel)') : bridge.datapathType),
      ...some(t('Fail mode'), bridge.failMode),
      detail('STP', bridge.stp ? t('on') : t('off')),
      detail(t('Network device'), linkId === undefined ? t('none') : (topology.link.get(linkId)?.link.name ?? '?')),
      detail(t('Ports'), String(ports.length)),
      ...some(t('External ids'), idsText(bridge.externalIds)),
      detail('UUID', bridge.uuid),
    ],
  };
}

/** `gre0 → 10.0.0.4`, then its VLANs, its type and state. `asTunnel`: among the host's tunnels, where the other half is what counts. */
export function presentOvsPort(node: OvsPortNode, live: string, topology: Topology, t: Translate, asTunnel: boolean): Presentation {
  const { port, interfaces } = node;
  const tunnel = topology.tunnel.get(node.id);
  const bridge = topology.ovsBridge.get(node.bridgeId)?.bridge.name ?? '?';
  const far = tunnel && otherHalfText(tunnel, topology);
  const states = [...new Set(interfaces.map(({ facts }) => stateText(facts)))];
  const faulty = interfaces.some(({ facts }) => facts.error !== undefined || facts.ofport === -1);
  const wrong = faulty || tunnel?.other.state === 'mismatched' || tunnel?.other.state === 'missing';
  const leads = leadsTo(topology, node);
  const arrow = tunnel ? ` ⇄ ${tunnel.other.state === 'matched' ? (far ?? '?') : '?'}` : leads === '' ? '' : ` ${interfaces[0]?.facts.type === '' ? '⇄' : '→'} ${leads}`;
  const words = asTunnel
    ? [...(tunnel && tunnel.other.state !== 'matched' ? [far ?? ''] : []), tunnel ? tunnelPath(tunnel) : '', tunnel?.kind ?? '', t('port of {0}', bridge)]
    : [vlanText(port), typeText(node), ...(tunnel ? [tunnelPath(tunnel)] : []), ...states];
  return {
    label: printable(`${port.name}${arrow}`),
    description: printable(words.filter((word) => word !== '').join(' · ')),
    icon: wrong ? 'warning' : tunnel ? 'radio-tower' : interfaces.length > 1 ? 'combine' : interfaces[0]?.facts.type === 'patch' ? 'plug' : 'circuit-board',
    ...(wrong ? { color: 'list.warningForeground' } : states.some((state) => state !== 'up') ? { color: 'disabledForeground' } : {}),
    contextValue: ['ovsPort', live, 'sandbox', ...(tunnel && asTunnel ? ['tunnel'] : [])].join('+'),
    details: [
      detail(t('Open vSwitch port'), `${port.name} (${bridge})`),
      detail(t('Type'), typeText(node)),
      detail('VLAN', vlanText(port) || t('all, untagged ones too')),
      ...some(t('Leads to'), leads),
      ...(tunnel === undefined ? [] : [detail(t('Other half'), otherHalfText(tunnel, topology))]),
      ...interfaces.flatMap(({ facts }) => [
        ...(interfaces.length > 1 ? [detail(t('Interface'), facts.name)] : []),
        detail(t('State'), stateText(facts)),
        ...some(t('Options'), optionsText(facts)),
        ...some(t('OpenFlow port'), facts.ofport?.toString()),
        ...some('MAC', facts.mac),
        ...some('MTU', facts.mtuBytes?.toString()),
        ...some(t('External ids'), idsText(facts.externalIds)),
      ]),
    ],
  };
}
