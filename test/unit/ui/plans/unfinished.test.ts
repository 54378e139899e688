import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Memento } from 'vscode';
import type { Plan } from '../../../../src/core/plan/plan';
import type { Explorer, ExplorerChange } from '../../../../src/discovery/explorer';
import { PlanJournal } from '../../../../src/ui/plans/planJournal';
import { watchUnfinished } from '../../../../src/ui/plans/unfinished';

const executed: string[] = [];
vi.mock('vscode', async () => ({
  ...(await import('../fakeVscode')),
  commands: { executeCommand: (command: string) => Promise.resolve(executed.push(command)) },
}));

const plan: Plan = { id: '0123abcd', kind: 'gre', title: 'a plan', hosts: [{ hostId: 'ssh://a', label: 'a' }], preconditions: [], steps: [], checks: [], notes: [] };

/** Stands in for the hosts' states. */
function standInExplorer() {
  const states = new Map<string, string>();
  let tell: (change: ExplorerChange) => void = () => undefined;
  const explorer = {
    get hosts() {
      return [...states].map(([id, state]) => ({ id, state }));
    },
    onDidChange: (listener: (change: ExplorerChange) => void) => {
      tell = listener;
      return () => undefined;
    },
  } as unknown as Explorer;
  const set = (id: string, state: string): void => {
    states.set(id, state);
    tell({ kind: 'status', hostIds: [id] });
  };
  return { explorer, set };
}

function journalWith(entries: readonly object[]): PlanJournal {
  const state = { get: () => entries, update: () => Promise.resolve(), keys: () => [] } as unknown as Memento;
  return new PlanJournal(state, 1, () => false);
}

describe('plans that stopped midway', () => {
  beforeEach(() => {
    executed.length = 0;
  });
  const left = [{ plan, state: 'left', began: [0], pid: 7 }];

  it('are offered to be undone when the editor starts', () => {
    watchUnfinished(journalWith(left), standInExplorer().explorer);
    expect(executed).toEqual(['netnsExplorer.plan.offerUnfinished']);
  });

  it('are offered again when a host of theirs is back, and for no other host', () => {
    const { explorer, set } = standInExplorer();
    watchUnfinished(journalWith(left), explorer);
    executed.length = 0;
    set('ssh://a', 'ready');
    set('ssh://b', 'failed');
    set('ssh://b', 'ready');
    expect(executed).toEqual([]);
    set('ssh://a', 'failed');
    set('ssh://a', 'scanning');
    expect(executed).toEqual([]);
    set('ssh://a', 'ready');
    expect(executed).toEqual(['netnsExplorer.plan.offerUnfinished']);
  });

  it('are told from those that are there, and from another window\'s', () => {
    watchUnfinished(journalWith([{ plan, state: 'applied', began: [0], pid: 7 }, { plan, state: 'running', began: [0], pid: 1 }]), standInExplorer().explorer);
    expect(executed).toEqual([]);
  });
});
