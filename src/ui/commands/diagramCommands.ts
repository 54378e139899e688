import * as vscode from 'vscode';
import { subjectUri } from '../document/documents';
import { exportDiagram, type DiagramFormat } from '../diagram/exportDiagram';
import type { Services } from '../services';
import { chooseNetwork } from './choose';

export function diagramCommands(services: Services) {
  return {
    'netnsExplorer.diagram.show': async (argument: unknown) => {
      const network = await chooseNetwork(services, argument, vscode.l10n.t('Show the Diagram of Which Network?'));
      if (network !== undefined) services.diagrams.show(network.id);
    },
    'netnsExplorer.diagram.showText': async (argument: unknown) => {
      const network = await chooseNetwork(services, argument, vscode.l10n.t('Show Which Network as Text?'));
      if (network !== undefined) await showDiagramText(services, network.id);
    },
  };
}

/** From the diagram's own buttons. */
export async function exportFromPanel(services: Services, networkId: string, format: DiagramFormat): Promise<void> {
  if (format === 'text') await showDiagramText(services, networkId);
  else await exportDiagram(services.explorer.topology, networkId, format, services.diagrams);
}

async function showDiagramText({ documents, explorer }: Services, networkId: string): Promise<void> {
  const network = explorer.topology.network.get(networkId);
  if (network === undefined) return;
  const host = explorer.topology.host.get(network.hostId)?.label ?? network.hostId;
  await documents.open(subjectUri({ kind: 'diagram', host: network.hostId, network: network.id }, vscode.l10n.t('Diagram - {0}', network.name), host));
}
