import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { LabHostName } from '../../lab/client.mjs';
import type { WebviewElement } from '../bridge';
import { driver } from './driver';
import { clearBench, editorText, openExplorer, until } from './support/extension';
import { useLab } from './support/lab';
import { dockerContainers, dockerNetworks, linksOf, overlaySandboxFile, type IpLink } from './support/truth';

const hosts = ['node1', 'node2'] as const;

async function openDiagram(host: LabHostName, network: string): Promise<void> {
  await driver.rowMenu([host, 'Networks', network], ['Show Diagram']);
  await driver.webviewWait({ selector: '.diagram-title', text: network });
  await driver.webviewWait({ selector: 'g.box.host' });
}

const boxes = (kind: string): Promise<readonly WebviewElement[]> => driver.webviewQuery({ selector: `g.box[data-kind="${kind}"]` });
const edges = (kind: string): Promise<readonly WebviewElement[]> => driver.webviewQuery({ selector: `g.edge[data-kind="${kind}"]` });
const label = (element: WebviewElement): string => element.attributes['aria-label'] ?? '';
const name = (element: WebviewElement): string => element.attributes['data-id'] ?? '';

/** What docker and ip say of one host's part in an overlay. */
async function overlaySide(host: LabHostName, network: string) {
  const { lab, run } = await useLab();
  const file = overlaySandboxFile(lab.networks[network]!);
  const links = await linksOf(host, file);
  const members = Object.values((await dockerNetworks(host)).find((each) => each.Name === network)!.Containers);
  const bridges = links.filter((link) => link.linkinfo?.info_kind === 'bridge');
  const vxlans = links.filter((link) => link.linkinfo?.info_kind === 'vxlan');
  const ports = links.filter((link) => link.master !== undefined && !vxlans.includes(link));
  const fdb = (await run(host, ['nsenter', `--net=${file}`, 'bridge', 'fdb', 'show'])).split('\n').filter((row) => / dst /.test(row));
  return { links, members, bridges, vxlans, ports, fdb };
}

