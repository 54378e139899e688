import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { driver } from './driver';
import { clearBench, openExplorer } from './support/extension';
import { useLab } from './support/lab';

describe('Podman', () => {
  before(async function () {
    this.timeout(180_000);
    const { lab, podman } = await useLab();
    await podman.startPodman(lab, 'node1');
    await openExplorer();
    await clearBench();
    await vscode.commands.executeCommand('netnsExplorer.hosts.refresh');
  });

  after(async function () {
    this.timeout(120_000);
    const { lab, podman } = await useLab();
    await podman.removePodman(lab, 'node1');
    await vscode.commands.executeCommand('netnsExplorer.hosts.refresh');
  });

  it("stands in the tree beside the host's Docker, by its name, and its container's shell is opened by podman itself", async function () {
    this.timeout(120_000);
    assert.match((await driver.revealRow(['node1', 'Networks', 'podnet'])).description, /^podman · bridge · 10\.77\.0\.0\/24/);
    const container = await driver.revealRow(['node1', 'Containers', 'pod1']);
    assert.match(container.description, /^podman · 10\.77\.0\.\d+ · /);
    assert.ok(!(await driver.revealRow(['node1', 'Containers', 'web1'])).description.startsWith('podman'));
    assert.ok((await driver.rowHover(['node1'])).includes('podman 4.'));
    await driver.screenshot('tree-podman');
    await driver.rowMenu(['node1', 'Containers', 'pod1'], ['Open Container Shell']);
    await driver.terminalRun('clear; ip -o -4 addr show eth0 | wc -l; echo in-$((40 + 2))');
    await driver.terminalWait('^in-42$');
    await driver.terminalRun('exit');
  });
});
