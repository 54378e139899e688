import type { HostNode } from '../../core/model/topology';
import { networksNotMade } from '../../core/topology/compose';
import { printable } from '../text';
import type { Translate } from '../translate';
import type { Category, TreeNode } from './node';
import { presentStores } from './storePresentation';
import type { TreeModel } from './treeModel';
import { thingsOf, tunnelsOf } from './treeSource';
import { detail, type Detail, type Presentation } from './row';
import { reachOf } from './reach';

export function presentCategory(node: TreeNode, model: TreeModel, t: Translate): Presentation {
  const host = model.source.topology.host.get(node.hostId);
  const category = node.modelId as Category;
  if (category === 'store') return presentStores(node.hostId, model.source.stores, reachOf(model, node.hostId), t);
  const count = { networks: host?.networks.length, namespaces: host?.sandboxes.length, ovs: host?.ovs?.length, tunnels: host && tunnelsOf(host, model.source.topology).length, containers: host?.containers.length, swarm: host?.swarm?.nodes.length, nested: host?.nested?.length }[category] ?? 0;
  const label = { networks: t('Networks'), namespaces: t('Namespaces'), ovs: 'Open vSwitch', tunnels: t('Tunnels'), containers: t('Containers'), swarm: 'Swarm', nested: t('Nested Engines') }[category];
  const running = host?.containers.filter((container) => container.running).length ?? 0;
  return {
    label,
    description: category === 'swarm' ? t('nodes: {0} · services: {1}', count, host?.swarm?.services.length ?? 0) : category === 'containers' && running !== count ? t('{0} of {1} running', running, count) : String(count),
    icon: { networks: 'type-hierarchy', namespaces: 'symbol-namespace', ovs: 'circuit-board', tunnels: 'radio-tower', containers: 'package', swarm: 'server', nested: 'server-environment' }[category],
    contextValue: `category+${category}`,
    expanded: category === 'networks',
    details: [],
  };
}

export function presentProject(node: TreeNode, model: TreeModel, t: Translate): Presentation {
  const host = model.source.topology.host.get(node.hostId);
  const count = host === undefined ? 0 : thingsOf(host, node.parent?.modelId).filter(({ compose }) => compose?.project === node.modelId).length;
  return {
    label: printable(node.modelId),
    description: t('Compose project · {0}', count),
    icon: 'layers',
    contextValue: 'project',
    expanded: true,
    details: [detail(t('Compose project'), node.modelId), ...(host === undefined ? [] : projectDetails(host, node.modelId, t))],
  };
}

function projectDetails({ snapshot }: HostNode, project: string, t: Translate): readonly Detail[] {
  return (snapshot.compose ?? [])
    .filter((each) => each.project === project)
    .flatMap((each) => [
      ...each.files.map((file) => detail(t('File'), file)),
      ...(each.fault === undefined ? [] : [detail(t('Not compared'), each.fault)]),
      ...networksNotMade(each, snapshot.engine?.networks ?? []).map(({ key }) => detail(t('Not made'), t('the file has a service on the network "{0}", which is not there', key))),
    ]);
}
