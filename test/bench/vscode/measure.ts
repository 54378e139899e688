import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as vscode from 'vscode';
import type { NetnsExplorerApi } from '../../../src/ui/api';
import { driver, remote } from '../../e2e/suite/driver';
import { extensionId, until } from '../../e2e/suite/support/extension';
import { useLab } from '../../e2e/suite/support/lab';
import type { Figure, Stopwatch } from './protocol';

const watch = remote as Stopwatch;
const repeats = 5;

const less = (name: string, unit: string, values: readonly number[], target: number): Promise<void> => watch.figure({ name, unit, values, target, better: 'less' } satisfies Figure);

/** One after another: the steps of one session build on each other. */
describe('in VS Code', () => {
  const extension = vscode.extensions.getExtension<NetnsExplorerApi>(extensionId)!;
  let api: NetnsExplorerApi;
  let before: number;

  it('activates', async function () {
    this.timeout(60_000);
    assert.equal(extension.isActive, false);
    await atRest();
    before = await memory();
    const start = performance.now();
    api = await extension.activate();
    await less('activation', 'ms', [performance.now() - start], 30);
    const loaded = Object.keys(require.cache).filter((file) => file.startsWith(extension.extensionPath));
    await less('JavaScript loaded at activation', 'KB', [loaded.reduce((sum, file) => sum + statSync(file).size, 0) / 1024], 250);
  });

  it('reveals the view', async function () {
    this.timeout(180_000);
    await api.ready();
    // Listening to the engines begins with a reading of what happened meanwhile.
    await atRest();
    const { hosts } = api.explorer.topology;
    const live = hosts.find((host) => host.snapshot.host.hostname === 'node1')!;
    const open = hosts.reduce((sum, host) => sum + 1 + 3 + host.networks.length + host.errors.length, 0);
    await less('reveal of the view after the scan, to all rows that stand open', 'ms', [await watch.clickIconUntilRows(open)], 150);
    const all = open + live.containers.length;
    await less(`opening the ${String(live.containers.length)} containers of a host, to all rows`, 'ms', [await watch.openRowUntilRows('Containers', all)], 150);
    const again: number[] = [];
    for (let turn = 0; turn < repeats; turn += 1) {
      await driver.openSidebar('Explorer');
      again.push(await watch.clickIconUntilRows(all));
    }
    await less(`reveal of the view again, to all ${String(all)} rows`, 'ms', again, 150);
  });

  it('follows the engine', async function () {
    this.timeout(180_000);
    const { sh } = await useLab();
    const made: number[] = [];
    const gone: number[] = [];
    const eventAt = async (since: number, action: string): Promise<number> => {
      let nanoseconds = 0;
      await until(async () => {
        const from = (since / 1000 - 1).toFixed(3);
        const line = await sh('node1', `docker events --since ${from} --until ${(Date.now() / 1000).toFixed(3)} --filter type=network --filter event=${action} --format '{{.TimeNano}}' | tail -1`);
        nanoseconds = Number(line.trim());
        return nanoseconds > 0;
      }, `the engine's own word of "${action}"`);
      return nanoseconds / 1e6;
    };
    // High enough for the new row to be on screen.
    await driver.resize(1400, 10_000);
    for (let turn = 0; turn < repeats; turn += 1) {
      const name = `bench-${String(turn)}`;
      for (const [action, command, values] of [['create', `docker network create ${name}`, made], ['destroy', `docker network rm ${name}`, gone]] as const) {
        const since = Date.now();
        const [seen] = await Promise.all([watch.rowSeenAt(name, action === 'create'), sh('node1', command)]);
        values.push(seen - (await eventAt(since, action)));
        await until(() => Promise.resolve(api.explorer.hosts.every((host) => host.state === 'ready')), 'the scans', 30_000);
      }
    }
    await less('engine event "network create" to its row', 'ms', made, 300);
    await less('engine event "network destroy" to its row gone', 'ms', gone, 300);
    await driver.resize(1400, 900);
  });

  for (const [size, target] of [[300, 1000], [650, 2000]] as const) {
    it(`draws ${String(size)} containers`, async function () {
      this.timeout(180_000);
      const name = `crowd${String(size)}`;
      await driver.resize(1400, 10_000);
      await vscode.commands.executeCommand('workbench.actions.treeView.netnsExplorer.hosts.collapseAll');
      await driver.revealRow(['big0', 'Networks', name]);
      await driver.resize(1400, 900);
      await driver.revealRow(['big0', 'Networks', name]);
      const times: number[] = [];
      for (let turn = 0; turn < repeats; turn += 1) {
        const drawn = new Promise<number>((resolve) => {
          const once = api.diagrams.onDidDraw(({ boxes }) => {
            once.dispose();
            assert.ok(boxes > size);
            resolve(Date.now());
          });
        });
        const pressed = await watch.clickActionAt(name, 'Show Diagram');
        times.push((await drawn) - pressed);
        if (turn < repeats - 1) await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
      }
      await less(`click to the drawn diagram of ${String(size)} containers, first time in the session`, 'ms', times.slice(0, 1), target);
      await less(`the same again`, 'ms', times.slice(1), target);
      const network = [...api.explorer.topology.network.values()].find((each) => each.name === name)!;
      const panel = api.diagrams.show(network.id);
      for (const run of ['pan', 'zoom'] as const) {
        await panel.measure(run, 60);
        const frames = await panel.measure(run, 240);
        const seconds = frames.reduce((sum, frame) => sum + frame, 0) / 1000;
        await watch.figure({ name: `${run} over ${String(size)} containers`, unit: 'frames/s', values: [frames.length / seconds], target: 55, better: 'more' });
        await less(`longest frame of that`, 'ms', [Math.max(...frames)], 100);
      }
      await driver.screenshot(`bench-${name}`);
      await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
    });
  }

  it('keeps its memory', async () => {
    await less('growth of the extension host’s memory over all this', 'MB', [((await memory()) - before) / 1024 / 1024], 40);
  });
});

/**
 * Waits until the extension host has had nothing to do for a second: after the start of VS Code its own extensions load, and what they take
 * would be counted as ours.
 */
async function atRest(): Promise<void> {
  const end = performance.now() + 30_000;
  for (let since = performance.now(), last = since; last - since < 1000; ) {
    await new Promise((resolve) => {
      setTimeout(resolve, 10);
    });
    const now = performance.now();
    if (now > end) throw new Error('The extension host did not come to rest within 30 s.');
    if (now - last > 25) since = now;
    last = now;
  }
}

/** Heap in use and what is bound to it, after collections: what the extension holds, not what the collector has not come to yet. Bytes. */
async function memory(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  // What a first collection finalizes, a later one gives back; buffers outside the heap are given back between them.
  for (let turn = 0; turn < 4; turn += 1) {
    collect();
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
