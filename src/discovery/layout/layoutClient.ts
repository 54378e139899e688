import { Worker } from 'node:worker_threads';
import type { DiagramGraph } from '../../core/diagram/graph';
import type { Scene } from '../../core/diagram/scene';
import type { LayoutAnswer, LayoutRequest } from './layoutProtocol';

/** A layout that did not come: the worker failed, or took too long. The message is a sentence for the user. */
export class LayoutError extends Error {
  override readonly name = 'LayoutError';
}

export interface LayoutClientOptions {
  /** Path of the bundled worker, dist/layoutWorker.js. */
  readonly workerPath: string;
  /** After this long the worker is given up and the request fails. */
  readonly timeLimitMs?: number;
}

interface Pending {
  readonly request: LayoutRequest;
  readonly resolve: (scene: Scene) => void;
  readonly reject: (reason: Error) => void;
  readonly release: () => void;
}

/**
 * Lays diagrams out in a worker thread, off the caller's. The worker starts with the first request (or `warmUp`), works on one
 * request at a time, and is started anew after it failed. A request whose signal aborts before its turn is never sent;
 * one that is being worked on is dropped when its answer comes.
 */
export class LayoutClient {
  private worker: Worker | undefined;
  private readonly waiting: Pending[] = [];
  private current: Pending | undefined;
  private timer: NodeJS.Timeout | undefined;
  private lastId = 0;
  private disposed = false;

  constructor(private readonly options: LayoutClientOptions) {}

  /** Starts the worker ahead of the first request, so that loading the layout engine overlaps with other work. */
  warmUp(): void {
    if (!this.disposed) this.startedWorker();
  }

  /** @throws LayoutError where the worker fails or the time limit passes; the signal's reason where it aborts. */
  layout(graph: DiagramGraph, signal?: AbortSignal): Promise<Scene> {
    if (this.disposed) return Promise.reject(new LayoutError('The diagram cannot be laid out: the layout worker was stopped.'));
    if (signal?.aborted) return Promise.reject(asError(signal.reason));
    return new Promise((resolve, reject) => {
      const request = { id: ++this.lastId, graph };
      const onAbort = (): void => this.abandon(request.id, asError(signal?.reason));
      signal?.addEventListener('abort', onAbort, { once: true });
      this.waiting.push({ request, resolve, reject, release: () => signal?.removeEventListener('abort', onAbort) });
      this.next();
    });
  }

  dispose(): void {
    this.disposed = true;
    this.stopWorker();
    const left = [...(this.current ? [this.current] : []), ...this.waiting.splice(0)];
    this.current = undefined;
    for (const pending of left) settle(pending, new LayoutError('The diagram was not laid out: the layout worker was stopped.'));
  }

  private next(): void {
    if (this.current || this.disposed) return;
    const pending = this.waiting.shift();
    if (!pending) return;
    this.current = pending;
    const limit = this.options.timeLimitMs ?? 10_000;
    this.timer = setTimeout(() => {
      this.stopWorker();
      this.finish(new LayoutError(`The diagram was not laid out within ${String(limit / 1000)} seconds. Try again.`));
    }, limit);
    this.startedWorker().postMessage(pending.request);
  }

  private startedWorker(): Worker {
    if (this.worker) return this.worker;
    const worker = new Worker(this.options.workerPath);
    this.worker = worker;
    worker.on('message', (message: LayoutAnswer) => {
      if (message.id !== this.current?.request.id) return;
      this.finish('scene' in message ? message.scene : new LayoutError(`The diagram could not be laid out: ${message.failed}`));
    });
    const lost = (reason: string): void => {
      if (this.worker !== worker) return;
      this.worker = undefined;
      if (this.current) this.finish(new LayoutError(`The layout worker stopped: ${reason}. Try again.`));
    };
    worker.on('error', (cause) => lost(cause instanceof Error ? cause.message : String(cause)));
    worker.on('exit', (code) => lost(`it ended with status ${String(code)}`));
    // An idle worker must not keep the command line's process alive; a pending request's timer does while it matters.
    // Last, since listening for messages takes a reference of its own.
    worker.unref();
    return worker;
  }

  private stopWorker(): void {
    clearTimeout(this.timer);
    const worker = this.worker;
    this.worker = undefined;
    void worker?.terminate();
  }

  private finish(outcome: Scene | Error): void {
    clearTimeout(this.timer);
    const pending = this.current;
    this.current = undefined;
    if (pending) settle(pending, outcome);
    this.next();
  }

  private abandon(id: number, reason: Error): void {
    const index = this.waiting.findIndex((pending) => pending.request.id === id);
    if (index >= 0) {
      const [pending] = this.waiting.splice(index, 1);
      if (pending) settle(pending, reason);
    } else if (this.current?.request.id === id) {
      settle(this.current, reason);
    }
  }
}

function settle(pending: Pending, outcome: Scene | Error): void {
  pending.release();
  if (outcome instanceof Error) pending.reject(outcome);
  else pending.resolve(outcome);
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new LayoutError('The layout was cancelled.');
}
