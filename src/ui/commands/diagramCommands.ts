import * as vscode from 'vscode';
import { subjectHosts, subjectName, type DiagramSubject } from '../../core/diagram/subject';
import { subjectUri } from '../document/documents';
import { exportDiagram, type DiagramFormat } from '../diagram/exportDiagram';
import type { Services } from '../services';
import { chooseDiagram } from './choose';

export function diagramCommands(services: Services) {
  return {
    'netnsExplorer.diagram.show': async (argument: unknown) => {
      const subject = await chooseDiagram(services, argument, vscode.l10n.t('Show the Diagram of What?'));
      if (subject !== undefined) services.diagrams.show(subject);
    },
    'netnsExplorer.diagram.showText': async (argument: unknown) => {
      const subject = await chooseDiagram(services, argument, vscode.l10n.t('Show What as Text?'));
      if (subject !== undefined) await showDiagramText(services, subject);
    },
  };
}

/** From the diagram's own buttons. */
export async function exportFromPanel(services: Services, subject: DiagramSubject, open: ReadonlySet<string>, format: DiagramFormat): Promise<void> {
  if (format === 'text') await showDiagramText(services, subject);
  else await exportDiagram(services.explorer.topology, subject, open, format, services.diagrams);
}

async function showDiagramText({ documents, explorer }: Services, subject: DiagramSubject): Promise<void> {
  const { topology } = explorer;
  const name = subjectName(topology, subject);
  const host = topology.host.get(topology.network.get(subject)?.hostId ?? '') ?? subjectHosts(topology, subject)[0];
  if (name === undefined || host === undefined) return;
  await documents.open(subjectUri({ kind: 'diagram', host: host.id, network: subject }, vscode.l10n.t('Diagram - {0}', name), host.label));
}
