import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import * as vscode from 'vscode';
import type { Machines } from '../../lab/machines/machines.mjs';
import { driver } from './driver';
import { clearBench, openExplorer, withSetting } from './support/extension';
import { useLab } from './support/lab';
import { startMachines } from './support/machines';

const run = promisify(execFile);

describe('a plan', () => {
  let machines: Machines | undefined;
  const settings = vscode.workspace.getConfiguration();
  const changed: [string, unknown][] = [];

  /** On a machine by its own ssh, past the extension. */
  const sh = async (machine: string, script: string): Promise<string> => (await run('ssh', ['-F', machines?.sshConfig ?? '', machine, script], { encoding: 'utf8' })).stdout;
  const set = async (name: string, value: unknown): Promise<void> => {
    changed.push([name, settings.inspect(name)?.globalValue]);
    await settings.update(name, value, vscode.ConfigurationTarget.Global);
  };
  const verdict = (pattern: string): Promise<unknown> => driver.webviewWait({ selector: '.verdict', text: pattern }, 120_000);
  const press = (name: string): Promise<void> => driver.webviewClick({ selector: `.actions vscode-button:text-is("${name}")` });
  const chooseTunnel = async (): Promise<void> => {
    await driver.palette('Netns: Create GRE Tunnel…');
    await driver.waitForQuickInput('From which host?');
    await driver.quickPick('vm1');
    await driver.waitForQuickInput('To which host?');
    await driver.quickPick('vm2');
    await driver.waitForQuickInput('What is it to carry?');
    await driver.screenshot('plan-wizard');
    await driver.quickPick('GRE, layer 3');
    await driver.waitForQuickInput('With which addresses');
    await driver.quickPick('192.168.57.11 ↔ 192.168.57.12');
    await driver.waitForQuickInput('Addresses inside the tunnel');
    await driver.press('Enter');
    await driver.waitForQuickInput('Change what is to be otherwise');
    await driver.quickPick('Show the Plan');
    await driver.webviewWait({ selector: 'h1', text: 'GRE tunnel between vm1 and vm2' });
  };

  before(async function () {
    this.timeout(300_000);
    machines = await startMachines();
    await openExplorer();
    await clearBench();
    await set('netnsExplorer.ssh.configFile', machines.sshConfig);
    await set('netnsExplorer.hosts', ['ssh://vm1', 'ssh://vm2']);
    await vscode.commands.executeCommand('netnsExplorer.hosts.refresh');
  });
  after(async function () {
    this.timeout(120_000);
    for (const [name, value] of changed.toReversed()) await settings.update(name, value, vscode.ConfigurationTarget.Global);
    await machines?.stop();
    await vscode.commands.executeCommand('netnsExplorer.hosts.refresh');
    await clearBench();
  });

  it('of a GRE tunnel is shown, applied, verified, found in the tree, and removed', async function () {
    this.timeout(300_000);
    await chooseTunnel();
    await driver.webviewWait({ selector: 'li.holds', text: 'the kernel has ip_gre' }, 60_000);
    assert.equal((await sh('vm1', 'ip -o link show type gre')).includes('nx-gre'), false, 'showing it changes nothing');
    for (const theme of ['Light Modern', 'Dark Modern', 'Default High Contrast']) {
      await withSetting('workbench.colorTheme', theme, async () => {
        await driver.webviewWait({ selector: 'figure svg' });
        await driver.screenshot(`plan-${theme.replaceAll(' ', '-').toLowerCase()}`);
      });
    }
    await press('Apply');
    await verdict('Applied. Traffic passes: vm1 → vm2 up to 1476 bytes; vm2 → vm1 up to 1476 bytes.');
    await driver.screenshot('plan-applied');
    assert.match(await sh('vm2', 'ip -d link show type gre'), /alias netns-explorer [0-9a-f]{8}/);
    for (const [host, other] of [['vm1', 'vm2'], ['vm2', 'vm1']] as const) {
      const { label, name } = await rowOf(host, other);
      assert.equal(label, `${name} ⇄ ${name} on ${other}`);
    }
    const { label } = await rowOf('vm1', 'vm2');
    // Verifying has sent packets through it.
    assert.match(await driver.rowHover(['vm1', 'Tunnels', label]), /Received\s+[1-9]\d* bytes in [1-9]\d* packets/);
    await driver.rowMenu(['vm1', 'Tunnels', label], ['Remove…']);
    await driver.waitForDialog('Remove "GRE tunnel between vm1 and vm2" from vm1, vm2\\?');
    await driver.clickDialog('Remove');
    await verdict('Removed.');
    for (const machine of ['vm1', 'vm2']) assert.equal((await sh(machine, 'ip -o link')).includes('nx-gre'), false);
    assert.equal((await driver.readTree(2)).some((row) => row.label === 'Tunnels'), false);
  });

  it('with a step that fails takes everything back, and says which host failed in the tool\'s own words', async function () {
    this.timeout(300_000);
    await clearBench();
    await chooseTunnel();
    await driver.webviewWait({ selector: 'li.holds', text: 'is free' }, 60_000);
    // A tool of the second machine that fails at one step, in the middle of the plan.
    const ip = (await sh('vm2', 'command -v ip')).trim();
    const broken = ['#!/bin/sh', 'case "$*" in "addr add "*) echo "RTNETLINK answers: made to fail" >&2; exit 2;; esac', `exec ${ip}.real "$@"`];
    await sh('vm2', `mv ${ip} ${ip}.real; { ${broken.map((line) => `echo '${line}'`).join('; ')}; } > ${ip}; chmod +x ${ip}`);
    try {
      await press('Apply');
      await verdict('made to fail');
      await verdict('What had been done was undone, on every host.');
      await driver.screenshot('plan-rolled-back');
    } finally {
      await sh('vm2', `mv ${ip}.real ${ip}`);
    }
    for (const machine of ['vm1', 'vm2']) assert.equal((await sh(machine, 'ip -o link')).includes('nx-gre'), false);
  });

  async function rowOf(host: string, other: string): Promise<{ readonly label: string; readonly name: string }> {
    const row = (await driver.readTree(3)).find(({ label }) => label.endsWith(`on ${other}`) && label.startsWith('nx-gre'));
    assert.ok(row, `no tunnel to ${other} under ${host}`);
    return { label: row.label, name: row.label.split(' ')[0] ?? '' };
  }
});

