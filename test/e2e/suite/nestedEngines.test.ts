import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { driver } from './driver';
import { clearBench, openExplorer, until, withSetting } from './support/extension';
import { useLab } from './support/lab';
import { at, labels, nest } from './support/rows';

const name = 'e2e-dind';
const hosts = (): readonly unknown[] => vscode.workspace.getConfiguration('netnsExplorer').inspect<readonly unknown[]>('hosts')?.globalValue ?? [];

describe('nested engines', () => {
  before(async function () {
    this.timeout(180_000);
    const { lab, dind, run } = await useLab();
    await dind.startDind(lab, 'node1', name);
    // A container of the engine inside: the archive is the image, as of the lab's own hosts.
    await run('node1', ['sh', '-c', `docker export ${name} | docker exec -i ${name} docker import - inner-tools`]);
    await run('node1', ['docker', 'exec', name, 'docker', 'create', '--name', 'innermost', '--network', 'none', 'inner-tools', 'true']);
    await openExplorer();
    await clearBench();
    await vscode.commands.executeCommand('netnsExplorer.hosts.refresh');
  });

  after(async function () {
    this.timeout(60_000);
    const { lab, dind } = await useLab();
    await dind.removeDind(lab, 'node1', name);
    await vscode.commands.executeCommand('netnsExplorer.hosts.refresh');
  });

  it('Docker in Docker stands under its host, and its button makes a host of it, with its own engine, containers and terminal', async function () {
    this.timeout(180_000);
    const before = hosts();
    await withSetting('netnsExplorer.hosts', before, async () => {
      const row = await driver.revealRow(['node1', 'Nested Engines', name]);
      assert.equal(row.description, `docker · container ${name}`);
      await driver.rowAction(['node1', 'Nested Engines', name], 'Add as Host');
      await driver.revealRow([name, 'Containers', 'innermost']);
      assert.deepEqual(hosts().slice(before.length), [{ address: `nested:container=${name}@ssh://node1`, name, source: 'nested:ssh://node1' }]);
      const tree = nest(await driver.readTree(3, [name]));
      assert.deepEqual([...labels(at(tree, name, 'Networks').children)].sort(), ['host', 'none']);
      assert.deepEqual(labels(at(tree, name, 'Containers').children), ['innermost']);
      assert.equal((await driver.revealRow(['node1', 'Nested Engines', name])).description, `docker · container ${name} · among the hosts`);
      await driver.screenshot('tree-nested');
      await driver.rowMenu([name], ['Enter Net Namespace']);
      await driver.terminalWait(String.raw`^\[netns .*\]`);
      await driver.terminalRun('clear; uname -n');
      await driver.terminalWait(`^${name}-host$`);
      await driver.terminalRun('exit');
      await driver.rowMenu([name], ['Remove Host']);
      await until(async () => !(await driver.treeRows()).some(({ level, label }) => level === 1 && label === name), 'the row to go');
    });
  });
});
