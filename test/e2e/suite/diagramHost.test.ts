import assert from 'node:assert/strict';
import type { WebviewElement } from '../bridge';
import { driver } from './driver';
import { clearBench, openExplorer, withSetting } from './support/extension';

const boxes = (kind: string): Promise<readonly WebviewElement[]> => driver.webviewQuery({ selector: `g.box[data-kind="${kind}"]` });
const label = (element: WebviewElement): string => element.attributes['aria-label'] ?? '';

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
    await driver.webviewWait({ selector: 'g.box.host' });
    const hosts = (await boxes('host')).map(label);
    for (const text of ['Host node1', 'Namespace on a host node1 · mynet01']) assert.ok(hosts.includes(text), `"${text}" is not among ${hosts.join(', ')}`);
    await driver.screenshot('diagram-host');
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
