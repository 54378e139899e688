import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import type { DiagramGraph } from '../../core/diagram/graph';
import { lastRead } from '../../core/diagram/drawnHosts';
import { subjectHosts, type DiagramSubject } from '../../core/diagram/subject';
import type { subjectGraph } from '../../core/diagram/subjectGraph';
import type { HostId } from '../../core/model/address';
import type { Topology } from '../../core/model/topology';
import type { LayoutClient } from '../../discovery/layout/layoutClient';
import { webviewPage } from '../../protocol/webviewPage';
import { dispatch, type FromDiagram, type Handlers, type ToDiagram } from '../../protocol/diagram';
import { printable } from '../text';
import { related } from './related';

/** What a panel needs of the rest. */
export interface DiagramContext {
  topology(): Topology;
  layout(): LayoutClient;
  readonly extensionUri: vscode.Uri;
  /** Reads these hosts again; all hosts where none is named. */
  refresh(hostIds: readonly HostId[]): Promise<void>;
  onSelected(modelId: string | undefined): void;
  onAction(action: 'enter' | 'dump' | 'reveal', modelId: string): void;
  onExport(subject: DiagramSubject, open: ReadonlySet<string>, format: 'svg' | 'mermaid' | 'dot' | 'text'): void;
  onFault(error: unknown): void;
}

export interface Drawn {
  /** What is drawn. */
  readonly networkId: DiagramSubject;
  readonly boxes: number;
  readonly edges: number;
  /** From the scene's arrival in the page to the frame that shows it. */
  readonly milliseconds: number;
}

/** One diagram, of a network, a host or what is around a namespace: lays it out when the topology changed and the panel is visible, and speaks with its page. */
export class DiagramPanel implements vscode.Disposable {
  private readonly disposables: { dispose(): unknown }[] = [];
  private readonly drawn = new vscode.EventEmitter<Drawn>();
  readonly onDidDraw = this.drawn.event;
  private readonly measured = new vscode.EventEmitter<readonly number[]>();
  /** When what draws graphs is there; never rejects. */
  readonly loaded: Promise<void>;
  private disposed = false;
  private ready = false;
  /** The graph whose scene the page was sent, as text: a scan that changed nothing here draws nothing. */
  private sent: string | undefined;
  /** The moment of reading that the page was told. */
  private told: string | undefined;
  private running: AbortController | undefined;
  private selected: string | undefined;
  /** Keys of the folds that are shown in full. */
  private readonly open = new Set<string>();
  /** Comes with the first panel: activation needs nothing of it. */
  private graphOf: typeof subjectGraph | undefined;
  /** The model's things that have a box. */
  private shown: ReadonlySet<string> = new Set();

  constructor(
    readonly panel: vscode.WebviewPanel,
    readonly networkId: DiagramSubject,
    private readonly context: DiagramContext,
  ) {
    const root = DiagramPanel.root(context.extensionUri);
    panel.webview.options = { enableScripts: true, localResourceRoots: [root] };
    const handlers: Handlers<FromDiagram> = {
      ready: () => {
        this.ready = true;
        this.sent = undefined;
        this.told = undefined;
        this.update();
        if (this.selected !== undefined) this.post({ type: 'select', modelId: this.selected });
      },
      drawn: ({ boxes, edges, milliseconds }) => this.drawn.fire({ networkId, boxes, edges, milliseconds }),
      selected: ({ modelId }) => {
        this.selected = modelId;
        context.onSelected(modelId);
      },
      action: ({ action, modelId }) => context.onAction(action, modelId),
      fold: ({ key, open }) => {
        if (open) this.open.add(key);
        else this.open.delete(key);
        this.update();
      },
      refresh: () => void this.refresh(),
      export: ({ format }) => context.onExport(networkId, this.open, format),
      measured: ({ frameMilliseconds }) => this.measured.fire(frameMilliseconds),
    };
    this.disposables.push(
      this.drawn,
      this.measured,
      panel.webview.onDidReceiveMessage((message: FromDiagram) => dispatch(handlers, message)),
      panel.onDidChangeViewState(() => this.update()),
    );
    panel.iconPath = { light: vscode.Uri.joinPath(context.extensionUri, 'media', 'diagram-light.svg'), dark: vscode.Uri.joinPath(context.extensionUri, 'media', 'diagram-dark.svg') };
    panel.webview.html = webviewPage({
      scriptUri: panel.webview.asWebviewUri(vscode.Uri.joinPath(root, 'diagram.js')).toString(),
      styleUri: panel.webview.asWebviewUri(vscode.Uri.joinPath(root, 'diagram.css')).toString(),
      cspSource: panel.webview.cspSource,
      nonce: randomBytes(16).toString('hex'),
      language: vscode.env.language,
      title: 'Network diagram',
    });
    this.loaded = this.load();
  }

