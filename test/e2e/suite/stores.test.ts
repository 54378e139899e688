import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { LabStore } from '../../lab/stores.mjs';
import { driver } from './driver';
import { clearBench, editorText, extensionApi, openExplorer, until } from './support/extension';
import { useLab } from './support/lab';

const name = 'kvhost';
const settings = () => vscode.workspace.getConfiguration('netnsExplorer');

describe('key-value stores', () => {
  let store: LabStore;
  let others: readonly unknown[];

  before(async function () {
    this.timeout(180_000);
    const { lab, stores } = await useLab();
    store = await stores.startStore(lab);
    others = settings().inspect<readonly unknown[]>('hosts')?.globalValue ?? [];
    const address = `nested:${String(store.engine.pid)}.${String(store.engine.startTicks)}@ssh://node1`;
    await settings().update('hosts', [...others, { address, name }], vscode.ConfigurationTarget.Global);
    const { explorer } = await openExplorer();
    await clearBench();
    await until(() => Promise.resolve(explorer.topology.host.has(address)), 'the nested host to be read', 60_000);
  });

  after(async function () {
    this.timeout(60_000);
    await settings().update('hosts', others, vscode.ConfigurationTarget.Global);
    const { lab, stores } = await useLab();
    await stores.stopStore(lab);
    await vscode.commands.executeCommand('netnsExplorer.hosts.refresh');
  });

  it('stand under their host, are read when opened, and lead to the record, its document, its network and back', async function () {
    this.timeout(180_000);
    const { sh } = await useLab();
    const { view, explorer } = await extensionApi();
    const selected = () => view.view.selection[0];
    const folder = [name, 'Key-Value Store', store.address, 'docker', 'network', 'v1.0', 'network'];
    assert.equal((await driver.revealRow(folder.slice(0, 2))).description, 'read when it is opened');
    // As docker shortens ids.
    const record = [...folder, store.network.slice(0, 12)];
    assert.equal((await driver.revealRow(record)).description, 'network demonet · overlay · 10.13.17.0/24');
    assert.match((await driver.revealRow(folder.slice(0, 3))).description, /^etcd v2 · \d+ records · docker info$/);
    await driver.screenshot('tree-store');

    await driver.rowAction(record, 'Open Record');
    const text = await editorText(({ languageId, uri }) => uri.scheme === 'netns-dump' && languageId === 'jsonc');
    const shown = JSON.parse(text.split('\n').filter((line) => !line.startsWith('//')).join('\n')) as Record<string, unknown>;
    const truth = JSON.parse(await sh('node1', `ETCDCTL_API=2 etcdctl --endpoints http://127.0.0.1:2379 get /docker/network/v1.0/network/${store.network}`)) as Record<string, string>;
    assert.deepEqual({ ...shown, ipamV4Config: undefined, ipamV4Info: undefined }, { ...truth, ipamV4Config: undefined, ipamV4Info: undefined });
    assert.deepEqual(shown.ipamV4Config, JSON.parse(truth.ipamV4Config ?? ''));
    assert.match(text, /^\/\/ network demonet · overlay · 10\.13\.17\.0\/24$/m);

    await driver.rowMenu(record, ['Go to the Network']);
    await until(() => Promise.resolve(selected()?.kind === 'network'), 'the row of the network');
    assert.equal(explorer.topology.network.get(selected()?.modelId ?? '')?.engine.id, store.network);
    const network = [name, 'Networks', 'demonet'];
    await driver.rowMenu(network, ['Go to Its Record in the Key-Value Store']);
    await until(() => Promise.resolve(selected()?.kind === 'storeKey'), 'the row of the record');
    assert.match(selected()?.modelId ?? '', new RegExp(`/network/${store.network}$`));

    await driver.rowMenu(network, ['Records in the Key-Value Store']);
    const all = await editorText((document) => document.getText().includes('endpoint kvbox of demonet'));
    assert.match(all, /^# endpoint kvbox of demonet · 10\.13\.17\.11\/24 · .* · on 10\.99\.7\.2$/m);
    assert.match(all, /^# overlay demonet · 10\.13\.17\.0\/24 · VNI \d+$/m);
  });
});
