import type { ToDiagram } from '../src/protocol/diagram';
import { DiagramApp, type Host } from './app';
import { registerControls } from './controls';
import './diagram.css';

declare function acquireVsCodeApi(): Host;

const root = document.getElementById('app');
if (root) {
  registerControls();
  const host = acquireVsCodeApi();
  const app = new DiagramApp(root, host);
  window.addEventListener('message', (event: MessageEvent<ToDiagram>) => app.receive(event.data));
  host.postMessage({ type: 'ready' });
}
