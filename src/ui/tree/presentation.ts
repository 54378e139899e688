import { formatHostAddress, type HostId } from '../../core/model/address';
import { containerId } from '../../core/model/ids';
import type { ComposeName, Container, Endpoint, HostNode, Network, Sandbox, SandboxRole } from '../../core/model/topology';
import { addressUse } from '../../core/topology/addressUse';
import { engineMarkText, engineText, isEngineUnread } from '../../core/report/engineText';
import { shownName } from '../../core/report/printable';
import { composeMend, networksNotMade } from '../../core/topology/compose';
import { flannelOf, flannelText } from '../../core/topology/flannel';
import type { HostStatus } from '../../discovery/explorer';
import { printable } from '../text';
import type { Translate } from '../translate';
import { presentLink, presentTunnel } from './linkPresentation';
import { presentNested } from './nestedPresentation';
import { presentOvsBridge, presentOvsPort } from './ovsPresentation';
import type { Category, TreeNode } from './node';
import type { Detail, Presentation } from './row';
import { networkOf } from './storeNetwork';
import { presentStoreEntry, presentStores } from './storePresentation';
import { presentSwarm } from './swarmPresentation';
import { describePorts, ownerText, ownTitle, processText, roleText, stateText } from './sandboxText';
import type { TreeModel } from './treeModel';
import { thingsOf, tunnelsOf } from './treeSource';

/** Presents a row as the topology stands now; a thing that is gone is presented as such. */
export function present(node: TreeNode, model: TreeModel, t: Translate): Presentation {
  const topology = model.source.topology;
  const live = reachOf(model, node.hostId);
  switch (node.kind) {
    case 'host': {
      const status = model.status(node.hostId);
      return status === undefined ? gone(node, t) : presentHost(status, model, t);
    }
    case 'category':
      return presentCategory(node, model, t);
    case 'project':
      return presentProject(node, model, t);
    case 'network': {
      const network = topology.network.get(node.modelId);
      return network === undefined ? gone(node, t) : presentNetwork(network, live, model, t);
    }
    case 'sandbox': {
      const sandbox = topology.sandbox.get(node.modelId);
      return sandbox === undefined ? gone(node, t) : presentSandbox(node, sandbox, live, model, t);
    }
    case 'container': {
      const container = topology.container.get(node.modelId);
      return container === undefined ? gone(node, t) : presentContainer(container, live, model, t);
    }
    case 'endpoint': {
      const endpoint = topology.endpoint.get(node.modelId);
      return endpoint === undefined ? gone(node, t) : presentEndpoint(node, endpoint, live, model, t);
    }
    case 'link': {
      const link = topology.link.get(node.modelId);
      if (link === undefined) return gone(node, t);
      return node.parent?.kind === 'category' ? presentTunnel(link, live, topology, t) : presentLink(link, live, topology, t);
    }
    case 'ovsBridge': {
      const bridge = topology.ovsBridge.get(node.modelId);
      return bridge === undefined ? gone(node, t) : presentOvsBridge(bridge, live, topology, t);
    }
    case 'ovsPort': {
      const port = topology.ovsPort.get(node.modelId);
      return port === undefined ? gone(node, t) : presentOvsPort(port, live, topology, t, node.parent?.kind === 'category');
    }
    case 'nested': {
      const nested = topology.nested.get(node.modelId);
      return nested === undefined ? gone(node, t) : presentNested(nested, live, topology, model.source.hosts, t);
    }
    case 'swarmNode':
    case 'service':
    case 'task':
    case 'peer':
    case 'peerTask': {
      const part = topology.swarmPart.get(node.modelId);
      return part === undefined ? gone(node, t) : presentSwarm(part, live, topology, model.source.hosts, t);
    }
    case 'store':
    case 'storeKey': {
      const entry = model.storeEntry(node);
      return entry === undefined ? gone(node, t) : presentStoreEntry(entry, entry.network !== undefined && networkOf(topology, node.hostId, entry.network) !== undefined, live, t);
    }
    case 'fault': {
      const fault = model.fault(node);
      if (fault === undefined) return gone(node, t);
      const failed = node.parent?.kind === 'host' && model.status(node.hostId)?.error === fault;
      return {
        label: printable(fault.message, 400),
        // A host without an engine is nothing to mend.
        ...(fault.code === 'no-engine' ? { icon: 'info' } : failed ? { icon: 'error', color: 'list.errorForeground' } : { icon: 'warning', color: 'list.warningForeground' }),
        contextValue: 'fault',
        details: [detail(t('What happened'), fault.message), ...(fault.detail === undefined ? [] : [detail(t('The tool said'), fault.detail)])],
      };
    }
    case 'note': {
      const differs = node.modelId.startsWith('differs#') ? topology.network.get(node.parent?.modelId ?? '')?.differs?.[Number(node.modelId.slice('differs#'.length))] : undefined;
      if (differs !== undefined) return presentDifference(differs, t);
      return { label: noteText(node.modelId, t), icon: 'dash', color: 'disabledForeground', contextValue: 'note', details: [] };
    }
  }
}

