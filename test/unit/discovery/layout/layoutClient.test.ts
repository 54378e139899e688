import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { DiagramGraph } from '../../../../src/core/diagram/graph';
import { networkGraph } from '../../../../src/core/diagram/networkGraph';
import { LayoutClient } from '../../../../src/discovery/layout/layoutClient';
import { syntheticNetworkId, syntheticTopology } from '../../diagram/syntheticTopology';

let folder: string;
let workerPath: string;
const clients: LayoutClient[] = [];

function client(path: string, timeLimitMs?: number): LayoutClient {
  const made = new LayoutClient({ workerPath: path, ...(timeLimitMs !== undefined && { timeLimitMs }) });
  clients.push(made);
  return made;
}

/** A worker of a few lines, in place of the real one. */
function standIn(name: string, body: string): string {
  const path = join(folder, name);
  writeFileSync(path, `const { parentPort } = require('node:worker_threads');\n${body}`);
  return path;
}

function graph(containers: readonly number[]): DiagramGraph {
  const made = networkGraph(syntheticTopology({ containers }), syntheticNetworkId);
  if (!made) throw new Error('no graph');
  return made;
}

const emptyScene = `{ title: graph.title, width: 0, height: 0, boxes: [], edges: [] }`;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'layout-client-'));
  workerPath = join(folder, 'layoutWorker.cjs');
  await build({ entryPoints: ['src/discovery/layout/layoutWorker.ts'], bundle: true, platform: 'node', format: 'cjs', target: 'node20', outfile: workerPath, logLevel: 'silent' });
});
afterEach(() => {
  for (const made of clients.splice(0)) made.dispose();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the layout client', () => {
  it('lays out in the real bundled worker, with the real engine', async () => {
    const scene = await client(workerPath).layout(graph([2, 1]));
    expect(scene.boxes.filter((box) => box.kind === 'host').map((box) => box.lines[0])).toEqual(['docker1', 'docker2']);
    expect(scene.edges.filter((edge) => edge.kind === 'vtep')).toHaveLength(1);
  });

  it('answers requests in their order, each with its own graph', async () => {
    const one = client(workerPath);
    const scenes = await Promise.all([one.layout(graph([1])), one.layout(graph([1, 1])), one.layout(graph([1, 1, 1]))]);
    expect(scenes.map((scene) => scene.boxes.filter((box) => box.kind === 'host').length)).toEqual([1, 2, 3]);
  });

  it('never sends a request that was aborted before its turn (stand-in worker)', async () => {
    const path = standIn('titles.cjs', `const seen = []; parentPort.on('message', ({ id, graph }) => { seen.push(graph.title); parentPort.postMessage({ id, scene: { ...${emptyScene}, title: seen.join() } }); });`);
    const one = client(path);
    const abort = new AbortController();
    const first = one.layout({ title: 'first', boxes: [], edges: [] });
    const stale = one.layout({ title: 'stale', boxes: [], edges: [] }, abort.signal);
    const last = one.layout({ title: 'last', boxes: [], edges: [] });
    abort.abort();
    await expect(stale).rejects.toMatchObject({ name: 'AbortError' });
    await first;
    expect((await last).title).toBe('first,last');
  });

  it('drops the answer of a request that was aborted while it was worked on (stand-in worker)', async () => {
    const path = standIn('slow.cjs', `parentPort.on('message', ({ id, graph }) => setTimeout(() => parentPort.postMessage({ id, scene: ${emptyScene} }), graph.title === 'slow' ? 50 : 0));`);
    const one = client(path);
    const abort = new AbortController();
    const slow = one.layout({ title: 'slow', boxes: [], edges: [] }, abort.signal);
    const next = one.layout({ title: 'next', boxes: [], edges: [] });
    abort.abort();
    await expect(slow).rejects.toMatchObject({ name: 'AbortError' });
    expect((await next).title).toBe('next');
  });

  it('reports a crash in a sentence and works again with a new worker (stand-in worker)', async () => {
    const path = standIn('crash.cjs', `parentPort.on('message', ({ id, graph }) => { if (graph.title === 'crash') process.exit(3); parentPort.postMessage({ id, scene: ${emptyScene} }); });`);
    const one = client(path);
    await expect(one.layout({ title: 'crash', boxes: [], edges: [] })).rejects.toThrow('The layout worker stopped: it ended with status 3. Try again.');
    expect((await one.layout({ title: 'again', boxes: [], edges: [] })).title).toBe('again');
  });

  it('gives a request up after its time limit, and the next one goes to a new worker (stand-in worker)', async () => {
    const path = standIn('hang.cjs', `parentPort.on('message', ({ id, graph }) => { if (graph.title === 'hang') for (;;); parentPort.postMessage({ id, scene: ${emptyScene} }); });`);
    const one = client(path, 1500);
    const hanging = one.layout({ title: 'hang', boxes: [], edges: [] });
    const next = one.layout({ title: 'next', boxes: [], edges: [] });
    await expect(hanging).rejects.toThrow('was not laid out within 1.5 seconds');
    expect((await next).title).toBe('next');
  });

  it('reports what the layout itself threw (stand-in worker)', async () => {
    const path = standIn('failing.cjs', `parentPort.on('message', ({ id }) => parentPort.postMessage({ id, failed: 'it has no sense' }));`);
    await expect(client(path).layout({ title: 'x', boxes: [], edges: [] })).rejects.toThrow('The diagram could not be laid out: it has no sense');
  });

  it('names the missing file where the worker is not there', async () => {
    await expect(client(join(folder, 'absent.cjs')).layout({ title: 'x', boxes: [], edges: [] })).rejects.toThrow(/absent\.cjs/);
  });

  it('rejects what is pending, and everything after, when it is disposed of', async () => {
    const path = standIn('silent.cjs', `parentPort.on('message', () => {});`);
    const one = client(path);
    const pending = [one.layout({ title: 'a', boxes: [], edges: [] }), one.layout({ title: 'b', boxes: [], edges: [] })];
    one.dispose();
    for (const request of pending) await expect(request).rejects.toMatchObject({ name: 'LayoutError' });
    await expect(one.layout({ title: 'c', boxes: [], edges: [] })).rejects.toMatchObject({ name: 'LayoutError' });
  });
});
