import { join } from 'node:path';
import * as vscode from 'vscode';
import type { DiagramGraph } from '../../core/diagram/graph';
import type { Scene } from '../../core/diagram/scene';
import { subjectName, type DiagramSubject } from '../../core/diagram/subject';
import type { Topology } from '../../core/model/topology';
import { sharedNetworks } from '../../core/topology/sharedNetworks';
import { LayoutClient } from '../../discovery/layout/layoutClient';
import type { DiagramState } from '../../protocol/diagram';
import { printable } from '../text';
import { DiagramPanel, type DiagramContext, type Drawn } from './diagramPanel';

export const diagramViewType = 'netnsExplorer.diagram';

/** The open diagrams: one for each network, host, container and namespace, however often and from whichever host it is asked for. */
export class DiagramPanels implements vscode.Disposable, vscode.WebviewPanelSerializer {
  private readonly panels = new Map<string, DiagramPanel>();
  private readonly drawn = new vscode.EventEmitter<Drawn>();
  readonly onDidDraw = this.drawn.event;
  private client: LayoutClient | undefined;
  private readonly context: DiagramContext;

  constructor(context: Omit<DiagramContext, 'layout'>) {
    this.context = { ...context, layout: () => this.layoutClient() };
  }

  /** Opens a diagram, or brings it to the front. */
  show(networkId: DiagramSubject): DiagramPanel {
    const topology = this.context.topology();
    const known = this.panels.get(panelKey(networkId, topology));
    if (known !== undefined) {
      known.panel.reveal();
      return known;
    }
    this.layoutClient().warmUp();
    const title = printable(subjectName(topology, networkId) ?? vscode.l10n.t('Diagram'), 80);
    const panel = vscode.window.createWebviewPanel(diagramViewType, title, vscode.ViewColumn.Active, {
      enableScripts: true,
      localResourceRoots: [DiagramPanel.root(this.context.extensionUri)],
    });
    return this.adopt(panel, networkId);
  }

  /** After a reload of the window: the page kept what it showed. */
  async deserializeWebviewPanel(panel: vscode.WebviewPanel, state: DiagramState | undefined): Promise<void> {
    if (state?.networkId === undefined) panel.dispose();
    else this.adopt(panel, state.networkId);
    return Promise.resolve();
  }

  /** A graph with every place known, for exports. */
  scene(graph: DiagramGraph): Promise<Scene> {
    return this.layoutClient().layout(graph);
  }

  /** After a scan. */
  update(): void {
    for (const panel of this.panels.values()) panel.update();
  }

  /** What is selected elsewhere is selected in every diagram that shows it. */
  select(modelId: string): void {
    for (const panel of this.panels.values()) panel.select(modelId);
  }

  private adopt(panel: vscode.WebviewPanel, networkId: DiagramSubject): DiagramPanel {
    const key = panelKey(networkId, this.context.topology());
    const diagram = new DiagramPanel(panel, networkId, this.context);
    diagram.onDidDraw((drawn) => this.drawn.fire(drawn));
    this.panels.set(key, diagram);
    panel.onDidDispose(() => {
      if (this.panels.get(key) === diagram) this.panels.delete(key);
      diagram.dispose();
    });
    return diagram;
  }

  /** The layout's worker starts with the first diagram. */
  private layoutClient(): LayoutClient {
    this.client ??= new LayoutClient({ workerPath: join(this.context.extensionUri.fsPath, 'dist', 'layoutWorker.js') });
    return this.client;
  }

  dispose(): void {
    for (const diagram of [...this.panels.values()]) diagram.panel.dispose();
    this.client?.dispose();
    this.drawn.dispose();
  }
}

/** A network that several hosts share has one diagram, and one more for each host that is there again, as a recording. */
function panelKey(networkId: DiagramSubject, topology: Topology): string {
  const [first] = [...topology.shared.values()].find((ids) => ids.includes(networkId)) ?? [];
  return first !== undefined && sharedNetworks(topology, first).includes(networkId) ? first : networkId;
}
