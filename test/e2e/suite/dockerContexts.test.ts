import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as vscode from 'vscode';
import { driver } from './driver';
import { clearBench, openExplorer, until, withSetting } from './support/extension';
import { useLab } from './support/lab';
import { at, labels, nest } from './support/rows';
import { namespaceInodes } from './support/truth';

const hosts = (): readonly unknown[] => vscode.workspace.getConfiguration('netnsExplorer').inspect<readonly unknown[]>('hosts')?.globalValue ?? [];

describe('Docker contexts over TCP', () => {
  const configured = process.env.DOCKER_CONFIG;
  let folder: string;

  before(async function () {
    this.timeout(180_000);
    folder = await mkdtemp(join(tmpdir(), 'netns-e2e-docker-'));
    process.env.DOCKER_CONFIG = folder;
    const { lab, tls } = await useLab();
    const certs = join(folder, 'certs');
    await tls.makeCa(certs, 'ca');
    await tls.makeCertificate(certs, 'ca', 'server', { address: lab.hosts.node2.address });
    await tls.makeCertificate(certs, 'ca', 'client');
    const address = await tls.startTlsEngine(lab, 'node2', certs);
    await promisify(execFile)('docker', ['context', 'create', 'far', '--docker', `host=tcp://${address}:${String(tls.tlsPort)},ca=${certs}/ca.pem,cert=${certs}/client.pem,key=${certs}/client-key.pem`]);
    await openExplorer();
    await clearBench();
  });

  after(async function () {
    this.timeout(60_000);
    const { lab, tls } = await useLab();
    await tls.stopTlsEngine(lab, 'node2');
    if (configured === undefined) delete process.env.DOCKER_CONFIG;
    else process.env.DOCKER_CONFIG = configured;
    await rm(folder, { recursive: true });
  });

  it('become hosts of what the engine says; a helper container, once allowed, shows and enters the machine, and goes when it is stopped', async function () {
    this.timeout(180_000);
    const { lab, tls } = await useLab();
    const helpers = async (): Promise<string> => (await tls.askTlsEngine(lab, 'node2', ['ps', '-aq', '--filter', 'label=netns-explorer.helper'])).trim();
    const known = hosts();
    await withSetting('netnsExplorer.helper.image', 'net-tools', () =>
      withSetting('netnsExplorer.hosts', known, async () => {
        await driver.palette('Netns: Import Hosts…');
        await driver.waitForQuickInput('Import Hosts From');
        await driver.quickPick('Docker Contexts');
        await driver.waitForQuickInput('Import Which Hosts?');
        assert.deepEqual(await driver.quickPickItems(), ['far']);
        await driver.quickInput('');
        await driver.revealRow(['far', 'Containers', 'behind-tls']);
        const entry = { address: 'docker://far', name: 'far', source: 'docker-contexts' };
        assert.deepEqual(hosts(), [...known, entry]);
        assert.equal((await driver.revealRow(['far'])).description, 'docker://far · engine only');
        const menu = await driver.rowMenuItems(['far']);
        assert.ok(menu.includes('Helper Container…') && !menu.includes('Enter Net Namespace'), JSON.stringify(menu));
        assert.equal(await helpers(), '');

        await driver.rowMenu(['far'], ['Helper Container…']);
        await driver.waitForDialog(String.raw`Run a helper container on the machine behind far\?[^]*net-tools:latest, which the engine has[^]*root on that machine`);
        await driver.screenshot('helper-container');
        await driver.clickDialog('Run It');
        await driver.revealRow(['far', 'Namespaces']);
        assert.deepEqual(hosts(), [...known, { ...entry, helper: true }]);
        const tree = nest(await driver.readTree(3, ['far']));
        const shown = at(tree, 'far', 'Namespaces').children.map(({ row }) => Number(/net:\[(\d+)\]/.exec(row.description)?.[1]));
        assert.deepEqual([...shown].sort(), [...(await namespaceInodes('node2'))].sort());
        assert.ok(labels(at(tree, 'far', 'Containers').children).includes('behind-tls'));
        assert.notEqual(await helpers(), '');
        await driver.rowMenu(['far'], ['Enter Net Namespace']);
        await driver.terminalWait(String.raw`^\[netns .*\]`);
        await driver.terminalRun('clear; uname -n; stty size');
        await driver.terminalWait(String.raw`^node2\n\d+ \d+$`);
        await driver.terminalRun('exit');

        await driver.rowMenu(['far'], ['Helper Container…']);
        await driver.waitForDialog('A helper container reads the machine behind far');
        await driver.clickDialog('Stop Using It');
        await until(async () => (await helpers()) === '', 'the helper container to go');
        await until(async () => (await driver.revealRow(['far'])).description === 'docker://far · engine only', 'the row to say so');
      }),
    );
  });
});
