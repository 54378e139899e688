import { printable } from '../text';
import type { Translate } from '../translate';
import { presentLink, presentTunnel } from './linkPresentation';
import { presentNested } from './nestedPresentation';
import { presentOvsBridge, presentOvsPort } from './ovsPresentation';
import type { TreeNode } from './node';
import { networkOf } from './storeNetwork';
import { presentStoreEntry } from './storePresentation';
import { presentSwarm } from './swarmPresentation';
import type { TreeModel } from './treeModel';
import { detail, type Presentation } from './row';
import { reachOf } from './reach';
import { presentHost } from './hostPresentation';
import { presentCategory, presentProject } from './categoryPresentation';
import { presentDifference, presentNetwork } from './networkPresentation';
import { presentSandbox } from './sandboxPresentation';
import { presentContainer } from './containerPresentation';
import { presentEndpoint } from './endpointPresentation';

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
