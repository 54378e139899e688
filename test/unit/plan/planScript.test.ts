import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Plan } from '../../../src/core/plan/plan';
import { planScripts } from '../../../src/core/plan/planScript';

describe('scripts of a plan of two hosts in one stream', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'netns-explorer-script-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const file = (name: string): string => join(folder, name);
  const plan = (more: Partial<Plan> = {}): Plan => ({
    id: '0123abcd',
    kind: 'test',
    title: 'Files',
    hosts: [{ hostId: 'ssh://a', label: "a'\n$(touch x)" }, { hostId: 'ssh://b', label: 'b' }],
    preconditions: [],
    steps: ['a', 'b'].map((name) => ({ hostId: `ssh://${name}`, what: name, argv: ['sh', '-c', 'cat >"$1"', 'sh', file(name)], undo: ['rm', file(name)], done: ['test', '-e', file(name)] })),
    checks: [],
    notes: [],
    ...more,
  });
  const own = hostname();
  const bash = (names: readonly [string | undefined, string | undefined], argument: string[], say?: string, made = plan()) => {
    const stream = planScripts(made, (hostId) => names[hostId === 'ssh://a' ? 0 : 1]);
    return spawnSync('bash', ['-s', ...argument], { input: stream, encoding: 'utf8', cwd: folder, env: { ...process.env, NETNS_EXPLORER_HOST: say } });
  };

  it('runs the part of the machine that it is on alone, wherever that stands, and undoes it likewise', () => {
    const first = bash([own, 'elsewhere'], []);
    expect(first).toMatchObject({ status: 3, stdout: '', stderr: `This part of plan 0123abcd is for b, which calls itself "elsewhere". This machine calls itself "${own}", so nothing was done. If it is the right one all the same, set NETNS_EXPLORER_HOST=b.\n` });
    expect(readdirSync(folder)).toEqual(['a']);
    expect(bash(['elsewhere', own], []).status).toBe(0);
    expect(readdirSync(folder)).toEqual(['a', 'b']);
    bash([own, 'elsewhere'], ['undo']);
    expect(readdirSync(folder)).toEqual(['b']);
  });

  it.each<readonly [string, readonly [string | undefined, string | undefined]]>([
    ['another machine', ['elsewhere', 'elsewhere too']],
    ['machines of one name', [own, own]],
    ['machines of unknown names', [undefined, undefined]],
  ])('does nothing on %s, until a variable says which it is', (_what, names) => {
    expect(bash(names, []).status).toBe(3);
    expect(readdirSync(folder)).toEqual([]);
    expect(bash(names, [], 'b').status).toBe(0);
    expect(readdirSync(folder)).toEqual(['b']);
    bash(names, [], "a' $(touch x)");
    expect(readdirSync(folder)).toEqual(['a', 'b']);
  });

  it('takes away what a removal names, without an argument too', () => {
    bash([own, undefined], []);
    expect(existsSync(file('a'))).toBe(true);
    bash([own, undefined], [], undefined, plan({ kind: 'remove' }));
    expect(existsSync(file('a'))).toBe(false);
  });

  it('says where something does not hold what to do, and what was found', () => {
    const made = plan({ preconditions: [{ hostId: 'ssh://a', what: 'free', argv: ['sh', '-c', 'echo "by  $1"; exit 1', 'sh', '*'], mend: 'It is taken.' }] });
    expect(bash([own, undefined], [], undefined, made).stderr).toContain('It is taken. by  *\n');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('undoes by what tells that it was this plan, where that is another thing than that it is done', () => {
    const made = plan({ steps: plan().steps.map((step) => ({ ...step, made: ['test', '-e', file('noted')] })) });
    bash([own, undefined], [], undefined, made);
    bash([own, undefined], ['undo'], undefined, made);
    expect(readdirSync(folder)).toEqual(['a']);
  });
});