  private async load(): Promise<void> {
    try {
      ({ subjectGraph: this.graphOf } = await import('../../core/diagram/subjectGraph'));
      if (!this.disposed) this.update();
    } catch (error) {
      if (this.disposed) return;
      this.post({ type: 'failed', message: error instanceof Error ? error.message : String(error) });
      this.context.onFault(error);
    }
  }

  /** Nothing but the built page may be loaded from the disk. */
  static root(extensionUri: vscode.Uri): vscode.Uri {
    return vscode.Uri.joinPath(extensionUri, 'dist', 'webview');
  }

  /** Draws anew where something changed. Nothing happens while the panel is hidden: it asks again when it is shown. */
  update(): void {
    if (!this.graphOf || !this.ready || !this.panel.visible) return;
    const topology = this.context.topology();
    if (lastRead(subjectHosts(topology, this.networkId)) !== this.told) this.tellMoment();
    const graph = this.graphOf(topology, this.networkId, this.open);
    if (graph === undefined) {
      this.sent = undefined;
      this.post({ type: 'failed', message: vscode.l10n.t('What this diagram showed is not there any more, or its host has not been read yet. Refresh the host in the Netns Explorer.') });
      return;
    }
    const text = JSON.stringify(graph);
    if (text === this.sent) return;
    this.sent = text;
    this.shown = new Set(graph.boxes.flatMap((box) => [...(box.modelId === undefined ? [] : [box.modelId]), ...(box.aliases ?? [])]));
    this.panel.title = printable(graph.title, 80);
    void this.draw(graph, topology);
  }

  /** Selects what is selected elsewhere, or what stands for it here. Where the diagram shows nothing of the kind its own selection stays. */
  select(modelId: string): void {
    const shown = related(modelId, this.context.topology()).find((id) => this.shown.has(id));
    if (shown === undefined || shown === this.selected) return;
    this.selected = shown;
    if (this.ready && this.panel.visible) this.post({ type: 'select', modelId: shown });
  }

  /** Milliseconds from frame to frame while the page pans or zooms by itself. For the benchmark. */
  measure(run: 'pan' | 'zoom', frames: number): Promise<readonly number[]> {
    return new Promise((resolve) => {
      const once = this.measured.event((times) => {
        once.dispose();
        resolve(times);
      });
      this.post({ type: 'measure', run, frames });
    });
  }

  private async refresh(): Promise<void> {
    try {
      await this.context.refresh(subjectHosts(this.context.topology(), this.networkId).map((host) => host.id));
    } catch (error) {
      this.context.onFault(error);
    }
    this.tellMoment();
  }

  private tellMoment(): void {
    this.told = lastRead(subjectHosts(this.context.topology(), this.networkId));
    this.post({ type: 'read', takenAt: this.told });
  }

  private async draw(graph: DiagramGraph, topology: Topology): Promise<void> {
    this.running?.abort();
    const running = new AbortController();
    this.running = running;
    this.post({ type: 'loading' });
    try {
      const scene = await this.context.layout().layout(graph, running.signal);
      if (!running.signal.aborted) this.post({ type: 'scene', scene, hostCount: topology.hosts.length, networkId: this.networkId });
    } catch (error) {
      if (running.signal.aborted) return;
      this.sent = undefined;
      this.post({ type: 'failed', message: error instanceof Error ? error.message : String(error) });
      this.context.onFault(error);
    }
  }

  private post(message: ToDiagram): void {
    void this.panel.webview.postMessage(message);
  }

  dispose(): void {
    this.disposed = true;
    this.running?.abort();
    for (const disposable of this.disposables) disposable.dispose();
  }
}