/** For menus: whether commands can be run on the row's host, only its engine asked, or neither. */
function reachOf(model: TreeModel, hostId: HostId): 'recorded' | 'engine' | 'live' {
  if (model.status(hostId)?.address.kind === 'file') return 'recorded';
  return model.source.topology.host.get(hostId)?.snapshot.host.engineOnly === true ? 'engine' : 'live';
}

/** Why a network is not what its Compose file says now. */
function presentDifference(differs: string, t: Translate): Presentation {
  return {
    label: printable(t('Not as the Compose file says: {0}', differs), 400),
    icon: 'warning',
    color: 'list.warningForeground',
    contextValue: 'note',
    details: [detail(t('What differs'), differs), detail(t('What to do'), composeMend)],
  };
}

function presentHost(status: HostStatus, model: TreeModel, t: Translate): Presentation {
  const host = model.source.topology.host.get(status.id);
  const recorded = status.address.kind === 'file';
  const busy = status.state === 'connecting' || status.state === 'scanning';
  const address = formatHostAddress(status.address);
  const label = printable(host?.label ?? status.label);
  const snapshot = host?.snapshot;
  const flannel = host && flannelOf(model.source.topology, host);
  // A host that was read before is read again often and quickly: only the view's own progress tells of that.
  const state =
    busy && host === undefined ? (status.state === 'connecting' ? t('connecting…') : t('reading…'))
    : status.state === 'failed' ? (host === undefined ? t('not reached') : t('last read {0}', time(host.snapshot.takenAt)))
    : recorded && snapshot !== undefined ? t('recorded {0}', time(snapshot.takenAt))
    : '';
  const short = status.address.kind === 'local' ? t('this machine') : status.address.kind === 'file' ? '' : address.replace(/^ssh:\/\//, '');
  const limited = snapshot?.host.engineOnly === true ? t('engine only') : snapshot?.host.privilege === 'user' ? t('not root') : '';
  const sandboxes = host?.rootSandbox === undefined ? [] : ['sandbox'];
  const removable = [status.address.kind === 'local' ? 'local' : 'added'];
  return {
    label,
    description: printable([short === label ? '' : short, status.origin?.groups[0] ?? '', state, limited].filter((part) => part !== '').join(' · ')),
    icon: busy && host === undefined ? 'loading~spin' : status.state === 'failed' ? 'debug-disconnect' : recorded ? 'archive' : status.address.kind === 'local' ? 'device-desktop' : 'server',
    ...(status.state === 'failed' && { color: 'list.errorForeground' }),
    contextValue: ['host', reachOf(model, status.id), ...(status.address.kind === 'docker' ? ['docker'] : []), ...sandboxes, ...removable, ...(host === undefined ? [] : ['read'])].join('+'),
    expanded: true,
    details: [
      detail(t('Address'), address),
      ...(status.origin === undefined ? [] : [detail(t('Imported from'), [status.origin.source, ...status.origin.groups].join(' · '))]),
      ...(status.way === undefined ? [] : [detail(t('Connection'), status.way)]),
      ...(snapshot === undefined
        ? []
        : [
            detail(t('Host name'), snapshot.host.hostname),
            detail(t('System'), [snapshot.host.os, snapshot.host.kernel].filter((part) => part !== undefined).join(', ')),
            detail(t('Engine'), snapshot.engine !== undefined ? engineText(snapshot.engine) : isEngineUnread(snapshot) ? t('not read') : t('none')),
            ...(snapshot.engine?.swarm === undefined ? [] : [detail(t('Swarm'), `${snapshot.engine.swarm.nodeAddress}${snapshot.engine.swarm.manager ? ` (${t('manager')})` : ''}`)]),
            ...(snapshot.host.engineOnly === true ? [] : [detail(t('Read as'), privilegeText(snapshot.host.privilege, t)), detail(t('iproute2'), snapshot.host.ipVersion ?? snapshot.host.ip)]),
            ...(flannel === undefined ? [] : [detail('flannel', flannelText(flannel))]),
            ...(host?.underlay[0] === undefined ? [] : [detail(t('Underlay address'), host.underlay[0])]),
            ...(recorded ? [detail(t('Recorded'), snapshot.takenAt)] : []),
          ]),
    ],
  };
}

function presentCategory(node: TreeNode, model: TreeModel, t: Translate): Presentation {
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

// A map: an engine may call a driver "constructor".
const networkIcons = new Map(Object.entries({ overlay: 'globe', bridge: 'git-merge', macvlan: 'versions', ipvlan: 'versions', host: 'device-desktop', null: 'circle-slash', none: 'circle-slash' }));

function presentProject(node: TreeNode, model: TreeModel, t: Translate): Presentation {
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

function presentNetwork(network: Network, live: string, model: TreeModel, t: Translate): Presentation {
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

const sandboxIcons: Readonly<Record<SandboxRole, string>> = {
  root: 'home',
  container: 'package',
  overlay: 'globe',
  loadBalancer: 'law',
  ingress: 'sign-in',
  process: 'gear',
  named: 'tag',
  leaked: 'trash',
  unowned: 'question',
};

function presentSandbox(node: TreeNode, sandbox: Sandbox, live: string, model: TreeModel, t: Translate): Presentation {
  const topology = model.source.topology;
  const role = roleText(sandbox.role, t);
  const network = sandbox.networkId === undefined ? undefined : topology.network.get(sandbox.networkId);
  const containers = [...sandbox.containers.flatMap((id) => topology.container.get(id)?.name ?? []), ...(sandbox.runtimeContainers ?? []).map(({ name, id }) => name ?? id)];
  const above = node.parent?.kind;
  const inContext = above === 'container' || above === 'network';
  const unread = sandbox.record.read === 'none' ? t('not read') : sandbox.record.read === 'partial' ? t('partly read') : '';
  // Its title would only repeat the row above it.
  const label = !inContext ? printable(ownTitle(sandbox, t)) : above === 'network' ? role : t('Namespace');
  const number = `net:[${String(sandbox.inode)}]`;
  return {
    label,
    description: printable([number, inContext || sandbox.role === 'root' ? '' : role, sandbox.role === 'root' && inContext ? roleText('root', t) : '', unread].filter((part) => part !== '').join(' · ')),
    icon: above === 'container' ? 'symbol-namespace' : sandboxIcons[sandbox.role],
    ...(sandbox.errors.length > 0 && { color: 'list.warningForeground' }),
    contextValue: ['sandbox', sandbox.role, live, ...(network === undefined ? [] : ['network'])].join('+'),
    details: [
      detail(t('Namespace'), `${number}, ${t('device')} ${String(sandbox.record.device)}`),
      detail(t('Kind'), role),
      ...(containers.length === 0 ? [] : [detail(containers.length === 1 ? t('Container') : t('Containers'), containers.join(', '))]),
      ...(sandbox.pod === undefined ? [] : [detail(t('Pod'), `${sandbox.pod.namespace}/${sandbox.pod.name}`)]),
      ...(sandbox.owner === undefined ? [] : [detail(t('Owner'), ownerText(sandbox.owner, t))]),
      ...(network === undefined ? [] : [detail(t('Network'), network.name)]),
      ...sandbox.paths.map((path) => detail(t('Name'), shownName(path))),
      ...(sandbox.record.mounts ?? []).map((mount) => detail(t('Name'), t('{0} in mount namespace mnt:[{1}], of process {2}', shownName(mount.path), mount.mountNamespace, mount.pid))),
      detail(t('Processes'), processText(sandbox.record, t)),
      ...(sandbox.record.threads ?? []).map((holder) => detail(t('Thread'), t('{0} of {1} ({2})', holder.id, holder.comm ?? '?', holder.pid))),
      ...(sandbox.record.descriptors ?? []).map((holder) => detail(t('Descriptor'), t('{0} of {1} ({2})', holder.id, holder.comm ?? '?', holder.pid))),
      detail(t('Links'), String(sandbox.links.length)),
    ],
  };
}

function presentContainer(container: Container, live: string, model: TreeModel, t: Translate): Presentation {
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

function composeText({ project, service }: ComposeName, t: Translate): string {
  return service === undefined ? t('project {0}', project) : t('project {0}, service {1}', project, service);
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

function presentEndpoint(node: TreeNode, endpoint: Endpoint, live: string, model: TreeModel, t: Translate): Presentation {
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

function gone(node: TreeNode, t: Translate): Presentation {
  return { label: t('gone'), icon: 'circle-slash', color: 'disabledForeground', contextValue: `gone+${node.kind}`, details: [] };
}

function noteText(key: string, t: Translate): string {
  if (key === 'noNetworks') return t('The engine has no networks.');
  if (key === 'readingStores') return t('Reading the key-value stores…');
  if (key === 'noStores') return t('No key-value store is known of: neither the engine, flanneld, a process that listens there nor the settings name one.');
  if (key.startsWith('moreKeys#')) return t('{0} more, which are not shown: filter, or name a prefix after the store\'s address in the settings.', key.slice('moreKeys#'.length));
  if (key === 'noContainers') return t('The engine has no containers.');
  return t('No namespace could be read.');
}

function privilegeText(privilege: 'root' | 'sudo' | 'user', t: Translate): string {
  return { root: t('root'), sudo: t('root by sudo'), user: t('an ordinary user: other users\' namespaces are hidden') }[privilege];
}

/** Local time of an ISO 8601 instant, to the minute. */
function time(iso: string): string {
  const at = new Date(iso);
  const two = (value: number) => String(value).padStart(2, '0');
  return Number.isNaN(at.getTime()) ? printable(iso) : `${String(at.getFullYear())}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** Driver names come from plugins too; a '+' in one would be another tag. */
function safeTag(driver: string): string {
  return driver.replace(/[^A-Za-z0-9.-]/g, '_');
}

const detail = (name: string, value: string): Detail => ({ name: printable(name), value: printable(value) });
