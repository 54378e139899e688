import assert from 'node:assert/strict';
import type { WebviewElement } from '../bridge';
import { driver } from './driver';
import * as vscode from 'vscode';
import { clearBench, openExplorer, withSetting } from './support/extension';
import { useLab } from './support/lab';

const boxes = (kind: string): Promise<readonly WebviewElement[]> => driver.webviewQuery({ selector: `g.box[data-kind="${kind}"]` });
const label = (element: WebviewElement): string => element.attributes['aria-label'] ?? '';

/** Whether one of these boxes is on the stage, not beside it. */
async function onStage(selector: string, name = /./): Promise<void> {
  const [stage] = (await driver.webviewQuery({ selector: '.stage' })).map(({ rectangle }) => rectangle);
  const found = (await driver.webviewQuery({ selector })).filter((each) => name.test(label(each)));
  const inside = found.filter(({ rectangle: { x, y, width, height } }) => stage && x < stage.x + stage.width && x + width > stage.x && y < stage.y + stage.height && y + height > stage.y);
  assert.ok(inside.length > 0, `${selector}: ${JSON.stringify(found.map(({ rectangle }) => rectangle))} beside ${JSON.stringify(stage)}`);
}

describe('the diagram of a host and of a container', () => {
  before(async function () {
    this.timeout(120_000);
    await driver.resize(1800, 1100);
    await openExplorer();
    await clearBench();
  });
  after(async () => {
    await clearBench();
    await driver.resize(1400, 900);
  });

  it('shows the frames of everything on node1', async () => {
    await driver.rowMenu(['node1'], ['Show Diagram']);
    await driver.webviewWait({ selector: '.diagram-title', text: 'node1: the whole host' });
    // A picture that is taken before the page has painted is blank.
    await driver.webviewWait({ selector: '.scene[data-drawn] g.box.host' });
    const hosts = (await boxes('host')).map(label);
    for (const text of ['Host node1', 'Namespace on a host node1 · mynet01']) assert.ok(hosts.includes(text), `"${text}" is not among ${hosts.join(', ')}`);
    await onStage('g.box.host');
    await driver.screenshot('diagram-whole-host');
  });

  it('opens a fold: what it held comes into sight', async function () {
    this.timeout(120_000);
    const { run, sh } = await useLab();
    const names = ['fold1', 'fold2', 'fold3', 'fold4', 'fold5'];
    for (const name of names) await run('node1', ['ip', 'link', 'add', name, 'type', 'bridge']);
    try {
      await vscode.commands.executeCommand('netnsExplorer.hosts.refresh');
      const fold = 'g.box[data-id$="|fold|bridges"]';
      await driver.webviewWait({ selector: `.scene[data-drawn] ${fold}` });
      for (const name of names) assert.ok(!(await boxes('bridge')).some((each) => label(each).startsWith(`Bridge ${name}`)), `${name} is folded`);
      await driver.webviewFocus({ selector: fold });
      await driver.press('Enter');
      await driver.webviewClick({ selector: 'aside.details [data-action="fold"]', text: 'Show All' });
      await driver.webviewWait({ selector: '.scene[data-drawn] g.box.bridge', text: 'fold5' });
      for (const name of names) assert.ok((await boxes('bridge')).some((each) => label(each).startsWith(`Bridge ${name}`)), `${name} is shown`);
      await onStage('g.box.bridge', /^Bridge fold/);
      await driver.screenshot('diagram-host-unfolded');
    } finally {
      await sh('node1', names.map((name) => `ip link del ${name}`).join('; '));
      await vscode.commands.executeCommand('netnsExplorer.hosts.refresh');
    }
  });

  it('shows what is around web1', async () => {
    await driver.rowMenu(['node1', 'Containers', 'web1'], ['Show Diagram']);
    await driver.webviewWait({ selector: '.diagram-title', text: 'Around web1 on node1' });
    await driver.webviewWait({ selector: 'g.box.bridge' });
    assert.ok((await boxes('interface')).some((each) => /default via 172\.28\.0\.1/.test(label(each))), 'its gateway is shown');
    assert.ok((await boxes('underlay')).some((each) => label(each).includes(':8080 → 80/tcp')), 'its published port is shown');
    for (const theme of ['Light Modern', 'Dark Modern', 'Default High Contrast']) {
      await withSetting('workbench.colorTheme', theme, async () => {
        await driver.webviewWait({ selector: 'g.box.bridge' });
        await driver.screenshot(`diagram-around-${theme.replaceAll(' ', '-').toLowerCase()}`);
      });
    }
  });
});
