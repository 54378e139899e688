import { describe, expect, it } from 'vitest';
import { OpenedRows, type Store } from '../../../../src/ui/tree/openedRows';

function store(initial?: unknown): Store & { value: unknown } {
  const made = { value: initial, get: () => made.value, update: (_: string, value: unknown) => (made.value = structuredClone(value)) };
  return made;
}

describe('what was opened', () => {
  it('is known again after the window was loaded again', () => {
    const kept = store();
    const rows = new OpenedRows(kept);
    rows.set('a', true);
    rows.set('b', false);
    const again = new OpenedRows(kept);
    expect([again.get('a'), again.get('b'), again.get('c')]).toEqual([true, false, undefined]);
  });

  it('is bounded: the oldest go first', () => {
    const kept = store();
    const rows = new OpenedRows(kept);
    rows.set('first', true);
    rows.set('kept', true);
    for (let index = 0; index < 499; index++) rows.set(`row ${String(index)}`, true);
    expect([rows.get('first'), rows.get('kept')]).toEqual([undefined, true]);
    expect(kept.value).toHaveLength(500);
  });

  it('survives what another version stored', () => {
    for (const stored of ['x', { a: true }, [1, ['a'], ['a', 'b'], [true, 'a']]]) expect(new OpenedRows(store(stored)).get('a')).toBeUndefined();
  });
});
