import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { driver } from './driver';
import { clearBench, editorText, openExplorer, until } from './support/extension';
import { useLab } from './support/lab';
import { overlaySandboxFile } from './support/truth';

const overlay = ['node1', 'Networks', 'mynet01', 'overlay sandbox'];

describe('dumps', () => {
  let file: string;

  before(async function () {
    this.timeout(120_000);
    await openExplorer();
    file = overlaySandboxFile((await useLab()).lab.networks['mynet01']!);
  });
  beforeEach(clearBench);
  after(clearBench);

  const direct = async (...argv: readonly [string, ...string[]]): Promise<string[]> =>
    (await (await useLab()).run('node1', ['nsenter', `--net=${file}`, ...argv])).trimEnd().split('\n').map((line) => line.trimEnd());

  it("of the FDB: a document with bridge's very rows, and beside each known MAC whose it is", async () => {
    const truth = await direct('bridge', 'fdb', 'show');
    await driver.rowMenu(overlay, ['Dump', 'Dump Forwarding Database (FDB)']);
    const text = await editorText((document) => document.uri.scheme === 'netns-dump');
    const lines = text.split('\n');
    assert.ok(lines.includes('$ bridge fdb show'), text);
    const rows = lines.slice(lines.indexOf('$ bridge fdb show') + 1).filter((line) => line !== '');
    assert.deepEqual(rows.map((row) => row.replace(/\s*# .*$/, '')), truth);
    const { lab } = await useLab();
    const remote = rows.find((row) => row.includes(`dst ${lab.hosts.node2.address}`) && row.includes('# docker2n on node2'));
    assert.ok(remote, `no row leads to docker2n on node2:\n${text}`);
    await driver.screenshot('dump-fdb');
    await vscode.commands.executeCommand('workbench.action.focusActiveEditorGroup');
    await driver.type('x');
    assert.equal(vscode.window.activeTextEditor?.document.getText(), text, 'it is read-only');
  });

  const commands: readonly (readonly [entry: string, argv: readonly [string, ...string[]]])[] = [
    ['Links', ['ip', '-d', 'link', 'show']],
    ['Addresses', ['ip', 'addr', 'show']],
    ['Routes and Rules', ['ip', 'route', 'show', 'table', 'all']],
    ['Bridges', ['bridge', '-d', 'link', 'show']],
  ];
  for (const [entry, argv] of commands) {
    it(`of ${entry.toLowerCase()}: what ${argv.slice(0, 3).join(' ')} prints there`, async () => {
      const truth = await direct(...argv);
      await driver.rowMenu(overlay, ['Dump', `Dump ${entry}`]);
      const text = await editorText((document) => document.uri.scheme === 'netns-dump');
      const lines = text.split('\n').map((line) => line.trimEnd());
      const start = lines.indexOf(`$ ${argv.join(' ')}`) + 1;
      assert.ok(start > 0, text);
      // Time-outs and counters of addresses and ports run on between the two readings.
      const still = (line: string): string => line.replace(/\b(hold|message_age|forward_delay|hello|tcn|topology_change|gc)_timer +[\d.]+/g, '$1_timer').replace(/valid_lft \w+|preferred_lft \w+/g, '');
      assert.deepEqual(lines.slice(start, start + truth.length).map(still), truth.map(still));
    });
  }

  it('of everything: one document with a part for each dump', async () => {
    await driver.rowMenu(overlay, ['Dump', 'Dump All']);
    const text = await editorText((document) => document.uri.scheme === 'netns-dump' && document.getText().includes('$ sysctl'));
    for (const command of ['ip -d link show', 'ip addr show', 'ip route show table all', 'ip rule show', 'ip -d neigh show', 'bridge -d link show', 'bridge vlan show', 'bridge fdb show', 'ss -tuwanp']) {
      assert.ok(text.includes(`\n$ ${command}\n`), `"$ ${command}" is not in the document`);
    }
  });

  it('in a terminal: the command first, then what it prints, then a prompt there', async () => {
    const truth = await direct('bridge', 'fdb', 'show');
    await driver.rowMenu(overlay, ['Dump in Terminal', 'Dump Forwarding Database (FDB) in Terminal']);
    // High enough to show all of it.
    await vscode.commands.executeCommand('workbench.action.toggleMaximizedPanel');
    try {
      const text = await driver.terminalWait(String.raw`^\$ bridge fdb show$[\s\S]*^\[netns .*\] .*[#$] ?$`);
      const shown = new Set(text.split('\n'));
      for (const row of truth) assert.ok(shown.has(row), `"${row}" is not in the terminal:\n${text}`);
    } finally {
      await vscode.commands.executeCommand('workbench.action.toggleMaximizedPanel');
    }
  });

  it('read again, by the button above the document, show what has changed', async () => {
    const { run } = await useLab();
    const mac = '02:42:de:ad:be:ef';
    await driver.rowMenu(overlay, ['Dump', 'Dump Forwarding Database (FDB)']);
    const before = await editorText((document) => document.getText().includes('$ bridge fdb show'));
    assert.ok(!before.includes(mac));
    await run('node1', ['nsenter', `--net=${file}`, 'bridge', 'fdb', 'add', mac, 'dev', 'vxlan0', 'dst', '192.0.2.1', 'self', 'permanent']);
    try {
      await driver.clickInEditorTitle('Refresh Document');
      await editorText((document) => document.getText().includes(mac));
    } finally {
      await run('node1', ['nsenter', `--net=${file}`, 'bridge', 'fdb', 'del', mac, 'dev', 'vxlan0', 'dst', '192.0.2.1', 'self']);
    }
  });

  it('of two namespaces, side by side', async () => {
    await driver.rowMenu(overlay, ['Dump', 'Dump Forwarding Database (FDB)']);
    await editorText((document) => document.getText().includes('$ bridge fdb show'));
    await driver.clickInEditorTitle('Compare with…');
    await driver.waitForQuickInput('Compare');
    // The list scrolls; what is typed finds the documents of the other host.
    await driver.quickInputType('node2');
    const items = await driver.quickPickItems();
    await driver.quickPick(items.find((item) => item.startsWith('FDB - mynet01'))!);
    const tab = await waitForTab((input) => input instanceof vscode.TabInputTextDiff);
    const input = tab.input as vscode.TabInputTextDiff;
    const [one, other] = await Promise.all([vscode.workspace.openTextDocument(input.original), vscode.workspace.openTextDocument(input.modified)]);
    assert.ok(one.getText().includes('on node1, net:['), one.getText());
    assert.ok(other.getText().includes('on node2, net:['), other.getText());
    await driver.screenshot('dump-compare');
  });

  it("as the engine's record: Inspect shows what docker inspect says, without the values of environment variables", async () => {
    const { sh } = await useLab();
    await sh('node1', 'docker run -d --name keeper --network appnet -e SECRET=hunter2 -e EMPTY= net-tools sleep 1000');
    try {
      const [truth] = JSON.parse(await sh('node1', 'docker inspect keeper')) as Inspected[];
      await driver.rowMenu(['node1', 'Containers', 'keeper'], ['Inspect']);
      const text = await editorText((document) => document.getText().startsWith('{'));
      const shown = JSON.parse(text) as Inspected;
      assert.equal(shown.Id, truth!.Id);
      assert.deepEqual(shown.NetworkSettings, truth!.NetworkSettings);
      assert.deepEqual(shown.Config.Env.map((entry) => entry.split('=')[0]), truth!.Config.Env.map((entry) => entry.split('=')[0]));
      assert.ok(truth!.Config.Env.includes('SECRET=hunter2') && !text.includes('hunter2'));
    } finally {
      await sh('node1', 'docker rm -f keeper');
    }
  });

  it('the names that a container resolves, and the settings of its engine', async () => {
    await driver.rowMenu(['node1', 'Containers', 'web1'], ['Show Names It Resolves']);
    const names = await editorText((document) => document.uri.scheme === 'netns-dump' && document.getText().includes('127.0.0.11'));
    assert.match(names, /^# appnet \(bridge\)\nNAME +ADDRESS +WHAT\n(?:.*\n)*web2 +172\.28\.0\.12 +container$/m);
    await driver.rowMenu(['node1'], ['Show Engine Settings']);
    const settings = await editorText((document) => document.uri.scheme === 'netns-dump' && document.getText().includes('userland-proxy'));
    assert.match(settings, /^data-root +\/var\/lib\/docker +command line$/m);
  });

  it('published ports of a container beside the rule and the proxy that serve them', async () => {
    await driver.rowMenu(['node1', 'Containers', 'web1'], ['Show Published Ports']);
    const text = await editorText((document) => document.uri.scheme === 'netns-dump' && document.getText().includes('web1'));
    assert.match(text, /8080 → 80\/tcp\n {2}rule {3}\[\d+:\d+\] -A DOCKER .*--to-destination 172\.28\.0\.11:80\n {2}proxy {2}\d+ /);
  });
});

interface Inspected {
  readonly Id: string;
  readonly Config: { readonly Env: readonly string[] };
  readonly NetworkSettings: unknown;
}

describe('monitor', () => {
  before(openExplorer);
  beforeEach(clearBench);
  after(clearBench);

  it('starts ip monitor for links, routes and neighbours side by side, and each shows what happens', async () => {
    const { lab, run } = await useLab();
    const file = overlaySandboxFile(lab.networks['mynet01']!);
    await driver.rowMenu(overlay, ['Monitor Links, Routes and Neighbours']);
    await driver.terminalsWait(3, String.raw`^\$ ip monitor (link|route|neigh)$`);
    await run('node1', ['nsenter', `--net=${file}`, 'ip', 'link', 'add', 'probe0', 'type', 'veth', 'peer', 'name', 'probe1']);
    try {
      await run('node1', ['nsenter', `--net=${file}`, 'ip', 'link', 'set', 'probe0', 'up']);
      await run('node1', ['nsenter', `--net=${file}`, 'ip', 'addr', 'add', '198.51.100.1/24', 'dev', 'probe0']);
      await run('node1', ['nsenter', `--net=${file}`, 'ip', 'neigh', 'add', '198.51.100.9', 'lladdr', '02:42:00:00:00:09', 'dev', 'probe0']);
      await driver.terminalsWait(1, 'probe0.*state|: probe0');
      await driver.terminalsWait(1, String.raw`198\.51\.100\.0/24|local 198\.51\.100\.1`);
      await driver.terminalsWait(1, String.raw`198\.51\.100\.9 dev probe0 lladdr`);
      await driver.screenshot('monitor');
    } finally {
      await run('node1', ['nsenter', `--net=${file}`, 'ip', 'link', 'del', 'probe0']);
    }
  });

  it('with neighbour solicitation: sets app_solicit and puts it back', async () => {
    const { lab, run, sh } = await useLab();
    const file = overlaySandboxFile(lab.networks['mynet01']!);
    const values = async (): Promise<string> => sh('node1', `nsenter --net=${file} sh -c 'cat /proc/sys/net/ipv4/neigh/vxlan0/app_solicit /proc/sys/net/ipv4/neigh/br0/app_solicit'`);
    assert.equal(await values(), '0\n0\n');
    await driver.rowMenu(overlay, ['Monitor, with Neighbour Solicitation']);
    await driver.terminalsWait(1, String.raw`^\$ ip monitor neigh$`);
    assert.equal(await values(), '1\n1\n');
    for (const terminal of vscode.window.terminals) terminal.dispose();
    // The far end of the connection restores it when its terminal is hung up: nothing tells us when.
    await until(async () => (await values()) === '0\n0\n', 'app_solicit to be 0 again');
    assert.equal((await run('node1', ['sh', '-c', 'ps ax | grep -c "[i]p monitor" || true'])).trim(), '0');
  });
});

function waitForTab(fits: (input: unknown) => boolean): Promise<vscode.Tab> {
  const front = (): vscode.Tab | undefined => {
    const tab = vscode.window.tabGroups.activeTabGroup.activeTab;
    return tab !== undefined && fits(tab.input) ? tab : undefined;
  };
  return new Promise((resolve) => {
    const look = (): void => {
      const tab = front();
      if (tab === undefined) return;
      listener.dispose();
      resolve(tab);
    };
    const listener = vscode.window.tabGroups.onDidChangeTabs(look);
    look();
  });
}
