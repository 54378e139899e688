import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { OvsContainer } from '../../lab/ovs.mjs';
import { driver } from './driver';
import { clearBench, editorText, openExplorer } from './support/extension';
import { useLab } from './support/lab';
import { at, nest } from './support/rows';

describe('Open vSwitch', () => {
  let containers: readonly OvsContainer[] = [];

  before(async function () {
    this.timeout(180_000);
    const { lab, ovs } = await useLab();
    await ovs.wireOvs(lab);
    ({ containers } = await ovs.buildOvsExperiment(lab, 3));
    await openExplorer();
    await clearBench();
    await vscode.commands.executeCommand('netnsExplorer.hosts.refresh');
  });

  after(async function () {
    this.timeout(60_000);
    const { lab, ovs } = await useLab();
    await ovs.removeOvsExperiment(lab, 3);
    await ovs.unwireOvs(lab);
    await vscode.commands.executeCommand('netnsExplorer.hosts.refresh');
  });

  it('stands under its host: bridges, ports with their VLANs and containers, and the tunnel with its other half', async function () {
    this.timeout(120_000);
    await driver.revealRow(['node1', 'Open vSwitch', 'br0', 'gre0 ⇄ gre0 on node2']);
    const tree = nest(await driver.readTree(4));
    const own = containers.filter(({ node }) => node === 'node1');
    assert.deepEqual(
      own.map(({ port, name }) => at(tree, 'node1', 'Open vSwitch', 'br0', `${port} ⇄ eth0 in ${name}`).row.description),
      own.map(({ tag }) => `tag ${String(tag)} · device · up`),
    );
    assert.equal(at(tree, 'node1', 'Open vSwitch', 'br0', 'gre0 ⇄ gre0 on node2').row.description, 'gre · * → 10.0.0.4 · up');
    await driver.screenshot('tree-ovs');
  });

  it('loses a port from its row, as a plan that is shown first, and gets it back with its tag', async function () {
    this.timeout(120_000);
    const { sh } = await useLab();
    const own = containers.find(({ node, tag }) => node === 'node1' && tag !== undefined);
    assert.ok(own);
    const row = ['node1', 'Open vSwitch', 'br0', `${own.port} ⇄ eth0 in ${own.name}`];
    await driver.rowMenu(row, ['Remove Open vSwitch Port…']);
    await driver.webviewWait({ selector: 'h1', text: `${own.port} removed from br0 on node1` });
    await driver.webviewWait({ selector: 'li.holds', text: 'its switch runs' }, 30_000);
    await driver.screenshot('plan-ovs-port-remove');
    await driver.webviewClick({ selector: '.actions vscode-button:text-is("Apply")' });
    await driver.webviewWait({ selector: '.verdict', text: 'Applied.' }, 60_000);
    assert.equal((await sh('node1', 'ovs-vsctl list-ports br0')).split('\n').includes(own.port), false);
    await driver.webviewClick({ selector: '.actions vscode-button:text-is("Remove")' });
    await driver.waitForDialog('Remove ');
    await driver.clickDialog('Remove');
    await driver.webviewWait({ selector: '.verdict', text: 'Removed.' }, 60_000);
    assert.equal((await sh('node1', `ovs-vsctl get Port ${own.port} tag`)).trim(), String(own.tag));
    await clearBench();
  });

  it('is dumped from a bridge: what ovs-vsctl shows, and the learned addresses, flows and counters of each bridge', async function () {
    this.timeout(120_000);
    const truth = (await (await useLab()).run('node1', ['ovs-vsctl', 'show'])).trimEnd().split('\n');
    await driver.rowMenu(['node1', 'Open vSwitch', 'br0'], ['Dump', 'Dump Open vSwitch']);
    const lines = (await editorText((document) => document.uri.scheme === 'netns-dump')).split('\n').map((line) => line.trimEnd());
    const start = lines.indexOf('$ ovs-vsctl show') + 1;
    assert.ok(start > 0, lines.join('\n'));
    assert.deepEqual(lines.slice(start, start + truth.length), truth);
    for (const command of ['ovs-appctl fdb/show', 'ovs-ofctl dump-flows', 'ovs-ofctl dump-ports']) {
      assert.ok(lines.some((line) => line.startsWith('$ ') && line.includes(command)), command);
    }
    assert.ok(lines.some((line) => line.includes('actions=NORMAL')), lines.join('\n'));
  });
});
