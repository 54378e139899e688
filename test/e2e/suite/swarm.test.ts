import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { driver } from './driver';
import { clearBench, extensionApi, openExplorer, until, withSetting } from './support/extension';
import { useLab } from './support/lab';
import { at, labels, nest } from './support/rows';

const hosts = (): readonly unknown[] => vscode.workspace.getConfiguration('netnsExplorer').inspect<readonly unknown[]>('hosts')?.globalValue ?? [];

describe('a swarm', () => {
  before(async function () {
    this.timeout(120_000);
    await openExplorer();
    await clearBench();
  });

  it("its manager's row holds nodes, services and tasks, and a node's button makes a host of it", async function () {
    this.timeout(120_000);
    const { lab } = await useLab();
    await withSetting('netnsExplorer.hosts', ['ssh://node1'], async () => {
      const node = await driver.revealRow(['node1', 'Swarm', 'node2']);
      assert.equal(node.description, `${lab.hosts.node2.address} · worker`);
      await driver.revealRow(['node1', 'Swarm', 'svc', 'svc.1']);
      const tree = nest(await driver.readTree(4, ['node1']));
      assert.deepEqual(labels(at(tree, 'node1', 'Swarm').children).slice(0, 2), ['node1', 'node2']);
      assert.match(at(tree, 'node1', 'Swarm', 'svc').row.description, /^service · 2 of 2 running · replicated, dnsrr$/);
      assert.deepEqual(labels(at(tree, 'node1', 'Networks', 'mynet01').children).slice(-1), ['node2']);
      await driver.revealRow(['node1', 'Swarm', 'node2']);
      await driver.screenshot('tree-swarm');
      await driver.rowAction(['node1', 'Swarm', 'node2'], 'Add Node as Host');
      const { explorer } = await extensionApi();
      await until(async () => Promise.resolve(explorer.hosts.find(({ id }) => id === `ssh://${lab.hosts.node2.address}`)?.state === 'ready'), 'the host to be read');
      await driver.revealRow(['node2', 'Containers', 'docker2n']);
      assert.deepEqual(hosts().slice(1), [{ address: `ssh://${lab.hosts.node2.address}`, name: 'node2', source: 'swarm:ssh://node1' }]);
      await until(async () => (await driver.revealRow(['node1', 'Swarm', 'node2'])).description.endsWith('among the hosts'), 'the node to be known as a host');
    });
    await driver.revealRow(['node1', 'Networks']);
  });
});
