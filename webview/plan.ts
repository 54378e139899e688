import type { FromPlanPage, ToPlanPage } from '../src/protocol/plan';
import { registerControls } from './controls';
import { PlanApp } from './planApp';
import './plan.css';

declare function acquireVsCodeApi(): { postMessage(message: FromPlanPage): void };

const root = document.getElementById('app');
if (root) {
  registerControls();
  const host = acquireVsCodeApi();
  const app = new PlanApp(root, (action) => host.postMessage({ type: 'action', action }));
  window.addEventListener('message', (event: MessageEvent<ToPlanPage>) => app.receive(event.data));
  host.postMessage({ type: 'ready' });
}
