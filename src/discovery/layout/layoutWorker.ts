import { parentPort } from 'node:worker_threads';
import ELK from 'elkjs/lib/elk.bundled.js';
import { layoutGraph } from '../../core/diagram/layout';
import type { LayoutAnswer, LayoutRequest } from './layoutProtocol';

// Entry point of dist/layoutWorker.js. Here elkjs finds no `Worker` and no `self`, and so runs in this very thread, which is a worker already.
const engine = new ELK();

function answer(message: LayoutAnswer): void {
  parentPort?.postMessage(message);
}

parentPort?.on('message', ({ id, graph }: LayoutRequest) => {
  layoutGraph(graph, engine).then(
    (scene) => answer({ id, scene }),
    (cause: unknown) => answer({ id, failed: cause instanceof Error ? cause.message : String(cause) }),
  );
});
