import * as vscode from 'vscode';
import { dot } from '../../core/diagram/dot';
import { mermaid } from '../../core/diagram/mermaid';
import type { Scene } from '../../core/diagram/scene';
import type { DiagramSubject } from '../../core/diagram/subject';
import { subjectGraph } from '../../core/diagram/subjectGraph';
import { svg } from '../../core/diagram/svg';
import type { Topology } from '../../core/model/topology';
import type { DiagramGraph } from '../../core/diagram/graph';
import { Notice } from '../notice';
import { suggestedFile } from '../suggestedFile';

export type DiagramFormat = 'svg' | 'mermaid' | 'dot' | 'text';

/** Mermaid and DOT open as new documents, to be pasted elsewhere; SVG is a picture and goes into a file. */
export async function exportDiagram(topology: Topology, subject: DiagramSubject, open: ReadonlySet<string>, format: Exclude<DiagramFormat, 'text'>, layout: { scene(graph: DiagramGraph): Promise<Scene> }): Promise<void> {
  const graph = subjectGraph(topology, subject, open);
  if (graph === undefined) throw new Notice(vscode.l10n.t('What this diagram showed is not there any more. Refresh its host.'));
  if (format !== 'svg') {
    const document = await vscode.workspace.openTextDocument({ content: format === 'mermaid' ? mermaid(graph) : dot(graph), language: format === 'mermaid' ? 'mermaid' : 'dot' });
    await vscode.window.showTextDocument(document, { preview: false });
    return;
  }
  const target = await vscode.window.showSaveDialog({
    title: vscode.l10n.t('Export Diagram'),
    filters: { SVG: ['svg'] },
    defaultUri: suggestedFile(graph.title, '.svg'),
  });
  if (target === undefined) return;
  await vscode.workspace.fs.writeFile(target, new TextEncoder().encode(svg(await layout.scene(graph))));
}
