import { describe, expect, it } from 'vitest';
import type { Plan, PlanStep, Precondition } from '../../../src/core/plan/plan';
import { planText } from '../../../src/core/report/planText';
import { removalText } from '../../../src/core/report/removalText';

const step = (hostId: string, what: string, undo: PlanStep['undo']): PlanStep => ({ hostId, what, argv: ['true'], undo, done: ['true'] });
const condition = (hostId: string, what: string): Precondition => ({ hostId, what, argv: ['true'], mend: `Mend\nthat.` });
const plan = (more: Partial<Plan> = {}): Plan => ({ id: '0123abcd', kind: 'test', title: 'A plan', hosts: [{ hostId: 'ssh://a', label: 'a' }, { hostId: 'ssh://b', label: 'b\u001b' }], preconditions: [], steps: [], checks: [], notes: [], ...more });

describe('the text of a plan', () => {
  const conditions = [condition('ssh://a', 'x is free'), condition('ssh://a', 'y is free'), condition('ssh://b', 'z is free')];
  const [x, y, z] = conditions as [Precondition, Precondition, Precondition];

  it('has no heading over nothing', () => {
    expect(planText(plan())).not.toMatch(/Must hold|\n\n\n|undefined/);
    expect(planText(plan({ preconditions: [x] }))).toContain('\nMust hold before anything is changed:\n  a: x is free\n');
  });

  it('tells how each precondition stands, and what follows', () => {
    const text = planText(plan({ preconditions: conditions }), { recorded: [], preconditions: [{ precondition: x, state: 'holds' }, { precondition: y, state: 'fails' }, { precondition: z, state: 'unknown', said: 'gone\naway' }] });
    expect(text).toContain('\n  a: x is free: holds\n  a: y is free: does not hold: Mend; that.\n  b\\x1b: z is free: cannot be told: gone; away\n');
    expect(text).toMatch(/\n\nIt cannot be applied now: one thing that must hold does not\.\n$/);
    expect(planText(plan({ preconditions: [x] }), { recorded: [], preconditions: [{ precondition: x, state: 'holds' }] })).not.toContain('cannot be applied');
    expect(planText(plan({ preconditions: conditions }), { recorded: ['ssh://b'], preconditions: [{ precondition: x, state: 'holds' }, { precondition: y, state: 'holds' }] })).toMatch(/\n {2}b\\x1b: z is free: not asked, for the host is recorded\n[^]*\n\nIt cannot be applied: b\\x1b is a recorded host\.\n$/);
  });

  it('prints commands that can be copied', () => {
    expect(planText(plan({ steps: [step('ssh://a', 'it', ['sh', '-c', "echo\nrm '\u202e'"])] }))).toContain(String.raw`  sh -c $'echo\nrm \'\xe2\x80\xae\''` + '\n');
  });
});

describe('the text of a removal', () => {
  const steps = [step('ssh://a', 'the device d1', ['ip', 'link', 'del', 'dev', 'd1']), step('ssh://a', 'the rules', ['sh', '-c', `a\n${'b'.repeat(300)}`]), step('ssh://a', 'the switch', ['never', 'shown']), step('ssh://b', 'the device d2', ['ip', 'link', 'del', 'dev', 'd2'])];
  const [device, rules, other, far] = steps as [PlanStep, PlanStep, PlanStep, PlanStep];
  const removal = plan({ kind: 'remove', title: 'What plan 0123abcd made', steps, notes: ['Note.'] });

  it('shows what was found alone, from the last to the first, long scripts on demand', () => {
    const found = [{ step: device, state: 'there' }, { step: rules, state: 'there' }, { step: other, state: 'notThere' }, { step: far, state: 'notThere' }] as const;
    expect(removalText(removal, found, { recorded: [], whole: false })).toBe(
      'What plan 0123abcd made\n\nFound on a, and taken away as root:\n  # the rules\n  (a script of 312 characters; --verbose or --script shows it)\n  # the device d1\n  ip link del dev d1\n\nOn b\\x1b nothing of it is found.\n\nNote.\n',
    );
    expect(removalText(removal, found, { recorded: [], whole: true })).toContain(`\n  sh -c $'a\\n${'b'.repeat(300)}'\n`);
  });

  it('says once for each host why it cannot be told', () => {
    const said = 'b has\nnot answered';
    const text = removalText(removal, [{ step: device, state: 'there' }, { step: rules, state: 'unknown', said }, { step: other, state: 'unknown', said }, { step: far, state: 'unknown', said }], { recorded: [], whole: false });
    expect(text).toContain('ip link del dev d1\nThe rest cannot be told:\n  b has; not answered\n\nOn b\\x1b it cannot be told what is there:\n  b has; not answered\n\nNote.');
    expect(removalText(removal, [], { recorded: ['ssh://a', 'ssh://b'], whole: false })).toContain('\na is a recorded host: it is not asked what is there.\n');
  });
});
