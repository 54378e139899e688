import { describe, expect, it, vi } from 'vitest';
import type { WebviewPanel } from 'vscode';
import { hostGraph } from '../../../../src/core/diagram/hostGraph';
import type { HostNode, Topology } from '../../../../src/core/model/topology';
import type { FromDiagram, ToDiagram } from '../../../../src/protocol/diagram';
import type { DiagramContext } from '../../../../src/ui/diagram/diagramPanel';
import { syntheticNetworkId, syntheticTopology } from '../../diagram/syntheticTopology';
import { EventEmitter } from '../fakeVscode';

vi.mock('vscode', async () => ({ ...(await import('../fakeVscode')), Uri: { joinPath: () => 'file:///built' }, env: { language: 'en' } }));
const { DiagramPanel } = await import('../../../../src/ui/diagram/diagramPanel');

/** The same network on the same hosts, its second host read at another moment. */
function readAt(takenAt: string): Topology {
  const topology = syntheticTopology({ containers: [1, 1] });
  const hosts = topology.hosts.map((host, index): HostNode => (index === 1 ? { ...host, snapshot: { ...host.snapshot, takenAt } } : host));
  return { ...topology, hosts, host: new Map(hosts.map((host) => [host.id, host])) };
}

async function opened(topology: () => Topology, refresh: DiagramContext['refresh'] = () => Promise.resolve(), subject = syntheticNetworkId, onExport: DiagramContext['onExport'] = () => undefined) {
  const posted: ToDiagram[] = [];
  const faults: unknown[] = [];
  const received = new EventEmitter<FromDiagram>();
  const webview = { onDidReceiveMessage: received.event, postMessage: (message: ToDiagram) => void posted.push(message), asWebviewUri: (uri: unknown) => uri, cspSource: 'self' };
  const panel = new DiagramPanel({ webview, visible: true, onDidChangeViewState: new EventEmitter<void>().event } as unknown as WebviewPanel, subject, {
    topology,
    refresh,
    layout: () => ({ layout: () => Promise.resolve({ title: '', width: 0, height: 0, boxes: [], edges: [] }) }) as unknown as ReturnType<DiagramContext['layout']>,
    extensionUri: undefined as unknown as DiagramContext['extensionUri'],
    onSelected: () => undefined,
    onAction: () => undefined,
    onExport,
    onFault: (error) => void faults.push(error),
  });
  await panel.loaded;
  return { panel, posted, faults, say: (message: FromDiagram) => received.fire(message), moments: () => posted.flatMap((message) => (message.type === 'read' ? [message.takenAt] : [])) };
}

describe('a diagram\'s panel, with a stand-in for the editor', () => {
  it('says when the last of its hosts was read, and says a new moment without drawing anew', async () => {
    let topology = readAt('2026-01-01T00:00:05Z');
    const { panel, posted, say, moments } = await opened(() => topology);
    say({ type: 'ready' });
    expect(moments()).toEqual(['2026-01-01T00:00:05Z']);
    const drawn = posted.filter(({ type }) => type === 'loading').length;
    topology = readAt('2026-01-01T00:01:00Z');
    panel.update();
    panel.update();
    expect(moments()).toEqual(['2026-01-01T00:00:05Z', '2026-01-01T00:01:00Z']);
    expect(posted.filter(({ type }) => type === 'loading')).toHaveLength(drawn);
  });

  it('reads the hosts that its network is on when it is asked to, and answers even where nothing could be read', async () => {
    const asked: (readonly string[])[] = [];
    const { faults, say, moments } = await opened(() => readAt('2026-01-01T00:00:05Z'), (hostIds) => {
      asked.push(hostIds);
      return Promise.reject(new Error('stopped'));
    });
    say({ type: 'refresh' });
    await vi.waitFor(() => expect(moments()).toEqual(['2026-01-01T00:00:05Z']));
    expect(asked).toEqual([['ssh://docker1', 'ssh://docker2']]);
    expect(faults).toEqual([new Error('stopped')]);
  });

  it('draws a host anew when a fold is opened, and exports what it shows', async () => {
    const topology = syntheticTopology({ driver: 'bridge', containers: [60] });
    const exported: (readonly string[])[] = [];
    const { posted, say } = await opened(() => topology, undefined, 'ssh://docker1', (_subject, open) => exported.push([...open]));
    const drawings = (): number => posted.filter(({ type }) => type === 'loading').length;
    say({ type: 'ready' });
    expect(drawings()).toBe(1);
    const key = hostGraph(topology, 'ssh://docker1')?.boxes.find(({ fold }) => fold)?.fold?.key ?? '';
    say({ type: 'fold', key, open: true });
    expect(drawings()).toBe(2);
    say({ type: 'export', format: 'svg' });
    say({ type: 'fold', key, open: false });
    expect(drawings()).toBe(3);
    say({ type: 'export', format: 'svg' });
    expect(exported).toEqual([[key], []]);
  });
});
