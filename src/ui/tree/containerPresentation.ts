import { containerId } from '../../core/model/ids';
import type { Container } from '../../core/model/topology';
import { engineMarkText } from '../../core/report/engineText';
import { printable } from '../text';
import type { Translate } from '../translate';
import { describePorts, stateText } from './sandboxText';
import type { TreeModel } from './treeModel';
import { detail, type Presentation } from './row';
import { composeText } from './composeText';

export function presentContainer(container: Container, live: string, model: TreeModel, t: Translate): Presentation {
  const addresses = container.endpoints.flatMap((id) => model.source.topology.endpoint.get(id)?.ipv4 ?? []);
  const running = container.running;
  const ports = describePorts(container.engine.ports);
  return {
    label: printable(container.name),
    description: printable([engineMarkText(container.engine) ?? '', running ? '' : container.engine.state, modeText(container, model, t), ...addresses, container.engine.image].filter((part) => part !== '').join(' · ')),
    icon: running ? 'package' : 'debug-stop',
    color: running ? 'charts.green' : 'disabledForeground',
    contextValue: ['container', running ? 'running' : 'stopped', live, ...(container.sandboxId === undefined ? [] : ['sandbox'])].join('+'),
    details: [
      detail(t('Container'), container.name),
      ...(container.compose === undefined ? [] : [detail(t('Compose'), composeText(container.compose, t))]),
      ...(container.engine.engine === undefined ? [] : [detail(t('Engine'), engineMarkText(container.engine) ?? '')]),
      detail(t('Image'), container.engine.image),
      detail(t('State'), stateText(container.engine)),
      detail(t('Network mode'), container.engine.networkMode),
      ...container.engine.networks.map((network) => detail(network.networkName, [network.ipv4, network.ipv6, network.mac].filter((part) => part !== undefined && part !== '').join(', '))),
      ...(ports === '' ? [] : [detail(t('Ports'), ports)]),
      ...(container.engine.pid === undefined ? [] : [detail('PID', String(container.engine.pid))]),
      detail(t('Id'), container.engine.id.slice(0, 12)),
    ],
  };
}

/** Why a container has no address of its own: it uses the host's network or another container's, or has none. */
function modeText(container: Container, model: TreeModel, t: Translate): string {
  const mode = container.engine.networkMode;
  if (mode === 'host') return t('host network');
  if (mode === 'none') return t('no network');
  if (!mode.startsWith('container:')) return '';
  const shared = mode.slice('container:'.length);
  const owner = model.source.topology.container.get(containerId(container.hostId, shared));
  return t('shares {0}', owner?.name ?? shared.slice(0, 12));
}
