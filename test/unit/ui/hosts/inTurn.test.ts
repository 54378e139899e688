import { describe, expect, it } from 'vitest';
import { inTurn } from '../../../../src/ui/hosts/inTurn';

describe('questions in turn', () => {
  it('wait for the one before, also where that one failed', async () => {
    const turn = inTurn();
    const order: string[] = [];
    let answerFirst: (error: Error) => void = () => undefined;
    const first = turn(() => {
      order.push('first asked');
      return new Promise<string>((_, reject) => (answerFirst = reject));
    });
    const second = turn(() => {
      order.push('second asked');
      return Promise.resolve('yes');
    });
    await Promise.resolve();
    await Promise.resolve();
    expect(order).toEqual(['first asked']);
    answerFirst(new Error('closed'));
    await expect(first).rejects.toThrow('closed');
    await expect(second).resolves.toBe('yes');
    expect(order).toEqual(['first asked', 'second asked']);
  });
});