describe('a plan of one host', () => {
  before(async function () {
    this.timeout(180_000);
    const { sh } = await useLab();
    await sh('node1', 'ip link add e2ebr0 type bridge && ip addr add 10.88.0.1/24 dev e2ebr0 && ip link set e2ebr0 up');
    await openExplorer();
    await clearBench();
    await vscode.commands.executeCommand('netnsExplorer.hosts.refresh');
  });
  after(async () => {
    const { sh } = await useLab();
    await sh('node1', 'ip link del e2ebr0');
    await vscode.commands.executeCommand('netnsExplorer.hosts.refresh');
    await clearBench();
  });

  it('wires a container to a bridge from its row, in terminals, with a ping as verdict, and unwires it again', async function () {
    this.timeout(180_000);
    const { sh } = await useLab();
    await driver.rowMenu(['node1', 'Containers', 'web1'], ['Wire Container to Bridge…']);
    await driver.waitForQuickInput('To which bridge or device');
    await driver.quickPick('e2ebr0');
    await driver.waitForQuickInput('Address with its prefix length');
    await driver.quickInput('10.88.0.5/24');
    await driver.waitForQuickInput('Change what is to be otherwise');
    await driver.quickPick('Show the Plan');
    await driver.webviewWait({ selector: 'h1', text: 'web1 on node1 wired to e2ebr0' });
    await driver.webviewWait({ selector: 'li.holds', text: 'is the namespace of' }, 30_000);
    await driver.screenshot('plan-wire');
    await driver.webviewClick({ selector: '.actions vscode-button:text-is("Apply in Terminals")' });
    await driver.webviewWait({ selector: '.verdict', text: 'Applied. Traffic passes: web1 → e2ebr0.' }, 60_000);
    await driver.terminalWait('# ip link set dev nxw');
    await driver.screenshot('plan-terminals');
    assert.match(await sh('node1', 'ip -d link show master e2ebr0'), /alias netns-explorer [0-9a-f]{8}/);
    await driver.rowMenu(['node1', 'Containers', 'web1'], ['Unwire…']);
    await driver.waitForDialog('Remove ');
    await driver.clickDialog('Remove');
    await driver.webviewWait({ selector: '.verdict', text: 'Removed.' }, 60_000);
    assert.equal(await sh('node1', 'ip -o link show master e2ebr0'), '');
  });

  it('whose host is lost in the middle is left as it is, and offered to be undone when the host is back', async function () {
    this.timeout(240_000);
    const { lab, sh, held } = await useLab();
    await clearBench();
    await driver.rowMenu(['node1'], ['Plan', 'Create Bridge…']);
    await driver.waitForQuickInput('Name of the bridge');
    await driver.quickInput('e2elost0');
    await driver.waitForQuickInput('Its address');
    await driver.press('Enter');
    await driver.waitForQuickInput('Options');
    await driver.press('Enter');
    await driver.webviewWait({ selector: 'h1', text: 'Bridge e2elost0 on node1' });
    await driver.webviewWait({ selector: 'li.holds', text: 'the name e2elost0 is free' }, 30_000);
    const hold = await held.holdIp(lab, 'node1');
    let letIn: (() => Promise<unknown>) | undefined;
    try {
      await driver.webviewClick({ selector: '.actions vscode-button:text-is("Apply")' });
      await hold.reached();
      letIn = await held.refuseSsh(lab, 'node1');
      await driver.webviewWait({ selector: '.verdict', text: 'Not all of it could be undone. Remove takes back the rest when the host is back.' }, 120_000);
      await driver.screenshot('plan-left');
    } finally {
      await hold.release();
      await letIn?.();
    }
    assert.match(await sh('node1', 'ip -o link show e2elost0'), /e2elost0/);
    await vscode.commands.executeCommand('netnsExplorer.hosts.refresh');
    const offer = '"Bridge e2elost0 on node1" was interrupted: part of it may still be on node1\\.';
    await driver.waitForNotification(offer, 60_000);
    await driver.screenshot('plan-offered');
    await driver.clickNotification(offer, 'Undo');
    await driver.webviewWait({ selector: '.verdict', text: 'Removed.' }, 60_000);
    assert.equal((await sh('node1', 'ip -o link')).includes('e2elost0'), false);
  });
});
