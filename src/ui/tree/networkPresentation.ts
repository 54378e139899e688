import type { Network } from '../../core/model/topology';
import { addressUse } from '../../core/topology/addressUse';
import { engineMarkText } from '../../core/report/engineText';
import { composeMend } from '../../core/topology/compose';
import { printable } from '../text';
import type { Translate } from '../translate';
import type { TreeModel } from './treeModel';
import { detail, type Presentation } from './row';
import { composeText } from './composeText';

// A map: an engine may call a driver "constructor".
const networkIcons = new Map(Object.entries({ overlay: 'globe', bridge: 'git-merge', macvlan: 'versions', ipvlan: 'versions', host: 'device-desktop', null: 'circle-slash', none: 'circle-slash' }));

export function presentNetwork(network: Network, live: string, model: TreeModel, t: Translate): Presentation {
  const { topology, stores } = model.source;
  const host = topology.host.get(network.hostId);
  const subnets = network.engine.subnets.map((subnet) => subnet.subnet);
  const vnis = network.engine.vnis;
  const enterable = network.sandboxId !== undefined || network.bridgeLinkId !== undefined || ['macvlan', 'ipvlan', 'host'].includes(network.driver);
  return {
    label: printable(network.name),
    description: printable([...(network.engine.engine === undefined ? [] : [engineMarkText(network.engine) ?? '']), network.driver, ...subnets, ...(vnis.length === 0 ? [] : [`VNI ${vnis.join(', ')}`]), ...(network.differs === undefined ? [] : [t('not as its Compose file says')])].join(' · ')),
    ...(network.differs !== undefined && { color: 'list.warningForeground' }),
    icon: networkIcons.get(network.driver) ?? 'type-hierarchy-sub',
    contextValue: ['network', safeTag(network.driver), live, ...(enterable ? ['sandbox'] : []), ...(network.engine.scope === 'global' && host !== undefined && stores?.isKnown(host) === true ? ['stored'] : [])].join('+'),
    details: [
      detail(t('Network'), network.name),
      ...(network.engine.engine === undefined ? [] : [detail(t('Engine'), engineMarkText(network.engine) ?? '')]),
      detail(t('Driver'), `${network.driver}, ${t('scope')} ${network.engine.scope}`),
      ...network.engine.subnets.map((subnet) => detail(t('Subnet'), subnet.gateway === undefined ? subnet.subnet : `${subnet.subnet}, ${t('gateway')} ${subnet.gateway}`)),
      ...addressUse(topology, network).map(({ subnet, range, usable, used }) => detail(t('Addresses'), t('{0} of {1} used, {2} free in {3}', used, usable, usable - used, range ?? subnet))),
      ...network.engine.subnets.flatMap(({ auxiliary }) => Object.entries(auxiliary ?? {})).map(([name, address]) => detail(t('Auxiliary address'), `${address} (${name})`)),
      ...(vnis.length === 0 ? [] : [detail('VNI', vnis.join(', '))]),
      ...(network.compose === undefined ? [] : [detail(t('Compose'), composeText(network.compose, t))]),
      ...(network.differs ?? []).map((differs) => detail(t('Compose file'), differs)),
      detail(t('Id'), network.engine.id.slice(0, 12)),
      detail(t('Endpoints here'), String(network.endpoints.length)),
      ...(network.engine.peers.length === 0 ? [] : [detail(t('Peers'), network.engine.peers.map((peer) => peer.address).join(', '))]),
      ...(network.engine.internal ? [detail(t('Internal'), t('yes'))] : []),
      ...(network.engine.attachable ? [detail(t('Attachable'), t('yes'))] : []),
      ...Object.entries(network.engine.options).map(([name, value]) => detail(name, value)),
    ],
  };
}

/** Why a network is not what its Compose file says now. */
export function presentDifference(differs: string, t: Translate): Presentation {
  return {
    label: printable(t('Not as the Compose file says: {0}', differs), 400),
    icon: 'warning',
    color: 'list.warningForeground',
    contextValue: 'note',
    details: [detail(t('What differs'), differs), detail(t('What to do'), composeMend)],
  };
}

/** Driver names come from plugins too; a '+' in one would be another tag. */
function safeTag(driver: string): string {
  return driver.replace(/[^A-Za-z0-9.-]/g, '_');
}
