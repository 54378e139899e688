import { describe, expect, it } from 'vitest';
import type { Memento } from 'vscode';
import type { Plan, PlanStep } from '../../../../src/core/plan/plan';
import type { Explorer } from '../../../../src/discovery/explorer';
import { TransportError } from '../../../../src/host/transport';
import { PlanJournal } from '../../../../src/ui/plans/planJournal';
import { PlanRun } from '../../../../src/ui/plans/planRun';

/** Stands in for the editor's memory. */
class StandInState implements Memento {
  readonly values = new Map<string, unknown>();
  get<Value>(key: string, otherwise?: Value): Value {
    return (this.values.get(key) ?? otherwise) as Value;
  }
  update(key: string, value: unknown): Promise<void> {
    this.values.set(key, JSON.parse(JSON.stringify(value)));
    return Promise.resolve();
  }
  keys(): readonly string[] {
    return [...this.values.keys()];
  }
}

/** Stands in for a host that keeps a set of words: `add X` fails where X is `bad`, `del X`, `has X`. */
function standInHost(there: Set<string>, onRun: (line: string) => void = () => undefined): Explorer {
  const transport = {
    live: true,
    privilege: 'root' as const,
    connect: () => Promise.resolve(),
    run: ({ argv }: { readonly argv: readonly string[] }) => {
      onRun(argv.join(' '));
      const [verb, word = ''] = argv;
      if (verb === 'has' || verb === 'free') return Promise.resolve({ code: there.has(word) === (verb === 'has') ? 0 : 1, stdout: '', stderr: '' });
      if (verb === 'fail') return Promise.resolve({ code: 2, stdout: '', stderr: word });
      if (verb === 'add' && word === 'bad') return Promise.resolve({ code: 2, stdout: '', stderr: 'made to fail' });
      if (verb === 'add') there.add(word);
      else if (verb === 'del') there.delete(word);
      return Promise.resolve({ code: 0, stdout: '', stderr: '' });
    },
  };
  return { transport: () => transport, refresh: () => Promise.resolve() } as unknown as Explorer;
}

const step = (word: string): PlanStep => ({ hostId: 'ssh://a', what: `put ${word}`, argv: ['add', word], undo: ['del', word], done: ['has', word] });
const plan = (...words: string[]): Plan => ({ id: '0123abcd', kind: 'gre', title: 'a plan', hosts: [{ hostId: 'ssh://a', label: 'a' }], preconditions: [{ hostId: 'ssh://a', what: 'x is free', argv: ['free', 'x'], mend: 'Remove x.' }], steps: words.map(step), checks: [], notes: [] });
const t = (text: string, ...values: unknown[]): string => text.replace(/\{(\d)\}/g, (_, at: string) => String(values[Number(at)]));
const none = new AbortController().signal;

function started(made: Plan, there: Set<string>, state = new StandInState(), onRun?: (line: string) => void) {
  const journal = new PlanJournal(state, 1, () => false);
  return { journal, state, run: new PlanRun(made, standInHost(there, onRun), journal, () => undefined, t, false) };
}

