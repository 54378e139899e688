import type { LinkNode, Sandbox, SwarmPart } from '../../core/model/topology';
import { vlanText } from '../../core/report/ovsText';
import { shownName } from '../../core/report/printable';
import type { TreeNode } from './node';
import type { TreeModel } from './treeModel';

/**
 * Which rows a filter leaves: a row whose own facts hold the text, all that stands under such a row, and the way to it.
 * Faults always stay: a filter must not hide that something could not be read.
 * Made anew for each topology, since it remembers its answers.
 */
export class Filter {
  private readonly needle: string;
  private readonly answers = new Map<string, boolean>();

  constructor(
    text: string,
    private readonly model: TreeModel,
  ) {
    this.needle = text.trim().toLowerCase();
  }

  /** The children that stay. `underMatch`: the parent or one above it matches by itself. */
  children(node: TreeNode | undefined): readonly TreeNode[] {
    const children = this.model.children(node);
    if (this.needle === '' || this.underMatch(node)) return children;
    return children.filter((child) => child.kind === 'fault' || child.kind === 'host' || this.leads(child));
  }

  /** Whether the row is on the way to a match, so that it has to stand open. */
  opens(node: TreeNode): boolean {
    return this.needle !== '' && !this.underMatch(node) && this.leads(node);
  }

  private underMatch(node: TreeNode | undefined): boolean {
    for (let at = node; at !== undefined; at = at.parent) if (this.matches(at)) return true;
    return false;
  }

  private leads(node: TreeNode): boolean {
    const known = this.answers.get(node.id);
    if (known !== undefined) return known;
    const answer = this.matches(node) || this.model.children(node).some((child) => child.kind !== 'fault' && this.leads(child));
    this.answers.set(node.id, answer);
    return answer;
  }

  private matches(node: TreeNode): boolean {
    return this.texts(node).some((text) => text?.toLowerCase().includes(this.needle) ?? false);
  }

  /** What a person may know of the thing: names, addresses, ids. */
  private texts(node: TreeNode): readonly (string | undefined)[] {
    const topology = this.model.source.topology;
    switch (node.kind) {
      case 'network': {
        const network = topology.network.get(node.modelId);
        return network === undefined ? [] : [network.name, network.driver, network.engine.engine, network.engine.id, ...network.engine.subnets.map((subnet) => subnet.subnet), ...network.engine.vnis.map((vni) => `vni ${String(vni)}`)];
      }
      case 'sandbox':
        return sandboxTexts(topology.sandbox.get(node.modelId));
      case 'container': {
        const container = topology.container.get(node.modelId);
        return container === undefined ? [] : [container.name, container.engine.id, container.engine.image, container.engine.engine];
      }
      case 'endpoint': {
        const endpoint = topology.endpoint.get(node.modelId);
        return endpoint === undefined ? [] : [endpoint.name, endpoint.ipv4, endpoint.ipv6, endpoint.mac];
      }
      case 'link':
        return linkTexts(topology.link.get(node.modelId));
      case 'ovsBridge':
        return ['Open vSwitch', topology.ovsBridge.get(node.modelId)?.bridge.name];
      case 'ovsPort': {
        const port = topology.ovsPort.get(node.modelId);
        return port === undefined ? [] : [port.port.name, vlanText(port.port), ...port.interfaces.flatMap(({ facts }) => [facts.name, facts.type, facts.mac, ...Object.values(facts.options)])];
      }
      case 'nested': {
        const nested = topology.nested.get(node.modelId);
        return nested === undefined ? [] : [nested.title, nested.engine.hostname, nested.engine.engine, nested.address];
      }
      case 'swarmNode':
      case 'service':
      case 'task':
      case 'peer':
      case 'peerTask':
        return swarmTexts(topology.swarmPart.get(node.modelId));
      case 'store':
      case 'storeKey': {
        const entry = this.model.storeEntry(node);
        return entry === undefined ? [] : [entry.name, entry.is, ...(entry.kind === 'store' ? [entry.api] : [])];
      }
      case 'host':
      case 'project':
        return [node.modelId];
      case 'category':
      case 'fault':
      case 'note':
        return [];
    }
  }
}

function sandboxTexts(sandbox: Sandbox | undefined): readonly (string | undefined)[] {
  return sandbox === undefined ? [] : [sandbox.title, String(sandbox.inode), ...[...sandbox.paths, ...(sandbox.record.mounts ?? []).map(({ path }) => path)].map(shownName), ...sandbox.record.processes.map((process) => process.comm)];
}

function swarmTexts(part: SwarmPart | undefined): readonly (string | undefined)[] {
  switch (part?.kind) {
    case 'swarmNode':
      return [part.node.hostname, part.node.address, part.node.id];
    case 'service':
      return [part.service.name, part.service.id, ...part.service.virtualAddresses.map(({ address }) => address), ...part.service.ports.map(({ publishedPort }) => publishedPort?.toString())];
    case 'task':
      return [part.name, part.nodeName, part.task.id, part.task.containerId, ...part.task.addresses.map(({ address }) => address)];
    case 'peer':
      return [part.address, part.nodeName];
    case 'peerTask':
      return [part.task.name, part.task.ip, part.task.service];
    case undefined:
      return [];
  }
}

function linkTexts(node: LinkNode | undefined): readonly (string | undefined)[] {
  return node === undefined ? [] : [node.link.name, node.link.mac, node.link.kind, ...node.link.addresses.map((address) => address.address)];
}
