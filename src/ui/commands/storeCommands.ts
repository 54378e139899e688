import * as vscode from 'vscode';
import type { Network } from '../../core/model/topology';
import type { StoreTree } from '../../core/topology/storeTree';
import { subjectUri } from '../document/documents';
import { Notice } from '../notice';
import type { Services } from '../services';
import { printable } from '../text';
import type { TreeNode } from '../tree/node';
import { networkOf } from '../tree/storeNetwork';
import { argumentId, chooseHost, chooseRecord, noTarget } from './choose';

export function storeCommands(services: Services) {
  const { documents, explorer, stores, view } = services;

  const chooseNetwork = async (argument: unknown, title: string): Promise<Network | undefined> => {
    const found = await chooseRecord(services, argument, title);
    if (found === undefined || 'driver' in found) return found;
    throw new Notice(vscode.l10n.t('A key-value store has records of networks, and this is a container. Choose one of its networks.'));
  };
  const treeOf = async (hostId: string): Promise<StoreTree> => stores.of(hostId)?.tree ?? stores.read(hostId);

  return {
    'netnsExplorer.store.show': async (argument: unknown) => {
      const host = await chooseHost(services, argument, vscode.l10n.t('The Key-Value Store of Which Host?'), ({ address }) => address.kind !== 'file');
      if (host === undefined) return;
      if (explorer.snapshot(host.id) === undefined) await explorer.refresh(host.id);
      await stores.read(host.id);
      await vscode.commands.executeCommand('netnsExplorer.hosts.focus');
      if (!(await view.revealStores(host.id))) throw noTarget('gone', argument, services);
    },
    'netnsExplorer.store.refresh': async (argument: unknown) => {
      const node = argument as TreeNode | undefined;
      const hostId = node?.hostId ?? (await chooseHost(services, undefined, vscode.l10n.t('Read the Key-Value Store of Which Host?'), ({ address }) => address.kind !== 'file'))?.id;
      if (hostId !== undefined) await stores.read(hostId);
    },
    'netnsExplorer.store.openRecord': async (argument: unknown) => {
      const node = argument as TreeNode | undefined;
      const entry = node === undefined ? undefined : view.provider.model.storeEntry(node);
      if (node === undefined || entry?.record === undefined || entry.api === undefined) throw noTarget('gone', argument, services);
      const label = explorer.topology.host.get(node.hostId)?.label ?? node.hostId;
      await documents.open(subjectUri({ kind: 'storeRecord', host: node.hostId, store: entry.address, api: entry.api, key: entry.record.key, json: entry.record.json }, entry.name, label));
    },
    'netnsExplorer.store.openNetwork': async (argument: unknown) => {
      const network = await chooseNetwork(argument, vscode.l10n.t('The Records of Which Network?'));
      if (network === undefined) return;
      const label = explorer.topology.host.get(network.hostId)?.label ?? network.hostId;
      await documents.open(subjectUri({ kind: 'storeNetwork', host: network.hostId, network: network.engine.id }, vscode.l10n.t('Records - {0}', network.name), label));
    },
    'netnsExplorer.store.revealRecords': async (argument: unknown) => {
      const network = await chooseNetwork(argument, vscode.l10n.t('The Records of Which Network?'));
      if (network === undefined) return;
      const { byNetwork, faults, entries } = await treeOf(network.hostId);
      const entry = byNetwork.get(network.engine.id);
      if (entry !== undefined && (await view.reveal(entry.id, { focus: true }))) return;
      const [why] = [...faults, ...entries.flatMap((each) => each.faults)];
      const refresh = { title: vscode.l10n.t('Read Again'), run: () => stores.read(network.hostId) };
      throw new Notice(why?.message ?? vscode.l10n.t('No key-value store of this host has a record of the network {0}.', printable(network.name)), refresh);
    },
    'netnsExplorer.store.revealNetwork': async (argument: unknown) => {
      const node = argument as TreeNode | undefined;
      const entry = node === undefined ? undefined : view.provider.model.storeEntry(node);
      const network = node === undefined || entry?.network === undefined ? undefined : networkOf(explorer.topology, node.hostId, entry.network);
      if (network === undefined || !(await view.reveal(network.id, { focus: true, expand: true }))) throw noTarget('gone', argument ?? argumentId(argument), services);
    },
  };
}
