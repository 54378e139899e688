import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { Snapshot } from '../../../src/core/model/snapshot';
import type { TreeRow } from '../bridge';
import { driver } from './driver';
import { clearBench, extensionApi, openExplorer, until, withSetting } from './support/extension';
import { useLab } from './support/lab';
import { at, labels, nest } from './support/rows';
import { namespaceInodes } from './support/truth';

const hosts = (): readonly string[] | undefined => vscode.workspace.getConfiguration('netnsExplorer').inspect<readonly string[]>('hosts')?.globalValue;

const roots = async (): Promise<string[]> => (await driver.treeRows()).filter((row) => row.level === 1).map((row) => row.label);

describe('the list of hosts', () => {
  let folder: string;

  before(async function () {
    this.timeout(120_000);
    await openExplorer();
    folder = await mkdtemp(join(tmpdir(), 'netns-e2e-files-'));
  });
  beforeEach(clearBench);
  after(async () => {
    await clearBench();
    await rm(folder, { recursive: true });
  });

  it('empty: the view says what to do, and its button asks for an SSH host, with the aliases of the SSH configuration', async () => {
    const before = hosts();
    await withSetting('netnsExplorer.hosts', [], async () => {
      await driver.waitForSidebarText('No host is shown yet');
      for (const button of ['Add SSH Host…', 'Open Sample', 'Open Snapshot…', 'Add This Machine']) await driver.waitForSidebarText(button);
      await driver.screenshot('welcome');
      await driver.clickInSidebar('Add SSH Host…');
      await driver.waitForQuickInput('Add SSH Host');
      const items = await driver.quickPickItems();
      for (const alias of ['node1', 'node2', 'bare', 'node2-jump']) assert.ok(items.includes(alias), JSON.stringify(items));
      assert.ok(!items.some((item) => item.includes('*')), 'patterns are no hosts');
      await driver.quickPick('bare');
      const row = await driver.revealRow(['bare', 'Namespaces']);
      assert.equal(row.level, 2);
      assert.deepEqual(hosts(), ['ssh://bare']);
    });
    assert.deepEqual(hosts(), before);
    await driver.revealRow(['node1', 'Networks']);
  });

  it('a host typed as user@address:port, then removed by its menu', async () => {
    const { lab } = await useLab();
    const address = `root@${lab.hosts.bare.address}:${String(lab.hosts.bare.port)}`;
    await driver.palette('Netns: Add SSH Host…');
    await driver.waitForQuickInput('Add SSH Host');
    await driver.quickInputType('not an address');
    assert.ok((await driver.quickPickItems()).some((item) => item.startsWith('This is no address.')));
    await driver.quickInput(address);
    // The key is known to the lab's known_hosts by the address, and the identity is given for every host.
    await driver.revealRow(['bare', 'Namespaces']);
    assert.ok(hosts()?.includes(`ssh://${address}`), JSON.stringify(hosts()));
    await driver.rowMenu(['bare'], ['Remove Host']);
    await until(async () => !(await roots()).includes('bare'), 'the row to go');
    assert.deepEqual(hosts(), ['ssh://node1', 'ssh://node2']);
  });

  it('hosts of an Ansible inventory are imported with address and key, and follow it when it changes', async () => {
    const { lab } = await useLab();
    const file = join(folder, 'inventory');
    const host = (name: string): string => `[lab]\n${name} ansible_host=${lab.hosts.bare.address} ansible_port=${String(lab.hosts.bare.port)} ansible_user=root ansible_ssh_private_key_file=${lab.clientKey}\nwrong ansible_host=-oX\n`;
    await writeFile(file, host('imported'));
    const before = hosts() ?? [];
    await withSetting('netnsExplorer.hosts', before, async () => {
      await driver.palette('Netns: Import Hosts…');
      await driver.waitForQuickInput('Import Hosts From');
      await driver.quickPick('Ansible Inventory…');
      await driver.fileDialog(file);
      await driver.waitForQuickInput('Import Which Hosts?');
      assert.deepEqual(await driver.quickPickItems(), ['imported']);
      await driver.quickInput('');
      await driver.revealRow(['imported', 'Namespaces']);
      const entry = { address: `ssh://root@${lab.hosts.bare.address}:${String(lab.hosts.bare.port)}`, name: 'imported', source: `ansible:${file}`, keyFile: lab.clientKey, groups: ['lab'] };
      assert.deepEqual(hosts(), [...before, entry]);
      await writeFile(file, host('renamed'));
      await driver.palette('Netns: Synchronize Imported Hosts');
      await driver.waitForQuickInput('Synchronize Imported Hosts');
      assert.deepEqual(await driver.quickPickItems(), ['Change renamed']);
      await driver.quickInput('');
      await until(async () => (await roots()).includes('renamed') && !(await roots()).includes('imported'), 'the row to be renamed');
      assert.deepEqual(hosts(), [...before, { ...entry, name: 'renamed' }]);
    });
  });

  it("a host behind a ProxyCommand is reached with the system's ssh, which says so, and is entered over it", async () => {
    const { lab } = await useLab();
    const config = join(folder, 'ssh_config');
    await writeFile(config, `Host behind\n  HostName ${lab.hosts.node2.address}\n  User root\n  ProxyCommand ssh -F ${lab.sshConfig} -W %h:%p node1\nHost *\n  Include ${lab.sshConfig}\n`);
    const { explorer } = await extensionApi();
    await withSetting('netnsExplorer.ssh.configFile', config, () =>
      withSetting('netnsExplorer.hosts', ['ssh://behind'], async () => {
        await until(async () => Promise.resolve(explorer.hosts.find(({ id }) => id === 'ssh://behind')?.state === 'ready'), 'the host to be read');
        await until(async () => (await roots()).includes('node2'), 'its row');
        assert.match(explorer.hosts.find(({ id }) => id === 'ssh://behind')?.way ?? '', /^The system's ssh is used: .*ProxyCommand/);
        await driver.rowMenu(['node2'], ['Enter Net Namespace']);
        await driver.terminalWait(String.raw`^\[netns .*\]`);
        await driver.terminalRun('clear; uname -n');
        await driver.terminalWait('^node2$');
        await driver.terminalRun('exit');
      }),
    );
  });

  it('a host without an engine shows its namespaces, and no networks or containers', async () => {
    await withSetting('netnsExplorer.hosts', [...(hosts() ?? []), 'ssh://bare'], async () => {
      await driver.revealRow(['bare', 'Namespaces']);
      const bare = at(nest(await driver.readTree(3, ['bare'])), 'bare');
      assert.ok(!labels(bare.children).includes('Networks') && !labels(bare.children).includes('Containers'), JSON.stringify(labels(bare.children)));
      const shown = at(bare.children, 'Namespaces').children.map(({ row }) => Number(/net:\[(\d+)\]/.exec(row.description)?.[1]));
      assert.deepEqual([...shown].sort(), [...(await namespaceInodes('bare'))].sort());
    });
  });

  it('a snapshot: saved as a file, opened as a host of its own, with documents and diagrams but no terminals', async () => {
    const file = join(folder, 'node2.netns.json');
    await driver.rowMenu(['node2'], ['Save Snapshot…']);
    await driver.fileDialog(file);
    await until(() => readFile(file, 'utf8').then((text) => text.endsWith('}\n'), () => false), 'the file');
    const saved = JSON.parse(await readFile(file, 'utf8')) as Snapshot;
    assert.equal(saved.version, 1);
    assert.deepEqual(new Set(saved.namespaces.map((namespace) => namespace.inode)), await namespaceInodes('node2'));
    const texts = (rows: readonly TreeRow[]): unknown[] => rows.slice(1).map((row) => [row.level, row.label]);
    const live = texts(await driver.readTree(4, ['node2']));
    await driver.clickInSidebar('Collapse All');
    await driver.palette('Netns: Open Snapshot…');
    await driver.fileDialog(file);
    await until(async () => (await driver.treeRows()).some((row) => row.level === 1 && row.description.includes('recorded')), 'the recorded host');
    try {
      const host = `node2#${String((await roots()).length - 1)}`;
      assert.deepEqual(texts(await driver.readTree(4, [host])), live);
      const path = [host, 'Networks', 'mynet01', 'overlay sandbox'];
      assert.ok(!(await driver.rowMenuItems(path)).includes('Enter Net Namespace'));
      await driver.rowMenu(path, ['Dump', 'Dump Forwarding Database (FDB)']);
      await until(async () => Promise.resolve(vscode.window.activeTextEditor?.document.getText().includes('docker1n') === true), 'the recorded FDB, annotated');
    } finally {
      const index = (await roots()).length - 1;
      await driver.rowMenu([`node2#${String(index)}`], ['Remove Host']);
      await until(async () => (await roots()).length === 2, 'the recorded host to go');
    }
  });

  it('a file that is no snapshot is shown as a host that cannot be read, with a sentence that says so', async () => {
    const file = join(folder, 'garbage.json');
    await writeFile(file, '{"version": 99, "namespaces": "none"}');
    await driver.palette('Netns: Open Snapshot…');
    await driver.fileDialog(file);
    await until(async () => (await roots()).length === 3, 'its row');
    try {
      const rows = await driver.readTree(2, [`${(await roots())[2]!}#2`]);
      assert.ok(rows.some((row) => row.level === 2 && /^garbage\.json cannot be opened: its format is version 99/.test(row.label)), JSON.stringify(rows));
      await driver.screenshot('bad-snapshot');
    } finally {
      await vscode.workspace.getConfiguration('netnsExplorer').update('hosts', ['ssh://node1', 'ssh://node2'], vscode.ConfigurationTarget.Global);
      await until(async () => (await roots()).length === 2, 'it to go');
    }
  });

  it('the sample that comes with the extension', async () => {
    await driver.palette('Netns: Open Sample');
    await until(async () => (await driver.treeRows()).some((row) => row.level === 1 && row.description.includes('recorded')), 'the sample');
    const index = (await roots()).length - 1;
    const [label] = (await roots()).slice(-1);
    await driver.revealRow([`${label!}#${String(index)}`, 'Networks', 'mynet01']);
    await driver.screenshot('sample');
    await driver.rowMenu([`${label!}#${String(index)}`], ['Remove Host']);
    await until(async () => (await roots()).length === 2, 'the sample to go');
  });
});

describe('the view', () => {
  before(openExplorer);
  beforeEach(clearBench);

  it('filter: only what holds the text, and the way to it; cleared, everything is back as it was', async () => {
    const before = await driver.treeRows();
    await driver.clickInSidebar('Filter…');
    await driver.waitForQuickInput('');
    await driver.quickInput('docker2n');
    await driver.waitForSidebarText('docker2n');
    const shown = nest(await driver.readTree(3));
    assert.deepEqual(labels(at(shown, 'node2', 'Containers').children), ['docker2n']);
    assert.deepEqual(labels(at(shown, 'node2', 'Networks').children), ['docker_gwbridge', 'mynet01'].filter((name) => labels(at(shown, 'node2', 'Networks').children).includes(name)));
    assert.ok(labels(at(shown, 'node2', 'Networks').children).includes('mynet01'));
    await driver.screenshot('filter');
    await driver.clickInSidebar('Clear Filter');
    await until(async () => (await driver.treeRows()).length === before.length, 'the whole tree');
    assert.deepEqual((await driver.treeRows()).map((row) => [row.label, row.expanded]), before.map((row) => [row.label, row.expanded]));
  });

  it('follows the engine: a container that starts is shown, and goes when it is removed', async () => {
    const { sh } = await useLab();
    await driver.revealRow(['node2', 'Containers', 'docker2n']);
    await sh('node2', 'docker run -d --name passer-by net-tools sleep 1000');
    try {
      const row = await driver.revealRow(['node2', 'Containers', 'passer-by']);
      assert.match(row.description, /172\./);
    } finally {
      await sh('node2', 'docker rm -f passer-by');
    }
    await until(async () => !(await driver.treeRows()).some((row) => row.label === 'passer-by'), 'the row to go');
  });

  it('refresh: a namespace that was made by hand is shown after it', async () => {
    const { run } = await useLab();
    await driver.revealRow(['node2', 'Namespaces']);
    await run('node2', ['ip', 'netns', 'add', 'by-hand']);
    try {
      await driver.rowAction(['node2'], 'Refresh');
      assert.match((await driver.revealRow(['node2', 'Namespaces', 'by-hand'])).description, /^net:\[\d+\] · named$/);
    } finally {
      await run('node2', ['ip', 'netns', 'delete', 'by-hand']);
    }
    await driver.clickInSidebar('Refresh All Hosts');
    await until(async () => !(await driver.treeRows()).some((row) => row.label === 'by-hand'), 'the row to go');
  });

  it('keeps what is open and what is selected over a refresh', async () => {
    await driver.clickRow(['node1', 'Containers', 'web1', 'Namespace']);
    await driver.revealRow(['node1', 'Containers', 'web1', 'Namespace', 'lo']);
    const before = await driver.treeRows();
    await driver.rowAction(['node1'], 'Refresh');
    const api = await extensionApi();
    await until(() => Promise.resolve(api.explorer.hosts.every((host) => host.state === 'ready')), 'the scan');
    assert.deepEqual((await driver.treeRows()).map((row) => [row.label, row.expanded, row.selected]), before.map((row) => [row.label, row.expanded, row.selected]));
  });
});
