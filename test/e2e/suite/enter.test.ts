import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { driver } from './driver';
import { clearBench, nextClosedTerminal, openExplorer, withSetting } from './support/extension';
import { useLab } from './support/lab';
import { dockerContainers, inodeOf, linksOf, overlaySandboxFile } from './support/truth';

const prompt = String.raw`^\[netns .*\] .*[#$] ?$`;

/** What the terminal itself says of where it is, beside the inode that the tree shows and the one that the host's own tools give. */
async function proveNamespace(path: readonly string[], truth: number): Promise<void> {
  await driver.terminalRun('readlink /proc/self/ns/net');
  const text = await driver.terminalWait(String.raw`^net:\[\d+\]`);
  assert.equal(/^net:\[(\d+)\]/m.exec(text)?.[1], String(truth));
  const row = await driver.revealRow(path);
  assert.ok(row.description.includes(`net:[${String(truth)}]`), row.description);
}

async function namespaceOf(host: 'node1' | 'node2', container: string): Promise<{ readonly inode: number; readonly file: string }> {
  const found = (await dockerContainers(host)).find((each) => each.Name === `/${container}`)!;
  const file = `/proc/${String(found.State.Pid)}/ns/net`;
  return { inode: await inodeOf(host, file), file };
}

describe('entering', () => {
  before(async function () {
    this.timeout(120_000);
    await openExplorer();
  });
  beforeEach(clearBench);
  after(clearBench);

  it("a container, from its context menu: the shell is in its namespace, with the host's tools and the container's names", async () => {
    const { inode, file } = await namespaceOf('node1', 'docker1n');
    await driver.rowMenu(['node1', 'Containers', 'docker1n'], ['Enter Net Namespace']);
    assert.match(await driver.terminalWait(prompt), /^\[netns .*docker1n.*\]/m);
    await proveNamespace(['node1', 'Containers', 'docker1n', 'Namespace'], inode);
    await driver.terminalRun('clear; ip -br link');
    const text = await driver.terminalWait('^eth0@');
    for (const link of await linksOf('node1', file)) assert.match(text, new RegExp(`^${link.ifname}[@ ]`, 'm'));
    await driver.terminalRun('clear; cat /etc/resolv.conf; getent hosts docker2n');
    assert.match(await driver.terminalWait(String.raw`^10\.13\.17\.8 +docker2n`), /^nameserver 127\.0\.0\.11/m);
    await driver.terminalRun('clear; uname -n');
    await driver.terminalWait('^node1$');
    await driver.screenshot('enter-container');
  });

  it("an overlay's sandbox, where no process is, by the inline icon: /sys is the sandbox's, so brctl is right", async () => {
    const { lab } = await useLab();
    const file = overlaySandboxFile(lab.networks['mynet01']!);
    await driver.rowAction(['node1', 'Networks', 'mynet01'], 'Enter Net Namespace');
    await driver.terminalWait(prompt);
    await proveNamespace(['node1', 'Networks', 'mynet01', 'overlay sandbox'], await inodeOf('node1', file));
    const links = await linksOf('node1', file);
    const bridge = links.find((link) => link.linkinfo?.info_kind === 'bridge')!;
    const ports = links.filter((link) => link.master === bridge.ifname).map((link) => link.ifname);
    await driver.terminalRun('clear; brctl show');
    const text = await driver.terminalWait(String.raw`^${bridge.ifname}\s`);
    assert.ok(ports.length >= 2, 'the bridge has the VXLAN device and a veth as ports');
    for (const port of ports) assert.match(text, new RegExp(String.raw`\s${port}$`, 'm'));
    assert.doesNotMatch(text, /docker0|docker_gwbridge/, "the host's own bridges are not shown");
    await driver.screenshot('enter-overlay-brctl');
  });

  it('a container of the other host', async () => {
    const { inode } = await namespaceOf('node2', 'docker2n');
    await driver.rowMenu(['node2', 'Containers', 'docker2n'], ['Enter Net Namespace']);
    await driver.terminalWait(prompt);
    await proveNamespace(['node2', 'Containers', 'docker2n', 'Namespace'], inode);
    await driver.terminalRun('clear; uname -n');
    await driver.terminalWait('^node2$');
  });

  it("a host: its root namespace", async () => {
    await driver.rowMenu(['node2'], ['Enter Net Namespace']);
    await driver.terminalWait(prompt);
    await driver.terminalRun('readlink /proc/self/ns/net');
    await driver.terminalWait(String.raw`^net:\[${String(await inodeOf('node2', '/proc/1/ns/net'))}\]`);
  });

  it('from the palette, which asks where to', async () => {
    const { inode } = await namespaceOf('node1', 'web1');
    await driver.palette('Netns: Enter Net Namespace');
    await driver.waitForQuickInput('Enter Which Network Namespace?');
    const items = await driver.quickPickItems();
    assert.ok(items.some((item) => item.includes('web1')), JSON.stringify(items));
    await driver.quickPick(items.find((item) => item.includes('web1'))!);
    await driver.terminalWait(prompt);
    await driver.terminalRun('readlink /proc/self/ns/net');
    await driver.terminalWait(String.raw`^net:\[${String(inode)}\]`);
  });

  it('by double click, where the setting says so', async () => {
    const { inode } = await namespaceOf('node1', 'web2');
    await withSetting('netnsExplorer.tree.doubleClick', 'enter', async () => {
      await driver.doubleClickRow(['node1', 'Containers', 'web2']);
      await driver.terminalWait(prompt);
      await driver.terminalRun('readlink /proc/self/ns/net');
      await driver.terminalWait(String.raw`^net:\[${String(inode)}\]`);
    });
    assert.equal(vscode.window.terminals.length, 1);
  });

  it('gives a terminal that is one: UTF-8, colours, Ctrl-C, its size, and the exit status', async () => {
    await driver.rowAction(['node1', 'Containers', 'web1'], 'Enter Net Namespace');
    await driver.terminalWait(prompt);
    await driver.terminalRun(String.raw`clear; printf '\303\274 \342\207\204 \033[32mgreen\033[0m end\n'`);
    await driver.terminalWait('^ü ⇄ green end');
    const colours = await driver.terminalColours();
    assert.ok(colours.includes('green'), `green is drawn as ${JSON.stringify(colours)}`);
    await driver.terminalRun('clear; echo sleeping; sleep 1000');
    await driver.terminalWait('^sleeping');
    await driver.press('Control+c');
    await driver.terminalWait(prompt);
    await driver.terminalRun('echo status=$?');
    await driver.terminalWait('^status=130');
    await driver.terminalRun('clear; was=$(stty size); echo was $was; while [ "$(stty size)" = "$was" ]; do sleep 0.05; done; echo now $(stty size)');
    const [, , columns] = /^was (\d+) (\d+)$/m.exec(await driver.terminalWait(String.raw`^was \d+ \d+$`))!;
    await driver.resize(1000, 900);
    try {
      const [, , newColumns] = /^now (\d+) (\d+)$/m.exec(await driver.terminalWait(String.raw`^now \d+ \d+$`))!;
      assert.ok(Number(newColumns) < Number(columns), `${newColumns!} columns after ${columns!}`);
    } finally {
      await driver.resize(1400, 900);
    }
    const closed = nextClosedTerminal();
    await driver.terminalRun('exit 0');
    assert.equal((await closed).exitStatus?.code, 0);
  });

  it('with ip netns: a name under /var/run/netns while the shell is there, none after it', async () => {
    const { run } = await useLab();
    const names = async (): Promise<string> => run('node1', ['ls', '/var/run/netns']);
    const before = await names();
    const { inode } = await namespaceOf('node1', 'docker1n');
    await driver.rowMenu(['node1', 'Containers', 'docker1n'], ['Enter with ip netns']);
    const text = await driver.terminalWait(prompt);
    assert.match(text, /^\+ ln -s .*\n(.*\n)*\+ ip netns exec /m);
    assert.match(await names(), new RegExp(`netns-explorer-${String(inode)}-`));
    await driver.terminalRun('readlink /proc/self/ns/net');
    await driver.terminalWait(String.raw`^net:\[${String(inode)}\]`);
    const closed = nextClosedTerminal();
    await driver.terminalRun('exit');
    await closed;
    assert.equal(await names(), before);
  });

  it("a container's own shell: its files, its host name", async () => {
    await driver.rowMenu(['node1', 'Containers', 'docker1n'], ['Open Container Shell']);
    await driver.terminalWait('[#$] ?$');
    await driver.terminalRun('hostname; ls /www >/dev/null && echo own files');
    assert.match(await driver.terminalWait('^own files'), /^docker1h$/m);
  });

  it('offers only what can be done with a row', async () => {
    const stopped = await driver.rowMenuItems(['node1', 'Containers', 'stopped']);
    assert.ok(!stopped.includes('Enter Net Namespace') && !stopped.includes('Open Container Shell'), JSON.stringify(stopped));
    assert.ok(stopped.includes('Inspect'), JSON.stringify(stopped));
    const overlay = await driver.rowMenuItems(['node1', 'Networks', 'mynet01', 'overlay sandbox']);
    assert.ok(overlay.includes('Enter Net Namespace') && !overlay.includes('Open Container Shell'), JSON.stringify(overlay));
  });
});
