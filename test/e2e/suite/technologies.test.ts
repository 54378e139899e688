import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { PlaneMember } from '../../lab/dataPlanes.mjs';
import type { WebviewElement } from '../bridge';
import { driver } from './driver';
import { clearBench, editorText, openExplorer } from './support/extension';
import { useLab } from './support/lab';
import { dockerContainers, inodeOf, type IpLink } from './support/truth';
import { shownInode } from './support/rows';

const boxes = (kind: string): Promise<readonly WebviewElement[]> => driver.webviewQuery({ selector: `g.box[data-kind="${kind}"]` });
const label = (element: WebviewElement): string => element.attributes['aria-label'] ?? '';
const root = ['node1', 'Namespaces', 'root'] as const;
/** Answers at weaver's address with a status as weaver prints one. */
const standIn = `mkdir -p /run/weave-www
echo 'Version: 2.8.1 (stand-in)' >/run/weave-www/status
setsid busybox httpd -f -p 127.0.0.1:6784 -h /run/weave-www >/dev/null 2>&1 </dev/null &
echo $! >/run/weave-stand-in
for turn in $(seq 100); do curl -sf http://127.0.0.1:6784/status && exit; sleep 0.05; done
exit 1`;

/** One flow per technology that a user sets up by hand, on the data plane that its program makes. */
describe('technologies', () => {
  let weave: PlaneMember;
  let pipework: Omit<PlaneMember, 'host'>;

  before(async function () {
    this.timeout(180_000);
    const { lab, planes, runtimes, run } = await useLab();
    [weave] = (await planes.buildWeave(lab)) as [PlaneMember];
    await planes.buildFlannel(lab);
    pipework = await planes.buildPipework(lab, 'node1');
    // As start-container.sh of the Open vSwitch tutorials names them.
    await run('node1', ['ip', 'link', 'add', `tap${String(pipework.pid)}`, 'type', 'veth', 'peer', 'name', 'eth7', 'netns', String(pipework.pid)]);
    await runtimes.startRuntimes(lab, 'node1');
    await runtimes.runOfEach(lab, 'node1');
    await openExplorer();
    await clearBench();
    await vscode.commands.executeCommand('netnsExplorer.hosts.refresh');
  });

  afterEach(clearBench);

  after(async function () {
    this.timeout(120_000);
    const { lab, planes, runtimes, sh } = await useLab();
    await sh('node1', `ip link del tap${String(pipework.pid)}`);
    await runtimes.stopRuntimes(lab, 'node1');
    await planes.removePipework(lab, 'node1');
    await planes.removeFlannel(lab);
    await planes.removeWeave(lab);
    await vscode.commands.executeCommand('netnsExplorer.hosts.refresh');
  });

  it('a macvlan network: its container and address in the tree, its device over the parent in the diagram', async function () {
    this.timeout(120_000);
    const { run } = await useLab();
    const lanbox = (await dockerContainers('node1')).find(({ Name }) => Name === '/lanbox')!;
    const [device] = JSON.parse(await run('node1', ['nsenter', '-t', String(lanbox.State.Pid), '-n', 'ip', '-j', '-d', 'link', 'show', 'type', 'macvlan'])) as [IpLink];
    const { IPAddress, MacAddress } = lanbox.NetworkSettings.Networks['macnet']!;
    const row = await driver.revealRow(['node1', 'Networks', 'macnet', 'lanbox']);
    assert.ok(row.description.includes(IPAddress), row.description);
    const link = (await driver.readTree(4, ['node1', 'Namespaces', 'lanbox'])).find((each) => each.label.startsWith(device.ifname));
    assert.match(`${link?.label ?? ''} · ${link?.description ?? ''}`, /eth0 in root.* · macvlan · /);
    await driver.rowMenu(['node1', 'Networks', 'macnet'], ['Show Diagram']);
    await driver.webviewWait({ selector: '.scene[data-drawn] g.box.host' });
    const drawn = (await boxes('interface')).map(label).find((each) => each.includes(MacAddress));
    for (const fact of [IPAddress, device.ifname, 'lanbox']) assert.ok(drawn?.includes(fact), `${fact} is not in "${drawn ?? ''}"`);
    assert.ok([...(await boxes('underlay')), ...(await boxes('interface'))].some((each) => /^\S.*\beth0\b/.test(label(each))), 'the parent is drawn');
    await driver.screenshot('diagram-macvlan');
  });

  it("flannel's data plane, made with ip (no flanneld): the device named for its maker, the subnet in the host's hover, the device in the host's diagram", async function () {
    this.timeout(120_000);
    const row = await driver.revealRow([...root, 'flannel.1 → eth0']);
    for (const fact of ['10.244.0.0/32', 'VNI 1', 'made by flannel (vxlan)']) assert.ok(row.description.includes(fact), row.description);
    assert.match(await driver.rowHover(['node1']), /flannel.*vxlan, network 10\.244\.0\.0\/16, this host's 10\.244\.0\.1\/24, MTU 1450, 1 route/s);
    await driver.rowMenu(['node1'], ['Show Diagram']);
    await driver.webviewWait({ selector: '.scene[data-drawn] g.box.vxlan', text: 'flannel.1' });
    await driver.screenshot('diagram-flannel');
  });

  it("Weave's data plane, made with ip (no weaver): bridge and veths named for their maker, the container at the far end", async function () {
    this.timeout(120_000);
    const bridge = await driver.revealRow([...root, 'weave']);
    assert.match(bridge.description, /10\.32\.0\.1\/12 · bridge · .*made by Weave/);
    const veth = await driver.revealRow([...root, `${weave.outer} ⇄ ethwe in ${weave.container}`]);
    assert.match(veth.description, /master weave · made by Weave/);
    await driver.screenshot('tree-weave');
  });

  it("Weave's HTTP status, of a stand-in that answers at 127.0.0.1:6784: shown as a document where it answers, and a sentence where it does not", async function () {
    this.timeout(120_000);
    const { run, sh } = await useLab();
    // A document that was open before is read again a moment after it is shown.
    const dumped = (text: RegExp): Promise<string> => editorText((document) => document.uri.scheme === 'netns-dump' && text.test(document.getText()));
    await driver.rowMenu(['node1'], ['Dump', 'Dump Weave Status']);
    await dumped(/Weave's router does not answer at 127\.0\.0\.1:6784 in this namespace/);
    await clearBench();
    await run('node1', ['sh', '-c', standIn]);
    try {
      await driver.rowMenu(['node1'], ['Dump', 'Dump Weave Status']);
      await dumped(/^\$ curl http:\/\/127\.0\.0\.1:6784\/status\nVersion: 2\.8\.1 \(stand-in\)/m);
    } finally {
      await sh('node1', 'kill "$(cat /run/weave-stand-in)"; rm -r /run/weave-www /run/weave-stand-in');
    }
  });

  it("pipework's and start-container.sh's veths, made with ip as these scripts do: each named for its maker", async function () {
    this.timeout(120_000);
    const { pid, container, outer } = pipework;
    const one = await driver.revealRow([...root, `${outer} ⇄ eth1 in ${container}`]);
    assert.match(one.description, /master br1 · made by pipework/);
    const other = await driver.revealRow([...root, `tap${String(pid)} ⇄ eth7 in ${container}`]);
    assert.match(other.description, /made by a start-container\.sh script/);
  });

  it("owners that are not Docker's: LXC, systemd-nspawn, Podman, containerd and a pod of its CRI by name, and a terminal in LXC's", async function () {
    this.timeout(120_000);
    const { run } = await useLab();
    const pid = (await run('node1', ['lxc-info', '--name', 'lxcbox', '--pid', '--no-humanize'])).trim();
    const row = await driver.revealRow(['node1', 'Namespaces', 'lxcbox']);
    assert.equal(shownInode(row), await inodeOf('node1', `/proc/${pid}/ns/net`));
    assert.match(await driver.rowHover(['node1', 'Namespaces', 'lxcbox']), /LXC container lxcbox/);
    const titles = (await driver.readTree(3, ['node1', 'Namespaces'])).map((each) => each.label);
    for (const title of ['nspawnbox', 'ctrbox', 'shop/web-1']) assert.ok(titles.includes(title), `${title} is not among ${titles.join(', ')}`);
    assert.ok(titles.some((title) => title.split(', ').sort().join() === 'podbox,podside'), titles.join(', '));
    assert.match(await driver.rowHover(['node1', 'Namespaces', 'shop/web-1']), /app, log|log, app/);
    await driver.screenshot('tree-owners');
    await driver.rowMenu(['node1', 'Namespaces', 'lxcbox'], ['Enter Net Namespace']);
    await driver.terminalWait(String.raw`^\[netns .*lxcbox`);
    await driver.terminalRun('clear; readlink /proc/self/ns/net');
    await driver.terminalWait(`^net:\\[${String(shownInode(row))}\\]$`);
    await driver.terminalRun('exit');
  });
});
