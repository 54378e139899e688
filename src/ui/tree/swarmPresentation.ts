import { swarmHost } from '../../core/hosts/swarmHosts';
import { formatHostAddress } from '../../core/model/address';
import type { HostNode, NetworkPeer, PeerTask, ServiceNode, SwarmNodeNode, SwarmPart, SwarmTaskNode, Topology } from '../../core/model/topology';
import { addressesText, nodeText, publishedText, serviceText, taskText, tasksText } from '../../core/report/swarmText';
import type { HostStatus } from '../../discovery/explorer';
import { printable } from '../text';
import type { Translate } from '../translate';
import { detail, type Detail, type Presentation } from './row';

const some = (name: string, value: string | undefined): readonly Detail[] => (value === undefined || value === '' ? [] : [detail(name, value)]);
const joined = (parts: readonly (string | undefined)[]): string => printable(parts.filter((part) => part !== undefined && part !== '').join(' · '));

/** A node, service or task of a swarm, another node on a network, or what that one has there. */
export function presentSwarm(part: SwarmPart, live: string, topology: Topology, hosts: readonly HostStatus[], t: Translate): Presentation {
  const host = topology.host.get(part.hostId);
  switch (part.kind) {
    case 'swarmNode':
      return presentNode(part, live, topology, hosts, t);
    case 'service':
      return presentService(part, live, host, t);
    case 'task':
      return presentTask(part, live, host, topology, t);
    case 'peer':
      return presentPeer(part, live, t);
    case 'peerTask':
      return presentPeerTask(part, live, t);
  }
}

function presentNode({ node, own, at, hostId }: SwarmNodeNode, live: string, topology: Topology, hosts: readonly HostStatus[], t: Translate): Presentation {
  const manager = hosts.find(({ id }) => id === hostId)?.address;
  const found = own || manager === undefined ? undefined : swarmHost(node, manager);
  const added = !own && (at !== undefined || (found !== undefined && hosts.some(({ id }) => id === formatHostAddress(found.address))));
  const named = at === undefined ? undefined : topology.host.get(at)?.label;
  return {
    label: printable(node.hostname || node.id),
    description: joined([node.address, nodeText(node), own ? t('this host') : added ? t('among the hosts') : undefined]),
    icon: node.state === 'ready' ? 'vm-active' : 'vm-outline',
    ...(node.state === 'down' && { color: 'list.warningForeground' }),
    contextValue: ['swarmNode', live, ...(found === undefined || added || live !== 'live' ? [] : ['addable'])].join('+'),
    details: [
      detail(t('Swarm node'), node.hostname || node.id),
      ...some(t('Address'), node.address),
      ...some(t('Role'), nodeText({ ...node, availability: 'active', state: '' })),
      ...some(t('State'), node.state),
      ...some(t('Availability'), node.availability),
      ...some(t('Host'), named),
      detail(t('Id'), node.id),
    ],
  };
}

function presentService(part: ServiceNode, live: string, host: HostNode | undefined, t: Translate): Presentation {
  const { service } = part;
  const [running, , wanted] = tasksText(part).split(' ');
  return {
    label: printable(service.name || service.id),
    description: joined([t('service · {0} of {1} running', running ?? '', wanted ?? ''), serviceText(service), ...service.ports.map(publishedText)]),
    icon: 'server-process',
    ...(running !== wanted && { color: 'list.warningForeground' }),
    contextValue: `service+${live}`,
    details: [
      detail(t('Service'), service.name),
      detail(t('Mode'), serviceText(service)),
      detail(t('Image'), service.image),
      ...addressesText(service.virtualAddresses, host).map((address) => detail(t('Virtual address'), address)),
      ...service.ports.map((port) => detail(t('Published port'), publishedText(port))),
      ...some(t('Stack'), service.labels['com.docker.stack.namespace']),
      detail(t('Id'), service.id),
    ],
  };
}

function presentTask(part: SwarmTaskNode, live: string, host: HostNode | undefined, topology: Topology, t: Translate): Presentation {
  const { task, name, nodeName } = part;
  const container = part.container === undefined ? undefined : topology.container.get(part.container);
  const fails = task.state === 'failed' || task.state === 'rejected' || (task.message !== undefined && task.state === 'pending');
  return {
    label: printable(name),
    description: joined([...task.addresses.map(({ address }) => address.split('/')[0]), nodeName === undefined ? t('on no node') : t('on {0}', nodeName), task.state === 'running' ? undefined : taskText(part), ...task.ports.map(publishedText)]),
    icon: task.state === 'running' ? 'package' : fails ? 'warning' : 'debug-stop',
    color: task.state === 'running' ? 'charts.green' : fails ? 'list.warningForeground' : 'disabledForeground',
    contextValue: `task+${live}`,
    details: [
      detail(t('Task'), name),
      ...some(t('Node'), nodeName),
      detail(t('State'), taskText(part)),
      ...addressesText(task.addresses, host).map((address) => detail(t('Address'), address)),
      ...task.ports.map((port) => detail(t('Published port'), publishedText(port))),
      ...some(t('Container'), container?.name ?? task.containerId?.slice(0, 12)),
      ...some(t('Told by the manager'), host && new Date(host.snapshot.takenAt).toLocaleTimeString()),
      detail(t('Id'), task.id),
    ],
  };
}

function presentPeer({ address, nodeName, tasks }: NetworkPeer, live: string, t: Translate): Presentation {
  return {
    label: printable(nodeName ?? address),
    description: joined([nodeName === undefined ? undefined : address, t('peer · {0} there', tasks.length)]),
    icon: 'remote',
    contextValue: `peer+${live}`,
    details: [detail(t('Peer'), t('another node that has something on this network, by the underlay address to which frames for it are sent')), detail(t('Underlay address'), address), ...some(t('Node'), nodeName)],
  };
}

function presentPeerTask({ task }: PeerTask, live: string, t: Translate): Presentation {
  return {
    label: printable(task.name),
    description: joined([task.ip.split('/')[0], task.service === '' ? undefined : t('service {0}', task.service)]),
    icon: 'plug',
    contextValue: `peerTask+${live}`,
    details: [detail(t('Endpoint there'), task.name), ...some(t('Service'), task.service), ...some(t('Address'), task.ip), detail(t('Endpoint id'), task.endpointId.slice(0, 12))],
  };
}