describe('a plan in the editor, on a stand-in for a host', () => {
  it('is applied, kept in the journal, and removed again', async () => {
    const there = new Set<string>();
    const { run, journal } = started(plan('one', 'two'), there);
    expect(run.page.actions).toEqual(['apply', 'terminals', 'copy', 'check']);
    expect(await run.apply(none)).toBe(true);
    expect([...there]).toEqual(['one', 'two']);
    expect(run.page).toMatchObject({ steps: [{ state: 'done' }, { state: 'done' }], verdict: { kind: 'good' }, actions: ['remove', 'copy'] });
    expect(journal.entries()).toMatchObject([{ state: 'applied', began: [0, 1] }]);
    expect(journal.unfinished()).toEqual([]);
    expect(await run.remove(none)).toBe(true);
    expect([...there]).toEqual([]);
    expect(journal.entries()).toEqual([]);
  });

  it('leaves on removing what was there before it', async () => {
    const there = new Set(['one']);
    const { run } = started(plan('one', 'two'), there);
    await run.apply(none);
    await run.remove(none);
    expect([...there]).toEqual(['one']);
  });

  it('whose step fails is taken back, with the tool\'s words in the verdict', async () => {
    const there = new Set<string>();
    const { run, journal } = started(plan('one', 'bad', 'three'), there);
    expect(await run.apply(none)).toBe(false);
    expect([...there]).toEqual([]);
    expect(run.page.verdict).toEqual({ kind: 'bad', text: 'Not applied: a: put bad: made to fail. What had been done was undone, on every host.' });
    expect(run.page.steps.map(({ state }) => state)).toEqual(['undone', 'failed', 'notReached']);
    expect(journal.entries()).toEqual([]);
  });

  it('shows what a tool said on several lines as lines on the page, and as one sentence in the verdict', async () => {
    const made = { ...plan('one'), steps: [{ ...step('one'), argv: ['fail', 'a\nb\u001b'] as const }] };
    const { run } = started(made, new Set());
    expect(await run.apply(none)).toBe(false);
    expect(run.page.steps[0]?.said).toBe('a\nb\\x1b');
    expect(run.page.verdict?.text).toMatch(/^Not applied: a: put one: a; b\\x1b\. /);
  });

  it('that removes what a plan made shows what it finds alone', async () => {
    const { run } = started({ ...plan('one', 'two', 'three'), kind: 'remove', preconditions: [] }, new Set(['two']));
    await run.check();
    expect(run.page).toMatchObject({ steps: [{ state: 'absent' }, { state: 'waiting' }, { state: 'absent' }] });
    expect(run.page.verdict).toBeUndefined();
    expect(await run.remove(none)).toBe(true);
    expect(run.page).toMatchObject({ steps: [{ state: 'absent' }, { state: 'undone' }, { state: 'absent' }], verdict: { kind: 'good' } });
    await run.check();
    expect(run.page).toMatchObject({ steps: [{ state: 'absent' }, { state: 'absent' }, { state: 'absent' }], verdict: { kind: 'note', text: 'Nothing of it is there.' } });
  });

  it('in terminals stops at the failure, and is offered to be taken back', async () => {
    const there = new Set<string>();
    const lines: string[] = [];
    const { run, journal } = started(plan('one', 'bad'), there);
    expect(await run.apply(none, ({ what }, state) => void lines.push(`${what}: ${state}`))).toBe(false);
    expect(lines).toEqual(['put one: running', 'put one: done', 'put bad: running', 'put bad: failed']);
    expect([...there]).toEqual(['one']);
    expect(run.page.first).toBe('remove');
    expect(journal.unfinished()).toHaveLength(1);
    await run.remove(none);
    expect([...there]).toEqual([]);
    expect(journal.unfinished()).toEqual([]);
  });

  it('has each step in the journal before its command runs, so that an editor that ends midway knows of it', async () => {
    const state = new StandInState();
    const seen: unknown[] = [];
    const { run } = started(plan('one', 'two'), new Set(), state, (line) => {
      if (line.startsWith('add')) seen.push(state.get<{ began: number[] }[]>('netnsExplorer.plans', []).map(({ began }) => began));
    });
    await run.apply(none);
    expect(seen).toEqual([[[0]], [[0, 1]]]);
    const killed = new StandInState();
    killed.values.set('netnsExplorer.plans', [{ plan: plan('one', 'two'), state: 'running', began: [0], pid: 77 }]);
    expect(new PlanJournal(killed, 1, () => false).unfinished()).toHaveLength(1);
    // Another window is at it.
    expect(new PlanJournal(killed, 1, (pid) => pid === 77).unfinished()).toEqual([]);
  });

  it('is refused where a precondition does not hold, and changes nothing', async () => {
    const there = new Set(['x']);
    const { run, journal } = started(plan('one'), there);
    expect(await run.apply(none)).toBe(false);
    expect([...there]).toEqual(['x']);
    expect(run.page.verdict).toEqual({ kind: 'bad', text: 'Remove x.' });
    expect(run.page.preconditions).toEqual([{ state: 'fails', said: 'Remove x.' }]);
    expect(journal.entries()).toEqual([]);
  });

  it('tells of a host that cannot be asked', async () => {
    const journal = new PlanJournal(new StandInState(), 1, () => false);
    const gone = { transport: () => ({ live: true, connect: () => Promise.reject(new TransportError('unreachable', 'a does not answer.')) }) } as unknown as Explorer;
    const run = new PlanRun(plan('one'), gone, journal, () => undefined, t, false);
    await run.check();
    expect(run.page.preconditions).toEqual([{ state: 'unknown', said: 'a does not answer.' }]);
    expect(await run.apply(none)).toBe(false);
    expect(run.page.verdict?.text).toBe('a does not answer.');
    expect(journal.entries()).toEqual([]);
  });
});
