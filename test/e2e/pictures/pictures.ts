import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { Rectangle } from '../bridge';
import { driver } from '../suite/driver';
import { clearBench, editorText, openExplorer, until } from '../suite/support/extension';
import { useLab } from '../suite/support/lab';

const width = 1440;
const height = 860;
/** Title and status bar say nothing of this extension. */
const workbench = (high: number): Rectangle => ({ x: 0, y: 30, width, height: high - 30 - 34 });
const dark = 'Dark Modern';
const light = 'Light Modern';

const theme = (name: string): Thenable<void> => vscode.workspace.getConfiguration().update('workbench.colorTheme', name, vscode.ConfigurationTarget.Global);

/** The README's pictures: what is on them is real, and checked enough that no picture of a failure gets there. */
describe('pictures', () => {
  before(async function () {
    this.timeout(120_000);
    await driver.resize(width, height);
    await theme(dark);
    await openExplorer();
  });
  beforeEach(clearBench);

  it('overview-dark', async () => {
    await driver.rowMenu(['node2', 'Networks', 'mynet01'], ['Show Diagram']);
    await driver.revealRow(['node2', 'Networks', 'mynet01', 'docker2n', 'lo']);
    await driver.revealRow(['node1', 'Networks', 'mynet01', 'overlay sandbox', 'br0']);
    await driver.webviewWait({ selector: 'g.box.container', text: 'docker2n' });
    await driver.webviewClick({ selector: '[aria-label="Fit to Window"]' });
    await driver.screenshot('overview-dark', { clip: workbench(height) });
  });

  it('diagram-light', async () => {
    await theme(light);
    await driver.resize(width, 680);
    await driver.rowMenu(['node1', 'Networks', 'mynet01'], ['Show Diagram']);
    await driver.webviewWait({ selector: 'g.box.container', text: 'docker2n' });
    await driver.webviewClick({ selector: 'g.edge-label' });
    await driver.webviewWait({ selector: 'aside.details', text: 'VTEPs' });
    await driver.webviewClick({ selector: '[aria-label="Fit to Window"]' });
    await driver.screenshot('diagram-light', { part: 'editor' });
    await driver.resize(width, height);
    await theme(dark);
  });

  it('enter', async () => {
    const low = 560;
    await driver.resize(width, low);
    await driver.revealRow(['node1', 'Networks', 'mynet01', 'overlay sandbox']);
    await driver.rowAction(['node1', 'Networks', 'mynet01'], 'Enter Net Namespace');
    await driver.terminalWait(String.raw`^\[netns .*\] .*[#$] ?$`);
    await vscode.commands.executeCommand('workbench.action.toggleMaximizedPanel');
    // The terminal says its new size for a moment.
    await driver.terminalSettled();
    await driver.terminalRun('clear');
    await driver.terminalRun('readlink /proc/self/ns/net');
    await driver.terminalWait(String.raw`^net:`);
    await driver.terminalRun('brctl show');
    await driver.terminalWait(String.raw`^br0\s`);
    await driver.terminalRun('bridge fdb show dev vxlan0 | grep dst');
    await driver.terminalWait(' dst ');
    await driver.screenshot('enter', { clip: workbench(low) });
    await vscode.commands.executeCommand('workbench.action.toggleMaximizedPanel');
    await driver.resize(width, height);
  });

  it('fdb', async () => {
    await driver.rowMenu(['node1', 'Networks', 'mynet01', 'overlay sandbox'], ['Dump', 'Dump Forwarding Database (FDB)']);
    const text = await editorText((document) => document.uri.scheme === 'netns-dump');
    assert.ok(text.includes('# docker2n on node2'));
    await vscode.commands.executeCommand('workbench.action.focusActiveEditorGroup');
    const lines = text.trimEnd().split('\n').length;
    await until(() => Promise.resolve(vscode.window.activeTextEditor?.visibleRanges[0]?.end.line !== undefined), 'the document on screen');
    await driver.screenshot('fdb', { clip: { x: 354, y: 30, width: width - 354, height: Math.min(workbench(height).height, 60 + lines * 19) } });
  });

  it('plan', async () => {
    const high = 700;
    await theme(light);
    await driver.resize(width, high);
    await driver.palette('Netns: Create VXLAN Tunnel…');
    await driver.waitForQuickInput('From which host?');
    await driver.quickPick('node1');
    await driver.waitForQuickInput('To which host?');
    await driver.quickPick('node2');
    await driver.waitForQuickInput('What is it to carry?');
    await driver.quickPick('A device of the kernel');
    await driver.waitForQuickInput('With which addresses');
    await driver.press('Enter');
    for (const host of ['node1', 'node2']) {
      await driver.waitForQuickInput(`A port of which bridge on ${host}?`);
      await driver.quickPick('No bridge');
    }
    await driver.waitForQuickInput('Addresses inside the tunnel');
    await driver.press('Enter');
    await driver.waitForQuickInput('Which networks are to be reached');
    await driver.press('Enter');
    await driver.waitForQuickInput('Change what is to be otherwise');
    await driver.quickPick('Show the Plan');
    await driver.webviewWait({ selector: 'li.holds', text: 'is reached from' }, 30_000);
    assert.deepEqual((await driver.webviewQuery({ selector: 'li.fails, li.unknown' })).map(({ text }) => text), []);
    await driver.screenshot('plan', { part: 'editor' });
    await driver.resize(width, height);
    await theme(dark);
  });

  it('around', async function () {
    this.timeout(180_000);
    const { lab, ovs } = await useLab();
    await ovs.wireOvs(lab);
    try {
      const { containers } = await ovs.buildOvsExperiment(lab, 3);
      const name = containers.find(({ node }) => node === 'node1')?.name ?? '';
      await vscode.commands.executeCommand('netnsExplorer.hosts.refresh');
      await driver.resize(width, 900);
      await driver.rowMenu(['node1', 'Containers', name], ['Show Diagram']);
      await driver.webviewWait({ selector: '.scene[data-drawn] g.box.host' });
      await driver.revealRow(['node1', 'Open vSwitch', 'br0', 'gre0 ⇄ gre0 on node2']);
      await driver.revealRow(['node1', 'Swarm', 'svc', 'svc.1']);
      await driver.webviewClick({ selector: '[aria-label="Fit to Window"]' });
      await driver.screenshot('around', { clip: workbench(900) });
    } finally {
      await ovs.removeOvsExperiment(lab, 3);
      await ovs.unwireOvs(lab);
      await vscode.commands.executeCommand('netnsExplorer.hosts.refresh');
      await driver.resize(width, height);
    }
  });

  it('store', async function () {
    this.timeout(180_000);
    const { lab, stores } = await useLab();
    const store = await stores.startStore(lab);
    const settings = vscode.workspace.getConfiguration('netnsExplorer');
    const others = settings.inspect<readonly unknown[]>('hosts')?.globalValue;
    try {
      const high = 640;
      const address = `nested:${String(store.engine.pid)}.${String(store.engine.startTicks)}@ssh://node1`;
      await settings.update('hosts', [{ address, name: 'old-overlay' }], vscode.ConfigurationTarget.Global);
      const { explorer } = await openExplorer();
      await until(() => Promise.resolve(explorer.topology.host.has(address)), 'the nested host to be read', 60_000);
      await driver.resize(width, high);
      const record = ['old-overlay', 'Key-Value Store', store.address, 'docker', 'network', 'v1.0', 'network', store.network.slice(0, 12)];
      await driver.revealRow(record);
      await driver.rowAction(record, 'Open Record');
      await editorText(({ languageId, uri }) => uri.scheme === 'netns-dump' && languageId === 'jsonc');
      await driver.screenshot('store', { clip: workbench(high) });
    } finally {
      await settings.update('hosts', others, vscode.ConfigurationTarget.Global);
      await stores.stopStore(lab);
      await driver.resize(width, height);
    }
  });
});
