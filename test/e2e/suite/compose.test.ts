import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { driver } from './driver';
import { clearBench, openExplorer, until } from './support/extension';
import { useLab } from './support/lab';

const folder = '/root/e2e-compose';
const file = (subnet: string): string => `version: "2.4"\nservices:\n  web:\n    image: net-tools\n    command: sleep 2147483647\n    stop_signal: SIGKILL\n    networks: [front]\nnetworks:\n  front:\n    ipam:\n      config:\n        - subnet: ${subnet}\n`;

describe('Compose', () => {
  const write = async (text: string): Promise<void> => {
    const { run } = await useLab();
    await run('node1', ['sh', '-c', 'mkdir -p "$1" && printf %s "$2" > "$1/docker-compose.yml"', 'sh', folder, text]);
  };
  const clean = async (): Promise<void> => {
    const { sh } = await useLab();
    await sh('node1', `cd ${folder} 2>/dev/null && docker-compose down -t 0; rm -rf ${folder}`);
  };

  before(async function () {
    this.timeout(120_000);
    await clean();
    await write(file('10.67.1.0/24'));
    const { sh } = await useLab();
    await sh('node1', `cd ${folder} && docker-compose up -d`);
    await openExplorer();
    await clearBench();
    await vscode.commands.executeCommand('netnsExplorer.hosts.refresh');
  });

  after(async function () {
    this.timeout(60_000);
    await clean();
    await vscode.commands.executeCommand('netnsExplorer.hosts.refresh');
  });

  it('a project of docker-compose stands in the tree as a group, and its network is marked once the file says something else', async function () {
    this.timeout(120_000);
    await write(file('10.67.1.0/24'));
    await vscode.commands.executeCommand('netnsExplorer.hosts.refresh');
    const network = ['node1', 'Networks', 'e2e-compose', 'e2e-compose_front'];
    assert.equal((await driver.revealRow(network)).description, 'bridge · 10.67.1.0/24');
    await driver.revealRow(['node1', 'Containers', 'e2e-compose', 'e2e-compose_web_1']);
    await write(file('10.67.2.0/24'));
    await vscode.commands.executeCommand('netnsExplorer.hosts.refresh');
    await until(async () => (await driver.revealRow(network)).description.endsWith(' · not as its Compose file says'), 'the mark');
    await driver.revealRow([...network, 'e2e-compose_web_1']);
    const rows = (await driver.readTree(5, network)).map(({ label }) => label);
    assert.ok(rows.includes("Not as the Compose file says: the file's subnet is 10.67.2.0/24, this network's 10.67.1.0/24"), JSON.stringify(rows));
    await driver.screenshot('tree-compose');
  });
});
