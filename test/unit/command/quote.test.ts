import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { quoteArgument, shownArgument, shownArgv } from '../../../src/core/command/quote';

describe('an argument as it is shown', () => {
  const hostile = ['', ' ', 'plain', "it's", '"', '$(id)', '`id`', 'line\nbreak', "line\nit's", 'ends\n', '\\', "\\'", '\n\\n', '!!', '%s', '*', '-n', '⇄', '\t\r', '\u001b[31m1', '\u0085', '\u202e\u2066abc', '\u{e0041}', '\n7'];

  it('is one line that can be copied: bash gives it back as it was, in any locale', () => {
    for (const locale of ['C', 'C.UTF-8']) {
      for (const argument of hostile) {
        const shown = shownArgument(argument);
        expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
        expect(spawnSync('bash', ['-c', `printf '%s|' ${shown}`], { encoding: 'utf8', env: { ...process.env, LC_ALL: locale } }).stdout).toBe(`${argument}|`);
      }
    }
  });

  it('is as it is for every shell where it can be seen whole', () => {
    expect(shownArgument("it's")).toBe(quoteArgument("it's"));
    expect(shownArgv(['sh', '-c', "a\necho 'b'", 'sh', '\ud800'])).toBe(String.raw`sh -c $'a\necho \'b\'' sh $'\xef\xbf\xbd'`);
  });
});