describe('the diagram of an overlay', () => {
  before(async function () {
    this.timeout(120_000);
    await driver.resize(1800, 1100);
    await openExplorer();
    await clearBench();
    await openDiagram('node1', 'mynet01');
  });
  after(async () => {
    await clearBench();
    await driver.resize(1400, 900);
  });

  it('has a box for each host, and in it what docker and ip say', async () => {
    assert.deepEqual((await boxes('host')).map(label), ['Host node1', 'Host node2']);
    for (const host of hosts) {
      const truth = await overlaySide(host, 'mynet01');
      // Both hosts' sandboxes have the network's name: the ids of what is in them tell them apart.
      const here = async (kind: string): Promise<readonly WebviewElement[]> => (await boxes(kind)).filter((each) => name(each).startsWith(`ssh://${host}|`));
      assert.deepEqual(
        (await here('container')).map((each) => /^Container (.*?), in host (.*)$/.exec(label(each))?.slice(1)).sort(),
        truth.members.map((member) => [member.Name, host]).sort(),
        `members on ${host}`,
      );
      for (const member of truth.members) {
        const address = member.IPv4Address.replace(/\/.*/, '');
        const found = (await here('interface')).map(label).filter((each) => each.endsWith(`in container ${member.Name}`));
        assert.equal(found.length, 1, `${member.Name} has one interface`);
        for (const fact of [address, member.MacAddress]) assert.ok(found[0]!.includes(fact), `${fact} is not in "${found[0]!}"`);
      }
      const titles = async (kind: string): Promise<string[]> => (await here(kind)).map((each) => label(each).replace(/^(?:Bridge port|Bridge|VXLAN device) ([^,\s]*)[,\s].*$/, '$1'));
      assert.deepEqual(await titles('bridge'), truth.bridges.map((link) => link.ifname));
      assert.deepEqual((await titles('port')).sort(), truth.ports.map((link) => link.ifname).sort());
      const [device] = truth.vxlans;
      const [drawn] = await here('vxlan');
      for (const fact of [device!.ifname, String(device!.linkinfo?.info_data?.id), String(device!.linkinfo?.info_data?.port), String(device!.mtu)]) {
        assert.ok(label(drawn!).includes(fact), `${fact} is not in "${label(drawn!)}"`);
      }
    }
    await driver.screenshot('diagram-overlay');
  });

  it('has an edge for each veth pair, from the interface in the container to the port that its ifindex says', async () => {
    const drawn = (await edges('veth')).map(label);
    let expected = 0;
    for (const host of hosts) {
      const truth = await overlaySide(host, 'mynet01');
      const containers = await dockerContainers(host);
      for (const member of truth.members) {
        const container = containers.find((each) => each.Name === `/${member.Name}`);
        if (container === undefined) continue;
        const inside = await linksOf(host, `/proc/${String(container.State.Pid)}/ns/net`);
        const plug = inside.find((link) => link.address === member.MacAddress)!;
        const port = truth.ports.find((link: IpLink) => link.ifindex === plug.link_index && link.link_index === plug.ifindex)!;
        assert.ok(drawn.some((each) => each.startsWith(`Veth pair ${plug.ifname} of ${member.Name} ⇄ ${port.ifname}`)), `${plug.ifname} of ${member.Name} ⇄ ${port.ifname} is not among ${JSON.stringify(drawn)}`);
        expected += 1;
      }
    }
    assert.ok(expected >= 3 && drawn.length >= expected);
  });

  it('has one tunnel between the two VTEPs, which carries the FDB rows of both directions', async () => {
    const { lab } = await useLab();
    const [there, back] = [await overlaySide('node1', 'mynet01'), await overlaySide('node2', 'mynet01')];
    const tunnels = await edges('vtep');
    assert.equal(tunnels.length, 1);
    const text = label(tunnels[0]!);
    for (const fact of [lab.hosts.node1.address, lab.hosts.node2.address, `FDB rows: ${String(there.fdb.length)} →`, `← ${String(back.fdb.length)}`]) assert.ok(text.includes(fact), `${fact} is not in "${text}"`);
    await driver.webviewClick({ selector: 'g.edge-label' });
    const details = await driver.webviewWait({ selector: 'aside.details', text: 'VTEPs' });
    for (const row of [...there.fdb, ...back.fdb]) {
      const [mac, destination] = [row.split(' ')[0]!, / dst (\S+)/.exec(row)![1]!];
      assert.ok(details.text.includes(mac) && details.text.includes(destination), `${mac} dst ${destination} is not in "${details.text}"`);
    }
    await driver.screenshot('diagram-tunnel-selected');
  });

  it('and the tree follow each other', async () => {
    await driver.webviewClick({ selector: 'g.box.container', text: 'docker2n' }, { corner: true });
    await until(async () => (await driver.treeRows()).some((row) => row.selected && row.label === 'docker2n'), 'the row of docker2n to be selected');
    await driver.clickRow(['node1', 'Containers', 'docker1n']);
    const box = await driver.webviewWait({ selector: 'g.box[aria-pressed="true"]' });
    await until(async () => label((await driver.webviewQuery({ selector: 'g.box[aria-pressed="true"]' }))[0] ?? box).includes('docker1n'), 'the box of docker1n to be selected');
    await driver.screenshot('diagram-container-selected');
  });

  it('enters what is selected, from its details', async () => {
    await driver.webviewClick({ selector: '[aria-label="Fit to Window"]' });
    await driver.webviewClick({ selector: 'g.box.sandbox' }, { corner: true });
    await driver.webviewClick({ selector: 'aside.details [data-action="enter"]' });
    await driver.terminalWait(String.raw`^\[netns .*mynet01.*\] .*[#$] ?$`);
    for (const terminal of vscode.window.terminals) terminal.dispose();
    await vscode.commands.executeCommand('workbench.action.closePanel');
    await driver.webviewClick({ selector: 'aside.details [data-action="dump"]' });
    await driver.waitForQuickInput('Dump What?');
    await driver.quickPick('Forwarding Database (FDB)');
    assert.ok((await editorText((document) => document.uri.scheme === 'netns-dump')).includes('$ bridge fdb show'));
    await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
    await driver.webviewWait({ selector: 'g.box.host' });
  });

  it('finds a container by its address', async () => {
    await driver.webviewFill({ selector: 'vscode-text-field input' }, '10.13.17.8');
    await driver.press('Enter');
    await driver.webviewWait({ selector: '.match-count', text: '1 of 1' });
    assert.ok(label((await driver.webviewWait({ selector: 'g.box[aria-pressed="true"]' }))).includes('docker2n'));
    await driver.webviewFill({ selector: 'vscode-text-field input' }, '');
  });

  it('pans by the wheel and by dragging, zooms by its buttons, and fits again', async () => {
    const changed = async (from: string, what: string): Promise<string> => {
      await until(async () => (await view()) !== from, what);
      return view();
    };
    await driver.webviewClick({ selector: '[aria-label="Fit to Window"]' });
    const fitted = await view();
    await driver.webviewClick({ selector: '[aria-label="Zoom In"]' });
    const zoomed = await changed(fitted, 'the view to zoom');
    assert.ok(scaleOf(zoomed) > scaleOf(fitted), `${zoomed} after ${fitted}`);
    await driver.webviewDrag(60, 40);
    const dragged = await changed(zoomed, 'the view to be dragged');
    await driver.webviewWheel(50);
    const wheeled = await changed(dragged, 'the view to be wheeled');
    assert.equal(scaleOf(wheeled), scaleOf(zoomed));
    await driver.webviewClick({ selector: '[aria-label="Fit to Window"]' });
    await until(async () => (await view()) === fitted, 'the fitted view');
  });

  it('follows the scan, without losing the view', async () => {
    const { sh } = await useLab();
    await driver.webviewClick({ selector: '[aria-label="Zoom In"]' });
    const scale = async (): Promise<number> => scaleOf(await view());
    const count = async (): Promise<number> => Number(/(\d+) boxes/.exec(label((await driver.webviewQuery({ selector: '.scene' }))[0]!))?.[1]);
    const before = { scale: await scale(), count: await count() };
    await sh('node2', 'docker run -d --name newcomer --network mynet01 net-tools sleep 1000');
    try {
      // The container, its interface, its port.
      await until(async () => (await count()) === before.count + 3, 'the boxes of the new container', 20_000);
      assert.equal(await scale(), before.scale);
    } finally {
      await sh('node2', 'docker rm -f newcomer');
    }
    await until(async () => (await count()) === before.count, 'the boxes to go', 20_000);
    await driver.webviewClick({ selector: '[aria-label="Fit to Window"]' });
  });

  it('is reached and read by keyboard alone', async () => {
    await driver.webviewFocus({ selector: '.stage' });
    await driver.press('Home');
    const seen = new Set<string>();
    const focused = async (): Promise<WebviewElement | undefined> => (await driver.webviewQuery({ selector: 'g.box, g.edge' })).find((each) => each.focused);
    // Depth first, as arrows go: down and right, back by Escape; each box once, so the number of steps is bounded.
    for (const key of [...Array<string>(60).fill('ArrowDown'), ...Array<string>(30).fill('ArrowRight'), ...Array<string>(60).fill('ArrowUp'), ...Array<string>(30).fill('ArrowLeft')]) {
      const at = await focused();
      if (at !== undefined) seen.add(label(at));
      await driver.press(key);
    }
    assert.ok(seen.size >= 6, `arrows reach ${JSON.stringify([...seen])}`);
    await driver.press('Home');
    await driver.press('Enter');
    assert.ok((await driver.webviewWait({ selector: 'aside.details' })).text.includes('node1'));
    await driver.screenshot('diagram-keyboard');
    await driver.press('Escape');
  });
});

