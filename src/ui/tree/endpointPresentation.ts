import type { Endpoint, Network } from '../../core/model/topology';
import { printable } from '../text';
import type { Translate } from '../translate';
import type { TreeNode } from './node';
import type { TreeModel } from './treeModel';
import { detail, type Presentation } from './row';

export function presentEndpoint(node: TreeNode, endpoint: Endpoint, live: string, model: TreeModel, t: Translate): Presentation {
  const topology = model.source.topology;
  const network = topology.network.get(endpoint.networkId);
  const link = endpoint.linkId === undefined ? undefined : topology.link.get(endpoint.linkId);
  const underContainer = node.parent?.kind === 'container';
  const container = endpoint.containerId === undefined ? undefined : topology.container.get(endpoint.containerId);
  return {
    label: printable(underContainer ? (network?.name ?? endpoint.networkId) : endpoint.name),
    description: printable([endpoint.ipv4, endpoint.ipv6, endpoint.mac].filter((part) => part !== undefined).join(' · ')),
    icon: endpoint.isContainer ? 'plug' : 'law',
    ...(container?.running === false && { color: 'disabledForeground' }),
    contextValue: ['endpoint', live, ...(endpoint.sandboxId === undefined ? [] : ['sandbox']), ...(container === undefined ? [] : ['container', container.running ? 'running' : 'stopped'])].join('+'),
    details: [
      detail(t('Endpoint'), endpoint.name),
      detail(t('Network'), network?.name ?? endpoint.networkId),
      ...(endpoint.isContainer ? [] : [detail(t('What it is'), ownedText(endpoint, network, t))]),
      ...(endpoint.ipv4 === undefined ? [] : [detail('IPv4', endpoint.ipv4)]),
      ...(endpoint.ipv6 === undefined ? [] : [detail('IPv6', endpoint.ipv6)]),
      ...(endpoint.mac === undefined ? [] : [detail('MAC', endpoint.mac)]),
      ...(link === undefined ? [] : [detail(t('Interface'), link.link.name)]),
    ],
  };
}

/**
 * What an endpoint of the engine's own is for. libnetwork names them: `<network>-endpoint` a load balancer's and, on the ingress network, the
 * ingress sandbox's; `gateway_<sandbox>` one that leads out of such a sandbox through docker_gwbridge.
 */
function ownedText(endpoint: Endpoint, network: Network | undefined, t: Translate): string {
  if (network?.engine.ingress === true) return t("The ingress' own address on this network and host; from it connections to published ports go on to the tasks. The engine owns it; no container has it.");
  if (endpoint.name === 'gateway_ingress-sbox') return t("The ingress' own address on this network and host; here connections to published ports come in. The engine owns it; no container has it.");
  if (endpoint.name.startsWith('gateway_')) return t("The way out of a load balancer's namespace through this network. The engine owns it; no container has it.");
  return t("The load balancer's own address on this network and host. The engine owns it; no container has it.");
}
