import './browserParts';
import type { Scene, SceneBox, SceneEdge } from '../../src/core/diagram/scene';
import type { DiagramState, FromDiagram } from '../../src/protocol/diagram';
import { DiagramApp } from '../../webview/app';
import { registerControls } from '../../webview/controls';

/** A DOM without layout has no stage to measure: the application then takes it as 1000 by 700. */
export interface Opened {
  readonly app: DiagramApp;
  readonly root: HTMLElement;
  readonly posted: FromDiagram[];
  readonly state: () => DiagramState | undefined;
  readonly press: (key: string, init?: KeyboardEventInit) => void;
  readonly focused: () => string | undefined;
}

export function open(state?: DiagramState): Opened {
  registerControls();
  const root = document.createElement('div');
  document.body.replaceChildren(root);
  const posted: FromDiagram[] = [];
  let kept = state;
  const app = new DiagramApp(root, {
    postMessage: (message) => void posted.push(message),
    getState: () => kept,
    setState: (next) => {
      kept = next;
    },
  });
  const press = (key: string, init: KeyboardEventInit = {}): void => {
    const target = document.activeElement && root.querySelector('.stage')?.contains(document.activeElement) ? document.activeElement : root.querySelector('.stage');
    target?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...init }));
  };
  return { app, root, posted, state: () => kept, press, focused: () => (document.activeElement as SVGElement | null)?.dataset['id'] };
}

const box = (id: string, kind: SceneBox['kind'], rect: readonly [number, number, number, number], rest: Partial<SceneBox> = {}): SceneBox => ({
  id, kind, x: rect[0], y: rect[1], width: rect[2], height: rect[3], lines: [id], facts: [{ name: 'Name', value: id }], state: 'normal', actions: [], ...rest,
});

const edge = (id: string, kind: SceneEdge['kind'], from: string, to: string, points: readonly (readonly [number, number])[], rest: Partial<SceneEdge> = {}): SceneEdge => ({
  id, kind, from, to, points: points.map(([x, y]) => ({ x, y })), facts: [], state: 'normal', ...rest,
});

/** A scene made by hand: two hosts with a container each, the pair to its port, bridge, VXLAN device and VTEP, and the tunnel between. */
export function scene(names: { readonly first?: string; readonly extra?: boolean; readonly shift?: number } = {}): Scene {
  const boxes: SceneBox[] = [];
  const edges: SceneEdge[] = [];
  for (const host of [1, 2]) {
    const x = (host - 1) * 400 + (names.shift ?? 0);
    const id = (what: string): string => `${what}${String(host)}`;
    boxes.push(
      box(id('host'), 'host', [x, 0, 360, 400], { modelId: `model-host${String(host)}`, actions: ['enter', 'dump', 'reveal'] }),
      box(id('container'), 'container', [x + 100, 40, 150, 80], {
        parent: id('host'), lines: [host === 1 ? (names.first ?? 'web1') : 'web2'], modelId: `model-container${String(host)}`, aliases: [`model-endpoint${String(host)}`], actions: ['enter', 'dump', 'reveal'],
      }),
      box(id('interface'), 'interface', [x + 107, 62, 136, 50], { parent: id('container'), lines: ['eth0', `10.0.0.${String(host)}`, `02:42:0a:00:00:0${String(host)}`], modelId: `model-interface${String(host)}`, actions: ['reveal'] }),
      box(id('sandbox'), 'sandbox', [x + 10, 160, 340, 160], { parent: id('host'), lines: ['mynet01', '10.0.0.0/24'], modelId: `model-sandbox${String(host)}`, actions: ['enter', 'dump', 'reveal'] }),
      box(id('port'), 'port', [x + 110, 170, 130, 22], { parent: id('sandbox'), lines: [`veth${String(host)}`] }),
      box(id('bridge'), 'bridge', [x + 100, 210, 200, 26], { parent: id('sandbox'), lines: ['br0'] }),
      box(id('vxlan'), 'vxlan', [x + 130, 255, 120, 50], { parent: id('sandbox'), lines: ['vxlan0', 'VNI 4097'] }),
      box(id('vtep'), 'underlay', [x + 130, 340, 120, 40], { parent: id('host'), lines: [`192.168.56.10${String(host)}`] }),
    );
    edges.push(
      edge(id('veth-edge'), 'veth', id('interface'), id('port'), [[x + 175, 112], [x + 175, 170]]),
      edge(id('port-edge'), 'bridgePort', id('port'), id('bridge'), [[x + 175, 192], [x + 175, 210]]),
      edge(id('underlay-edge'), 'underlay', id('vxlan'), id('vtep'), [[x + 190, 305], [x + 190, 340]]),
    );
  }
  const shift = names.shift ?? 0;
  if (names.extra === true) boxes.push(box('container3', 'container', [shift + 640, 40, 110, 80], { parent: 'host2', lines: ['web3'], modelId: 'model-container3' }));
  edges.push(
    edge('tunnel', 'vtep', 'vtep1', 'vtep2', [[shift + 190, 380], [shift + 190, 430], [shift + 590, 430], [shift + 590, 380]], {
      label: { text: 'FDB rows: 1 →  ← 1', x: shift + 390, y: 430 },
      facts: [{ name: 'host1 → host2', value: '02:42:0a:00:00:02 dev vxlan0 dst 192.168.56.102 self permanent' }],
    }),
  );
  return { title: 'mynet01 (overlay)', width: 800 + shift, height: 460, boxes, edges };
}
