import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { spawnArguments } from '../../../../src/ui/terminal/spawnArguments';

const hostile = ['', ' ', "it's", '"q"', '$HOME', '${env:HOME}', '${PROMPT_COMMAND:+$PROMPT_COMMAND$\'\\n\'}', '`id`', '$(id)', '\\', '\\0044', '\\n', 'a\nb\n', '%s%b%%', '-n', '*', '~', '!x', 'ö\u202e€', '\x01\x7f\x1b[31m'];

describe('arguments for a terminal here', () => {
  it.skipIf(process.platform === 'win32')('arrive as they are through a real sh', () => {
    const { shellPath, shellArgs } = spawnArguments([process.execPath, '-e', 'process.stdout.write(JSON.stringify(process.argv.slice(1)))', '--', ...hostile]);
    const { stdout, stderr } = spawnSync(shellPath, shellArgs, { encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual(hostile);
  });

  it('hold nothing that VS Code replaces', () => {
    const { shellArgs } = spawnArguments(['sh', '-c', hostile.join(' ')]);
    expect(shellArgs.join(' ')).not.toContain('${');
    expect(shellArgs.at(-1)).not.toContain('$');
  });

  it.skipIf(process.platform === 'win32')('leave the program as the shell\'s own process, with its status', () => {
    const { shellPath, shellArgs } = spawnArguments(['sh', '-c', 'echo $$ $PPID; exit 7']);
    const { stdout, status, pid } = spawnSync(shellPath, shellArgs, { encoding: 'utf8' });
    expect([stdout.split(' ')[0], status]).toEqual([String(pid), 7]);
  });
});
