import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TreeRow } from '../bridge';
import { driver } from './driver';
import { clearBench, editorText, extensionApi, openExplorer, until, withSetting } from './support/extension';
import { useLab } from './support/lab';
import { namespaceInodes } from './support/truth';

const usual = ['ssh://node1', 'ssh://node2'];

/** The sentence under a host's row, as soon as it is there. */
async function faultUnder(host: string): Promise<string> {
  const under = async (): Promise<TreeRow | undefined> => {
    const [, first] = await driver.readTree(2, [host]);
    return first !== undefined && !['Networks', 'Namespaces', 'Containers'].includes(first.label) ? first : undefined;
  };
  await until(async () => (await under()) !== undefined, `a sentence under ${host}`, 30_000);
  return (await under())!.label;
}

/** No scan runs: a refresh that meets one shares its answer. */
async function idle(): Promise<void> {
  const { explorer } = await extensionApi();
  await until(() => Promise.resolve(explorer.hosts.every((host) => host.state === 'ready')), 'the scans to end');
}

/** Everything else stays on screen. */
async function othersStay(): Promise<void> {
  for (const host of ['node1', 'node2']) assert.equal((await driver.revealRow([host, 'Networks', 'mynet01'])).level, 3);
}

describe('bad input', () => {
  let folder: string;
  let config: string;

  before(async function () {
    this.timeout(120_000);
    const { lab } = await useLab();
    folder = await mkdtemp(join(tmpdir(), 'netns-e2e-ssh-'));
    config = join(folder, 'ssh_config');
    const { address } = lab.hosts.node1;
    const wrong = Object.values(lab.hosts.node2.hostKeys).map((key) => `${address} ${key.split(' ').slice(0, 2).join(' ')}\n`);
    await writeFile(join(folder, 'wrong_known_hosts'), wrong.join(''));
    const blocks = [
      ['changed', `UserKnownHostsFile ${folder}/wrong_known_hosts`],
      ['stranger', `UserKnownHostsFile ${folder}/new_known_hosts`, 'StrictHostKeyChecking ask'],
      ['refusing', 'Port 2222'],
    ].map(([alias, ...lines]) => [`Host ${alias!}`, `  HostName ${address}`, '  User root', ...lines.map((line) => `  ${line}`)].join('\n'));
    await writeFile(config, [...blocks, 'Host *', `  Include ${lab.sshConfig}`, ''].join('\n\n'));
    await openExplorer();
  });
  beforeEach(clearBench);
  after(async () => {
    await clearBench();
    await rm(folder, { recursive: true });
  });

  /** With one host more, spoken to by the configuration above. */
  const withHost = <T>(alias: string, action: () => Promise<T>): Promise<T> =>
    withSetting('netnsExplorer.ssh.configFile', config, () => withSetting('netnsExplorer.hosts', [...usual, `ssh://${alias}`], action));

  it('a host that refuses the connection', async () => {
    await withHost('refusing', async () => {
      assert.match(await faultUnder('refusing'), /refusing cannot be reached at [\d.]+:2222: nothing listens there/);
      await driver.screenshot('bad-refusing');
      await othersStay();
    });
  });

  it('a host whose key has changed is refused, with the line that says what it was', async () => {
    await withHost('changed', async () => {
      const sentence = await faultUnder('changed');
      assert.match(sentence, /^The host key of root@changed has changed/);
      assert.ok(sentence.includes(`${folder}/wrong_known_hosts:`), sentence);
      assert.match(sentence, /connection was refused/i);
      await driver.screenshot('bad-changed-key');
      await othersStay();
    });
  });

  it('an unknown host key is asked about with its fingerprint; declined, nothing is connected; trusted, it is kept', async () => {
    const { lab } = await useLab();
    const prints = Object.values(lab.hosts.node1.hostKeys).map((key) => `SHA256:${createHash('sha256').update(Buffer.from(key.split(' ')[1]!, 'base64')).digest('base64').replace(/=+$/, '')}`);
    await withHost('stranger', async () => {
      const question = await driver.waitForDialog('not known yet');
      assert.ok(prints.some((print) => question.includes(print)), question);
      await driver.screenshot('unknown-host-key');
      await driver.clickDialog('Cancel');
      assert.match(await faultUnder('stranger'), /not known and was not accepted/);
      await driver.rowAction(['stranger'], 'Refresh');
      await driver.waitForDialog('not known yet');
      await driver.clickDialog('Trust and Connect');
      await until(async () => (await driver.treeRows()).filter((row) => row.level === 1 && row.label === 'node1').length === 2, 'the host to be read');
      assert.match(await readFile(join(folder, 'new_known_hosts'), 'utf8'), new RegExp(`^${lab.hosts.node1.address} \\S+ \\S+\\n$`));
    });
    await othersStay();
  });

  it('a password is asked for; a wrong one and none are said so', async () => {
    const { lab } = await useLab();
    await withHost('node2-pwonly', async () => {
      await driver.waitForQuickInput('Log in to pwonly@node2-pwonly');
      await driver.press('Escape');
      assert.match(await faultUnder('node2-pwonly'), /not logged in/i);
      await driver.rowAction(['node2-pwonly'], 'Refresh');
      await driver.waitForQuickInput('Log in to pwonly@node2-pwonly');
      await driver.quickInput(lab.passwords.pwonly);
      await driver.waitForQuickInput('sudo');
      await driver.press('Escape');
      await until(async () => (await driver.treeRows()).some((row) => row.level === 1 && row.description.includes('node2-pwonly') && row.description.includes('not root')), 'the host to be read as an ordinary user', 30_000);
      await driver.screenshot('ordinary-user');
    });
    await othersStay();
  });

  it('an engine that stops: said under the host, whose namespaces stay; started again, its networks are back', async function () {
    this.timeout(120_000);
    const { engine } = await useLab();
    await engine('node2', 'stop');
    try {
      await driver.rowAction(['node2'], 'Refresh');
      assert.match(await faultUnder('node2'), /engine|docker/i);
      await driver.screenshot('bad-engine-stopped');
      await driver.revealRow(['node2', 'Namespaces']);
      assert.equal((await driver.revealRow(['node1', 'Networks', 'mynet01'])).level, 3);
    } finally {
      await engine('node2', 'start');
    }
    // It takes an engine a while to be back in its swarm; until then it may not answer for its networks.
    await until(
      async () => {
        await driver.rowAction(['node2'], 'Refresh');
        const rows = await driver.readTree(3, ['node2']);
        return rows.some((row) => row.label === 'mynet01');
      },
      'the network',
      60_000,
    );
  });

  it('a namespace that is gone between the tree and the click: said in one sentence, with a button to refresh', async () => {
    const { run } = await useLab();
    await run('node1', ['ip', 'netns', 'add', 'short-lived']);
    await driver.rowAction(['node1'], 'Refresh');
    await driver.revealRow(['node1', 'Namespaces', 'short-lived']);
    await run('node1', ['ip', 'netns', 'delete', 'short-lived']);
    await driver.rowMenu(['node1', 'Namespaces', 'short-lived'], ['Enter Net Namespace']);
    const sentence = await driver.waitForNotification('gone');
    assert.match(sentence, /net:\[\d+\].*is gone/);
    await driver.screenshot('bad-namespace-gone');
    await driver.clickNotification('gone', 'Refresh');
    await until(async () => !(await driver.treeRows()).some((row) => row.label === 'short-lived'), 'the row to go');
  });

  it('a container that is gone between the tree and the click', async () => {
    const { run, sh } = await useLab();
    await withSetting('netnsExplorer.scan.followEngineEvents', false, async () => {
      await run('node1', ['docker', 'run', '-d', '--name', 'brief-guest', 'net-tools', 'sleep', '1000']);
      try {
        await idle();
        await driver.rowAction(['node1'], 'Refresh');
        await driver.revealRow(['node1', 'Containers', 'brief-guest']);
      } finally {
        await sh('node1', 'docker rm -f brief-guest');
      }
      await driver.rowMenu(['node1', 'Containers', 'brief-guest'], ['Open Container Shell']);
      assert.match(await driver.waitForNotification('[Nn]o such container|gone'), /\S/);
      await idle();
      await driver.rowAction(['node1'], 'Refresh');
      await until(async () => !(await driver.treeRows()).some((row) => row.label === 'brief-guest'), 'the row to go');
    });
  });

  it('names with quotes, $(), newlines, escape sequences and HTML are shown as text, and nothing of them is run', async () => {
    const { lab, run, sh } = await useLab();
    const names = lab.features.odd.namespaces.map((name) => Buffer.from(name, 'base64').toString('utf8'));
    const shown = (await driver.readTree(3, ['node1', 'Namespaces'])).map((row) => row.label);
    for (const name of names) {
      const visible = name.replace(/\p{Cc}/gu, '');
      const parts = name.split(/\p{Cc}/u);
      assert.ok(shown.some((label) => label === name || (visible !== name && parts.every((part) => label.includes(part)))), `${JSON.stringify(name)} is not among ${JSON.stringify(shown)}`);
      assert.ok(!shown.some((label) => /[\p{Cc}]/u.test(label)), 'no control character reaches the screen');
    }
    const executing = names.find((name) => name.startsWith('$('))!;
    assert.ok((await driver.rowHover(['node1', 'Namespaces', executing])).includes(executing));
    await driver.rowMenu(['node1', 'Namespaces', executing], ['Enter Net Namespace']);
    await driver.terminalWait(String.raw`^\[netns .*\] .*[#$] ?$`);
    await driver.terminalRun('readlink /proc/self/ns/net');
    await driver.terminalWait(String.raw`^net:\[\d+\]`);
    await driver.screenshot('hostile-names');

    const odd = ['node1', 'Namespaces', 'odd'];
    await driver.rowMenu(odd, ['Dump', 'Dump Links']);
    const text = await editorText((document) => document.uri.scheme === 'netns-dump' && document.getText().includes('$ ip'));
    assert.ok(!/[^\n\t\P{Cc}]/u.test(text), 'no control character is in the document');
    // The label <img src=x onerror="alert(1)"> is in the container's record.
    await driver.rowMenu(['node1', 'Containers', 'web2'], ['Inspect']);
    assert.ok((await editorText((document) => document.getText().startsWith('{'))).includes('onerror='));
    assert.deepEqual(await driver.smuggled(), []);
    assert.equal(await sh('node1', 'find / -xdev -name executed 2>/dev/null'), '');
    assert.equal((await run('node1', ['sh', '-c', 'ls -a / /root /tmp | grep -c "^executed$" || true'])).trim(), '0');
    assert.ok((await namespaceInodes('node1')).size > 0);
  });
});
