import { driver } from './driver';
import { clearBench, openExplorer, withSetting } from './support/extension';

const themes = { light: 'Light Modern', dark: 'Dark Modern', 'high-contrast': 'Default High Contrast', 'high-contrast-light': 'Default High Contrast Light' };

/** Pictures to look at; what they show is tested elsewhere. */
describe('the look', () => {
  before(openExplorer);
  after(clearBench);

  for (const [name, theme] of Object.entries(themes)) {
    it(`in ${name}`, async () => {
      await clearBench();
      await withSetting('workbench.colorTheme', theme, async () => {
        await driver.rowMenu(['node1', 'Networks', 'mynet01'], ['Show Diagram']);
        await driver.webviewWait({ selector: '[role]' });
        await driver.screenshot(`look-${name}`);
      });
    });
  }
});
