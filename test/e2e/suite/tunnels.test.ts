import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { driver } from './driver';
import { clearBench, openExplorer } from './support/extension';
import { useLab } from './support/lab';
import { at, nest } from './support/rows';

describe('tunnels', () => {
  const underlay = { node1: '', node2: '' };

  before(async function () {
    this.timeout(180_000);
    const { sh } = await useLab();
    for (const host of ['node1', 'node2'] as const) underlay[host] = (await sh(host, `ip route get 192.168.56.13 | grep -o 'src [^ ]*' | cut -d' ' -f2`)).trim();
    const make = (name: string, from: string, to: string) => `ip link add ${name} type vxlan id 4101 dstport 8472 local ${from} remote ${to} && ip link set ${name} alias 'to the other hall' up`;
    await sh('node1', make('e2e-there', underlay.node1, underlay.node2));
    await sh('node2', make('e2e-back', underlay.node2, underlay.node1));
    await openExplorer();
    await clearBench();
    await vscode.commands.executeCommand('netnsExplorer.hosts.refresh');
  });

  after(async () => {
    const { sh } = await useLab();
    await sh('node1', 'ip link del e2e-there');
    await sh('node2', 'ip link del e2e-back');
    await vscode.commands.executeCommand('netnsExplorer.hosts.refresh');
  });

  it('stand under each host with the device at the far end and the addresses that ip shows', async function () {
    this.timeout(120_000);
    await driver.revealRow(['node1', 'Tunnels', 'e2e-there ⇄ e2e-back on node2']);
    await driver.revealRow(['node2', 'Tunnels', 'e2e-back ⇄ e2e-there on node1']);
    const tree = nest(await driver.readTree(3));
    assert.equal(at(tree, 'node1', 'Tunnels', 'e2e-there ⇄ e2e-back on node2').row.description, `${underlay.node1} → ${underlay.node2} · vxlan`);
    await driver.screenshot('tree-tunnels');
  });
});