/** The transform of what is drawn. */
async function view(): Promise<string> {
  const [scene] = await driver.webviewQuery({ selector: 'svg.scene' });
  const transform = /transform: ([^;]*)/.exec(scene?.attributes['style'] ?? '')?.[1];
  assert.ok(transform, 'the scene has a transform');
  return transform;
}

function scaleOf(transform: string): number {
  return Number(/scale\(([\d.e-]+)\)/.exec(transform)?.[1]);
}

describe('diagrams', () => {
  let folder: string;

  before(async function () {
    this.timeout(120_000);
    folder = await mkdtemp(join(tmpdir(), 'netns-e2e-export-'));
    await openExplorer();
  });
  beforeEach(clearBench);
  after(async () => {
    await clearBench();
    await rm(folder, { recursive: true });
  });

  const networks = [
    ['appnet', ['web1', 'web2']],
    ['macnet', ['lanbox']],
    ['host', ['hosted']],
    ['none', ['lonely']],
    ['mynet02', ['twonets', 'docker2m']],
  ] as const;
  for (const [network, members] of networks) {
    it(`of the network ${network}`, async () => {
      await openDiagram('node1', network);
      const drawn = (await boxes('container')).map(label);
      for (const member of members) assert.ok(drawn.some((each) => each.startsWith(`Container ${member}`)), `${member} is not among ${JSON.stringify(drawn)}`);
      await driver.screenshot(`diagram-${network}`);
    });
  }

  it('as text: every member, port and tunnel row in words', async () => {
    await driver.rowMenu(['node1', 'Networks', 'mynet01'], ['Show Diagram as Text']);
    const text = await editorText((document) => document.uri.scheme === 'netns-dump');
    const { lab } = await useLab();
    for (const fact of ['Host node1', 'Host node2', 'docker1n', 'docker2n', '10.13.17.7', '10.13.17.8', `VTEP ${lab.hosts.node1.address}`, 'Tunnels']) assert.ok(text.includes(fact), `${fact} is not in\n${text}`);
  });

  for (const [format, opening] of [['Mermaid flowchart', /^(?:%%.*\n|---[\s\S]*?---\n)*flowchart /], ['Graphviz DOT', /^(?:\/\/.*\n)*(?:strict )?(?:di)?graph /]] as const) {
    it(`exported as ${format}`, async () => {
      await openDiagram('node1', 'mynet01');
      await driver.webviewClick({ selector: '[aria-label="Export"][aria-haspopup]' });
      await driver.webviewClick({ selector: '.menu-item', text: format });
      const text = await editorText((document) => document.isUntitled);
      assert.match(text, opening);
      for (const member of ['docker1n', 'docker2n']) assert.ok(text.includes(member));
      await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    });
  }

  it('exported as SVG: a picture that stands by itself', async () => {
    const file = join(folder, 'mynet01.svg');
    await openDiagram('node1', 'mynet01');
    await driver.webviewClick({ selector: '[aria-label="Export"][aria-haspopup]' });
    await driver.webviewClick({ selector: '.menu-item', text: 'SVG picture' });
    await driver.fileDialog(file);
    await until(() => readFile(file, 'utf8').then((text) => text.trimEnd().endsWith('</svg>'), () => false), 'the file');
    const text = await readFile(file, 'utf8');
    for (const member of ['docker1n', 'docker2n']) assert.ok(text.includes(member));
    assert.doesNotMatch(text, /<script|<foreignObject|\bon\w+=|href="http/i);
  });
});
