import { beforeEach, describe, expect, it, vi } from 'vitest';
import { snapshotCommands } from '../../../../src/ui/commands/snapshotCommands';
import type { Services } from '../../../../src/ui/services';
import { files, saveTo, statusBar } from '../fakeVscode';
import { sampleTopology } from '../sampleTopology';

vi.mock('vscode', () => import('../fakeVscode'));

const topology = sampleTopology();
const services = {
  explorer: { topology, hosts: [{ id: 'local', address: { kind: 'local' }, label: 'node1', state: 'ready' }], snapshot: () => topology.hosts[0]?.snapshot },
  log: { info: () => undefined },
} as unknown as Services;
const save = () => snapshotCommands(services)['netnsExplorer.snapshot.save']('local');

beforeEach(() => {
  saveTo.length = 0;
  statusBar.length = 0;
  files.clear();
});

describe('saving a snapshot', () => {
  it('writes the file, and says so for some seconds with a name in which nothing is an icon or a control', async () => {
    saveTo.push('/home/me/node1$(trash)\x1b[2J.netns.json');
    await save();
    expect([...files.keys()]).toEqual(['/home/me/node1$(trash)\x1b[2J.netns.json']);
    expect(statusBar).toEqual([{ text: 'Saved the snapshot of node1 as node1\\$(trash)\\x1b[2J.netns.json.', ms: 8000 }]);
  });

  it('says and writes nothing where no file was chosen', async () => {
    await save();
    expect([files.size, statusBar]).toEqual([0, []]);
  });

  it('says nothing of success where the file could not be written', async () => {
    saveTo.push('/full');
    await expect(save()).rejects.toThrow('no space left');
    expect(statusBar).toEqual([]);
  });
});
