import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parseHostEntry, type HostEntry } from '../../../../src/core/hosts/hostEntry';
import { formatHostAddress, type HostId } from '../../../../src/core/model/address';
import { importCommands } from '../../../../src/ui/commands/importCommands';
import { Notice } from '../../../../src/ui/notice';
import type { Services } from '../../../../src/ui/services';

interface Item {
  readonly label: string;
  readonly description?: string;
  readonly picked?: boolean;
}

/** What the stand-ins for the editor's dialogs answer, and what they were shown. */
const dialogs = vi.hoisted(() => ({
  picks: [] as ((items: readonly Item[]) => unknown)[],
  shown: [] as (readonly Item[])[],
  opened: [] as string[],
  said: [] as string[],
  modal: undefined as string | undefined,
  trusted: true,
}));

vi.mock('vscode', async () => {
  const fake = await import('../fakeVscode');
  return {
    ...fake,
    ProgressLocation: { Notification: 15 },
    workspace: {
      get isTrusted() {
        return dialogs.trusted;
      },
    },
    window: {
      showQuickPick: (items: readonly Item[]) => {
        dialogs.shown.push(items);
        return Promise.resolve(dialogs.picks.shift()?.(items));
      },
      showOpenDialog: () => Promise.resolve(dialogs.opened.splice(0, 1).map((fsPath) => ({ scheme: 'file', fsPath }))),
      showInformationMessage: (text: string) => void dialogs.said.push(text),
      showWarningMessage: (text: string, ...rest: unknown[]) => {
        dialogs.said.push(text);
        return Promise.resolve(typeof rest[0] === 'object' ? dialogs.modal : undefined);
      },
      withProgress: (_options: unknown, work: (progress: unknown, token: unknown) => unknown) => work({}, { onCancellationRequested: () => undefined }),
    },
  };
});

const labelled = (text: string) => (items: readonly Item[]) => items.find(({ label }) => label.startsWith(text));
const preselected = (items: readonly Item[]) => items.filter(({ picked }) => picked === true);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'netns-unit-'));
  Object.assign(dialogs, { picks: [], shown: [], opened: [], said: [], modal: undefined, trusted: true });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function setup(initial: readonly unknown[] = []) {
  let entries = initial.map(parseHostEntry);
  const services = {
    explorer: { topology: { hosts: [] }, get hosts() { return entries.map(({ address }) => ({ id: formatHostAddress(address), address })); } },
    hosts: {
      get entries() { return entries; },
      replace: (removed: readonly HostId[], put: readonly HostEntry[]) => {
        const out = new Set([...removed, ...put.map(({ address }) => formatHostAddress(address))]);
        entries = [...entries.filter(({ address }) => !out.has(formatHostAddress(address))), ...put];
        return Promise.resolve();
      },
    },
    log: { warn: () => undefined },
    channel: { show: () => undefined },
  };
  const handlers = importCommands(services as unknown as Services);
  return { run: (name: 'import' | 'synchronize', argument?: unknown) => handlers[`netnsExplorer.hosts.${name}`](argument), ids: () => entries.map(({ address }) => formatHostAddress(address)), entries: () => entries };
}

describe('importing hosts', () => {
  it('puts the chosen ones into the settings, with keys seen from the file; those that are there are not chosen', async () => {
    const file = join(folder, 'hosts');
    await writeFile(file, '[web]\na ansible_ssh_private_key_file=keys/a\nb\n$(alert) ansible_host=c\n');
    dialogs.opened.push(file);
    dialogs.picks.push(labelled('Ansible'), preselected);
    const { run, entries } = setup(['b']);
    await run('import');
    expect(dialogs.shown[1]?.map(({ label, description, picked }) => [label, description, picked])).toEqual([['a', 'web · ssh://a', true], ['b', 'web · ssh://b', false], ['\\$(alert)', 'web · ssh://c', true]]);
    expect(entries().map(({ name, keyFile, source }) => [name, keyFile, source])).toEqual([[undefined, undefined, undefined], ['a', join(folder, 'keys', 'a'), `ansible:${file}`], ['$(alert)', undefined, `ansible:${file}`]]);
  });

  it('takes a source by its name, and refuses what is none', async () => {
    await writeFile(join(folder, 'hosts'), 'a\n');
    dialogs.picks.push(preselected);
    const { run, ids } = setup();
    await run('import', `ansible:${join(folder, 'hosts')}`);
    expect(ids()).toEqual(['ssh://a']);
    await expect(run('import', 'ftp:x')).rejects.toThrow('"ftp:x" is no source that hosts are imported from.');
  });

  it('says what it could not read, and changes nothing', async () => {
    dialogs.opened.push(join(folder, 'none'));
    dialogs.picks.push(labelled('Ansible'));
    const { run, ids } = setup();
    await run('import');
    expect([dialogs.said, ids()]).toEqual([[`There is no ${join(folder, 'none')}.`], []]);
  });

  it('runs no Vagrantfile unless a person agrees, and never asks in an untrusted workspace', async () => {
    for (const trusted of [true, false]) {
      Object.assign(dialogs, { trusted, said: [], modal: 'Only Look at .vagrant' });
      dialogs.opened.push(folder);
      dialogs.picks.push(labelled('Vagrant'));
      await setup().run('import');
      expect(dialogs.said).toEqual([...(trusted ? [`Run "vagrant ssh-config" in ${folder}?`] : []), `${folder} has no .vagrant/machines: no machine was made there yet.`]);
    }
  });
});

describe('synchronizing', () => {
  const entry = (name: string, host: string) => ({ address: `ssh://${host}`, name, source: `ansible:${join(folder, 'hosts')}` });

  it('changes and removes what the source does, and only offers what is new', async () => {
    await writeFile(join(folder, 'hosts'), 'same\nmoved ansible_host=new\nfresh\n');
    dialogs.picks.push(preselected);
    const { run, ids } = setup(['mine', entry('same', 'same'), entry('moved', 'old'), entry('gone', 'gone')]);
    await run('synchronize');
    expect(dialogs.shown[0]?.map(({ label, picked }) => [label, picked])).toEqual([['Change moved', true], ['Remove gone', true], ['Add fresh', false]]);
    expect(ids()).toEqual(['ssh://mine', 'ssh://same', 'ssh://new']);
  });

  it('removes nothing by itself where the source has a fault, and nothing at all where it cannot be read', async () => {
    await writeFile(join(folder, 'hosts'), 'same\ngone x="\n');
    dialogs.picks.push(preselected);
    const faulty = setup([entry('same', 'same'), entry('gone', 'gone')]);
    await faulty.run('synchronize');
    expect([dialogs.shown[0]?.map(({ label, picked }) => [label, picked]), faulty.ids()]).toEqual([[['Remove gone', false]], ['ssh://same', 'ssh://gone']]);
    await rm(join(folder, 'hosts'));
    const unread = setup([entry('same', 'same')]);
    await unread.run('synchronize');
    expect([dialogs.shown.length, unread.ids()]).toEqual([1, ['ssh://same']]);
  });

  it('says that there is nothing to do, or that nothing was imported', async () => {
    await writeFile(join(folder, 'hosts'), 'same\n');
    await setup([entry('same', 'same')]).run('synchronize');
    expect(dialogs.said).toEqual(['The imported hosts are as their sources say.']);
    await expect(setup(['mine']).run('synchronize')).rejects.toBeInstanceOf(Notice);
  });
});
